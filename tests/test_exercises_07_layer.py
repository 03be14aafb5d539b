"""The check of exercise 7.3: right layers in several forms, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, reference
from cnncourse.exercises.general_layer import LAYER_CASES
from tests.verdicts import assert_correct, assert_wrong


def zeros(size, k, s, d):
    return arithmetic.same_padding(size, k, stride=s, dilation=d)


def layer(images, kernel, bias, stride, padding, dilation, groups):
    return reference.conv2d(images, kernel, bias, stride=stride, padding=padding, dilation=dilation, groups=groups)


def by_matrix(images, kernel, bias, *settings):
    names = ("stride", "padding", "dilation", "groups")
    return reference.conv2d_matrix(images, kernel, bias, **dict(zip(names, settings, strict=True)))


def surrounded(images, kernel, stride, padding, dilation):
    """The images with the zeros that the padding puts around them."""
    pads = [(0, 0), (0, 0)]
    if padding == "same":
        pads = [zeros(images.shape[k + 1], kernel.shape[k], stride[k], dilation[k]) for k in (0, 1)]
    return np.pad(images, [(0, 0), *pads, (0, 0)])


def group_after_group(images, kernel, bias, stride, padding, dilation, groups):
    """Each group as a layer of its own; stride as a choice among the outputs where no padding hinders it."""
    channels_in, channels_out = np.split(images, groups, axis=3), np.split(kernel, groups, axis=3)
    outputs = [
        reference.conv2d(surrounded(x, w, stride, padding, dilation), w, dilation=dilation)[
            :, :: stride[0], :: stride[1]
        ]
        for x, w in zip(channels_in, channels_out, strict=True)
    ]
    return np.concatenate(outputs, axis=3) + bias


@pytest.mark.parametrize(
    "answer",
    [
        layer,
        by_matrix,
        group_after_group,
        lambda *case: layer(*case).astype("float32"),
        lambda *case: keras.ops.convert_to_tensor(layer(*case)),
        lambda *case: layer(*case).tolist(),
    ],
)
def test_the_layer_is_right_in_every_form(answer):
    assert_correct("07.3", answer)


def padded_by(rule):
    """The right layer but for the zeros of "same", from a function of (size, k, s, d)."""

    def answer(images, kernel, bias, stride, padding, dilation, groups):
        if padding == "same":
            pads = [rule(images.shape[k + 1], kernel.shape[k], stride[k], dilation[k]) for k in (0, 1)]
            images = np.pad(images, [(0, 0), *pads, (0, 0)])
        return layer(images, kernel, bias, stride, "valid", dilation, groups)

    return answer


def reading_channels(channels):
    """The right layer but for the input channels of output channel o, from a function of (o, C_in / G, C_out, G)."""

    def answer(images, kernel, bias, stride, padding, dilation, groups):
        outputs = [
            layer(
                images[..., channels(o, kernel.shape[2], kernel.shape[3], groups)],
                kernel[..., o : o + 1],
                bias[o : o + 1],
                stride,
                padding,
                dilation,
                1,
            )
            for o in range(kernel.shape[3])
        ]
        return np.concatenate(outputs, axis=3)

    return answer


def top_left_of_stride_1(images, kernel, bias, stride, padding, dilation, groups):
    """A stride that is used for the shape and forgotten in the index."""
    shape = layer(images, kernel, bias, stride, padding, dilation, groups).shape
    images = surrounded(images, kernel, stride, padding, dilation)
    return layer(images, kernel, bias, (1, 1), "valid", dilation, groups)[:, : shape[1], : shape[2]]


def without_a_guard(images, kernel, bias, stride, padding, dilation, groups):
    """Index for index; indices beyond the image are left out, negative ones count from the end."""
    output = np.zeros(layer(images, kernel, bias, stride, padding, dilation, groups).shape) + bias
    sizes, (top, left) = images.shape[1:3], (0, 0)
    if padding == "same":
        top, left = (zeros(sizes[k], kernel.shape[k], stride[k], dilation[k])[0] for k in (0, 1))
    for r, c, o, i, j in np.ndindex(*output.shape[1:], *kernel.shape[:2]):
        row, column = r * stride[0] + i * dilation[0] - top, c * stride[1] + j * dilation[1] - left
        if row < sizes[0] and column < sizes[1]:
            first = o * groups // len(bias) * kernel.shape[2]
            output[:, r, c, o] += images[:, row, column, first : first + kernel.shape[2]] @ kernel[i, j, :, o]
    return output


def gaps_forgotten(images, kernel, bias, stride, padding, dilation, groups):
    """A dilation that is used for shape and padding and forgotten in the index: the weights lie side by side."""
    narrow = np.zeros([d * (k - 1) + 1 for d, k in zip(dilation, kernel.shape, strict=False)] + [*kernel.shape[2:]])
    narrow[: kernel.shape[0], : kernel.shape[1]] = kernel
    return layer(images, narrow, bias, stride, padding, (1, 1), groups)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda x, w, b, *rest: layer(x, w, 0 * b, *rest), "the bias is missing"),
        (lambda x, w, b, *rest: layer(x, w, w.shape[0] * w.shape[1] * b, *rest), "once for each element"),
        (lambda x, w, b, *rest: layer(x, w, w.shape[2] * b, *rest), "once for each input channel"),
        (lambda x, w, b, *rest: layer(x, w, np.full(len(b), b[0]), *rest), "one number of the bias"),
        (lambda *case: layer(*case).clip(0), "no activation"),
        (lambda x, *rest: layer(x[:1], *rest), "the first image alone"),
        (top_left_of_stride_1, "the outputs are neighbours"),
        (lambda x, w, b, s, *rest: layer(x, w, b, (1, 1), *rest), "the stride has no effect"),
        (gaps_forgotten, "without gaps"),
        (lambda x, w, b, s, p, d, g: layer(x, w, b, s, p, (1, 1), g), "the dilation has no effect"),
        (lambda x, w, b, s, p, d, g: layer(x, w, b, d, p, s, g), "stride and dilation are exchanged"),
        (lambda x, w, b, s, p, d, g: layer(x, w, b, s[::-1], p, d[::-1], g), "rows and columns are exchanged"),
        (lambda x, w, b, s, p, d, g: layer(x, w, b, s[:1] * 2, p, d[:1] * 2, g), "used for both axes"),
        (lambda x, w, b, s, *rest: layer(x, w, b, s[::-1], *rest), "the two numbers of the stride"),
        (padded_by(lambda n, k, s, d: (0, 0)), "'same' adds no zeros"),
        (padded_by(lambda *setting: zeros(*setting)[::-1]), "on top or on the left"),
        (padded_by(lambda n, k, s, d: zeros(n, k, 1, d)), "those for stride 1"),
        (padded_by(lambda n, k, s, d: (k // 2, k // 2)), "adds k // 2 zeros on each side"),
        (padded_by(lambda n, k, s, d: (d * (k - 1) // 2, d * (k - 1) // 2)), "alike on both sides"),
        (without_a_guard, "row -1 is read as the last row"),
        (lambda x, w, *rest: layer(x, np.flip(w, (0, 1)), *rest), "the kernel is flipped"),
        (lambda x, w, *rest: layer(x, np.swapaxes(w, 0, 1), *rest), "the kernel is transposed"),
        (reading_channels(lambda o, width, out, g: slice(0, width)), "the first group's input channels"),
        (reading_channels(lambda o, width, out, g: slice(o % g * width, (o % g + 1) * width)), "take turns"),
        (reading_channels(lambda o, width, out, g: slice(o * g // out, None, g)), "lie apart"),
        (reading_channels(lambda o, w, out, g: slice(o * g // out * g, o * g // out * g + w)), "number of groups"),
        (lambda *case: layer(*case)[..., ::-1], "look again at the general formula"),
        (lambda x, w, *rest: layer(x[:, ::-1], w, *rest), "look again at the general formula"),
        (lambda *case: layer(*case).transpose(0, 3, 1, 2), "expected an array of shape"),
    ],
)
def test_the_layer_names_the_mistake(answer, phrase):
    assert_wrong("07.3", answer, phrase)


def test_no_two_lengths_of_a_case_can_be_exchanged_unnoticed():
    for images, kernel, bias, stride, _, dilation, groups in LAYER_CASES:
        assert images.shape[1] != images.shape[2]
        assert kernel.shape[0] != kernel.shape[1]
        assert images.shape[3] != kernel.shape[3] == len(bias)
        assert stride[0] != stride[1] or stride == (1, 1)
        assert dilation[0] != dilation[1] or dilation == (1, 1)
        assert kernel.shape[2] * groups == images.shape[3]
    paddings = [case[4] for case in LAYER_CASES]
    assert set(paddings) == {"valid", "same"}
    assert {case[6] for case in LAYER_CASES} >= {1, 2, 3}


def test_a_wrong_setting_of_one_kind_is_seen_in_a_case_with_nothing_else():
    """For stride, padding, dilation and groups there is a case in which the others are at rest."""
    rest = ((1, 1), "valid", (1, 1), 1)
    for kind in (0, 2, 3):
        assert any(
            case[3:][kind] != rest[kind] and all(case[3:][k] == rest[k] for k in range(4) if k != kind)
            for case in LAYER_CASES
        )
