"""The checks of notebook 16: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises, models, reference
from cnncourse.exercises import notebook_16
from tests.verdicts import assert_correct, assert_wrong

IDS = ["16.1", "16.2", "16.3", "16.4"]


def blank_function(*arguments):
    """What an answer is before it is written."""
    ...


@pytest.mark.parametrize("exercise_id", IDS)
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_function_without_return_is_told_so(exercise_id):
    assert_wrong(exercise_id, lambda *arguments: print(arguments), "does every path end with `return`")


@pytest.mark.parametrize("exercise_id", IDS)
def test_no_hint_gives_the_code_away(exercise_id):
    for hint in exercises.find(exercise_id).hints:
        assert not any(sign in hint for sign in ("//", "return", "np.", "range("))


# 16.1, which inputs it reads


def read_by_arange(output, channels_in, channels_out, groups):
    return np.arange(channels_in).reshape(groups, -1)[output // (channels_out // groups)]


def read_by_formula(output, channels_in, channels_out, groups):
    first = output * groups // channels_out * (channels_in // groups)
    return tuple(first + m for m in range(channels_in // groups))


def read_by_trying(output, channels_in, channels_out, groups):
    """The inputs that change the output when they alone are 1."""
    kernel = np.ones((1, 1, channels_in // groups, channels_out))
    images = np.eye(channels_in).reshape(channels_in, 1, 1, channels_in)
    return np.flatnonzero(reference.conv2d(images, kernel, groups=groups)[:, 0, 0, output])


@pytest.mark.parametrize("answer", [read_by_arange, read_by_formula, read_by_trying])
def test_the_inputs_are_right_in_every_form(answer):
    assert_correct("16.1", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (
            lambda o, i, c, g: range(o // (i // g) * (i // g), o // (i // g) * (i // g) + i // g),
            "with the width of the input groups",
        ),
        (lambda o, i, c, g: [o % g * (i // g) + m for m in range(i // g)], "dealt out to the groups in turn"),
        (lambda o, i, c, g: [o // g * (i // g) + m for m in range(i // g)], "divided by the number of groups"),
        (lambda o, i, c, g: np.arange(c).reshape(g, -1)[o // (c // g)], "the output channels of the group"),
        (lambda o, i, c, g: np.arange(i).reshape(-1, g)[:, o // (c // g)], "taken from all over"),
        (lambda o, i, c, g: [m for m in range(i) if m % g == o % g], "dealt out in turn, as by a shuffle"),
        (lambda o, i, c, g: [m for m in range(i) if m * g // c == o * g // c], "the width of the output groups"),
        (lambda o, i, c, g: [o * i // c + m for m in range(i // g)], "a start of its own"),
        (lambda o, i, c, g: list(range(i)), "the groups have no effect"),
        (lambda o, i, c, g: read_by_arange(o, i, c, g) + 1, "counted from 1"),
        (lambda o, i, c, g: [o // (c // g) * (i // g)], "only the first channel of the group"),
        (lambda o, i, c, g: read_by_arange(o, i, c, g)[::-1], "look again at how many output channels"),
        ([2, 3], "expected the function itself"),
    ],
)
def test_the_inputs_name_the_mistake(answer, phrase):
    assert_wrong("16.1", answer, phrase)


# 16.2, weights of a ResNeXt block


def weights_by_keras(channels, cardinality, group_width):
    width = cardinality * group_width
    x = keras.Input((8, 8, channels))
    y = keras.layers.Conv2D(width, 1, use_bias=False)(x)
    y = keras.layers.Conv2D(width, 3, groups=cardinality, use_bias=False)(y)
    return keras.Model(x, keras.layers.Conv2D(channels, 1, use_bias=False)(y)).count_params()


def weights_group_by_group(channels, cardinality, group_width):
    return sum(2 * channels * group_width + 9 * group_width**2 for _ in range(cardinality))


@pytest.mark.parametrize(
    "answer",
    [weights_by_keras, weights_group_by_group, lambda *case: float(weights_group_by_group(*case))],
)
def test_the_weights_of_a_block_are_right_in_every_form(answer):
    assert_correct("16.2", answer)


def test_what_is_expected_is_what_the_courses_resnext_has():
    net = models.outline("resnext50_32x4d")
    convolutions = [net.get_layer(f"stage1_block2_conv{k}") for k in (1, 2, 3)]
    assert notebook_16.BLOCK.expected(256, 32, 4) == sum(layer.count_params() for layer in convolutions) == 70_144


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda c, g, d: 2 * c * g * d + 9 * g * g * d, "are exchanged: 32x4d"),
        (lambda c, g, d: 2 * c * g * d + 9 * (g * d) ** 2, "the 3x3 reads all channels here"),
        (lambda c, g, d: 2 * c * d + 9 * d * d, "this is one group alone"),
        (lambda c, g, d: 2 * c * g * d + 9 * d * d, "only one group's part of the 3x3"),
        (lambda c, g, d: 9 * g * d * d, "the two 1x1 layers are missing"),
        (lambda c, g, d: c * g * d + 9 * g * d * d, "one 1x1 layer is missing"),
        (lambda c, g, d: (c + 1) * g * d + (9 * d + 1) * g * d + (g * d + 1) * c, "biases are counted too"),
        (lambda c, g, d: 2 * c * g * d + g * d * d, "it is a 3x3"),
        (lambda c, g, d: 2 * c * g * d + 3 * g * d * d, "3 rows of 3"),
        (lambda c, g, d: 2 * c * g * d + 9 * g * d, "reads all channels of its group"),
        (lambda c, g, d: 2 * c * d + 9 * g * d * d, "the 1x1 layers are divided by the groups, too"),
        (lambda c, g, d: weights_group_by_group(c, g, d) + 1, "look again at how many channels the 3x3 has"),
    ],
)
def test_the_weights_of_a_block_name_the_mistake(answer, phrase):
    assert_wrong("16.2", answer, phrase)


# 16.3, cut the blocks out


def cut_by_loops(dense, groups):
    rows, columns, channels_in, channels_out = dense.shape
    kernel = np.empty((rows, columns, channels_in // groups, channels_out))
    for o in range(channels_out):
        for m in range(channels_in // groups):
            kernel[:, :, m, o] = dense[:, :, o * groups // channels_out * (channels_in // groups) + m, o]
    return kernel


def cut_by_reshape(dense, groups):
    rows, columns, channels_in, channels_out = dense.shape
    blocks = dense.reshape(rows, columns, groups, channels_in // groups, groups, channels_out // groups)
    return np.einsum("ijgmgo->ijmgo", blocks).reshape(rows, columns, channels_in // groups, channels_out)


@pytest.mark.parametrize("answer", [cut_by_loops, cut_by_reshape])
def test_the_blocks_are_right_in_every_form(answer):
    assert_correct("16.3", answer)


def blocks_of(dense, groups):
    width_in, width_out = dense.shape[2] // groups, dense.shape[3] // groups
    return [dense[:, :, q * width_in : (q + 1) * width_in, q * width_out : (q + 1) * width_out] for q in range(groups)]


def mirrored(dense, groups):
    parts = [blocks_of(dense[:, :, ::-1], groups)[q][:, :, ::-1] for q in range(groups)]
    return np.concatenate(parts, axis=3)


def zeros_kept(dense, groups):
    kernel = np.zeros_like(dense)
    for m in range(dense.shape[2]):
        for o in range(dense.shape[3]):
            if m * groups // dense.shape[2] == o * groups // dense.shape[3]:
                kernel[:, :, m, o] = dense[:, :, m, o]
    return kernel


def columns_of_the_inputs(dense, groups):
    starts = range(0, dense.shape[2], dense.shape[2] // groups)
    ends = [start + dense.shape[2] // groups for start in starts]
    return np.concatenate([dense[:, :, a:b, a:b] for a, b in zip(starts, ends, strict=True)], axis=3)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda dense, groups: dense[:, :, : dense.shape[2] // groups, :], "all groups get the rows of the first"),
        (lambda dense, groups: np.concatenate(blocks_of(dense, groups), axis=-2), "one below the other"),
        (
            lambda dense, groups: np.concatenate([dense[:, :, q::groups, q::groups] for q in range(groups)], -1),
            "channels are taken in turn",
        ),
        (mirrored, "the other diagonal"),
        (
            lambda dense, groups: dense.reshape(*dense.shape[:2], groups, -1, dense.shape[3]).sum(axis=2),
            "is added in: it is to be thrown away",
        ),
        (zeros_kept, "the zeros are kept"),
        (columns_of_the_inputs, "cut by the width of the input groups"),
        (lambda dense, groups: np.array(blocks_of(dense, groups)), "put on a new axis"),
        (lambda dense, groups: 2 * cut_by_loops(dense, groups), "look again at in which rows and columns"),
    ],
)
def test_the_blocks_name_the_mistake(answer, phrase):
    assert_wrong("16.3", answer, phrase)


# 16.4, a grouped layer with a shuffle


def order(channels, groups):
    return [g * (channels // groups) + k for k in range(channels // groups) for g in range(groups)]


def layer_by_split(images, kernel, bias, groups):
    parts = zip(np.split(images, groups, -1), np.split(kernel, groups, -1), np.split(bias, groups), strict=True)
    joined = np.concatenate([reference.conv2d(x, w, b, padding="same") for x, w, b in parts], axis=-1)
    return joined[..., order(len(bias), groups)]


def layer_by_shuffled_kernels(images, kernel, bias, groups):
    """Dense, with the kernels and biases themselves in the new order."""
    width = images.shape[3] // groups
    dense = np.zeros((*kernel.shape[:2], images.shape[3], len(bias)))
    for o in range(len(bias)):
        first = o * groups // len(bias) * width
        dense[:, :, first : first + width, o] = kernel[..., o]
    new = order(len(bias), groups)
    return reference.conv2d(images, dense[..., new], bias[new], padding="same")


@pytest.mark.parametrize("answer", [layer_by_split, layer_by_shuffled_kernels])
def test_the_layer_is_right_in_every_form(answer):
    assert_correct("16.4", answer)


def with_steps(*, before=None, after=None, padding="same", bias_after=False, no_bias=False):
    """A layer with its mistakes to choose: what reorders the input, and what the output."""

    def answer(images, kernel, bias, groups):
        if before:
            images = images[..., before(images.shape[3], groups)]
        own = None if bias_after or no_bias else bias
        y = reference.conv2d(images, kernel, own, padding=padding, groups=groups)
        if after:
            y = y[..., after(len(bias), groups)]
        return y + bias if bias_after else y

    return answer


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (with_steps(), "the channels are not shuffled"),
        (with_steps(after=lambda channels, groups: order(channels, channels // groups)), "the inverse shuffle"),
        (with_steps(before=order), "the input is shuffled in place of the output"),
        (with_steps(before=order, after=order), "the input is shuffled, too"),
        (
            lambda x, k, b, g: layer_by_split(x, np.tile(k[..., : len(b) // g], g), b, g),
            "all groups get the kernels of the first",
        ),
        (
            lambda x, k, b, g: layer_by_split(x, k, np.tile(b[: len(b) // g], g), g),
            "all groups get the biases of the first",
        ),
        (with_steps(after=order, no_bias=True), "the biases are missing"),
        (with_steps(after=order, bias_after=True), "the biases are added after the shuffle"),
        (with_steps(after=order, padding="valid"), "the padding is 'same'"),
        (with_steps(after=lambda channels, groups: list(range(channels))[::-1]), "look again at the three steps"),
    ],
)
def test_the_layer_names_the_mistake(answer, phrase):
    assert_wrong("16.4", answer, phrase)
