"""What if I turn this knob? Sliders around tested figures, and a still picture where nobody is watching."""

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from . import figures, training


def step_kernel(image, kernel, *, row=0, column=0):
    """Move a kernel over an image with two sliders, and see window, products, sum and output.

    Call it in a cell's last line, where Jupyter displays what is returned. Without a watching person (see
    `training.is_watched`) the step at `row` and `column` is drawn as a still picture.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (kh, kw), at most as large as the image.
        row: of the window's top left pixel at the start, 0..H - kh.
        column: of the window's top left pixel at the start, 0..W - kw.

    Returns:
        An ipywidgets box with the two sliders and the picture; None for a still picture.

    Raises:
        TypeError: if image or kernel does not hold real numbers, or row or column is not an integer.
        ValueError: if image or kernel does not have two dimensions, or the window leaves the image.

    >>> step_kernel(np.eye(4), np.ones((2, 2))) is None or training.is_watched()
    True
    """
    if not training.is_watched():
        figures.show_kernel_step(image, kernel, row, column)
        plt.show()
        return None
    import ipywidgets

    figure = Figure(figsize=(7.5, 5.6))
    axes = figures.show_kernel_step(image, kernel, row, column, figure=figure)
    picture = ipywidgets.Image(value=_png(figure), format="png")
    last_row, last_column = np.array(axes["output"].images[0].get_array().shape) - 1
    rows = ipywidgets.IntSlider(row, 0, last_row, description="row")
    columns = ipywidgets.IntSlider(column, 0, last_column, description="column")

    def draw(_change):
        figures.show_kernel_step(image, kernel, rows.value, columns.value, figure=figure)
        picture.value = _png(figure)

    for slider in (rows, columns):
        slider.observe(draw, "value")
    return ipywidgets.VBox([ipywidgets.HBox([rows, columns]), picture])


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
