"""The checks of notebook 04: right answers in every form, and each typical mistake with its own message."""

import itertools

import keras
import numpy as np
import pytest

from cnncourse import exercises, reference
from cnncourse.exercises import notebook_04
from tests.verdicts import assert_correct, assert_wrong


def blank_function(image, kernel, bias):
    """Valid output (H', W') of a kernel (kh, kw, C) and a bias on an image (H, W, C)."""
    ...


@pytest.mark.parametrize("exercise_id", ["04.1", "04.2", "04.3"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 04.1, one output pixel by hand

IMAGE, KERNEL, BIAS = notebook_04.BY_HAND_IMAGE, notebook_04.BY_HAND_KERNEL, notebook_04.BY_HAND_BIAS
WINDOW = IMAGE[0:2, 1:3]


@pytest.mark.parametrize("answer", [5, 5.0, np.int64(5), np.float32(5), np.array(5), keras.ops.array(5)])
def test_by_hand_is_right_in_every_form(answer):
    assert_correct("04.1", answer)


def test_by_hand_expects_what_the_reference_computes():
    output = reference.conv2d(IMAGE[np.newaxis], KERNEL[..., np.newaxis], [BIAS])[0, :, :, 0]
    assert output.shape == (1, 2)
    assert output[0, 1] == notebook_04.BY_HAND.expected


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ((WINDOW * KERNEL).sum(), "lacks the bias"),
        ((WINDOW * KERNEL).sum() + 3 * BIAS, "once for each channel"),
        ((IMAGE[0:2, 0:2] * KERNEL).sum() + BIAS, "pixel [0, 0]"),
        ((WINDOW * KERNEL[::-1, ::-1]).sum() + BIAS, "kernel flipped"),
        ((WINDOW * KERNEL)[..., 0].sum() + BIAS, "red channel alone"),
        ((WINDOW * KERNEL).sum() / 3 + BIAS, "mean over the channels"),
        ((WINDOW * KERNEL).mean() + BIAS, "mean of the twelve"),
        (sum((WINDOW[..., m] @ KERNEL[..., m]).sum() for m in range(3)) + BIAS, "product of matrices"),
        ([5], "without brackets"),
        ((WINDOW * KERNEL).sum(axis=(0, 1)), "and the bias"),
        ((WINDOW * KERNEL).sum(axis=(0, 1)) + BIAS, "bias added once"),
        (17, "look again at which window"),
    ],
)
def test_by_hand_names_the_mistake(answer, phrase):
    assert_wrong("04.1", answer, phrase)


@pytest.mark.parametrize("answer", [0, 1, -5, 100, "five"])
def test_by_hand_never_gives_the_answer_away(answer):
    assert "5" not in exercises.verdict("04.1", answer).message.replace(str(answer), "")


# 04.2, colour from single channels


def with_reference(image, kernel, bias):
    return reference.conv2d(image[np.newaxis], kernel[..., np.newaxis], [bias])[0, :, :, 0]


def with_windows(image, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)[:, :, 0]
    return (windows * kernel).sum(axis=(2, 3, 4)) + bias


def with_a_loop(image, kernel, bias):
    output = bias
    for m in range(image.shape[-1]):
        output = output + reference.correlate(image[:, :, m], kernel[:, :, m])
    return output


def with_keras(image, kernel, bias):
    layer = keras.layers.Conv2D(1, kernel.shape[:2])
    layer.build((None, *image.shape))
    layer.set_weights([kernel[..., np.newaxis], np.array([bias])])
    return layer(image[np.newaxis])[0, :, :, 0]


@pytest.mark.parametrize(
    "answer", [with_reference, with_windows, with_a_loop, with_keras, lambda *case: with_windows(*case).tolist()]
)
def test_colour_is_right_in_every_form(answer):
    assert_correct("04.2", answer)


def three_maps(image, kernel, bias):
    maps = [reference.correlate(image[..., m], kernel[..., m]) + bias for m in range(image.shape[2])]
    return np.stack(maps, axis=-1)


def overwriting(image, kernel, bias):
    for m in range(image.shape[2]):
        output = reference.correlate(image[..., m], kernel[..., m])
    return output + bias


def bias_inside(image, kernel, bias):
    return sum(reference.correlate(image[..., m], kernel[..., m]) + bias for m in range(image.shape[2]))


def three_channels_always(image, kernel, bias):
    return sum(reference.correlate(image[..., m], kernel[..., m]) for m in range(3)) + bias


def one_slice_for_all(image, kernel, bias):
    return sum(reference.correlate(image[..., m], kernel[..., 0]) for m in range(image.shape[-1])) + bias


def channels_first(image, kernel, bias):
    return sum(reference.correlate(image[m], kernel[m]) for m in range(image.shape[-1])) + bias


def still_a_batch(image, kernel, bias):
    return reference.conv2d(image[np.newaxis], kernel[..., np.newaxis], [bias])


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (three_maps, "this is a map for each channel: "),
        (lambda *case: np.moveaxis(three_maps(*case), -1, 0), "on the first axis"),
        (bias_inside, "once for each channel"),
        (lambda image, kernel, bias: with_windows(image, kernel, 0), "lacks the bias"),
        (lambda image, kernel, bias: with_windows(image, kernel, 0) / kernel.shape[-1] + bias, "mean over the"),
        (lambda image, kernel, bias: with_windows(image[:, :, ::-1], kernel, bias), "opposite order"),
        (lambda image, kernel, bias: with_windows(image, kernel[::-1, ::-1], bias), "flips the kernel"),
        (lambda image, kernel, bias: reference.correlate(image[..., 0], kernel[..., 0]) + bias, "only the first"),
        (overwriting, "only the last"),
        (
            lambda image, kernel, bias: reference.correlate(image.sum(-1), kernel.sum(-1)) + bias,
            "share their weights",
        ),
        (three_channels_always, "take their number from the image's shape"),
        (lambda image, kernel, bias: with_windows(image[..., :3], kernel[..., :3], bias), "only three channels have"),
        (one_slice_for_all, "meets the first slice"),
        (channels_first, "the channels stand on the last axis"),
        (still_a_batch, "still a batch of one image"),
        (lambda *case: still_a_batch(*case)[0], "a last axis of length 1"),
        (lambda *case: 2 * with_windows(*case), "look again at the sum over the channels: which axis"),
        (lambda *case: print(with_windows(*case)), "does every path end with `return`"),
        (with_windows(*notebook_04.CASES[0]), "expected the function itself"),
    ],
)
def test_colour_names_the_mistake(answer, phrase):
    assert_wrong("04.2", answer, phrase)


# 04.3, a kernel for red


@pytest.mark.parametrize(
    "answer",
    [
        ([2, -1, -1], 0),
        [[1, -0.5, -0.5], 0.0],
        ((3, -1, -2), 0),
        (np.array([0.701, -0.587, -0.114]), 0),
        (np.array([2, -1, -1], "float32") / 7, np.zeros(1)),
        (np.array([2.0, -1, -1]).reshape(1, 1, 3, 1), np.zeros(1)),
        (keras.ops.array([2.0, -1, -1]), 0),
        (1e-9 * np.array([2, -1, -1]), 0),
        (1e9 * np.array([2, -1, -1]), 0),
    ],
)
def test_every_kernel_that_finds_red_is_right(answer):
    assert_correct("04.3", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (([1, 0, 0], 0), "0 to white and grey"),
        (([0.299, 0.587, 0.114], 0), "0 to white and grey"),
        (([1, -1, -1], 0), "0 to white and grey"),
        (([1, -0.5, -0.4], 0), "0 to white and grey"),
        (([1, 0, -1], 0), "a weight below 0"),
        (([1, -2, 1], 0), "a weight below 0"),
        (([-1, -1, 2], 0), "the order of the channels"),
        (([-2, 1, 1], 0), "red is not positive"),
        (([0, 1, -1], 0), "red is not positive"),
        (([2, -1, -1], 0.1), "0 to black"),
        (([1, 0, 0], -1), "0 to black"),
        (([0, 0, 0], 0), "0 to every pixel"),
        (([0, 0, 0], 1), "0 to black"),
        ([2, -1, -1], "three numbers in a list"),
        ([2, -1, -1, 0], "three numbers in a list"),
        (([2, -1], 0), "three numbers in a list"),
        (([2, -1, -1], [0, 0, 0]), "three numbers in a list"),
        (([2, -1, np.nan], 0), "three numbers in a list"),
        (([2, [-1], -1], 0), "three numbers in a list"),
        ((["2", "-1", "-1"], 0), "three numbers in a list"),
        (3, "three numbers in a list"),
        ("red", "three numbers in a list"),
    ],
)
def test_a_kernel_that_does_not_is_wrong_with_its_own_message(answer, phrase):
    assert_wrong("04.3", answer, phrase)


def test_a_blank_inside_the_answer_is_not_attempted():
    assert exercises.verdict("04.3", (..., 0)).status == "not attempted"


def test_the_judge_agrees_with_the_pixels_on_all_small_kernels():
    pixels = np.array([[0, 0, 0], [0.5, 0.5, 0.5], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    right = []
    for weights in itertools.product(range(-3, 4), repeat=3):
        black, grey, white, red, green, blue = pixels @ weights
        is_right = black == grey == white == 0 and red > 0 > max(green, blue)
        assert (exercises.verdict("04.3", (weights, 0)).status == "correct") == is_right
        right += [weights] * bool(is_right)
    assert right == [(2, -1, -1), (3, -2, -1), (3, -1, -2)]
