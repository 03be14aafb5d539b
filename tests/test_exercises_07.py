"""The checks of exercises 7.1 and 7.2: right answers in several forms, each typical mistake with its own message."""

import math

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, exercises
from tests.verdicts import assert_correct, assert_wrong


def blank_shape(height, width, kernel_size, stride, padding, dilation):
    """The pair (H', W')."""
    ...


@pytest.mark.parametrize("exercise_id", ["07.1", "07.2", "07.3"])
@pytest.mark.parametrize("blank", [..., blank_shape])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 07.1, the output shape of a layer


def shape_by_counting(height, width, kernel_size, stride, padding, dilation):
    shape = []
    for size, k, s, d in zip((height, width), kernel_size, stride, dilation, strict=True):
        span = d * (k - 1) + 1
        shape.append(sum(1 for start in range(0, size, s) if padding == "same" or start + span <= size))
    return shape


def shape_by_numpy(height, width, kernel_size, stride, padding, dilation):
    size, k, s, d = map(np.array, ((height, width), kernel_size, stride, dilation))
    if padding == "same":
        return np.ceil(size / s)
    return np.floor((size - d * (k - 1) - 1) / s) + 1


def shape_by_keras(height, width, kernel_size, stride, padding, dilation):
    layer = keras.layers.Conv2D(1, kernel_size, padding=padding, dilation_rate=dilation)
    _, rows, columns, _ = layer.compute_output_shape((None, height, width, 1))
    return math.ceil(rows / stride[0]), math.ceil(columns / stride[1])


@pytest.mark.parametrize("answer", [shape_by_counting, shape_by_numpy, shape_by_keras])
def test_the_shape_is_right_in_every_form(answer):
    assert_correct("07.1", answer)


def shape_of(valid, same):
    def answer(height, width, kernel_size, stride, padding, dilation):
        formula = {"valid": valid, "same": same}[padding]
        return [formula(*setting) for setting in zip((height, width), kernel_size, stride, dilation, strict=True)]

    return answer


def right_valid(size, k, s, d):
    return (size - d * (k - 1) - 1) // s + 1


def right_same(size, k, s, d):
    return math.ceil(size / s)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (shape_of(lambda n, k, s, d: (n - d * (k - 1) - 1) // s, right_same), "one is missing"),
        (shape_of(lambda n, k, s, d: math.ceil((n - d * (k - 1) - 1) / s) + 1, right_same), "rounds up with 'valid'"),
        (shape_of(lambda n, k, s, d: round((n - d * (k - 1) - 1) / s) + 1, right_same), "to the nearest number"),
        (shape_of(lambda n, k, s, d: round((n - d * (k - 1) - 1) / s + 1), right_same), "look again at how many"),
        (shape_of(lambda n, k, s, d: (n - d * (k - 1) - 1) / s + 1, right_same), "count the steps that fit whole"),
        (
            shape_of(lambda n, k, s, d: (n - d * (k - 1) - 1) / s + 1, lambda n, k, s, d: n / s),
            "a fraction of a pixel",
        ),
        (shape_of(lambda n, k, s, d: (n - d * (k - 1)) // s, right_same), "the stride divides the steps"),
        (shape_of(lambda n, k, s, d: (n - d * k) // s + 1, right_same), "k - 1 gaps"),
        (shape_of(lambda n, k, s, d: (n - k) // s + 1, right_same), "the dilation has no effect"),
        (shape_of(lambda n, k, s, d: n - d * (k - 1), right_same), "no effect with 'valid'"),
        (
            shape_of(lambda n, k, s, d: n - d * (k - 1), lambda n, k, s, d: n),
            "the stride has no effect: it is the step",
        ),
        (shape_of(right_valid, lambda n, k, s, d: n), "for stride 1 only"),
        (shape_of(right_valid, lambda n, k, s, d: n // s), "rounds down with 'same'"),
        (shape_of(right_valid, right_valid), "treats 'same' like 'valid'"),
        (lambda *case: shape_by_counting(*case)[::-1], "the height comes first"),
        (lambda h, w, k, s, p, d: shape_by_counting(h, w, k[::-1], s[::-1], p, d[::-1]), "are exchanged"),
        (lambda h, w, k, s, p, d: shape_by_counting(h, w, k[:1] * 2, s[:1] * 2, p, d[:1] * 2), "is used for both"),
        (shape_of(right_same, right_same), "look again at how many pixels"),
        (lambda height, *_: height, "expected an array of shape (2,)"),
    ],
)
def test_the_shape_names_the_mistake(answer, phrase):
    assert_wrong("07.1", answer, phrase)


# 07.2, the zeros of "same"


def zeros_by_trying(size, kernel_size, stride, dilation):
    """Add a zero after, then before, then after, until there are enough outputs."""
    before = after = 0
    while (size + before + after - dilation * (kernel_size - 1) - 1) // stride + 1 < math.ceil(size / stride):
        before, after = (before + 1, after) if after > before else (before, after + 1)
    return np.array([before, after])


@pytest.mark.parametrize(
    "answer", [zeros_by_trying, lambda n, k, s, d: list(arithmetic.same_padding(n, k, stride=s, dilation=d))]
)
def test_the_zeros_are_right_in_every_form(answer):
    assert_correct("07.2", answer)


def zeros_of(total, *, split=lambda total: (total // 2, total - total // 2)):
    return lambda size, k, s, d: split(total(size, k, s, d))


def right_total(size, k, s, d):
    return max((math.ceil(size / s) - 1) * s + d * (k - 1) + 1 - size, 0)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (zeros_of(right_total, split=lambda t: (t - t // 2, t // 2)), "extra zero before"),
        (zeros_of(lambda n, k, s, d: d * (k - 1)), "the stride has no effect"),
        (lambda n, k, s, d: [d * (k - 1) // 2] * 2, "the same on both sides whatever the stride"),
        (lambda n, k, s, d: [k // 2] * 2, "k // 2 on each side"),
        (zeros_of(lambda n, k, s, d: (math.ceil(n / s) - 1) * s + d * (k - 1) + 1 - n), "is negative"),
        (zeros_of(lambda n, k, s, d: max((n // s - 1) * s + d * (k - 1) + 1 - n, 0)), "outputs down"),
        (zeros_of(lambda n, k, s, d: right_total(n, k, s, 1)), "the dilation has no effect"),
        (zeros_of(right_total, split=lambda t: (t, t)), "split in two"),
        (zeros_of(right_total, split=lambda t: (math.ceil(t / 2),) * 2), "rounded up on both sides"),
        (zeros_of(right_total, split=lambda t: (t // 2,) * 2), "one zero is lost"),
        (zeros_of(right_total, split=lambda t: (t / 2, t / 2)), "half a zero cannot be added"),
        (zeros_of(right_total, split=lambda t: (round(t / 2), t - round(t / 2))), "takes 1.5 to 2 and 0.5 to 0"),
        (zeros_of(lambda n, k, s, d: math.ceil(n / s) * s + d * (k - 1) + 1 - n), "a stride too many"),
        (right_total, "on both sides together: split it"),
        (zeros_of(lambda n, k, s, d: k - 1), "look again at the pixels"),
    ],
)
def test_the_zeros_name_the_mistake(answer, phrase):
    assert_wrong("07.2", answer, phrase)
