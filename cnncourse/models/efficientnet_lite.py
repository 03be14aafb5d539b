"""EfficientNet-Lite: mobile inverted bottlenecks, scaled together in width, depth and resolution.

Reference: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019,
arXiv:1905.11946, table 1; the Lite variants are those of the authors' repository tensorflow/tpu (2020): no
squeeze-and-excitation, ReLU6 for swish, and stem, head, first and last stage of a fixed depth or width.
"""

import functools
import math

from ..arguments import factor, flag, whole_number
from ..backend import keras
from .entrance import image_input
from .head import logits
from .mobile_blocks import conv_bn, inverted_bottleneck, round_filters
from .weights import load_imagenet_weights, load_weights

layers = keras.layers

STEM_FILTERS, HEAD_FILTERS = 32, 1280
CHOICES = {"momentum": 0.99, "he": False}  # of normalisation and initial weights: those of Keras
STAGES = (  # (kernel size, blocks, filters, expansion, stride),  # side at an input of 224
    (3, 1, 16, 1, 1),  # 112
    (3, 2, 24, 6, 2),  # 112 -> 56
    (5, 2, 40, 6, 2),  # 56 -> 28
    (3, 3, 80, 6, 2),  # 28 -> 14
    (5, 3, 112, 6, 1),  # 14
    (5, 4, 192, 6, 2),  # 14 -> 7
    (3, 1, 320, 6, 1),  # 7
)


def efficientnet_lite(
    *,
    width: float = 1.0,
    depth: float = 1.0,
    resolution: int = 224,
    dropout: float = 0.2,
    name: str = "efficientnet_lite",
    input_shape: tuple[int, int, int] | None = None,
    num_classes: int = 1000,
    include_top: bool = True,
    weights: str | None = None,
):
    """One member of the family; `models.build("efficientnet_lite0")` and its like fill in the first five options.

    Args:
        width: factor of the filters, rounded to a multiple of 8.
        depth: factor of the blocks of a stage, rounded up; the first and the last stage keep their one block.
        resolution: side of the input in pixels, where no `input_shape` is given.
        dropout: share of the features that the head drops in training.
        name: of the model.
        input_shape: (height, width, 3); height and width may be None.
        num_classes: outputs of the head.
        include_top: whether pooling, dropout and the dense layer follow the last feature maps.
        weights: None for random ones, "imagenet" for the shipped ones (Lite0 only), or the path of an .npz file
            that `save_weights` wrote.

    Input shape:
        (N, H, W, 3), values in 0..1; the first layer brings them to the range that the weights were trained with.

    Output shape:
        (N, num_classes) logits, or the last feature maps (N, H / 32, W / 32, 1280) without the top.

    Raises:
        TypeError, ValueError: if width or depth is no factor greater than 0, another number no positive integer, or
            there are no such weights, or they do not fit.

    >>> efficientnet_lite(include_top=False).output_shape
    (None, 7, 7, 1280)
    """
    width, depth = factor("width", width), factor("depth", depth)
    shape = (whole_number("resolution", resolution),) * 2 + (3,) if input_shape is None else input_shape
    inputs = image_input(shape)
    x = layers.Rescaling(255 / 128, offset=-127 / 128, name="rescaling")(inputs)  # (byte - 127) / 128
    x = conv_bn(x, STEM_FILTERS, 3, stride=2, **CHOICES, name="stem")
    for stage, (kernel_size, blocks, filters, expansion, stride) in enumerate(STAGES, 1):
        scaled = blocks if stage in (1, len(STAGES)) else math.ceil(blocks * depth)
        for block in range(1, scaled + 1):
            x = inverted_bottleneck(
                x,
                round_filters(filters * width),
                kernel_size=kernel_size,
                expansion=expansion,
                stride=stride if block == 1 else 1,
                **CHOICES,
                name=f"stage{stage}_block{block}",
            )
    x = conv_bn(x, HEAD_FILTERS, 1, **CHOICES, name="head")
    if flag("include_top", include_top):
        x = layers.GlobalAveragePooling2D(name="head_pool")(x)
        x = layers.Dropout(dropout, name="head_dropout")(x)
        x = logits(x, num_classes)
    model = keras.Model(inputs, x, name=name)
    if weights == "imagenet":
        load_imagenet_weights(model)
    elif weights is not None:
        load_weights(model, weights)
    return model


_SCALES = {  # width, depth, resolution, dropout
    "efficientnet_lite0": (1.0, 1.0, 224, 0.2),
    "efficientnet_lite1": (1.0, 1.1, 240, 0.2),
    "efficientnet_lite2": (1.1, 1.2, 260, 0.3),
    "efficientnet_lite3": (1.2, 1.4, 280, 0.3),
    "efficientnet_lite4": (1.4, 1.8, 300, 0.3),
}
VARIANTS = {
    name: functools.partial(
        efficientnet_lite, width=width, depth=depth, resolution=resolution, dropout=dropout, name=name
    )
    for name, (width, depth, resolution, dropout) in _SCALES.items()
}
