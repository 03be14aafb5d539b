"""Pictures of images: grey and colour photographs in 0..1, and signed maps with a symmetric scale."""

import matplotlib.pyplot as plt
import numpy as np

SIGNED_COLOURS = "RdBu_r"  # red above zero, white at zero, blue below
FULL_WIDTH = 8.0  # inches; wider figures are shrunk by the page


def show_image(image, ax=None, *, title=None, signed=False, limit=None, colourbar=False):
    """Draw one image: in colour, grey from 0 (black) to 1 (white), or signed around a white zero.

    Grey images never change their contrast to fit their values, so that two of them can be compared; what
    lies outside 0..1 is drawn black or white. A signed map's scale reaches as far below zero as above.

    Args:
        image: (H, W) or (H, W, 1) grey or signed, (H, W, 3) colour in 0..1. NaN pixels stay empty.
        ax: matplotlib axes, or None for a new figure.
        title: what the picture shows.
        signed: whether zero is the middle of the scale.
        limit: the value at the ends of a signed scale; None for the largest magnitude in the image.
        colourbar: whether a scale stands beside the image.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if the image does not hold real numbers.
        ValueError: if it is not one image, is empty, is signed and in colour, holds integers above 1 without
            being signed, or the limit is not positive.

    >>> ax = show_image(np.eye(3), title="a diagonal")
    >>> ax.get_title(loc="left"), ax.images[0].get_clim()
    ('a diagonal', (0.0, 1.0))
    """
    pixels = _as_picture(image, signed)
    if ax is None:
        ax = plt.subplots(figsize=(4.0, 4.0 * _shape_ratio(pixels) + 0.3))[1]
    drawn = ax.imshow(pixels, **_colours(pixels, signed, limit))
    ax.set_axis_off()
    if title is not None:
        ax.set_title(title, loc="left")
    if colourbar:
        ax.figure.colorbar(drawn, ax=ax, shrink=0.8)
    return ax


def show_images(images, titles=None, columns=None, *, signed=False, limit=None):
    """Draw several images in a grid, each as `show_image` draws it.

    All signed images share one scale, so that a weak response looks weak beside a strong one.

    Args:
        images: (N, H, W), (N, H, W, C), or a list of images that may differ in size.
        titles: N texts, or None.
        columns: images in a row; None for as many as there are, four at the most.
        signed: one answer for all images, or one for each of them.
        limit: the value at the ends of the signed scale; None for the largest magnitude of all signed images.

    Returns:
        Array (N,) of matplotlib axes.

    Raises:
        TypeError: if an image does not hold real numbers.
        ValueError: if there are no images, or the numbers of images, titles and signs differ.

    >>> axes = show_images(np.zeros((3, 4, 4)), ["a", "b", "c"])
    >>> [ax.get_title(loc="left") for ax in axes]
    ['a', 'b', 'c']
    """
    if not hasattr(images, "__len__") or len(images) == 0:
        raise ValueError("there are no images to show; pass a list of at least one image (H, W) or (H, W, C).")
    count = len(images)
    signs = _one_each(signed, count, "signed")
    labels = [None] * count if titles is None else _one_each(list(titles), count, "titles")
    columns = min(count, 4) if columns is None else columns
    if isinstance(columns, bool) or not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(f"columns is {columns!r}; expected how many images stand in a row, at least 1.")
    pictures = [_as_picture(image, sign) for image, sign in zip(images, signs, strict=True)]
    if limit is None and any(signs):
        limit = max(_magnitude(picture) for picture, sign in zip(pictures, signs, strict=True) if sign)
    rows = -(-count // columns)
    width = min(FULL_WIDTH, 2.6 * columns)
    cell_height = width / columns * max(map(_shape_ratio, pictures)) + (0.3 if titles is not None else 0.0)
    figure, grid = plt.subplots(rows, columns, figsize=(width, rows * cell_height), squeeze=False)
    for ax in grid.flat[count:]:
        figure.delaxes(ax)
    axes = grid.flatten()[:count]
    for ax, picture, label, sign in zip(axes, pictures, labels, signs, strict=True):
        show_image(picture, ax, title=label, signed=sign, limit=limit if sign else None)
    return axes


def _as_picture(image, signed: bool) -> np.ndarray:
    pixels = np.asarray(image)
    if pixels.dtype.kind not in "biuf":
        raise TypeError(f"the image holds {pixels.dtype}; expected real numbers, for example float32 in 0..1.")
    if pixels.ndim == 3 and pixels.shape[-1] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim != 2 and not (pixels.ndim == 3 and pixels.shape[-1] == 3):
        raise ValueError(
            f"the image has shape {pixels.shape}; expected (H, W), (H, W, 1) or (H, W, 3): take one image of "
            "a batch with images[0], one channel with image[..., 0]."
        )
    if pixels.size == 0:
        raise ValueError(f"the image has shape {pixels.shape} and no pixel; expected at least one pixel.")
    if pixels.ndim == 3 and signed:
        raise ValueError("a colour image cannot be signed; show one channel of it, image[..., 0], or signed=False.")
    if pixels.dtype.kind in "iu" and not signed and pixels.max() > 1:
        raise ValueError(f"the image holds integers up to {pixels.max()}; expected 0..1: divide by 255 first.")
    return np.clip(pixels, 0.0, 1.0).astype(float) if pixels.ndim == 3 else pixels.astype(float)


def _colours(pixels: np.ndarray, signed: bool, limit) -> dict:
    if limit is not None and not limit > 0:
        raise ValueError(f"limit is {limit!r}; expected the positive value at the end of the signed scale.")
    if pixels.ndim == 3:
        return {}
    if not signed:
        return {"cmap": "gray", "vmin": 0.0, "vmax": 1.0}
    limit = _magnitude(pixels) if limit is None else limit
    return {"cmap": SIGNED_COLOURS, "vmin": -limit, "vmax": limit}


def _magnitude(pixels: np.ndarray) -> float:
    """The largest magnitude among the finite pixels; 1 where all are zero, so that a scale exists."""
    return float(np.max(np.abs(pixels[np.isfinite(pixels)]), initial=0.0)) or 1.0


def _shape_ratio(pixels: np.ndarray) -> float:
    """Height over width, within what a page can hold."""
    return float(np.clip(pixels.shape[0] / pixels.shape[1], 0.2, 2.0))


def _one_each(values, count: int, name: str) -> list:
    values = values if isinstance(values, list | tuple) else [values] * count
    if len(values) != count:
        raise ValueError(f"got {count} images and {len(values)} {name}; expected one for each image.")
    return list(values)
