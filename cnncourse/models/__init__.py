"""Which network? One file for each paper; `build` makes any of them by its name.

    models.build("efficientnet_lite0", weights="imagenet")

Every model is a functional `keras.Model` whose layers have names, takes images (N, H, W, C) and gives logits. Nothing is
built before it is asked for.
"""

from . import alexnet, efficientnet_lite, lenet, resnet, vgg
from .keras_applications import load_keras_applications
from .weights import load_weights, save_weights

__all__ = ["build", "load_keras_applications", "load_weights", "names", "save_weights"]

_BUILDERS = {
    name: variant
    for family in (lenet, alexnet, vgg, resnet, efficientnet_lite)
    for name, variant in family.VARIANTS.items()
}


def names() -> tuple[str, ...]:
    """The names that `build` knows.

    >>> names()[0]
    'lenet5_1998'
    """
    return tuple(_BUILDERS)


def build(name: str, **options):
    """Build one network.

    Args:
        name: one of `names()`.
        options: those of the network's own function, for example `resnet.resnet`: `input_shape`, `num_classes`,
            `include_top`, and more.

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
