"""The class activation map of a class that is chosen, and its difference from another's."""

import numpy as np

from .. import figures
from .knobs import with_sliders

NOTHING = "nothing"


def choose_class(photograph, class_maps, names):
    """Choose a class and see its map over the photograph, and subtract the map of another class.

    All pictures share one scale. Call it in a cell's last line, where Jupyter displays what is returned. Without a
    watching person (see `training.is_watched`) the map of the first class is drawn as a still picture.

    Args:
        photograph: (H, W) or (H, W, 3) in 0..1.
        class_maps: (H', W', classes), the map of each class.
        names: of the classes, each another.

    Returns:
        An ipywidgets box with two menus and the picture; None for a still picture.

    Raises:
        ValueError: if there is not one name for each map, or two are equal.

    >>> _ = choose_class(np.zeros((8, 8)), np.ones((2, 2, 3)), ["bag", "coat", "shirt"])
    """
    class_maps, names = np.asarray(class_maps, dtype=float), [str(name) for name in names]
    if class_maps.ndim != 3 or class_maps.shape[2] != len(names):
        raise ValueError(
            f"the maps have shape {class_maps.shape} and there are {len(names)} names; expected (H', W', names)."
        )
    if len(set(names)) < len(names):
        raise ValueError(f"two of the names {', '.join(names)} are equal; expected a different one for each class.")
    by_name = dict(zip(names, np.moveaxis(class_maps, -1, 0), strict=True))
    limit = np.abs(class_maps).max() or 1.0

    def draw(figure, map_of, less):
        drawn = by_name[map_of] - by_name.get(less, 0)
        text = map_of if less == NOTHING else f"{map_of}\nless {less}"
        title = f"{text}: mean {drawn.mean():.1f}"
        figures.show_class_map(photograph, drawn, figure.subplots(), title=title, limit=limit)

    return with_sliders(draw, width=2.6, height=2.9, map_of=names, less=[NOTHING, *names])
