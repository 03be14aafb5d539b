"""What happens on the way through a deep network? One quantity for each layer, on a logarithmic axis."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .growth import LOOKS, positive
from .style import new_axes


def show_by_layer(curves, *, quantity="value", legend=True, title=None, ax=None):
    """Draw one number for each layer of up to three nets, which may differ in depth.

    Args:
        curves: dictionary of one to three names to positive values, from the first layer to the last.
        quantity: what the values are, with its unit if it has one.
        legend: whether to name the curves.
        title: what the figure shows, or None.
        ax: matplotlib axes, or None for a new figure.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if curves is not a dictionary, or a value is not a real number.
        ValueError: if there are no curves or more than three, or a value is not positive.

    >>> ax = show_by_layer({"2 layers": [1.0, 0.1], "3 layers": [1.0, 0.1, 0.01]}, quantity="spread")
    >>> ax.get_yscale(), [len(line.get_xdata()) for line in ax.lines]
    ('log', [2, 3])
    """
    if not isinstance(curves, dict):
        raise TypeError(f"curves is of type {type(curves).__name__}; expected a dictionary of names to values.")
    if not 1 <= len(curves) <= len(LOOKS):
        raise ValueError(f"got {len(curves)} curves; expected 1 to {len(LOOKS)}, one for each colour.")
    curves = {name: positive(f"curves[{name!r}]", values) for name, values in curves.items()}
    ax = new_axes(ax, width=5.0, height=2.8)
    for (name, values), (colour, marker, line) in zip(curves.items(), LOOKS, strict=False):
        places = np.arange(1, len(values) + 1)
        ax.plot(places, values, line, marker=marker, markersize=3, color=colour, label=name)
    ax.set(yscale="log", xlabel="convolution, from the first to the last", ylabel=quantity)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if legend:
        ax.legend()
    if title is not None:
        ax.set_title(title)
    return ax
