"""Blocks of depthwise and 1x1 convolutions: what MobileNets and EfficientNets are stacked of.

Each convolution is followed by batch normalisation and ReLU6, that is min(max(x, 0), 6), but the one that projects.
"""

from ..arguments import flag, whole_number
from ..backend import keras

layers = keras.layers

BATCH_NORM_EPSILON = 1e-3


def conv_bn(
    x,
    filters: int | None,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: str = "same",
    relu: bool = True,
    momentum: float = 0.9,
    he: bool = True,
    name: str,
):
    """Convolution, batch normalisation, ReLU6.

    Args:
        x: tensor (N, H, W, C).
        filters: channels of the output; None for a depthwise convolution, which keeps C.
        kernel_size: of the convolution.
        stride: of the convolution.
        padding: of the convolution, as in Keras.
        relu: whether ReLU6 ends it.
        momentum: of the moving averages.
        he: whether initial weights are He normal; Keras' own choice, Glorot uniform, where not.
        name: prefix of the layers' names.

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), filters) with "same" padding.
    """
    stride = whole_number("stride", stride)
    options = {"strides": stride, "padding": padding, "use_bias": False, "name": f"{name}_conv"}
    if filters is None:
        if he:
            # Keras takes the fan-in of a depthwise kernel (k, k, C, 1) for k k C, and the fan-out for k k. An output
            # reads k k numbers: "he_normal" would start the filters at 1 / sqrt(C) of their right size.
            options["depthwise_initializer"] = keras.initializers.VarianceScaling(2.0, mode="fan_out")
        x = layers.DepthwiseConv2D(kernel_size, **options)(x)
    else:
        options |= {"kernel_initializer": "he_normal"} if he else {}
        x = layers.Conv2D(filters, kernel_size, **options)(x)
    x = layers.BatchNormalization(momentum=momentum, epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6, name=f"{name}_relu")(x) if relu else x


def separable_block(x, filters: int, *, stride: int = 1, separable: bool = True, name: str):
    """MobileNet v1's block: a depthwise 3x3 looks around in each channel, a 1x1 mixes the channels.

    Args:
        x: tensor (N, H, W, C).
        filters: channels of the output.
        stride: of the 3x3.
        separable: False puts one full 3x3 convolution in the place of the two.
        name: prefix of the layers' names.

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), filters); an odd H or W is rounded down, as in keras.applications.

    >>> separable_block(keras.Input((8, 7, 16)), 24, stride=2, name="block").shape
    (None, 4, 3, 24)
    """
    padding = "same"
    if whole_number("stride", stride) > 1:  # for even sizes the zeros are those of "same"
        x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(x)
        padding = "valid"
    if not flag("separable", separable):
        return conv_bn(x, filters, 3, stride=stride, padding=padding, name=name)
    x = conv_bn(x, None, 3, stride=stride, padding=padding, name=f"{name}_depthwise")
    return conv_bn(x, filters, 1, name=f"{name}_pointwise")


def inverted_bottleneck(
    x, filters: int, *, kernel_size: int = 3, expansion: int = 6, stride: int = 1, name: str, **options
):
    """Widen by a 1x1, filter each channel in space, narrow by a 1x1; add the input where the shapes are equal.

    The narrow maps are linear: no ReLU follows the last 1x1.

    Args:
        x: tensor (N, H, W, C).
        filters: channels of the output.
        kernel_size: of the depthwise convolution.
        expansion: factor by which the 1x1 widens; 1 leaves it out.
        stride: of the depthwise convolution.
        name: prefix of the layers' names.
        **options: `momentum` and `he` of `conv_bn`.

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), filters).

    Raises:
        TypeError, ValueError: if filters, expansion or stride is no positive integer.

    >>> inverted_bottleneck(keras.Input((8, 7, 16)), 24, stride=2, name="block").shape
    (None, 4, 4, 24)
    """
    filters, expansion = whole_number("filters", filters), whole_number("expansion", expansion)
    stride = whole_number("stride", stride)
    shortcut = x
    if expansion > 1:
        x = conv_bn(x, expansion * x.shape[-1], 1, name=f"{name}_expand", **options)
    x = conv_bn(x, None, kernel_size, stride=stride, name=f"{name}_depthwise", **options)
    x = conv_bn(x, filters, 1, relu=False, name=f"{name}_project", **options)
    if stride == 1 and shortcut.shape[-1] == filters:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def round_filters(filters: float, divisor: int = 8) -> int:
    """The nearest multiple of the divisor, at least the divisor, and never more than a tenth below.

    >>> [round_filters(filters) for filters in (16, 17.6, 26.4, 44.8)]
    [16, 16, 24, 48]
    """
    rounded = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * filters else rounded
