"""The last layer of every network."""

from ..arguments import whole_number
from ..backend import keras


def logits(x, num_classes: int):
    """One number a class, by a dense layer that computes in full precision even where the net has mixed precision.

    Args:
        x: tensor (N, features).
        num_classes: a positive integer.

    Returns:
        Tensor (N, num_classes).

    Raises:
        TypeError, ValueError: if num_classes is no positive integer.

    >>> logits(keras.Input((8,)), 10).shape
    (None, 10)
    """
    units = whole_number("num_classes", num_classes)
    return keras.layers.Dense(units, dtype=keras.config.floatx(), name="logits")(x)
