"""Which network? One file for each paper; `build` makes any of them by its name.

    models.build("efficientnet_lite0", weights="imagenet")

Every model is a functional `keras.Model` whose layers have names, takes images (N, H, W, C) in 0..1 and gives logits.
"""

from . import efficientnet_lite
from .weights import load_weights, save_weights

__all__ = ["build", "load_weights", "names", "save_weights"]

_BUILDERS = efficientnet_lite.VARIANTS


def names() -> tuple[str, ...]:
    """The names that `build` knows.

    >>> names()[0]
    'efficientnet_lite0'
    """
    return tuple(_BUILDERS)


def build(name: str, **options):
    """Build one network.

    Args:
        name: one of `names()`.
        options: those of the network's own function, for example `efficientnet_lite.efficientnet_lite`.

    Returns:
        A functional `keras.Model`.

    Raises:
        ValueError: if there is no such network, or an option is wrong.

    >>> build("efficientnet_lite0", num_classes=7).output_shape
    (None, 7)
    """
    if name not in _BUILDERS:
        raise ValueError(f"there is no network {name!r}; expected one of {', '.join(names())}.")
    return _BUILDERS[name](**options)
