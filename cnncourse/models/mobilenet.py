"""MobileNets: networks of depthwise and 1x1 convolutions that a width fits to a budget.

References: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", 2017,
arXiv:1704.04861, table 1, whose last depthwise layer has stride 1; Sandler, Howard, Zhu, Zhmoginov and Chen,
"MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, arXiv:1801.04381, table 2. As in the authors' code and
keras.applications, ReLU is ReLU6 in both. Deviation: He-normal initial weights.
"""

from ..arguments import entries, flag, scaled, whole_number
from ..backend import keras
from .entrance import image_input
from .head import logits
from .mobile_blocks import conv_bn, inverted_bottleneck, round_filters, separable_block

layers = keras.layers

STEM_FILTERS, HEAD_FILTERS = 32, 1280
BLOCKS = (  # of version 1: (filters, stride),  # side at an input of 224
    (64, 1),  # 112
    *((128, 2), (128, 1)),  # 56
    *((256, 2), (256, 1)),  # 28
    *((512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),  # 14
    *((1024, 2), (1024, 1)),  # 7
)
STAGES = (  # of version 2: (expansion, filters, blocks, stride),  # side at an input of 224
    (1, 16, 1, 1),  # 112
    (6, 24, 2, 2),  # 56
    (6, 32, 3, 2),  # 28
    *((6, 64, 4, 2), (6, 96, 3, 1)),  # 14
    *((6, 160, 3, 2), (6, 320, 1, 1)),  # 7
)


def mobilenet_v1(
    *,
    width: float = 1.0,
    separable: bool = True,
    blocks: tuple[tuple[int, int], ...] = BLOCKS,
    stem_stride: int = 2,
    dropout: float = 1e-3,
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 1000,
    include_top: bool = True,
    name: str = "mobilenet_v1",
):
    """A 3x3 convolution, then blocks of a depthwise 3x3 and a 1x1.

    Args:
        width: factor of the filters, rounded down; the paper's alpha.
        separable: False for the paper's network of full 3x3 convolutions, one for each block.
        blocks: (filters, stride) of each block, before `width`.
        stem_stride: of the first convolution.
        dropout: share of the pooled features that training drops.
        input_shape: (height, width, channels); height and width may be None.
        num_classes: outputs of the head.
        include_top: whether pooling, dropout and the dense layer follow the last feature maps.
        name: of the model.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, num_classes) logits, or the last feature maps without the top.

    Raises:
        TypeError, ValueError: if the width is no factor greater than 0, another number no positive integer, there are
            no blocks, or one is no (filters, stride).

    >>> mobilenet_v1(width=0.25, input_shape=(128, 128, 3), include_top=False).output_shape
    (None, 4, 4, 256)
    """
    blocks = _rows("blocks", blocks, "((64, 1), (128, 2))", "(filters, stride)")
    x = inputs = image_input(input_shape)
    x = conv_bn(x, _rounded_down(STEM_FILTERS, width), 3, stride=stem_stride, name="stem")
    for number, (filters, stride) in enumerate(blocks, 1):
        x = separable_block(
            x, _rounded_down(filters, width), stride=stride, separable=separable, name=f"block{number}"
        )
    if flag("include_top", include_top):
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dropout(dropout, name="pool_dropout")(x)
        x = logits(x, num_classes)
    return keras.Model(inputs, x, name=name)


def mobilenet_v2(
    *,
    width: float = 1.0,
    stages: tuple[tuple[int, int, int, int], ...] = STAGES,
    stem_stride: int = 2,
    head_filters: int = HEAD_FILTERS,
    input_shape: tuple[int, int, int] = (224, 224, 3),
    num_classes: int = 1000,
    include_top: bool = True,
    name: str = "mobilenet_v2",
):
    """A 3x3 convolution, inverted bottlenecks with a linear output, and a 1x1 that widens before pooling.

    Args:
        width: factor of the filters, rounded to multiples of 8; the head grows with it above 1 and never shrinks.
        stages: (expansion, filters, blocks, stride of the first block) of each stage, before `width`.
        stem_stride: of the first convolution.
        head_filters: of the last 1x1.
        input_shape: (height, width, channels); height and width may be None.
        num_classes: outputs of the head.
        include_top: whether pooling and the dense layer follow the last feature maps.
        name: of the model.

    Input shape:
        (N, H, W, C).

    Output shape:
        (N, num_classes) logits, or the last feature maps without the top.

    Raises:
        TypeError, ValueError: if the width is no factor greater than 0, another number no positive integer, or a stage
            is not four numbers or has no blocks.

    >>> mobilenet_v2(width=0.35, input_shape=(96, 96, 3), include_top=False).output_shape
    (None, 3, 3, 1280)
    """
    stages = _rows("stages", stages, "((1, 16, 1, 1), (6, 24, 2, 2))", "(expansion, filters, blocks, stride)")
    head_filters = whole_number("head_filters", head_filters)
    x = inputs = image_input(input_shape)
    _rounded_down(STEM_FILTERS, width)  # refuses what is no width
    x = conv_bn(x, round_filters(STEM_FILTERS * width), 3, stride=stem_stride, name="stem")
    for stage, (expansion, filters, count, stride) in enumerate(stages, 1):
        for number in range(1, whole_number(f"blocks of stage {stage}", count) + 1):
            x = inverted_bottleneck(
                x,
                round_filters(_rounded_down(filters, width)),
                expansion=expansion,
                stride=stride if number == 1 else 1,
                name=f"stage{stage}_block{number}",
            )
    x = conv_bn(x, round_filters(head_filters * max(1, width)), 1, name="head")
    if flag("include_top", include_top):
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = logits(x, num_classes)
    return keras.Model(inputs, x, name=name)


def small_mobilenet_v1(*, blocks: tuple[int, ...] = (4, 3, 3), input_shape=(32, 32, 3), num_classes=10, **options):
    """Version 1 for small images: stages of 64, 128, 256, ... filters, each but the first with stride 2.

    With its 4, 3 and 3 blocks it costs as many multiply-accumulates as ResNet-20, but for 2 %.

    Args:
        blocks: blocks of each stage.
        input_shape: as for `mobilenet_v1`.
        num_classes: as for `mobilenet_v1`.
        **options: others of `mobilenet_v1`, such as `width` and `separable`.

    Raises:
        TypeError, ValueError: as `mobilenet_v1`, or if a stage has no blocks.

    >>> small_mobilenet_v1(include_top=False).output_shape
    (None, 8, 8, 256)
    """
    every = [
        (64 * 2**stage, 2 if stage > 0 and number == 0 else 1)
        for stage, count in enumerate(entries("blocks", blocks, "(4, 3, 3)"))
        for number in range(whole_number(f"blocks[{stage}]", count))
    ]
    options = {"stem_stride": 1, "name": "mobilenet_v1_small"} | options
    return mobilenet_v1(blocks=tuple(every), input_shape=input_shape, num_classes=num_classes, **options)


def small_mobilenet_v2(*, blocks: tuple[int, ...] = (1, 2, 3, 4), input_shape=(32, 32, 3), num_classes=10, **options):
    """Version 2 for small images: its first stages, the second without a stride, and a head four times as wide.

    With its 1, 2, 3 and 4 blocks it costs as many multiply-accumulates as ResNet-20, but for 1 %.

    Args:
        blocks: blocks of each stage, as many stages as numbers.
        input_shape: as for `mobilenet_v2`.
        num_classes: as for `mobilenet_v2`.
        **options: others of `mobilenet_v2`, such as `width`.

    Raises:
        TypeError, ValueError: as `mobilenet_v2`, or if there are more than seven stages.

    >>> small_mobilenet_v2(include_top=False).output_shape
    (None, 8, 8, 256)
    """
    blocks = entries("blocks", blocks, "(1, 2, 3, 4)")
    if not 1 <= len(blocks) <= len(STAGES):
        raise ValueError(f"blocks has {len(blocks)} stages; expected 1 to {len(STAGES)}.")
    stages = [
        (expansion, filters, count, 1 if stage == 1 else stride)
        for stage, ((expansion, filters, _, stride), count) in enumerate(zip(STAGES, blocks, strict=False))
    ]
    options = {"stem_stride": 1, "head_filters": 4 * stages[-1][1], "name": "mobilenet_v2_small"} | options
    return mobilenet_v2(stages=tuple(stages), input_shape=input_shape, num_classes=num_classes, **options)


def _rows(name: str, value, example: str, parts: str) -> list[tuple]:
    """The entries of a list, each of which holds one number for each of its parts."""
    rows, length = [], parts.count(",") + 1
    for number, row in enumerate(entries(name, value, example, smallest=1)):
        rows.append(entries(f"{name}[{number}]", row, parts))
        if len(rows[-1]) != length:
            raise ValueError(f"{name}[{number}]={row!r} has {len(rows[-1])} entries: pass {length}, {parts}")
    return rows


def _rounded_down(filters: int, width: float) -> int:
    """Filters times width, rounded down as keras.applications rounds, but at least one."""
    scaled(whole_number("filters", filters), width)  # refuses what is no width
    return max(1, int(filters * width))


VARIANTS = {
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "mobilenet_v1_small": small_mobilenet_v1,
    "mobilenet_v2_small": small_mobilenet_v2,
}
