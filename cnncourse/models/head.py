"""The last layer of every network."""

from ..backend import keras


def logits(x, num_classes: int):
    """One number a class, by a dense layer that computes in full precision even where the net has mixed precision.

    Args:
        x: tensor (N, features).
        num_classes: a positive integer.

    Returns:
        Tensor (N, num_classes).

    >>> logits(keras.Input((8,)), 10).shape
    (None, 10)
    """
    return keras.layers.Dense(num_classes, dtype=keras.config.floatx(), name="logits")(x)
