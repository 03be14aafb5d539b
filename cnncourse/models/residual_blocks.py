"""Residual blocks: what ResNet and ResNeXt are stacked of."""

import functools

from ..backend import keras
from ..layers import GroupedConv2D, PaddedShortcut

layers = keras.layers

EXPANSION = 4  # a bottleneck puts out four times as many channels as its 3x3 convolution has in ResNet


def basic_block(
    x, filters: int, *, stride: int = 1, shortcut: str = "B", residual: bool = True, bias: bool = False, name: str
):
    """Two 3x3 convolutions, with the input added before the last ReLU.

    Args:
        x: tensor (N, H, W, C).
        filters: channels of the output.
        stride: of the first convolution.
        shortcut: as for `resnet`.
        residual: as for `resnet`.
        bias: whether convolutions have biases.
        name: prefix of the layers' names.

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), filters).
    """
    y = conv_bn(x, filters, 3, stride=stride, bias=bias, name=name, number=1)
    y = layers.ReLU(name=f"{name}_relu1")(y)
    y = conv_bn(y, filters, 3, bias=bias, name=name, number=2)
    return _add(x, y, stride, shortcut, residual, bias, name)


def bottleneck_block(
    x,
    filters: int,
    *,
    stride: int = 1,
    stride_on: str = "1x1",
    cardinality: int = 1,
    inner: int | None = None,
    shortcut: str = "B",
    residual: bool = True,
    bias: bool = False,
    name: str,
):
    """A 1x1 convolution that narrows, a 3x3, a 1x1 that widens, with the input added before the last ReLU.

    Args:
        x: tensor (N, H, W, C).
        filters: a quarter of the channels of the output.
        stride: of the convolution that `stride_on` names.
        stride_on: "1x1" (the first) or "3x3".
        cardinality: groups of the 3x3.
        inner: channels of the 3x3; None for as many as `filters`.
        shortcut: as for `resnet`.
        residual: as for `resnet`.
        bias: whether convolutions have biases.
        name: prefix of the layers' names.

    Output shape:
        (N, ceil(H / stride), ceil(W / stride), 4 filters).
    """
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    inner = filters if inner is None else inner
    y = conv_bn(x, inner, 1, stride=first, bias=bias, name=name, number=1)
    y = layers.ReLU(name=f"{name}_relu1")(y)
    y = conv_bn(y, inner, 3, stride=second, groups=cardinality, bias=bias, name=name, number=2)
    y = layers.ReLU(name=f"{name}_relu2")(y)
    y = conv_bn(y, EXPANSION * filters, 1, bias=bias, name=name, number=3)
    return _add(x, y, stride, shortcut, residual, bias, name)


def conv_bn(
    x,
    filters: int,
    kernel_size: int,
    *,
    stride: int = 1,
    groups: int = 1,
    bias: bool,
    name: str,
    number: int | str = "",
):
    """A convolution with as many zeros on each side, and batch normalisation."""
    padding = "same"
    if stride > 1 and kernel_size > 1:  # here "same" would pad one side more than the other
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad{number}")(x)
        padding = "valid"
    options = {"padding": padding, "use_bias": bias, "kernel_initializer": "he_normal"}
    convolution = layers.Conv2D if groups == 1 else functools.partial(GroupedConv2D, groups=groups)
    x = convolution(filters, kernel_size, strides=stride, **options, name=f"{name}_conv{number}")(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn{number}")(x)


def _add(x, y, stride, shortcut, residual, bias, name):
    """Add the shortcut, if there is one, and apply the block's last ReLU."""
    if residual:
        differ = stride > 1 or x.shape[-1] != y.shape[-1]
        if shortcut == "C" or (shortcut == "B" and differ):
            x = conv_bn(x, y.shape[-1], 1, stride=stride, bias=bias, name=f"{name}_shortcut")
        elif differ:
            x = PaddedShortcut(y.shape[-1], stride, name=f"{name}_shortcut_pad")(x)
        y = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_relu")(y)
