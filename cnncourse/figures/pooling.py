"""What pooling does: the pools outlined on a small grid, and what is left of a map after max and after average."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse import reference
from cnncourse.arguments import pair

from .convolution import format_value
from .images import FULL_WIDTH, show_image
from .style import BLUE, GREY, ORANGE


def show_pools(values, pool_size, *, stride=None, figure=None) -> dict:
    """Draw a small grid of numbers with its pools outlined, and beside it the grids of maxima and of averages.

    Neighbouring outlines differ in colour and in their distance from the pixels' sides, so that overlapping pools
    can be told apart. On orange stands each pool's largest number.

    Args:
        values: (H, W) numbers, one channel.
        pool_size: in pixels, one number or (rows, columns).
        stride: pixels from one pool to the next, one number or (rows, columns); None stands for pool_size.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the three axes: "input", "max", "average".

    Raises:
        TypeError: if values does not hold real numbers, or a setting is not a whole number.
        ValueError: if values does not have two dimensions, or the pool does not fit.

    >>> axes = show_pools([[1, 3, 2, 0], [0, 2, 8, 1]], 2)
    >>> [[text.get_text() for text in axes[mode].texts] for mode in ("max", "average")]
    [['3', '8'], ['1.50', '2.75']]
    """
    values = _one_map(values)
    pool_size = pair("pool_size", pool_size)
    stride = pool_size if stride is None else pair("stride", stride)
    pooled = {mode: _pool(values, pool_size, stride, mode) for mode in ("max", "average")}
    outputs = pooled["max"].shape
    widths = (values.shape[1], max(outputs[1], 2), max(outputs[1], 2))
    if figure is None:
        figure = plt.figure(figsize=(min(0.5 * sum(widths) + 1, FULL_WIDTH), 0.5 * len(values) + 0.4))
    figure.clear()
    axes = figure.subplot_mosaic([["input", *pooled]], width_ratios=widths)
    winners = set()
    for r, c in np.ndindex(*outputs):
        top, left = r * stride[0], c * stride[1]
        window = values[top : top + pool_size[0], left : left + pool_size[1]]
        winners |= {(int(top + i), int(left + j)) for i, j in np.argwhere(window == pooled["max"][r, c])}
        axes["input"].add_patch(_outline(top, left, pool_size, r, c, inset=0.06 + 0.1 * (r % 2 + 2 * (c % 2)) / 3))
        for mode in pooled:
            axes[mode].add_patch(_outline(r, c, (1, 1), r, c, inset=0.06))
    for name, numbers in {"input": values, **pooled}.items():
        _write_grid(axes[name], numbers, winners if name == "input" else set())
        axes[name].set_title("input: {} x {} pixels".format(*values.shape) if name == "input" else name, loc="left")
    return axes


def show_pooled(image, pool_size, *, stride=None, figure=None) -> dict:
    """Draw a map, its max pooling and its average pooling beside each other, all three at the same width.

    Args:
        image: (H, W), grey, in 0..1.
        pool_size: in pixels, one number or (rows, columns).
        stride: pixels from one pool to the next, one number or (rows, columns); None stands for pool_size.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the three axes: "input", "max", "average".

    Raises:
        TypeError: if image does not hold real numbers, or a setting is not a whole number.
        ValueError: if image does not have two dimensions, or the pool does not fit.

    >>> axes = show_pooled(np.eye(6), 2)
    >>> axes["max"].get_title(loc="left")
    'max: 3 x 3 pixels'
    """
    image = _one_map(image)
    pooled = {mode: _pool(image, pool_size, stride, mode) for mode in ("max", "average")}
    if figure is None:
        figure = plt.figure(figsize=(8, 2.4))
    figure.clear()
    axes = figure.subplot_mosaic([["input", *pooled]])
    show_image(image, axes["input"], title="input: {} x {} pixels".format(*image.shape))
    for mode, values in pooled.items():
        show_image(values, axes[mode], title="{}: {} x {} pixels".format(mode, *values.shape))
    return axes


def _one_map(values) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"the map holds {array.dtype}; expected real numbers.")
    if array.ndim != 2:
        raise ValueError(f"the map has shape {array.shape}; expected (H, W): take one channel with array[..., 0].")
    return array.astype(float)


def _pool(values, pool_size, stride, mode) -> np.ndarray:
    return reference.pool2d(values[None, :, :, None], pool_size, stride=stride, mode=mode)[0, :, :, 0]


def _outline(top, left, size, r, c, *, inset) -> Rectangle:
    """The frame of pool [r, c], `inset` pixels inside of its sides: blue or dashed grey, like a chessboard."""
    corner = (left - 0.5 + inset, top - 0.5 + inset)
    return Rectangle(
        corner,
        size[1] - 2 * inset,
        size[0] - 2 * inset,
        fill=False,
        edgecolor=BLUE if (r + c) % 2 == 0 else GREY,
        linestyle="-" if (r + c) % 2 == 0 else "--",
        linewidth=1.8,
        zorder=3,
    )


def _write_grid(ax, values, marked) -> None:
    """White cells with thin sides and a number in each; a pixel's centre has whole coordinates."""
    for (r, c), value in np.ndenumerate(values):
        colour = ORANGE if (r, c) in marked else "white"
        ax.add_patch(Rectangle((c - 0.5, r - 0.5), 1, 1, facecolor=colour, edgecolor="0.8", linewidth=0.8))
        ax.text(c, r, format_value(value), ha="center", va="center", fontsize=9, zorder=4)
    ax.set(xlim=(-0.6, values.shape[1] - 0.4), ylim=(values.shape[0] - 0.4, -0.6), aspect="equal")
    ax.set_anchor("NW")
    ax.set_axis_off()
