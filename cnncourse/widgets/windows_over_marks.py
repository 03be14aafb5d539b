"""Two marks, a receptive field, and whether any window sees both."""

from .. import figures
from .knobs import with_sliders

LARGEST = 16  # pixels


def windows_over_marks(separation=5, receptive_field=5):
    """Move two marks apart, widen the windows, and see when a window sees both marks.

    Call it in a cell's last line. Without a watching person the picture of the start values is drawn.

    Args:
        separation: from one mark to the other at the start, 1..16 pixels.
        receptive_field: pixels in a window at the start, 1..16.

    Returns:
        An ipywidgets box with two sliders and the picture; None for a still picture.

    Raises:
        TypeError: if a start value is not a whole number.
        ValueError: if a start value lies outside its range.

    >>> _ = windows_over_marks(3, receptive_field=4)
    """

    def draw(figure, separation, receptive_field):
        figures.show_windows_over_marks(separation, receptive_field, ax=figure.subplots())

    knobs = {"separation": (separation, 1, LARGEST), "receptive_field": (receptive_field, 1, LARGEST)}
    return with_sliders(draw, width=6.0, height=3.0, **knobs)
