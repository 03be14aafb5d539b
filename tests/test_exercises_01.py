"""The checks of notebook 01: right answers in every form, and each typical mistake with its own message."""

import math
from itertools import pairwise

import keras
import numpy as np
import pytest

from cnncourse import exercises
from cnncourse.exercises import notebook_01
from tests.verdicts import assert_correct, assert_wrong


def blank_function(first, second):
    """What is handed out."""
    ...


@pytest.mark.parametrize("exercise_id", ["01.1", "01.2", "01.3", "01.4"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    if blank is blank_function and exercise_id == "01.1":
        blank = lambda widths: ...  # noqa: E731
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 01.1, parameters of an MLP


def count_parameters(widths):
    total = 0
    for k in range(1, len(widths)):
        total += widths[k - 1] * widths[k] + widths[k]
    return total


def count_with_keras(widths):
    model = keras.Sequential([keras.Input((widths[0],)), *(keras.layers.Dense(width) for width in widths[1:])])
    return model.count_params()


@pytest.mark.parametrize(
    "answer",
    [
        count_parameters,
        count_with_keras,
        lambda widths: float(count_parameters(widths)),
        lambda widths: np.int64(count_parameters(widths)),
        lambda widths: np.dot(np.array(widths[:-1]) + 1, widths[1:]),
        lambda widths: keras.ops.array(count_parameters(widths)),
    ],
)
def test_mlp_parameters_is_right_in_every_form(answer):
    assert_correct("01.1", answer)


@pytest.mark.parametrize(
    ("wrong", "phrase"),
    [
        (lambda w: sum(a * b for a, b in pairwise(w)), "weights alone"),
        (lambda w: sum(a * (b + 1) for a, b in pairwise(w)), "bias for each input of a layer"),
        (lambda w: np.dot(w[:-1], w[1:]) + np.sum(w), "bias for the network's inputs too"),
        (lambda w: sum(a * b + 1 for a, b in pairwise(w)), "one bias for each layer"),
        (lambda w: sum(w) - w[0], "the units, not the parameters"),
        (lambda w: w[0] * w[1] + w[1], "first layer only"),
        (lambda w: np.prod(w), "product over all layers"),
        (lambda w: 2 * count_parameters(w), "look again at what one unit of a dense layer stores"),
    ],
)
def test_mlp_parameters_names_each_mistake(wrong, phrase):
    assert_wrong("01.1", wrong, phrase)


# 01.2, the largest image that fits


def fits(side, mebibytes, channels):
    return 4 * (side * side * channels) * (side * side) <= mebibytes * 1024 * 1024


def try_each_side(mebibytes, channels):
    side = 1
    while fits(side + 1, mebibytes, channels):
        side += 1
    return side


@pytest.mark.parametrize(
    "answer",
    [
        try_each_side,
        lambda m, c: math.isqrt(math.isqrt(m * 2**18 // c)),
        lambda m, c: np.floor((m * 2**20 / (4 * c)) ** (1 / 4)),
        lambda m, c: np.int64(try_each_side(m, c)),
        lambda m, c: keras.ops.array(try_each_side(m, c)),
    ],
)
def test_largest_side_is_right_in_every_form(answer):
    assert_correct("01.2", answer)


def test_largest_side_expects_what_fits_and_the_next_does_not():
    exercise = exercises.find("01.2")
    for mebibytes, channels in exercise.cases:
        side = exercise.expected(mebibytes, channels)
        assert fits(side, mebibytes, channels)
        assert not fits(side + 1, mebibytes, channels)


@pytest.mark.parametrize(
    ("wrong", "phrase"),
    [
        (lambda m, c: int((m * 2**20 / c) ** 0.25), "one byte for each weight"),
        (lambda m, c: int((m * 2**20 / 32 / c) ** 0.25), "counts bits"),
        (lambda m, c: int((m * 1e6 / 4 / c) ** 0.25), "megabyte"),
        (lambda m, c: int((m * 2**20 / 4 / c) ** 0.5), "square root"),
        (lambda m, c: int((m * 2**20 / 4) ** 0.25), "one channel"),
        (lambda m, c: int((m * 2**20 / 4 / c / c) ** 0.25), "channels counted twice"),
        (lambda m, c: (m * 2**20 / 4 / c) ** 0.25, "whole pixels"),
        (lambda m, c: round((m * 2**20 / 4 / c) ** 0.25), "nearest whole number"),
        (lambda m, c: math.ceil((m * 2**20 / 4 / c) ** 0.25), "rounded up"),
        (lambda m, c: m // c, "look again at how many weights the memory holds"),
    ],
)
def test_largest_side_names_each_mistake(wrong, phrase):
    assert_wrong("01.2", wrong, phrase)


# 01.3, cross-entropy from logits


def loop(logits, labels):
    losses = []
    for row, label in zip(logits, labels, strict=True):
        losses.append(-math.log(math.exp(row[label]) / sum(math.exp(value) for value in row)))
    return sum(losses) / len(losses)


def log_sum_exp(logits, labels):
    right = logits[np.arange(len(labels)), labels]
    return np.mean(np.log(np.exp(logits).sum(axis=1)) - right)


def with_keras(logits, labels):
    return keras.ops.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))


def in_float32(logits, labels):
    return log_sum_exp(logits.astype("float32"), labels)


@pytest.mark.parametrize("answer", [loop, log_sum_exp, with_keras, in_float32])
def test_cross_entropy_is_right_in_every_form(answer):
    assert_correct("01.3", answer)


def softmax_rows(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def right_class(values, labels):
    return np.array([values[i, labels[i]] for i in range(len(labels))])


def softmax_columns(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=0)


def softmax_of_all(logits):
    return np.exp(logits) / np.exp(logits).sum()


@pytest.mark.parametrize(
    ("wrong", "phrase"),
    [
        (lambda z, y: -np.log(right_class(softmax_rows(softmax_rows(z)), y)).mean(), "softmax twice"),
        (lambda z, y: -np.log(right_class(z, y)).mean(), "logarithm of the logits"),
        (lambda z, y: -right_class(z, y).mean(), "logit of the right class alone"),
        (lambda z, y: -np.log(right_class(softmax_columns(z), y)).mean(), "over the images (axis 0)"),
        (lambda z, y: -np.log(right_class(softmax_of_all(z), y)).mean(), "one softmax over the whole batch"),
        (lambda z, y: np.log(right_class(softmax_rows(z), y)).mean(), "sign is wrong"),
        (lambda z, y: -np.log(right_class(softmax_rows(z), y)).sum(), "sum over the batch"),
        (lambda z, y: -np.log(right_class(softmax_rows(z), y)), "losses of the single images"),
        (lambda z, y: (-np.log(right_class(softmax_rows(z), y))).tolist(), "losses of the single images"),
        (lambda z, y: -np.log2(right_class(softmax_rows(z), y)).mean(), "base 2"),
        (lambda z, y: np.mean(1 - right_class(softmax_rows(z), y)), "missing probability itself"),
        (lambda z, y: -np.log(softmax_rows(z)).mean(), "mean over all classes"),
        (lambda z, y: -np.log(right_class(softmax_rows(z), y).mean()), "logarithm of a mean"),
        (lambda z, y: float(len(y)), "look again at the three steps"),
    ],
)
def test_cross_entropy_names_each_mistake(wrong, phrase):
    assert_wrong("01.3", wrong, phrase)


def test_a_logarithm_of_zero_is_told_as_infinity():
    assert_wrong("01.3", lambda z, y: -np.log(np.zeros(1))[0], "NaN or infinity")


# 01.4, weights of permuted pixels


def row_by_row(weights, permutation):
    new = np.empty_like(weights)
    for position, pixel in enumerate(permutation):
        new[position] = weights[pixel]
    return new


def matrix_product(weights, permutation):
    return np.eye(len(weights))[permutation] @ weights


@pytest.mark.parametrize(
    "answer",
    [
        row_by_row,
        matrix_product,
        lambda weights, permutation: np.take(weights, permutation, axis=0).tolist(),
        lambda weights, permutation: keras.ops.take(weights, permutation, axis=0),
        lambda weights, permutation: weights[permutation].astype("float32"),
    ],
)
def test_permuted_weights_are_right_in_every_form(answer):
    assert_correct("01.4", answer)


def test_permuted_weights_give_the_same_outputs_and_no_permutation_is_its_own_inverse():
    exercise = exercises.find("01.4")
    for weights, permutation in exercise.cases:
        x = np.random.default_rng(0).random((3, len(permutation)))
        new_weights = exercise.expected(weights, permutation)
        np.testing.assert_allclose(x[:, permutation] @ new_weights, x @ weights)
        assert not np.array_equal(np.argsort(permutation), permutation)


@pytest.mark.parametrize(
    ("wrong", "phrase"),
    [
        (lambda w, p: w[np.argsort(p)], "inverse permutation"),
        (lambda w, p: np.eye(len(w))[p].T @ w, "inverse permutation"),
        (lambda w, p: w[:, p], "columns rearranged"),
        (lambda w, p: w[p][:, p], "both axes rearranged"),
        (lambda w, p: w, "weights as they were"),
        (lambda w, p: w[p].T, "transposed"),
        (lambda w, p: w[::-1], "look again at which old pixel stands at position i"),
    ],
)
def test_permuted_weights_name_each_mistake(wrong, phrase):
    assert_wrong("01.4", wrong, phrase)


# all of them


@pytest.mark.parametrize("exercise", notebook_01.EXERCISES, ids=lambda exercise: exercise.id)
def test_no_hint_holds_the_answer(exercise):
    for answer in ("(m + 1)", "+ 1) *", "0.25", "1/4", "fourth root", "weights[permutation]", ".max("):
        assert not any(answer in hint for hint in exercise.hints)


def test_the_side_that_fits_exactly_and_the_first_that_does_not():
    def sides(fits):
        def largest_side(mebibytes, channels):
            side = 1
            while fits(4 * channels * (side + 1) ** 4, mebibytes * 2**20):
                side += 1
            return side

        return largest_side

    assert_correct("01.2", sides(lambda need, memory: need <= memory))
    assert_wrong("01.2", sides(lambda need, memory: need < memory), "fill the memory exactly")
    exact = sides(lambda need, memory: need <= memory)
    assert_wrong("01.2", lambda mebibytes, channels: exact(mebibytes, channels) + 1, "first side that does not fit")


def test_every_label_for_every_image_is_named():
    def cross_entropy(logits, labels):
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        return -np.log(probabilities[:, labels]).mean()

    assert_wrong("01.3", cross_entropy, "every label for every image")
