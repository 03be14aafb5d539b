"""An object that moves under a convolution, and the feature map that follows it."""

import numpy as np

from .. import figures
from .knobs import with_sliders


def shift_object(image, kernel, *, down=0, right=0):
    """Shift an image with two sliders and see its feature map follow; a menu changes the padding.

    Call it in a cell's last line, where Jupyter displays what is returned. Without a watching person (see
    `training.is_watched`) the shift by `down` and `right` is drawn as a still picture, padded with zeros.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (k, k) weights, k odd.
        down: rows by which the image is shifted at the start; the sliders reach half the image each way.
        right: columns by which the image is shifted at the start.

    Returns:
        An ipywidgets box with the knobs and the picture; None for a still picture.

    Raises:
        TypeError: if image or kernel does not hold real numbers, or a shift is not an integer.
        ValueError: if image or kernel does not have two dimensions, the kernel is not square with an odd side, or a
            shift starts beyond half the image.

    >>> _ = shift_object(np.eye(6), np.ones((3, 3)), down=2)
    """

    def draw(figure, down, right, padding):
        figures.show_equivariance(image, kernel, down, right, padding=padding, figure=figure)

    # Where the shape is wrong there is no half, and drawing refuses it in a sentence.
    halves = [size // 2 for size in np.shape(image)] + [0, 0]
    knobs = {"down": (down, -halves[0], halves[0]), "right": (right, -halves[1], halves[1])}
    return with_sliders(draw, width=7.8, height=5.2, **knobs, padding=["zeros", "circular"])
