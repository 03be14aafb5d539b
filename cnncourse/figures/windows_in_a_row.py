"""Where do the windows of a strided layer lie? One row of pixels, its zeros, and each window with its centre."""

import numpy as np
from matplotlib.patches import Rectangle

from cnncourse.arguments import pair, whole_number
from cnncourse.arithmetic import output_size, same_padding

from .style import BLUE, GREY, ORANGE, new_axes


def show_windows_in_a_row(pixels, kernel_size, *, stride=1, padding="same", title=None, ax=None):
    """Draw a row of pixels, the windows of all outputs under it, and the mean of the windows' centres.

    Pixels are white and numbered from 1, zeros are hatched. Each window is a blue bar with a dot at its centre. The
    orange triangle is the mean of all centres, the dashed line the centre of the image.

    Args:
        pixels: in the row, 1 or more.
        kernel_size: of a window in pixels.
        stride: pixels from one window to the next.
        padding: "valid", "same" (Keras' rule), zeros on each side, or (before, after) in pixels.
        title: what the picture shows; None for the distance from the line to the triangle, positive to the right.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a number is not whole.
        ValueError: if a number is out of range, the padding is unknown, or the kernel does not fit.

    >>> show_windows_in_a_row(8, 3, stride=2).get_title(loc="left")
    'zeros (0, 1), shift +0.5'
    """
    outputs = output_size(pixels, kernel_size, stride=stride, padding=padding)
    if padding == "same":
        before, after = same_padding(pixels, kernel_size, stride=stride)
    else:
        before, after = (0, 0) if padding == "valid" else pair("padding", padding, smallest=0)
    ax = new_axes(ax, width=3.0, height=1.6)
    for pixel in range(-before, pixels + after):
        real = 0 <= pixel < pixels
        look = {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.8, "hatch": None if real else "////"}
        ax.add_patch(Rectangle((pixel - 0.5, -0.5), 1, 1, **look))
        if real:
            ax.text(pixel, 0, str(pixel + 1), ha="center", va="center", fontsize=8)
    starts = np.arange(outputs) * whole_number("stride", stride) - before
    centres = starts + (kernel_size - 1) / 2
    lines = -(-kernel_size // stride) if kernel_size > stride else 1  # so many windows lie over one pixel
    for k, (start, centre) in enumerate(zip(starts, centres, strict=True)):
        line = 1 + 0.6 * (k % lines)
        ax.plot([start - 0.4, start + kernel_size - 0.6], [line, line], color=BLUE, linewidth=2)
        ax.plot(centre, line, marker="o", markersize=6, color=BLUE)
    middle, foot = (pixels - 1) / 2, 1.2 + 0.6 * lines
    ax.axvline(middle, color=GREY, linewidth=1, linestyle="--", zorder=0.5)
    ax.plot(centres.mean(), foot, marker="^", markersize=8, color=ORANGE, linestyle="none")
    ax.set_xlim(-before - 0.7, pixels + after - 0.3)
    ax.set_ylim(foot + 0.5, -0.7)
    ax.set_axis_off()
    ax.set_title(
        f"zeros ({before}, {after}), shift {_signed(centres.mean() - middle)}" if title is None else title, loc="left"
    )
    return ax


def _signed(number) -> str:
    return f"{number:+g}" if number else "0"
