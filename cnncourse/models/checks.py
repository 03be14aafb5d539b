"""Can it be looked into? Checks for all that follow images through the layers of a Keras model."""

import numpy as np

from ..arguments import shape_of_image
from ..backend import keras


def checked_model(model):
    """Return a Sequential or functional model with one input of a known kind.

    Args:
        model: what was passed for a model.

    Returns:
        The model.

    Raises:
        TypeError: if it is no Keras model.
        ValueError: if it has no input shape yet, is a class whose layers cannot be followed, or has several inputs.

    >>> checked_model(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])).output_shape
    (None, 2)
    """
    _refuse_strangers(model)
    if hasattr(model, "outputs"):
        if len(model.inputs) != 1:
            raise ValueError(f"the model {model.name!r} has several inputs; expected one.")
        return model
    if isinstance(model, keras.Sequential):
        raise ValueError(f"the model {model.name!r} has no input shape yet; put keras.Input(shape) first.")
    raise ValueError(
        f"the model {model.name!r} is a {type(model).__name__}, a class of its own, whose layers cannot be followed; "
        "expected a Sequential or a functional model, keras.Model(inputs, outputs)."
    )


def find_layer(model, layer_name: str):
    """Return the layer of that name of any Keras model.

    Args:
        model: what was passed for a model.
        layer_name: of one of its layers.

    Returns:
        The layer.

    Raises:
        TypeError: if it is no Keras model.
        ValueError: if there is no such layer, or it is not built.

    >>> find_layer(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="out")]), "out").units
    2
    """
    _refuse_strangers(model)
    names = [layer.name for layer in model.layers]
    if layer_name not in names:
        near = [name for name in names if str(layer_name).split("_")[0] in name] or names
        shown = ", ".join(near[:8]) + (", ..." if len(near) > 8 else "")
        raise ValueError(f"the model {model.name!r} has no layer {layer_name!r}; expected one such as {shown}.")
    layer = model.get_layer(layer_name)
    if not layer.built:
        raise ValueError(f"the model {model.name!r} has no input shape yet; put keras.Input(shape) first.")
    return layer


def fitting_images(model, images) -> np.ndarray:
    """Return images as an array that the model takes.

    Args:
        model: what was passed for a model.
        images: (N, H, W, C), at least one.

    Returns:
        The array (N, H, W, C).

    Raises:
        TypeError, ValueError: as `checked_model`, or if the images have another shape.

    >>> model = keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(2, 3)])
    >>> fitting_images(model, np.ones((2, 5, 4, 1))).shape
    (2, 5, 4, 1)
    """
    taken = tuple(checked_model(model).inputs[0].shape)
    images = np.asarray(images)
    if images.ndim != 4:
        raise ValueError(
            f"the images have shape {images.shape}; expected (N, H, W, C): images[None] for a single one."
        )
    if not len(images):
        raise ValueError(f"the images have shape {images.shape}; expected one image at least.")
    if len(taken) != 4 or any(wanted not in (None, side) for wanted, side in zip(taken, images.shape, strict=True)):
        raise ValueError(
            f"the images have shape {images.shape}, but the model {model.name!r} takes {taken}; expected images that "
            "are as large and have as many channels."
        )
    return images


def size_of_image(model, name: str, shape=None) -> tuple[int, int, int]:
    """Return (H, W, C) of an image that the model takes.

    Args:
        model: what was passed for a model.
        name: of the argument with the shape, for the error.
        shape: None for that of the model's input, or (H, W, C).

    Returns:
        The tuple (H, W, C) of ints.

    Raises:
        TypeError, ValueError: as `checked_model`, or if the shape is open, no shape, or not one that the model takes.

    >>> size_of_image(keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3)]), "shape")
    (8, 8, 3)
    """
    taken = tuple(checked_model(model).inputs[0].shape)
    if shape is None and None in taken[1:]:
        raise ValueError(f"the model {model.name!r} takes {taken}, images of any size; pass {name}=(H, W, C), too.")
    size = shape_of_image(name, taken[1:] if shape is None else shape)
    if len(taken) != 4 or any(wanted not in (None, side) for wanted, side in zip(taken[1:], size, strict=True)):
        raise ValueError(f"{name} is {size}, but the model {model.name!r} takes {taken}; pass a shape that fits.")
    return size


def _refuse_strangers(model) -> None:
    if not isinstance(model, keras.Model):
        shown = f"the string {model!r}" if isinstance(model, str) else f"of type {type(model).__name__}"
        raise TypeError(f"the model is {shown}; expected a Keras model, such as models.build('lenet5') gives.")
