"""ResNeXt: the bottlenecks of a residual network, their 3x3 convolutions split into groups.

Reference: Xie, Girshick, Dollár, Tu and He, "Aggregated Residual Transformations for Deep Neural Networks", 2016,
arXiv:1611.05431, table 1 and figure 3(c). 32x4d reads: cardinality 32, that is 32 groups, of 4 channels each in the
first stage. As in the authors' code the 3x3 convolution strides. All else is as in `resnet`.
"""

import functools

from ..arguments import whole_number
from .resnet import BLOCKS, resnet


def resnext(blocks: tuple[int, ...], *, cardinality: int = 32, group_width: int = 4, **options):
    """A residual network of bottlenecks with grouped 3x3 convolutions.

    Args:
        blocks: blocks of each stage.
        cardinality: groups of each 3x3 convolution.
        group_width: channels of one group in the first stage, before `width`; each stage doubles them.
        **options: others of `resnet.resnet`, such as `width`, `input_shape`, `num_classes`, `include_top`.

    Raises:
        TypeError, ValueError: as `resnet.resnet`.

    >>> resnext((1, 1), cardinality=4, stem="small", input_shape=(32, 32, 3), num_classes=10).output_shape
    (None, 10)
    """
    options = {"stride_on": "3x3", "name": "resnext"} | options
    return resnet(blocks, bottleneck=True, cardinality=cardinality, group_width=group_width, **options)


def small_resnext(
    depth: int,
    *,
    cardinality: int = 8,
    group_width: int = 4,
    input_shape=(32, 32, 3),
    num_classes: int = 10,
    **options,
):
    """A network for small images: a 3x3 stem of 16 filters and three stages that put out 64, 128 and 256 channels.

    With 20 layers, 8 groups and 4 channels in each, it costs as many multiply-accumulates as ResNet-20.

    Args:
        depth: layers with weights, 9 n + 2 for n blocks in a stage; projections are not counted.
        cardinality: as for `resnext`.
        group_width: as for `resnext`.
        input_shape: as for `resnet.resnet`.
        num_classes: outputs of the head.
        **options: others of `resnet.resnet`.

    Raises:
        TypeError, ValueError: if there is no such depth, or as `resnet.resnet`.

    >>> tuple(small_resnext(20).get_layer("stage3_block1_conv2").kernel.shape)
    (3, 3, 16, 128)
    """
    if whole_number("depth", depth, smallest=11) % 9 != 2:
        raise ValueError(f"depth={depth} is not 9 n + 2; expected 11, 20, 29, 38, ...")
    options = {"stem": "small", "stem_filters": 16, "name": f"resnext{depth}"} | options
    options |= {"input_shape": input_shape, "num_classes": num_classes}
    return resnext((depth // 9,) * 3, cardinality=cardinality, group_width=group_width, **options)


VARIANTS = {
    "resnext50_32x4d": functools.partial(resnext, BLOCKS[50][0], name="resnext50_32x4d"),
    "resnext101_32x8d": functools.partial(resnext, BLOCKS[101][0], group_width=8, name="resnext101_32x8d"),
    "resnext20": functools.partial(small_resnext, 20),
}
