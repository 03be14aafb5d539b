"""Class activation maps over the photographs that they belong to."""

import numpy as np

from ..datasets import to_grey
from .images import SIGNED_COLOURS, show_image

OPACITY = 0.6  # of the map, so that the photograph shines through
PALEST_BLACK = 0.45  # the photograph's grey at 0, so that its shadows are not taken for the map's dark colours


def show_class_map(photograph, class_map, ax=None, *, title=None, limit=None, smooth=True):
    """Draw a map of few places over a photograph: red speaks for the class, blue against it, white is zero.

    The photograph is drawn in pale grey, so that all colours are the map's. Each place covers its share of the
    photograph; `smooth` draws slopes between their middles, which adds nothing to what the map knows.

    Args:
        photograph: (H, W), (H, W, 1) or (H, W, 3) in 0..1.
        class_map: (H', W'), the value of each place, for example in logits.
        ax: matplotlib axes, or None for a new figure.
        title: what the picture shows.
        limit: the value at the ends of the scale; None for the map's largest magnitude.
        smooth: whether colours run into each other; False draws each place as one block.

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if the map is not (H', W'), the photograph is no image in 0..1, or the limit is not positive.

    >>> ax = show_class_map(np.zeros((8, 12)), np.arange(6).reshape(2, 3), title="to the lower right")
    >>> ax.images[1].get_array().shape, ax.images[1].get_clim()
    ((2, 3), (-5.0, 5.0))
    """
    values = np.asarray(class_map, dtype=float)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"the map has shape {values.shape}; expected (H', W'), the map of one class of one image.")
    if limit is not None and not limit > 0:
        raise ValueError(f"limit is {limit!r}; expected the positive value at the end of the scale.")
    pixels = np.asarray(photograph)
    if pixels.ndim == 3 and pixels.shape[-1] == 3:
        pixels = to_grey(pixels)
    ax = show_image(PALEST_BLACK + (1 - PALEST_BLACK) * pixels, ax, title=title)
    limit = (np.abs(values).max() or 1.0) if limit is None else limit
    ax.imshow(
        values,
        cmap=SIGNED_COLOURS,
        vmin=-limit,
        vmax=limit,
        alpha=OPACITY,
        extent=ax.images[0].get_extent(),
        interpolation="bilinear" if smooth else "nearest",
    )
    return ax
