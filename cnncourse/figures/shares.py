"""Which layer has it? The shares that the layers of a network have of one or more sums, as bars."""

import numpy as np

from .growth import finite, named_curves
from .style import BLUE, GREY, ORANGE, new_axes

COLOURS = (BLUE, ORANGE, GREY)
BAR_WIDTH = 0.8  # of all bars of one layer together; the layers stand 1 apart


def show_shares(names, counts, *, ax=None, title=None):
    """Draw for each layer its share of each sum, in per cent, as bars side by side.

    Args:
        names: of the N layers, in order.
        counts: dictionary of one to three names, such as "parameters", to (N,) numbers that are not negative.
        ax: matplotlib axes, or None for a new figure.
        title: what the figure shows.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a count is not a real number, or counts is not a dictionary.
        ValueError: if the numbers of names and counts differ, a count is negative, or all of them are 0.

    >>> ax = show_shares(["conv", "dense"], {"parameters": [1, 3], "MACs": [9, 1]})
    >>> [float(bar.get_height()) for bar in ax.patches]
    [25.0, 75.0, 90.0, 10.0]
    """
    names = list(names)
    places = np.arange(len(names))
    counts = named_curves("counts", counts, places, finite)
    for name, numbers in counts.items():
        if (numbers < 0).any() or not numbers.any():
            raise ValueError(f"counts[{name!r}] is {numbers.tolist()}; expected numbers from 0 on, not all of them 0.")
    ax = new_axes(ax, width=6.5, height=3.0)
    width = BAR_WIDTH / len(counts)
    for k, ((name, numbers), colour) in enumerate(zip(counts.items(), COLOURS, strict=False)):
        offset = (k - (len(counts) - 1) / 2) * width
        ax.bar(places + offset, 100 * numbers / numbers.sum(), width, color=colour, label=name)
    ax.set_xticks(places, names, rotation=90)
    ax.set(ylabel="share (%)", xlim=(-0.6, len(names) - 0.4))
    ax.legend()
    if title is not None:
        ax.set_title(title)
    return ax
