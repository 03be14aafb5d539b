"""Exercises of notebook 16: which inputs a group reads, a ResNeXt block, the blocks of a kernel, a shuffled layer."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake

READ_CASES = (
    (5, 8, 12, 4),
    (0, 8, 12, 4),
    (11, 12, 12, 2),
    (3, 6, 6, 6),
    (7, 4, 8, 4),
    (6, 16, 8, 4),
    (2, 3, 5, 1),
)


def _read(group_of):
    """An answer to 16.1 that finds the group by `group_of(output, channels_in, channels_out, groups)`."""

    def answer(output, channels_in, channels_out, groups):
        width = channels_in // groups
        start = group_of(output, channels_in, channels_out, groups) * width
        return list(range(start, start + width))

    return answer


_inputs_read = _read(lambda output, channels_in, channels_out, groups: output // (channels_out // groups))


def _as_wide_as_outputs(output, channels_in, channels_out, groups):
    width = channels_out // groups
    return list(range(output // width * width, output // width * width + width))


READ = Exercise(
    "16.1",
    title="Which inputs it reads",
    stars=1,
    cases=READ_CASES,
    expected=_inputs_read,
    mistakes=(
        Mistake(
            _read(lambda o, c_in, c_out, g: o // (c_in // g)),
            "the group is found with the width of the input groups: how many output channels has a group?",
        ),
        Mistake(
            _read(lambda o, c_in, c_out, g: o % g),
            "output channels are dealt out to the groups in turn: do they not lie group by group?",
        ),
        Mistake(
            _read(lambda o, c_in, c_out, g: o // g),
            "the channel's number is divided by the number of groups: how many output channels has one group?",
        ),
        Mistake(_as_wide_as_outputs, "these are the output channels of the group: which input channels belong to it?"),
        Mistake(
            lambda o, c_in, c_out, g: list(range(o // (c_out // g), c_in, g)),
            "the group is right, but its inputs are taken from all over: a group's inputs are neighbours",
        ),
        Mistake(
            lambda o, c_in, c_out, g: list(range(o % g, c_in, g)),
            "inputs and outputs are dealt out in turn, as by a shuffle: the channels of a group are neighbours",
        ),
        Mistake(
            lambda o, c_in, c_out, g: [m for m in _as_wide_as_outputs(o, c_in, c_out, g) if m < c_in],
            "the inputs are parted by the width of the output groups: how many input channels has a group?",
        ),
        Mistake(
            lambda o, c_in, c_out, g: list(range(o * c_in // c_out, o * c_in // c_out + c_in // g)),
            "each output gets a start of its own: all outputs of a group read the same inputs",
        ),
        Mistake(lambda o, c_in, c_out, g: list(range(c_in)), "this is a dense layer: the groups have no effect"),
        Mistake(
            lambda *case: [channel + 1 for channel in _inputs_read(*case)],
            "the channels are counted from 1: the first one has the number 0",
        ),
        Mistake(
            lambda *case: _inputs_read(*case)[:1],
            "this is only the first channel of the group: an output reads all inputs of its group",
        ),
    ),
    idea="how many output channels and how many input channels one group has, and that both lie group by group",
    hints=(
        "How many output channels has one group? That tells the group of the output.",
        "How many input channels has one group? Where do those of this group begin?",
    ),
)

BLOCK_CASES = ((256, 32, 4), (256, 1, 64), (256, 2, 40), (512, 32, 8), (256, 8, 14), (96, 3, 10))


def _block(channels, cardinality, group_width, *, ones=2, area=9):
    width = cardinality * group_width
    return ones * channels * width + area * group_width * width


BLOCK = Exercise(
    "16.2",
    title="Weights of a ResNeXt block",
    stars=2,
    cases=BLOCK_CASES,
    expected=_block,
    mistakes=(
        Mistake(
            lambda channels, groups, width: _block(channels, width, groups),
            "cardinality and group width are exchanged: 32x4d are 32 groups of 4 channels",
        ),
        Mistake(
            lambda channels, groups, width: _block(channels, 1, groups * width),
            "the 3x3 reads all channels here: how many does one of its kernels read?",
        ),
        Mistake(
            lambda channels, groups, width: _block(channels, 1, width),
            "this is one group alone: how many channels have all groups together?",
        ),
        Mistake(
            lambda channels, groups, width: _block(channels, groups, width, area=0) + 9 * width**2,
            "only one group's part of the 3x3 is counted: every group has its own kernels",
        ),
        Mistake(
            lambda *case: _block(*case, ones=0),
            "the two 1x1 layers are missing: three layers have weights",
        ),
        Mistake(
            lambda *case: _block(*case, ones=1),
            "one 1x1 layer is missing: one narrows the channels before the 3x3, one widens them after it",
        ),
        Mistake(
            lambda channels, groups, width: _block(channels, groups, width) + 2 * groups * width + channels,
            "biases are counted too: these convolutions have none",
        ),
        Mistake(lambda *case: _block(*case, area=1), "the kernel in the middle has one pixel here: it is a 3x3"),
        Mistake(lambda *case: _block(*case, area=3), "a 3x3 kernel is counted as 3 pixels: it has 3 rows of 3"),
        Mistake(
            lambda channels, groups, width: _block(channels, groups * width, 1),
            "each kernel of the 3x3 reads one channel here: it reads all channels of its group",
        ),
        Mistake(
            lambda channels, groups, width: 2 * channels * width + 9 * groups * width**2,
            "the 1x1 layers are divided by the groups, too: only the 3x3 is grouped",
        ),
    ),
    idea="how many channels the 3x3 has in all, and how many of them one of its kernels reads",
    hints=(
        "All groups together have cardinality times group_width channels.",
        "The 1x1 layers are dense: from all channels of the block to all of the 3x3, and back.",
        "One kernel of the 3x3 has 9 pixels and as many channels as one group.",
    ),
)


def _dense(shape, groups):
    return np.random.default_rng(groups).normal(size=shape).round(3), groups


CUT_CASES = (_dense((3, 3, 8, 12), 4), _dense((1, 1, 6, 6), 6), _dense((3, 2, 4, 8), 2), _dense((2, 2, 3, 5), 1))


def _blocks(dense, groups, turn=1):
    inputs = np.split(dense, groups, axis=2)[::turn]
    return [np.split(part, groups, axis=3)[q] for q, part in enumerate(inputs)]


def _cut(dense, groups):
    return np.concatenate(_blocks(dense, groups), axis=3)


def _masked(dense, groups):
    return dense * np.kron(np.eye(groups), np.ones([channels // groups for channels in dense.shape[2:]]))


CUT = Exercise(
    "16.3",
    title="Cut the blocks out",
    stars=2,
    cases=CUT_CASES,
    expected=_cut,
    mistakes=(
        Mistake(
            lambda dense, groups: dense[:, :, : dense.shape[2] // groups],
            "all groups get the rows of the first: where do the inputs of the next group begin?",
        ),
        Mistake(
            lambda dense, groups: np.concatenate(_blocks(dense, groups), axis=2),
            "the blocks stand one below the other: a grouped kernel has all output channels on its last axis",
        ),
        Mistake(
            lambda dense, groups: np.concatenate([dense[:, :, q::groups, q::groups] for q in range(groups)], axis=3),
            "channels are taken in turn: the channels of a group are neighbours",
        ),
        Mistake(
            lambda dense, groups: np.concatenate(_blocks(dense, groups, turn=-1), axis=3),
            "these are the blocks of the other diagonal: group 0 reads the first inputs",
        ),
        Mistake(
            lambda dense, groups: sum(np.split(dense, groups, axis=2)),
            "what stands outside the blocks is added in: it is to be thrown away",
        ),
        Mistake(_masked, "the zeros are kept: a grouped kernel stores only the C_in / G rows of each block"),
        Mistake(
            lambda dense, groups: _cut(dense[..., : dense.shape[2]], groups),
            "the columns are cut by the width of the input groups: how many output channels has a group?",
        ),
        Mistake(
            lambda dense, groups: np.stack(_blocks(dense, groups)),
            "the blocks are put on a new axis: put them side by side along the output channels",
        ),
    ),
    idea="in which rows and columns the block of group q stands, and along which axis the blocks are joined",
    hints=(
        "How many input channels, and how many output channels, has one block?",
        "Block q begins at q times these numbers. Slice it on the last two axes.",
        "The result has C_in / G channels on axis 2 and all C_out on axis 3.",
    ),
)


def _layer_case(shape, kernel_shape, groups):
    random = np.random.default_rng(groups)
    arrays = random.normal(size=shape), random.normal(size=kernel_shape), random.normal(size=kernel_shape[3])
    return *(array.round(2) for array in arrays), groups


LAYER_CASES = (
    _layer_case((2, 4, 5, 4), (3, 3, 2, 6), 2),
    _layer_case((1, 3, 3, 3), (3, 3, 1, 6), 3),
    _layer_case((1, 4, 4, 2), (1, 1, 2, 3), 1),
)


def _grouped(images, kernel, bias, groups):
    return reference.conv2d(images, kernel, bias, padding="same", groups=groups)


def _shuffle(channels_last, groups):
    shape = channels_last.shape
    return channels_last.reshape(*shape[:-1], groups, -1).swapaxes(-1, -2).reshape(shape)


def _shuffled(images, kernel, bias, groups, padding="same"):
    return _shuffle(reference.conv2d(images, kernel, bias, padding=padding, groups=groups), groups)


def _first(array, groups):
    """The first group's part of the last axis, for every group."""
    return np.concatenate([np.split(array, groups, axis=-1)[0]] * groups, axis=-1)


LAYER = Exercise(
    "16.4",
    title="A grouped layer with a shuffle",
    stars=2,
    cases=LAYER_CASES,
    expected=_shuffled,
    mistakes=(
        Mistake(_grouped, "the grouped convolution is right, but the channels are not shuffled"),
        Mistake(
            lambda x, k, b, g: _shuffle(_grouped(x, k, b, g), len(b) // g),
            "this is the inverse shuffle: is the first axis of the two the groups, or the channels of a group?",
        ),
        Mistake(
            lambda x, k, b, g: _grouped(_shuffle(x, g), k, b, g),
            "the input is shuffled in place of the output",
        ),
        Mistake(
            lambda x, k, b, g: _shuffled(_shuffle(x, g), k, b, g),
            "the input is shuffled, too: only the output is to be",
        ),
        Mistake(
            lambda x, k, b, g: _shuffled(x, _first(k, g), b, g),
            "all groups get the kernels of the first: split the kernel, too",
        ),
        Mistake(
            lambda x, k, b, g: _shuffled(x, k, _first(b, g), g),
            "all groups get the biases of the first: split the bias, too",
        ),
        Mistake(lambda x, k, b, g: _shuffled(x, k, 0 * b, g), "the biases are missing"),
        Mistake(
            lambda x, k, b, g: _shuffled(x, k, 0 * b, g) + b,
            "the biases are added after the shuffle: each belongs to a channel, and that has moved",
        ),
        Mistake(
            lambda *case: _shuffled(*case, padding="valid"),
            "the maps are smaller than the images: the padding is 'same'",
        ),
    ),
    idea="the three steps in their order: the parts of images, kernel and bias, the convolutions, the new order",
    hints=(
        "Split the images by input channel, and kernel and bias by output channel, into groups parts each.",
        "Convolve part by part and concatenate along the channels: that is the grouped layer.",
        "For the shuffle reshape the channels to (groups, channels of a group), swap these two axes, flatten them.",
    ),
)

EXERCISES = (READ, BLOCK, CUT, LAYER)
