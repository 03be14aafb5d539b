"""A map that is silenced, and the classes that lose by it."""

import numpy as np

from .. import figures
from .knobs import with_sliders


def silence_map(falls, group_falls, names, *, channel=0):
    """Choose the map that is silenced with a slider, and see which classes lose accuracy.

    Call it in a cell's last line, where Jupyter displays what is returned. Without a watching person (see
    `training.is_watched`) the start is drawn as a still picture.

    Args:
        falls: (maps, classes), accuracy of each class before less after, for each silenced map.
        group_falls: (maps, groups), the same for groups of images drawn by chance.
        names: of the classes.
        channel: number of the map at the start.

    Returns:
        An ipywidgets box with the slider and the picture; None for a still picture.

    Raises:
        ValueError: if the shapes do not fit together, or there is no such map.

    >>> _ = silence_map([[0.5, 0.0], [0.1, 0.2]], [[0.2, 0.3], [0.1, 0.1]], ["bag", "coat"], channel=1)
    """
    falls, group_falls = np.asarray(falls, dtype=float), np.asarray(group_falls, dtype=float)
    if falls.ndim != 2 or group_falls.ndim != 2 or len(falls) != len(group_falls):
        raise ValueError(
            f"the falls have shapes {falls.shape} and {group_falls.shape}; expected (maps, classes), (maps, groups)."
        )
    if not 0 <= channel < len(falls):
        raise ValueError(f"channel is {channel}; expected the number of a map, 0 to {len(falls) - 1}.")

    def draw(figure, channel):
        title = f"Without map {channel}: mean fall {falls[channel].mean():.2f}"
        figures.show_class_falls(falls[channel], group_falls[channel], names, figure.subplots(), title=title)

    return with_sliders(draw, width=6.5, height=3.2, channel=(channel, 0, len(falls) - 1))
