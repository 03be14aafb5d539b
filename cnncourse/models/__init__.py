"""Which network? One file for each paper; `build` makes any of them by its name.

    models.build("efficientnet_lite0", weights="imagenet")

Every model is a functional `keras.Model` whose layers have names, takes images (N, H, W, C) and gives logits.
Nothing is built before it is asked for.
"""

from ..backend import without_weights
from . import alexnet, efficientnet_lite, lenet, mobilenet, resnet, resnext, vgg
from .keras_applications import load_keras_applications
from .mobile_blocks import inverted_bottleneck
from .weights import load_weights, save_weights

__all__ = [
    "build",
    "inverted_bottleneck",
    "load_keras_applications",
    "load_weights",
    "names",
    "outline",
    "save_weights",
]

_BUILDERS = {
    name: variant
    for family in (lenet, alexnet, vgg, resnet, resnext, mobilenet, efficientnet_lite)
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
        TypeError, ValueError: if there is no such network, or an option is wrong.

    >>> build("efficientnet_lite0", num_classes=7).output_shape
    (None, 7)
    """
    if name not in names():
        raise ValueError(f"there is no network {name!r}; expected one of {', '.join(names())}.")
    try:
        return _BUILDERS[name](**options)
    except ValueError as error:
        shape = options.get("input_shape")
        if "output size would be zero or negative" in str(error):
            raise ValueError(
                f"{name} cannot take images of input_shape={shape}: a map becomes smaller than the kernel or pool "
                "that reads it; pass a larger input_shape."
            ) from error
        if "must be fully-defined" in str(error):
            raise ValueError(
                f"{name} flattens its maps, so input_shape={shape} must not leave a size open; pass numbers, or "
                "include_top=False."
            ) from error
        raise


def outline(name: str, **options):
    """The network that `build` makes, without numbers in its weights: to be counted at once, not to be run.

    Args, Raises: as `build`.

    >>> outline("vgg16").count_params()
    138357544
    """
    with without_weights():
        return build(name, **options)
