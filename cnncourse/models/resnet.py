"""Residual networks, and the plain networks that they are compared with.

Reference: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385, table 1 and
section 4.2. Stage 1 here is the paper's conv2_x. Normalisation has momentum 0.9, which follows short trainings.
"""

import functools

from ..arguments import one_of, scaled, whole_number
from ..backend import keras
from ..layers import PaddedShortcut

layers = keras.layers

BLOCKS = {  # depth: (blocks of each stage, whether they are bottlenecks)
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}
SMALL_DEPTHS = (20, 32, 44, 56, 110)
EXPANSION = 4  # a bottleneck puts out four times as many channels as its 3x3 convolution


def resnet(
    blocks: tuple[int, ...],
    *,
    bottleneck: bool = False,
    residual: bool = True,
    shortcut: str = "B",
    stride_on: str = "1x1",
    conv_bias: bool = False,
    width: float = 1.0,
    stem: str = "imagenet",
    stem_filters: int = 64,
    stem_stride: int = 1,
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 1000,
    include_top: bool = True,
    name: str = "resnet",
):
    """A network of stages of residual blocks; each stage but the first halves the map and doubles the filters.

    Args:
        blocks: blocks of each stage.
        bottleneck: blocks of 1x1, 3x3 and 1x1 convolutions in place of two 3x3.
        residual: False leaves all shortcuts out: the plain network.
        shortcut: where shapes differ, "A" pads with zeros, "B" projects by a 1x1 convolution; "C" projects everywhere.
        stride_on: which convolution of a bottleneck strides, "1x1" as in the paper or "3x3" as in most libraries.
        conv_bias: whether convolutions have biases, as in keras.applications; normalisation makes them useless.
        width: factor of the filters.
        stem: "imagenet" (7x7 with stride 2 and max pooling) or "small" (one 3x3).
        stem_filters: filters of the stem and of the first stage, before `width`.
        stem_stride: stride of the small stem.
        input_shape: (height, width, channels); height and width may be None.
        num_classes: outputs of the head.
        include_top: whether global average pooling and the dense layer follow the last feature maps.
        name: of the model.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, num_classes) logits, or the last feature maps without the top.

    Raises:
        TypeError, ValueError: if an option is none of those above.

    >>> resnet((1, 1), stem="small", input_shape=(32, 32, 3), num_classes=10).output_shape
    (None, 10)
    """
    one_of("shortcut", shortcut, ("A", "B", "C"))
    one_of("stride_on", stride_on, ("1x1", "3x3"))
    one_of("stem", stem, ("imagenet", "small"))
    filters = scaled(stem_filters, width)
    x = inputs = keras.Input(input_shape, name="image")
    if stem == "imagenet":
        x = conv_bn(x, filters, 7, stride=2, bias=conv_bias, name="stem")  # 224 -> 112
        x = layers.ReLU(name="stem_relu")(x)
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)  # after ReLU, a zero is never the only maximum
        x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)  # 112 -> 56
    else:
        x = conv_bn(x, filters, 3, stride=stem_stride, bias=conv_bias, name="stem")
        x = layers.ReLU(name="stem_relu")(x)
    options = {"shortcut": shortcut, "residual": residual, "bias": conv_bias}
    block = functools.partial(bottleneck_block, stride_on=stride_on) if bottleneck else basic_block
    for stage, count in enumerate(blocks):
        for number in range(whole_number(f"blocks[{stage}]", count)):
            stride = 2 if stage > 0 and number == 0 else 1
            x = block(x, filters * 2**stage, stride=stride, **options, name=f"stage{stage + 1}_block{number + 1}")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(inputs, x, name=name)


def small_resnet(depth: int, *, shortcut: str = "A", input_shape=(32, 32, 3), num_classes: int = 10, **options):
    """The paper's network for small images: a 3x3 stem and three stages of 16, 32 and 64 filters.

    Args:
        depth: layers with weights, 6 n + 2 for n blocks in a stage.
        shortcut: as for `resnet`.
        input_shape: as for `resnet`.
        num_classes: as for `resnet`.
        **options: others of `resnet`.

    Raises:
        TypeError, ValueError: if there is no such depth, or as `resnet`.

    >>> small_resnet(8).count_params()
    75770
    """
    if whole_number("depth", depth, smallest=8) % 6 != 2:
        raise ValueError(f"depth={depth} is not 6 n + 2; expected 8, 14, 20, 26, ...")
    family = "resnet" if options.get("residual", True) else "plain"
    options = {"stem": "small", "stem_filters": 16, "name": f"{family}{depth}"} | options
    shapes = {"input_shape": input_shape, "num_classes": num_classes}
    return resnet((depth // 6,) * 3, shortcut=shortcut, **shapes, **options)


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
    x, filters: int, *, stride=1, stride_on="1x1", shortcut="B", residual=True, bias=False, name: str
):
    """A 1x1 convolution that narrows, a 3x3, a 1x1 that widens, with the input added before the last ReLU.

    `filters` are those of the 3x3; the output has four times as many. `stride_on` says which convolution strides,
    "1x1" (the first) or "3x3". All else is as for `basic_block`.
    """
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    y = conv_bn(x, filters, 1, stride=first, bias=bias, name=name, number=1)
    y = layers.ReLU(name=f"{name}_relu1")(y)
    y = conv_bn(y, filters, 3, stride=second, bias=bias, name=name, number=2)
    y = layers.ReLU(name=f"{name}_relu2")(y)
    y = conv_bn(y, EXPANSION * filters, 1, bias=bias, name=name, number=3)
    return _add(x, y, stride, shortcut, residual, bias, name)


def conv_bn(x, filters: int, kernel_size: int, *, stride: int = 1, bias: bool, name: str, number: int | str = ""):
    """A convolution with as many zeros on each side, and batch normalisation."""
    padding = "same"
    if stride > 1 and kernel_size > 1:  # here "same" would pad one side more than the other
        x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad{number}")(x)
        padding = "valid"
    options = {"padding": padding, "use_bias": bias, "kernel_initializer": "he_normal"}
    x = layers.Conv2D(filters, kernel_size, strides=stride, **options, name=f"{name}_conv{number}")(x)
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


VARIANTS = {}
for _depth, (_blocks, _bottleneck) in BLOCKS.items():
    VARIANTS[f"resnet{_depth}"] = functools.partial(resnet, _blocks, bottleneck=_bottleneck, name=f"resnet{_depth}")
for _depth in (18, 34):
    VARIANTS[f"plain{_depth}"] = functools.partial(resnet, BLOCKS[_depth][0], residual=False, name=f"plain{_depth}")
for _depth in SMALL_DEPTHS:
    VARIANTS[f"resnet{_depth}"] = functools.partial(small_resnet, _depth)
    VARIANTS[f"plain{_depth}"] = functools.partial(small_resnet, _depth, residual=False)
