"""Kernels that read three channels, as small colour pictures."""

import matplotlib.pyplot as plt
import numpy as np

from .images import FULL_WIDTH, show_image


def show_colour_kernels(kernels, titles=None, *, columns=8, smallest=1e-3):
    """Draw each kernel of a layer on colour images as a picture: zero is grey, the largest weight full colour.

    Each kernel has its own scale, so a strong one does not hide a weak one. One whose weights are all below
    `smallest` stays grey.

    Args:
        kernels: (kh, kw, 3, C_out), the layer's array of weights.
        titles: C_out texts, or None for the number of each output channel.
        columns: pictures in a row.
        smallest: the magnitude below which a kernel counts as zero.

    Returns:
        Array (C_out,) of matplotlib axes.

    Raises:
        TypeError: if the kernels do not hold real numbers.
        ValueError: if they do not read three channels, there is not one title for each, or columns is not 1 or more.

    >>> axes = show_colour_kernels(np.zeros((3, 3, 3, 2)))
    >>> [ax.get_title(loc="left") for ax in axes]
    ['0', '1']
    """
    weights = np.asarray(kernels)
    if weights.dtype.kind not in "iuf":
        raise TypeError(f"the kernels hold {weights.dtype}; expected real numbers.")
    if weights.ndim != 4 or weights.shape[2] != 3 or weights.size == 0:
        raise ValueError(f"the kernels have shape {weights.shape}; expected (kh, kw, 3, C_out), output channels last.")
    count = weights.shape[-1]
    titles = [str(channel) for channel in range(count)] if titles is None else list(titles)
    if len(titles) != count:
        raise ValueError(f"got {count} kernels and {len(titles)} titles; expected one for each kernel.")
    if isinstance(columns, bool) or not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(f"columns is {columns!r}; expected how many kernels stand in a row, at least 1.")
    rows = -(-count // columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(FULL_WIDTH, rows * (FULL_WIDTH / columns + 0.1)), squeeze=False
    )
    for ax in grid.flat[count:]:
        figure.delaxes(ax)
    axes = grid.flatten()[:count]
    for channel, ax in enumerate(axes):
        kernel = weights[..., channel].astype(float)
        largest = np.abs(kernel).max()
        scale = 2 * largest if largest >= smallest else np.inf
        show_image(0.5 + kernel / scale, ax)
        ax.set_title(titles[channel], loc="left", fontsize=9)
    return axes
