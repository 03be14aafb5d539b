"""Knobs around a drawing: sliders and menus for a watching person, a still picture for everybody else."""

import io

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from .. import training


def with_sliders(draw, *, width: float, height: float, **knobs):
    """Draw a picture, and draw it again each time that a knob is turned.

    The widget of a notebook calls it in its last line. Without a watching person (see `training.is_watched`) the
    picture is drawn once, with the knobs' start values.

    Args:
        draw: called as `draw(figure, **values)` with an empty matplotlib figure and one value for each knob.
        width: of the picture, in inches.
        height: of the picture, in inches.
        knobs: one for each argument of `draw`, by its name: `(start, lowest, highest)` makes a slider of whole
            numbers, or of numbers in steps where a fourth entry, the step, is given; a list of texts makes a menu
            that starts with the first. An underscore in the name is shown as a blank.

    Returns:
        An ipywidgets box with the knobs and the picture; None for a still picture.

    Raises:
        ValueError: if a slider's start lies outside its range. What `draw` raises for the start values comes first.

    >>> def draw(figure, size):
    ...     figure.suptitle(f"size {size}")
    >>> with_sliders(draw, width=3, height=2, size=(5, 1, 9)) is None or training.is_watched()
    True
    """
    starts = {name: knob[0] for name, knob in knobs.items()}
    watched = training.is_watched()
    figure = Figure(figsize=(width, height)) if watched else plt.figure(figsize=(width, height))
    draw(figure, **starts)
    _check_starts(knobs)
    if not watched:
        plt.show()
        return None
    import ipywidgets

    own_size = ipywidgets.Layout(align_self="flex-start")  # else a small picture is stretched to the page's width
    picture = ipywidgets.Image(value=_png(figure), format="png", layout=own_size)
    controls = {name: _control(ipywidgets, name, knob) for name, knob in knobs.items()}

    def redraw(_change):
        figure.clear()
        draw(figure, **{name: control.value for name, control in controls.items()})
        picture.value = _png(figure)

    for control in controls.values():
        control.observe(redraw, "value")
    rows = ipywidgets.Layout(flex_flow="row wrap")  # as many knobs in a row as fit
    return ipywidgets.VBox([ipywidgets.HBox(list(controls.values()), layout=rows), picture])


WHOLE_NAME = {"description_width": "initial"}  # else a long name is cut


def _check_starts(knobs: dict) -> None:
    for name, knob in knobs.items():
        if not isinstance(knob, list) and not knob[1] <= knob[0] <= knob[2]:
            raise ValueError(f"{name} starts at {knob[0]}; expected {knob[1]} to {knob[2]}.")


def _control(ipywidgets, name: str, knob):
    description = name.replace("_", " ")
    if isinstance(knob, list):
        return ipywidgets.Dropdown(options=knob, description=description, style=WHOLE_NAME)
    start, lowest, highest, *step = knob
    if step:
        return ipywidgets.FloatSlider(
            start, min=lowest, max=highest, step=step[0], description=description, style=WHOLE_NAME
        )
    return ipywidgets.IntSlider(start, lowest, highest, description=description, style=WHOLE_NAME)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
