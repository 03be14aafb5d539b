"""Residual networks, and the plain networks that they are compared with.

Reference: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2015, arXiv:1512.03385, table 1 and
section 4.2. Stage 1 here is the paper's conv2_x. Normalisation has momentum 0.9, which follows short trainings.
"""

import functools

from ..arguments import entries, flag, one_of, scaled, whole_number
from ..backend import keras
from .entrance import image_input
from .head import logits
from .residual_blocks import basic_block, bottleneck_block, conv_bn

layers = keras.layers

BLOCKS = {  # depth: (blocks of each stage, whether they are bottlenecks)
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}
SMALL_DEPTHS = (20, 32, 44, 56, 110)


def resnet(
    blocks: tuple[int, ...],
    *,
    bottleneck: bool = False,
    residual: bool = True,
    shortcut: str = "B",
    stride_on: str = "1x1",
    cardinality: int = 1,
    group_width: int | None = None,
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
        cardinality: groups of the 3x3 convolution of a bottleneck.
        group_width: channels of one such group in the first stage, before `width`; each stage doubles them. None
            shares the filters out among the groups.
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
        TypeError, ValueError: if an option is none of those above, or there are no blocks.

    >>> resnet((1, 1), stem="small", input_shape=(32, 32, 3), num_classes=10).output_shape
    (None, 10)
    """
    one_of("shortcut", shortcut, ("A", "B", "C"))
    one_of("stride_on", stride_on, ("1x1", "3x3"))
    one_of("stem", stem, ("imagenet", "small"))
    stages = entries("blocks", blocks, "(2, 2, 2, 2)", smallest=1)
    conv_bias = flag("conv_bias", conv_bias)
    if not flag("bottleneck", bottleneck) and (cardinality, group_width) != (1, None):
        raise ValueError(
            f"cardinality={cardinality} and group_width={group_width} are those of bottlenecks; pass bottleneck=True, "
            "or leave both out."
        )
    filters = scaled(whole_number("stem_filters", stem_filters), width)
    x = inputs = image_input(input_shape)
    if stem == "imagenet":
        x = conv_bn(x, filters, 7, stride=2, bias=conv_bias, name="stem")  # 224 -> 112
        x = layers.ReLU(name="stem_relu")(x)
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)  # after ReLU, a zero is never the only maximum
        x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)  # 112 -> 56
    else:
        x = conv_bn(x, filters, 3, stride=whole_number("stem_stride", stem_stride), bias=conv_bias, name="stem")
        x = layers.ReLU(name="stem_relu")(x)
    options = {"shortcut": shortcut, "residual": flag("residual", residual), "bias": conv_bias}
    if bottleneck:
        options |= {"stride_on": stride_on, "cardinality": whole_number("cardinality", cardinality)}
    block = bottleneck_block if bottleneck else basic_block
    for stage, count in enumerate(stages):
        if group_width is not None:
            options["inner"] = cardinality * scaled(whole_number("group_width", group_width), width) * 2**stage
        for number in range(whole_number(f"blocks[{stage}]", count)):
            stride = 2 if stage > 0 and number == 0 else 1
            x = block(x, filters * 2**stage, stride=stride, **options, name=f"stage{stage + 1}_block{number + 1}")
    if flag("include_top", include_top):
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = logits(x, num_classes)
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


VARIANTS = {}
for _depth, (_blocks, _bottleneck) in BLOCKS.items():
    VARIANTS[f"resnet{_depth}"] = functools.partial(resnet, _blocks, bottleneck=_bottleneck, name=f"resnet{_depth}")
for _depth in (18, 34):
    VARIANTS[f"plain{_depth}"] = functools.partial(resnet, BLOCKS[_depth][0], residual=False, name=f"plain{_depth}")
for _depth in SMALL_DEPTHS:
    VARIANTS[f"resnet{_depth}"] = functools.partial(small_resnet, _depth)
    VARIANTS[f"plain{_depth}"] = functools.partial(small_resnet, _depth, residual=False)
