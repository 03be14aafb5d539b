"""The checks of notebook 11: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises
from cnncourse.exercises import notebook_11
from cnncourse.layers import PartialConv2D
from cnncourse.models import lenet
from tests.verdicts import assert_correct, assert_wrong


def blank_function(connections, kernel_size):
    """The parameters of a partially connected convolution with square kernels of kernel_size pixels on a side."""
    ...


@pytest.mark.parametrize("exercise_id", ["11.1", "11.2", "11.3", "11.4"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


def nothing(*arguments):
    """Forgets its return."""
    len(arguments)


@pytest.mark.parametrize("exercise_id", ["11.1", "11.2", "11.3", "11.4"])
def test_a_forgotten_return_is_named(exercise_id):
    assert_wrong(exercise_id, nothing, "does every path end with `return`?")


# 11.1, partial connections


def partial_by_loops(connections, kernel_size):
    count = 0
    for read in connections:
        for _ in read:
            count += kernel_size * kernel_size
        count += 1
    return count


def partial_by_layer(connections, kernel_size):
    layer = PartialConv2D(connections, kernel_size)
    layer.build((None, 9, 9, 6))
    return layer.count_params()


@pytest.mark.parametrize(
    "answer",
    [
        partial_by_loops,
        partial_by_layer,
        lambda connections, size: float(partial_by_loops(connections, size)),
        lambda connections, size: np.sum([len(read) * size**2 + 1 for read in connections]),
    ],
)
def test_partial_connections_are_right_in_every_form(answer):
    assert_correct("11.1", answer)


def test_the_first_case_is_c3():
    connections, size = notebook_11.PARTIAL.cases[0]
    assert connections == lenet.CONNECTIONS
    assert notebook_11.PARTIAL.expected(connections, size) == 1516


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda c, k: sum(k**2 for read in c for _ in read), "the biases are missing"),
        (lambda c, k: sum((k**2 + 1) * len(read) for read in c), "a bias for each kernel"),
        (lambda c, k: (k * k * len(set(sum(map(tuple, c), ()))) + 1) * len(c), "look again at what is stored"),
        (lambda c, k: (k * k * (max(max(read) for read in c) + 1) + 1) * len(c), "every output map reads every"),
        (lambda c, k: sum(k * len(read) + 1 for read in c), "a row of weights only"),
        (lambda c, k: len(c) * k**2 + len(c), "one kernel for each output map"),
        (lambda c, k: sum(map(len, c)), "this is the number of kernels"),
        (lambda c, k: (6 * k * k + 1) * len(c), "every output map reads every"),
        (lambda c, k: 1 + sum(k * k for read in c for _ in read), "one bias in the whole layer"),
        (lambda c, k: sum(k * k * len(read) for read in c) + len(set(sum(c, ()))), "a bias for each input map"),
        (lambda c, k: sum(25 * len(read) + 1 for read in c), "kernel_size has no effect"),
        (lambda c, k: sum(k * k * len(read) for read in c) + 16, "always 16 biases"),
        (lambda c, k: partial_by_loops(c, k) + 1, "look again at what is stored"),
        (1516, "expected the function itself"),
    ],
)
def test_partial_connections_name_the_mistake(answer, phrase):
    assert_wrong("11.1", answer, phrase)


# 11.2, the 28 x 28 trap


def lenet_by_layers(side, padding, *, c3="valid", pool="valid", kernels=(6, 16), bias=True):
    stack = [keras.layers.Conv2D(kernels[0], 5, padding=padding, use_bias=bias)]
    stack += [
        keras.layers.MaxPooling2D(2, padding=pool),
        keras.layers.Conv2D(kernels[1], 5, padding=c3, use_bias=bias),
    ]
    stack += [keras.layers.MaxPooling2D(2, padding=pool), keras.layers.Flatten()]
    stack += [keras.layers.Dense(units, use_bias=bias) for units in (120, 84, 10)]
    return keras.Sequential([keras.Input((side, side, 1)), *stack]).count_params()


def lenet_by_formula(side, padding):
    places = ((side - 4 * (padding == "valid")) // 2 - 4) // 2
    return 156 + 2416 + 120 * (1 + 16 * places**2) + 10164 + 850


@pytest.mark.parametrize(
    "answer",
    [
        lenet_by_layers,
        lenet_by_formula,
        lambda side, padding: lenet.lenet5(input_shape=(side, side, 1), padding=padding).count_params(),
        lambda side, padding: np.float64(lenet_by_formula(side, padding)),
    ],
)
def test_the_trap_is_right_in_every_form(answer):
    assert_correct("11.2", answer)


def test_the_trap_has_the_published_counts():
    assert notebook_11.TRAP.expected(28, "valid") == 44_426
    assert notebook_11.TRAP.expected(28, "same") == notebook_11.TRAP.expected(32, "valid") == 61_706


def trap_step_by_step(side, padding, *, keep=False, first=4, size=4, half=int):
    after_c1 = side if padding == "same" and not keep else side - first
    places = half((half(after_c1 / 2) - size) / 2)
    return 2572 + 120 * (1 + 16 * places**2) + 11014


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda side, padding: 156 + 2416 + 48120 + 10164 + 850, "in two of these cases only"),
        (lambda side, padding: lenet_by_layers(side, "same"), "without zeros at the border"),
        (lambda side, padding: trap_step_by_step(side, padding, keep=True), "with zeros around the image"),
        (lambda side, padding: lenet_by_layers(side, padding, pool="same"), "leaves the last row out"),
        (lambda side, padding: trap_step_by_step(side, padding, half=float), "leaves the last row out"),
        (lambda side, padding: lenet_by_layers(side, padding, c3="same"), "C3 keeps the size here"),
        (lambda side, padding: lenet_by_layers(side, padding, bias=False), "the biases are missing"),
        (lambda side, padding: trap_step_by_step(side, padding, size=5), "5x5 kernels take 5"),
        (lambda side, padding: trap_step_by_step(side, padding, first=5, size=5), "5x5 kernels take 5"),
        (lambda side, padding: lenet_by_formula(side, padding) - 850, "the last layer is missing"),
        (lambda side, padding: lenet_by_formula(side, padding) - 2000, "read one map here"),
        (lambda side, padding: lenet_by_formula(side, padding) - 900, "the partial connections of 1998"),
        (lambda side, padding: lenet_by_formula(side, padding) - 214, "the dense layers have biases, too"),
        (lambda side, padding: lenet_by_formula(side, padding) - 22, "the convolutions have biases, too"),
        (lambda side, padding: lenet_by_layers(side, padding, kernels=(6, 15)), "look again at the side of the maps"),
        (61_706, "expected the function itself"),
    ],
)
def test_the_trap_names_the_mistake(answer, phrase):
    assert_wrong("11.2", answer, phrase)


def test_flattening_one_row_is_named():
    def one_row(side, padding):
        places = ((side if padding == "same" else side - 4) // 2 - 4) // 2
        return 2572 + 120 * (16 * places + 1) + 121 * 84 + 850

    assert_wrong("11.2", one_row, "one row of places")


def test_flattening_one_map_is_named():
    def one_map(side, padding):
        places = ((side if padding == "same" else side - 4) // 2 - 4) // 2
        return 2572 + 120 * (places * places + 1) + 121 * 84 + 850

    assert_wrong("11.2", one_map, "how many maps has S4?")


# 11.3, dropout


def drop_by_mask(x, rate, random_numbers, training):
    if training:
        kept = random_numbers >= rate
        return x * kept / (1 - rate)
    return x


def drop_by_loops(x, rate, random_numbers, training):
    out = x.copy()
    if training:
        out[random_numbers < rate] = 0
        out[random_numbers >= rate] /= 1 - rate
    return out


@pytest.mark.parametrize(
    "answer",
    [
        drop_by_mask,
        drop_by_loops,
        lambda x, rate, r, training: keras.ops.convert_to_tensor(drop_by_mask(x, rate, r, training)),
        lambda x, rate, r, training: drop_by_mask(x, rate, r, training).astype("float32"),
    ],
)
def test_dropout_is_right_in_every_form(answer):
    assert_correct("11.3", answer)


def test_the_cases_of_dropout_drop_and_keep_and_no_number_lies_on_the_rate():
    for x, rate, numbers, _ in notebook_11.DROPOUT.cases:
        assert 0 < np.mean(numbers < rate) < 1
        assert np.abs(numbers - rate).min() > 1e-6
        assert (x != 0).all()
    assert {training for *_, training in notebook_11.DROPOUT.cases} == {True, False}


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda x, p, r, t: x * (r >= p) / p if t else x, "the wrong factor"),
        (lambda x, p, r, t: x * (r >= p) * (1 - p) if t else x, "the wrong factor"),
        (lambda x, p, r, t: x * (r >= p) * 2 if t else x, "doubled whatever the rate"),
        (lambda x, p, r, t: x * (r < 1 - p) / (1 - p) if t else x, "but others: those below the rate"),
        (lambda x, p, r, t: x * (r >= p) if t else x, "are not scaled"),
        (lambda x, p, r, t: x * (r >= p) if t else (1 - p) * x, "the paper of 2012"),
        (lambda x, p, r, t: x * (r >= p) / (1 - p), "dropped at test time as well"),
        (lambda x, p, r, t: x if t else drop_by_mask(x, p, r, True), "the other way round"),
        (lambda x, p, r, t: x * (r < p) / (1 - p) if t else x, "the others are dropped"),
        (lambda x, p, r, t: x * (r < p) / p if t else x, "the share that stays here"),
        (lambda x, p, r, t: x * (r >= p) / (1 - p) if t else x / (1 - p), "nothing is to be scaled"),
        (lambda x, p, r, t: x, "what happens in training"),
        (lambda x, p, r, t: drop_by_mask(x, p, r, t).ravel(), "expected an array of shape"),
    ],
)
def test_dropout_names_the_mistake(answer, phrase):
    assert_wrong("11.3", answer, phrase)
