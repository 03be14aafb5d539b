"""Which input channels does an output channel read? A matrix with a row for each input, a column for each output."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from .style import BLUE, GREY, new_axes

_WHITE_TO_BLUE = LinearSegmentedColormap.from_list("white to blue", ["white", BLUE])


def show_channels_read(weights, *, groups=1, title=None, ax=None):
    """Draw how strongly each output channel reads each input channel: white not at all, the bluer the more.

    Args:
        weights: (C_in, C_out), numbers from 0 on: norms of kernels, sizes of gradients, or 0 and 1.
        groups: lines part the channels into so many groups.
        title: what the picture shows; None for how many pairs of channels are connected.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if weights is not such a matrix, or groups does not divide both numbers of channels.

    >>> show_channels_read(np.eye(4), groups=2).get_title(loc="left")
    '4 of 16 pairs'
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 2 or weights.size == 0 or not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError(
            f"weights has shape {weights.shape} and dtype {weights.dtype}; expected a matrix (C_in, C_out) of "
            "numbers from 0 on: take norms."
        )
    inputs, outputs = weights.shape
    if groups < 1 or inputs % groups or outputs % groups:
        raise ValueError(
            f"groups={groups} does not divide {inputs} input and {outputs} output channels; expected a number that "
            "divides both."
        )
    ax = new_axes(ax, width=0.9 + 0.24 * outputs, height=0.9 + 0.24 * inputs)
    ax.imshow(weights, cmap=_WHITE_TO_BLUE, vmin=0, vmax=weights.max() or 1)
    for count, draw in ((inputs, ax.axhline), (outputs, ax.axvline)):
        for q in range(1, groups):
            draw(q * count / groups - 0.5, color=GREY, linewidth=0.6)
    ax.set(xlabel="output channel", ylabel="input channel")
    ax.set_xticks(range(0, outputs, -(-outputs // 8)))
    ax.set_yticks(range(0, inputs, -(-inputs // 8)))
    ax.grid(visible=False)
    ax.set_title(f"{np.count_nonzero(weights)} of {weights.size} pairs" if title is None else title, loc="left")
    return ax
