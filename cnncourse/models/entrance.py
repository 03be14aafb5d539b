"""The first layer of every network."""

from ..arguments import shape_of_image
from ..backend import keras


def image_input(input_shape):
    """Images that a network takes, once their shape and Keras' order of axes are those of this course.

    Args:
        input_shape: (height, width, channels); height and width may be None.

    Returns:
        Symbolic tensor (N, H, W, C).

    Raises:
        TypeError: if a length is no whole number.
        ValueError: if there are not three lengths, or one is smaller than 1, or Keras is set to "channels_first".

    >>> image_input((28, 28, 1)).shape
    (None, 28, 28, 1)
    """
    order = keras.config.image_data_format()
    if order != "channels_last":
        raise ValueError(
            f"Keras' image data format is {order!r}, but the networks of this course take images (N, H, W, C): call "
            "keras.config.set_image_data_format('channels_last') first."
        )
    return keras.Input(shape_of_image("input_shape", input_shape, open_sides=True), name="image")
