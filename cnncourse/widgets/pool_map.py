"""Pool size and stride as knobs, and what max and average pooling leave of a map."""

import numpy as np

from .. import figures
from .knobs import with_sliders


def pool_map(image, *, pool_size=4, stride=4, largest=12):
    """Turn the size and the stride of the pools and see what max and average pooling leave of a map.

    Call it in a cell's last line. Without a watching person the picture of the start values is drawn.

    Args:
        image: (H, W), grey, in 0..1, at least `largest` pixels high and wide.
        pool_size: at the start, 1..largest pixels.
        stride: at the start, 1..largest pixels.
        largest: pool size and stride at the right end of the sliders, in pixels.

    Returns:
        An ipywidgets box with two knobs and the picture; None for a still picture.

    Raises:
        TypeError: if image does not hold real numbers, or a start value is not a whole number.
        ValueError: if image does not have two dimensions, a pool does not fit,
            or a start value lies outside its range.

    >>> _ = pool_map(np.eye(12), pool_size=3, stride=2)
    """

    if min(np.shape(image)[:2], default=0) < largest:
        raise ValueError(f"the map has shape {np.shape(image)}; expected at least {largest} x {largest} pixels.")

    def draw(figure, pool_size, stride):
        figures.show_pooled(image, pool_size, stride=stride, figure=figure)

    return with_sliders(draw, width=8, height=2.4, pool_size=(pool_size, 1, largest), stride=(stride, 1, largest))
