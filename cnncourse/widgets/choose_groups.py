"""What grouped layers see: one, two in a row, and two with a channel shuffle between."""

import numpy as np

from .. import arguments, arithmetic, figures
from .knobs import with_sliders


def choose_groups(channels, groups=2):
    """Choose the number of groups and see which input channels each output channel depends on.

    Three pictures: one grouped layer, two of them, two with a channel shuffle between. The title counts the weights
    of one layer of 3x3 kernels. Call it in a cell's last line, where Jupyter displays what is returned. Without a
    watching person (see `training.is_watched`) the pictures are drawn once.

    Args:
        channels: of each layer's input and output.
        groups: that the menu starts with; a divisor of channels.

    Returns:
        An ipywidgets box with a menu and the pictures; None for still pictures.

    Raises:
        TypeError, ValueError: if one of them is no whole number from 1 on, or groups does not divide channels.

    >>> _ = choose_groups(8, groups=4)
    """
    channels = arguments.whole_number("channels", channels)
    groups = arguments.whole_number("groups", groups)
    if channels % groups:
        raise ValueError(f"groups={groups} does not divide {channels} channels; expected a divisor.")
    divisors = [number for number in range(1, channels + 1) if channels % number == 0]
    divisors.sort(key=lambda number: number != groups)  # a menu starts with its first entry

    def draw(figure, groups):
        groups = int(groups)
        weights = arithmetic.conv_parameters(3, channels, channels, groups=groups, bias=False)
        figure.suptitle(f"{groups} groups of {channels // groups}: {weights:,} weights in a 3x3 layer", fontsize=10)
        titles = "one layer", "two layers", "two, a shuffle between"
        for title, seen, ax in zip(titles, _seen(channels, groups), figure.subplots(1, 3), strict=True):
            figures.show_channels_read(seen, groups=groups, title=title, ax=ax)

    return with_sliders(draw, width=7.5, height=2.9, groups=[str(number) for number in divisors])


def _seen(channels, groups):
    """0/1 matrices (channels, channels): input channels in rows, output channels in columns."""
    width = channels // groups
    one = np.kron(np.eye(groups, dtype=int), np.ones((width, width), dtype=int))
    order = np.arange(channels).reshape(groups, width).T.ravel()  # the shuffle: place k gets channel order[k]
    return [one, np.minimum(one @ one, 1), np.minimum(one[:, order] @ one, 1)]
