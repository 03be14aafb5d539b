"""AlexNet with its two groups, or in one tower without them.

Reference: Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
sections 3 and 5. The paper's input of 224x224 does not give its maps of 55x55; 227x227 does. Deviation: initial
weights are He normal and initial biases 0, in place of a normal of width 0.01 and biases of 1 in some layers.
"""

import functools

from ..arguments import flag, one_of, scaled, whole_number
from ..backend import keras
from ..layers import GroupedConv2D, LocalResponseNormalization
from .entrance import image_input
from .head import logits

layers = keras.layers

CONVOLUTIONS = (  # (filters, kernel size, split into groups, normalised, pooled),  # side at an input of 227
    (96, 11, False, True, True),  # 55 -> 27
    (256, 5, True, True, True),  # 27 -> 13
    (384, 3, False, False, False),  # 13
    (384, 3, True, False, False),  # 13
    (256, 3, True, False, True),  # 13 -> 6
)
DENSE_UNITS = 4096


def alexnet(
    *,
    groups: int = 2,
    stem: str = "imagenet",
    width: float = 1.0,
    dropout: float = 0.5,
    input_shape: tuple[int, int, int] = (227, 227, 3),
    num_classes: int = 1000,
    include_top: bool = True,
    name: str = "alexnet",
):
    """Five convolutions with overlapping pooling, three dense layers with dropout.

    Args:
        groups: of conv2, conv4 and conv5; in the paper one for each of two GPUs.
        stem: "imagenet" for a first convolution of 11x11 with stride 4; "small" for 5x5 with stride 1, for images of
            about 32x32.
        width: factor of filters and dense units, rounded to a multiple of the groups.
        dropout: share of dense outputs that training drops.
        input_shape: (height, width, channels).
        num_classes: outputs of the head.
        include_top: whether the dense layers follow pool5.
        name: of the model.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, num_classes) logits, or the maps (N, 6, 6, 256) of pool5 without the top.

    Raises:
        TypeError, ValueError: if stem is neither of the two, another option is out of range, or the input is too
            small.

    >>> alexnet(stem="small", width=1 / 16, input_shape=(32, 32, 3), num_classes=10).output_shape
    (None, 10)
    """
    one_of("stem", stem, ("imagenet", "small"))
    groups = whole_number("groups", groups)

    x = inputs = image_input(input_shape)
    for number, (filters, kernel_size, split, normalised, pooled) in enumerate(CONVOLUTIONS, 1):
        options = {"padding": "same", "kernel_initializer": "he_normal"}
        if number == 1 and stem == "imagenet":
            options |= {"padding": "valid", "strides": 4}
        elif number == 1:
            kernel_size = 5
        filters = scaled(filters, width, multiple=groups)
        convolution = functools.partial(GroupedConv2D, groups=groups) if split and groups > 1 else layers.Conv2D
        x = convolution(filters, kernel_size, **options, name=f"conv{number}")(x)
        x = layers.ReLU(name=f"conv{number}_relu")(x)
        if normalised:
            x = LocalResponseNormalization(name=f"norm{number}")(x)
        if pooled:
            x = layers.MaxPooling2D(3, strides=2, name=f"pool{number}")(x)
    if flag("include_top", include_top):
        x = layers.Flatten(name="flatten")(x)
        for number in (6, 7):
            units = scaled(DENSE_UNITS, width, multiple=groups)
            x = layers.Dense(units, kernel_initializer="he_normal", name=f"fc{number}")(x)
            x = layers.ReLU(name=f"fc{number}_relu")(x)
            x = layers.Dropout(dropout, name=f"fc{number}_dropout")(x)
        x = logits(x, num_classes)
    return keras.Model(inputs, x, name=name)


VARIANTS = {
    "alexnet": alexnet,
    "alexnet_one_tower": functools.partial(alexnet, groups=1, name="alexnet_one_tower"),
}
