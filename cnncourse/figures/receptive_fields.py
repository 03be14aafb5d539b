"""What does an output see? Units and lines through a stack of layers, and windows laid over two marks."""

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from cnncourse.arguments import whole_number
from cnncourse.arithmetic import Window, receptive_field

from .style import BLUE, GREY, ORANGE, new_axes

BESIDE = 2  # units of the last layer that are drawn on each side of the one that is followed


def show_field_growth(windows, *, title=None, ax=None):
    """Draw a stack of layers along one dimension and follow one output down to the pixels that it sees.

    Each dot is a unit, at the centre of the pixels that it sees; lines lead to what it reads. What the middle unit
    of the last layer depends on is orange, everything else grey.

    Args:
        windows: the layers from the input on, as for `arithmetic.receptive_field`, all without padding.
        title: what the picture shows; None for the receptive field's size.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a number is not whole.
        ValueError: if there is no layer, a layer has padding, or a number is too small.

    >>> show_field_growth([3, 3]).get_title(loc="left")
    'an output sees 5 pixels'
    """
    windows = [Window(*window) if isinstance(window, tuple | list) else Window(window) for window in windows]
    fields = [receptive_field(windows[:depth]) for depth in range(len(windows) + 1)]
    if not windows or any(window.padding_before for window in windows):
        raise ValueError(f"the layers are {windows}; expected at least one, and none with padding.")
    ax = new_axes(ax, width=4.0, height=2.6)
    counts = [2 * BESIDE + 1]
    for window in reversed(windows):
        counts.append((counts[-1] - 1) * window.stride + (window.kernel_size - 1) * window.dilation + 1)
    counts.reverse()  # units in each layer, from the pixels on
    seen = {BESIDE}
    for depth in range(len(windows), -1, -1):
        places = fields[depth].start + fields[depth].jump * np.arange(counts[depth]) + (fields[depth].size - 1) / 2
        if depth:
            window, below = windows[depth - 1], fields[depth - 1]
            reads = {unit: unit * window.stride + window.dilation * np.arange(window.kernel_size) for unit in seen}
            for unit, units_below in reads.items():
                for place in below.start + below.jump * units_below + (below.size - 1) / 2:
                    ax.plot([places[unit], place], [depth, depth - 1], color=ORANGE, linewidth=0.8, zorder=1)
        colours = [ORANGE if unit in seen else "white" for unit in range(counts[depth])]
        ax.scatter(places, np.full(counts[depth], depth), s=26, c=colours, edgecolors=GREY, linewidths=0.8, zorder=2)
        if depth:
            seen = {int(unit) for units_below in reads.values() for unit in units_below}
    ax.set_yticks(range(len(windows) + 1), ["pixels", *(f"layer {depth}" for depth in range(1, len(windows) + 1))])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("column (pixels)")
    ax.spines[["left", "right", "top"]].set_visible(False)
    ax.tick_params(length=0)
    ax.set_title(f"an output sees {fields[-1].size} pixels" if title is None else title, loc="left")
    return ax


def show_windows_over_marks(separation, receptive_field, *, title=None, ax=None):
    """Draw two marks in a row of pixels, and each window that a net lays over at least one of them.

    Args:
        separation: from one mark to the other, in pixels, 1 or more.
        receptive_field: pixels in a window, 1 or more.
        title: what the picture shows; None for how many windows see both marks.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes. Windows that see one mark are blue and thin, those that see both orange and thick.

    Raises:
        TypeError: if a number is not whole.
        ValueError: if a number is smaller than 1.

    >>> show_windows_over_marks(3, 4).get_title(loc="left")
    'separation 3, field 4: 1 window sees both'
    """
    separation = whole_number("separation", separation)
    size = whole_number("receptive_field", receptive_field)
    ax = new_axes(ax, width=4.0, height=2.6)
    marks = (0, separation)
    for pixel in range(1 - size, separation + size):
        colour = ORANGE if pixel in marks else "white"
        ax.add_patch(Rectangle((pixel - 0.5, -0.5), 1, 1, facecolor=colour, edgecolor=GREY, linewidth=0.8))
    both, line = 0, 0
    for first in range(1 - size, separation + 1):
        sees = sum(first <= mark < first + size for mark in marks)
        if sees:
            line += 1
            both += sees == 2
            look = {"color": ORANGE, "linewidth": 4} if sees == 2 else {"color": BLUE, "linewidth": 1.5}
            ax.plot([first - 0.4, first + size - 0.6], [line, line], solid_capstyle="butt", **look)
    ax.set_xlim(0.2 - size, separation + size - 0.2)
    ax.set_ylim(line + 0.8, -0.8)
    ax.set_yticks([])
    ax.set_xlabel("column, from the first mark (pixels)")
    ax.spines[["left", "right", "top"]].set_visible(False)
    if title is None:
        words = {0: "no window sees both", 1: "1 window sees both"}.get(both, f"{both} windows see both")
        title = f"separation {separation}, field {size}: {words}"
    ax.set_title(title, loc="left")
    return ax
