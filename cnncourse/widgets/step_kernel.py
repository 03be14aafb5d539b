"""A kernel on its way over an image, step by step."""

import numpy as np

from .. import figures
from .knobs import with_sliders


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

    >>> _ = step_kernel(np.eye(4), np.ones((2, 2)), row=1)
    """

    def draw(figure, row, column):
        figures.show_kernel_step(image, kernel, row, column, figure=figure)

    # Where the shapes are wrong there is no last place, and drawing refuses them in a sentence.
    places = [i - k for i, k in zip(np.shape(image), np.shape(kernel), strict=False)] + [0, 0]
    return with_sliders(draw, width=7.5, height=5.6, row=(row, 0, places[0]), column=(column, 0, places[1]))
