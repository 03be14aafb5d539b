"""Does the feature map move with the image? Both before and after, the map moved back, and what is left."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse import reference

from .images import show_image

PADDINGS = {"zeros": "constant", "circular": "wrap"}  # our names and NumPy's
MISSING = "0.75"  # the grey of pixels that there is nothing to compare with


def show_equivariance(image, kernel, down=0, right=0, *, padding="zeros", figure=None):
    """Draw an image and its map before and after a shift, the later map shifted back, and what differs.

    The map is as large as the image. With zeros, what leaves the image is lost and zeros come in; with circular
    padding, what leaves on one side comes in on the other. Pixels of the map that come from outside are grey.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (k, k) weights, k odd.
        down: rows by which the image is shifted, from -H + 1 to H - 1; negative is up.
        right: columns by which the image is shifted, from -W + 1 to W - 1; negative is left.
        padding: "zeros" or "circular", for the shift and for the layer.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the six axes: "image at start", "map at start", "image", "map", "back", "difference" (of the
        map moved back from that at the start).

    Raises:
        TypeError: if image or kernel does not hold real numbers, or a shift is not an integer.
        ValueError: if image or kernel does not have two dimensions, the kernel is not square with an odd side, a
            shift moves the whole image out, or the padding is unknown.

    >>> axes = show_equivariance(np.eye(5), np.ones((3, 3)), down=1)
    >>> axes["difference"].get_title(loc="left")
    'difference: 2 of 20 pixels'
    """
    image, kernel = np.asarray(image), np.asarray(kernel)
    _check(image, kernel, down, right, padding)
    image, kernel = image.astype(float), kernel.astype(float)
    start = _feature_map(image, kernel, padding)
    moved = _shift(image, down, right, padding, filling=0.0)
    feature_map = _feature_map(moved, kernel, padding)
    back = _shift(feature_map, -down, -right, padding, filling=np.nan)
    difference = back - start
    limit = float(np.abs(start).max()) or 1.0
    known = np.isfinite(difference)
    differ = np.abs(difference[known]) > 1e-9 * limit
    title = f"difference: {differ.sum()} of {known.sum()} pixels"
    figure = plt.figure(figsize=(7.8, 5.2)) if figure is None else figure
    figure.clear()
    axes = figure.subplot_mosaic([["image at start", "map at start", "back"], ["image", "map", "difference"]])
    show_image(image, axes["image at start"], title=f"image, padding: {padding}")
    show_image(start, axes["map at start"], title="its feature map", signed=True, limit=limit)
    show_image(moved, axes["image"], title=f"{down} down, {right} to the right")
    show_image(feature_map, axes["map"], title="its feature map", signed=True, limit=limit)
    show_image(back, axes["back"], title="the map moved back", signed=True, limit=limit)
    show_image(difference, axes["difference"], title=title, signed=True, limit=limit)
    height, width = image.shape
    for name, ax in axes.items():
        fill = MISSING if name in ("back", "difference") else "none"
        ax.add_patch(
            Rectangle(
                (-0.5, -0.5), width, height, facecolor=fill, edgecolor="black", linewidth=2, zorder=-1, clip_on=False
            )
        )
    return axes


def _feature_map(image, kernel, padding):
    """Correlate with padding that keeps the size."""
    return reference.correlate(np.pad(image, len(kernel) // 2, mode=PADDINGS[padding]), kernel)


def _shift(image, down, right, padding, *, filling):
    """Move an image by whole pixels; without circular padding, `filling` comes in."""
    result = np.roll(image, (down, right), axis=(0, 1))
    if padding == "zeros":
        height, width = image.shape
        rows, columns = np.arange(height) - down, np.arange(width) - right  # where each pixel comes from
        result[(rows < 0) | (rows >= height)] = filling
        result[:, (columns < 0) | (columns >= width)] = filling
    return result


def _check(image, kernel, down, right, padding) -> None:
    for name, array in (("image", image), ("kernel", kernel)):
        if array.dtype.kind not in "biuf":
            raise TypeError(f"the {name} holds {array.dtype}; expected real numbers.")
        if array.ndim != 2:
            raise ValueError(f"the {name} has shape {array.shape}; expected two dimensions: take one channel of it.")
    if kernel.shape[0] != kernel.shape[1] or kernel.shape[0] % 2 == 0:
        raise ValueError(f"the kernel has shape {kernel.shape}; expected a square with an odd side, such as (3, 3).")
    for name, value, size in (("down", down, image.shape[0]), ("right", right, image.shape[1])):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} is {value!r}; expected an integer from {1 - size} to {size - 1}.")
        if not -size < value < size:
            raise ValueError(
                f"{name} is {value}; expected {1 - size} to {size - 1}, so that a part stays in the image."
            )
    if padding not in PADDINGS:
        raise ValueError(f"padding is {padding!r}; expected 'zeros' or 'circular'.")
