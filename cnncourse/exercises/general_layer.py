"""Exercise 7.3, the whole layer in NumPy: its cases, and the ways in which a layer goes wrong."""

import numpy as np

from cnncourse import arithmetic, reference

from .engine import Exercise, Mistake

NAMES = ("images", "kernel", "bias", "stride", "padding", "dilation", "groups")


def _case(seed, images, kernel, stride, padding, dilation, groups):
    """Arguments of the layer with whole numbers in its arrays; no bias and no weight is zero."""
    random = np.random.default_rng(seed)
    kernel = random.choice([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0], kernel)
    bias = random.permutation(np.arange(20.0, 20 + kernel.shape[3]))
    return random.integers(-4, 5, images).astype(float), kernel, bias, stride, padding, dilation, groups


LAYER_CASES = (
    _case(1, (2, 5, 7, 3), (3, 2, 3, 4), (1, 1), "valid", (1, 1), 1),
    _case(2, (1, 9, 11, 2), (3, 2, 2, 3), (2, 3), "valid", (1, 1), 1),
    _case(3, (1, 8, 7, 2), (3, 4, 2, 3), (2, 1), "same", (1, 1), 1),
    _case(4, (1, 10, 9, 2), (3, 2, 2, 1), (1, 1), "valid", (2, 3), 1),
    _case(5, (1, 4, 5, 12), (2, 1, 4, 6), (1, 1), "valid", (1, 1), 3),
    _case(6, (2, 9, 10, 6), (2, 3, 3, 4), (3, 2), "same", (1, 2), 2),
)


def _expected_layer(images, kernel, bias, stride, padding, dilation, groups):
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    return reference.conv2d_loops(images, kernel, bias, **settings)


def _zeros(size, kernel_size, stride, dilation):
    return arithmetic.same_padding(size, kernel_size, stride=stride, dilation=dilation)


def _steps(out, element, stride, dilation):
    return out * stride + element * dilation


def _group_by_group(o, m, group_in, group_out, groups):
    return o // group_out * group_in + m


def _layer(zeros=_zeros, before="constant", reads=_steps, channels=_group_by_group):
    """A layer that may go wrong in its padding, or in the pixels or the channels that it reads."""

    def layer(images, kernel, bias, stride, padding, dilation, groups):
        pads, places = [(0, 0)], []
        for axis in (0, 1):
            setting = images.shape[axis + 1], kernel.shape[axis], stride[axis], dilation[axis]
            pads.append(zeros(*setting) if padding == "same" else (0, 0))
            steps = {"stride": stride[axis], "dilation": dilation[axis]}
            outputs = arithmetic.output_size(*setting[:2], padding=pads[-1], **steps)
            elements = np.arange(kernel.shape[axis])
            places.append(reads(np.arange(outputs)[:, None], elements, stride[axis], dilation[axis]))
        padded = np.pad(images, [*((first, 0) for first, _ in pads), (0, 0)], mode=before)
        padded = np.pad(padded, [*((0, last) for _, last in pads), (0, 0)])
        windows = padded[:, places[0]][:, :, :, places[1]]  # (N, H', kh, W', kw, C_in)
        group_in, group_out = kernel.shape[2], kernel.shape[3] // groups
        o, m = np.arange(kernel.shape[3])[:, None], np.arange(group_in)
        read = windows[..., channels(o, m, group_in, group_out, groups)]  # (N, H', kh, W', kw, C_out, C_in / G)
        return np.einsum("nricjom,ijmo->nrco", read, kernel) + bias

    return layer


def _with(**changed):
    """The right layer, called with changed arguments: for each name a function of all the arguments."""

    def layer(*case):
        arguments = dict(zip(NAMES, case, strict=True))
        return _expected_layer(**arguments | {name: change(arguments) for name, change in changed.items()})

    return layer


LAYER = Exercise(
    "07.3",
    title="The general layer",
    stars=3,
    cases=LAYER_CASES,
    expected=_expected_layer,
    mistakes=(
        Mistake(
            _with(bias=lambda a: 0 * a["bias"]),
            "the bias is missing: each output channel adds a number of its own",
        ),
        Mistake(
            _with(bias=lambda a: a["kernel"][..., 0, 0].size * a["bias"]),
            "the bias is added once for each element of the kernel: it stands outside the sum",
        ),
        Mistake(
            _with(bias=lambda a: a["kernel"].shape[2] * a["bias"]),
            "the bias is added once for each input channel: it stands outside the sum over the channels",
        ),
        Mistake(
            _with(bias=lambda a: 0 * a["bias"] + a["bias"][0]),
            "one number of the bias is added to all output channels: each has a number of its own",
        ),
        Mistake(
            lambda *case: np.maximum(_expected_layer(*case), 0),
            "negative outputs have become 0: this layer has no activation",
        ),
        Mistake(
            _with(images=lambda a: a["images"][:1]),
            "this is the output of the first image alone: the layer does the same to each image of the batch",
        ),
        Mistake(
            _layer(reads=lambda out, element, s, d: out + element * d),
            "the outputs are neighbours on the input: the stride is the step from one output's window to the next",
        ),
        Mistake(
            _with(stride=lambda a: (1, 1)),
            "the stride has no effect: it is the step from one output's window to the next",
        ),
        Mistake(
            _layer(reads=lambda out, element, s, d: out * s + element),
            "each window is read without gaps: dilation is the distance between neighbouring kernel elements",
        ),
        Mistake(
            _with(dilation=lambda a: (1, 1)),
            "the dilation has no effect: it is the distance between neighbouring kernel elements",
        ),
        Mistake(
            _with(stride=lambda a: a["dilation"], dilation=lambda a: a["stride"]),
            "stride and dilation are exchanged: which of them belongs to the output's index, which to the kernel's?",
        ),
        Mistake(
            _with(stride=lambda a: a["stride"][::-1], dilation=lambda a: a["dilation"][::-1]),
            "the settings of rows and columns are exchanged: the first number of a pair belongs to the rows",
        ),
        Mistake(
            _with(stride=lambda a: a["stride"][0], dilation=lambda a: a["dilation"][0]),
            "the first number of each pair is used for both axes: the second belongs to the columns",
        ),
        Mistake(
            _with(stride=lambda a: a["stride"][::-1]),
            "the two numbers of the stride are exchanged: the first belongs to the rows",
        ),
        Mistake(
            _with(padding=lambda a: "valid"),
            "'same' adds no zeros here: surround the images before you slide the kernel",
        ),
        Mistake(
            _layer(zeros=lambda *setting: _zeros(*setting)[::-1]),
            "with 'same' an odd zero lies on top or on the left: Keras puts it at the bottom and on the right",
        ),
        Mistake(
            _layer(zeros=lambda size, k, s, d: _zeros(size, k, 1, d)),
            "the zeros of 'same' are those for stride 1: with a stride it may need fewer",
        ),
        Mistake(
            _layer(zeros=lambda size, k, s, d: (k // 2, k // 2)),
            "'same' adds k // 2 zeros on each side here: Keras counts what the windows need (exercise 7.2)",
        ),
        Mistake(
            _layer(zeros=lambda size, k, s, d: (d * (k - 1) // 2,) * 2),
            "the zeros of 'same' are alike on both sides: Keras puts an odd one after, and needs fewer with a stride",
        ),
        Mistake(
            _layer(before="wrap"),
            "row -1 is read as the last row, as NumPy counts: outside the image x is 0",
        ),
        Mistake(
            _with(kernel=lambda a: a["kernel"][::-1, ::-1]),
            "the kernel is flipped: the layer computes correlation",
        ),
        Mistake(
            _with(kernel=lambda a: a["kernel"].transpose(1, 0, 2, 3)),
            "the kernel is transposed: its first axis runs along the image's rows",
        ),
        Mistake(
            _layer(channels=lambda o, m, group_in, group_out, groups: 0 * o + m),
            "all output channels read the first group's input channels: each reads those of its own group",
        ),
        Mistake(
            _layer(channels=lambda o, m, group_in, group_out, groups: o % groups * group_in + m),
            "the output channels take turns between the groups: they lie group by group",
        ),
        Mistake(
            _layer(channels=lambda o, m, group_in, group_out, groups: o // group_out + m * groups),
            "the input channels of a group lie apart here: they are neighbours",
        ),
        Mistake(
            _layer(channels=lambda o, m, group_in, group_out, groups: o // group_out * groups + m),
            "the number of groups is taken for the number of input channels in one group",
        ),
    ),
    idea="the general formula: which row, column and channel of the input lies under weight [i, j, m, o]?",
    hints=(
        "Pad the images first with np.pad. Then no index lies outside, and the padding is gone from the formula.",
        "Loop over i, j and o. One weight vector kernel[i, j, :, o] meets a slice of rows, columns and channels.",
        "The slice starts at i times the dilation, has the stride as its step, and must hold H' rows.",
        "The channels of output channel o start at its group's number times C_in / G; kernel.shape[2] is C_in / G.",
    ),
)
