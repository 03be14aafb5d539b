"""The checks of notebook 08: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import costs, exercises, reference
from cnncourse.exercises import notebook_08
from tests.verdicts import assert_correct, assert_wrong


def blank_function(layers):
    """The receptive field in pixels of a list of (kernel size, stride, dilation), from the input on."""
    ...


@pytest.mark.parametrize("exercise_id", ["08.1", "08.2", "08.3"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    if exercise_id != "08.3" or blank is ...:
        assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 08.1, the receptive field of a list of layers


def field_by_formula(layers):
    return 1 + sum((k - 1) * d * np.prod([s for _, s, _ in layers[:n]]) for n, (k, _, d) in enumerate(layers))


def field_from_the_output(layers):
    field = 1
    for k, s, d in reversed(layers):
        field = (field - 1) * s + (k - 1) * d + 1
    return field


def field_by_following_pixels(layers):
    seen = {0}
    for k, s, d in reversed(layers):
        seen = {unit * s + element * d for unit in seen for element in range(k)}
    return max(seen) - min(seen) + 1


@pytest.mark.parametrize(
    "answer",
    [
        field_by_formula,
        field_from_the_output,
        field_by_following_pixels,
        lambda layers: float(field_from_the_output(layers)),
        lambda layers: np.int64(field_from_the_output(layers)),
    ],
)
def test_the_field_is_right_in_every_form(answer):
    assert_correct("08.1", answer)


def field_step_by_step(layers, *, start=1, minus=1, update_first=False):
    field, jump = start, 1
    for k, s, d in layers:
        if update_first:
            jump = jump * s
        field = field + (k - minus) * d * jump
        if not update_first:
            jump = jump * s
    return field


def span_by_span(layers, *, start=0):
    field, jump = start, 1
    for k, s, d in layers:
        field, jump = field + len(range(0, k * d - d + 1)) * jump, jump * s
    return field


def without_return(layers):
    field_from_the_output(layers)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda layers: field_step_by_step(layers, start=0), "one pixel is missing"),
        (lambda layers: field_step_by_step(layers, minus=0), "count the gaps"),
        (lambda layers: field_step_by_step(layers, start=0, minus=0), "count the gaps"),
        (lambda layers: span_by_span(layers), "count the gaps"),
        (lambda layers: span_by_span(layers, start=1), "count the gaps"),
        (lambda layers: field_by_formula(layers[: len(layers) - 1]), "the last layer is left out"),
        (lambda layers: field_step_by_step([(k, s * d, d) for k, s, d in layers]), "grows with the dilation"),
        (lambda layers: np.array([field_from_the_output(layers)] * 2), "one is asked for"),
        (lambda layers: field_step_by_step(layers, update_first=True), "widens its own kernel"),
        (lambda layers: 1 + sum((k - 1) * d for k, _, d in layers), "the strides have no effect"),
        (lambda layers: 1 + sum((k - 1) * d * s for k, s, d in layers), "its own stride alone"),
        (lambda layers: field_step_by_step([(k, s, 1) for k, s, _ in layers]), "the dilation has no effect"),
        (lambda layers: field_step_by_step([(k + d - 1, s, 1) for k, s, d in layers]), "added once a layer"),
        (lambda layers: field_step_by_step(list(reversed(layers))), "from the last to the first"),
        (
            lambda layers: 1 + sum((k - 1) * d * (1 + sum(s - 1 for _, s, _ in layers[:n])) for n, (k, s, d) in
                                   enumerate(layers)),
            "grows by sums",
        ),
        (lambda layers: 2 * field_from_the_output(layers), "look again at what one layer adds"),
        (without_return, "does every path end with `return`"),
        (7, "expected the function itself"),
    ],
)  # fmt: skip
def test_the_field_names_the_mistake(answer, phrase):
    assert_wrong("08.1", answer, phrase)


# 08.2, two layers into one


def compose_by_pixels(first, second):
    """Ask the two layers for their answer to each pixel of each channel."""
    height, width = (a + b - 1 for a, b in zip(first.shape[:2], second.shape[:2], strict=True))
    channels = first.shape[2]
    images = np.eye(height * width * channels).reshape(-1, height, width, channels)
    answers = reference.conv2d(reference.conv2d(images, first), second)
    return answers.reshape(height, width, channels, second.shape[3])


def compose_by_loops(first, second):
    sizes = [a + b - 1 for a, b in zip(first.shape[:2], second.shape[:2], strict=True)]
    composed = np.zeros((*sizes, first.shape[2], second.shape[3])).tolist()
    for i, j, m, q in np.ndindex(*first.shape):
        for u, v, _, o in np.ndindex(*second.shape[:2], 1, second.shape[3]):
            composed[i + u][j + v][m][o] += first[i, j, m, q] * second[u, v, q, o]
    return composed


def compose_by_convolution(first, second):
    rows, columns = second.shape[:2]
    padded = np.pad(first, [(rows - 1,) * 2, (columns - 1,) * 2, (0, 0), (0, 0)])
    return np.stack(
        [
            np.stack(
                [
                    sum(reference.convolve(padded[:, :, m, q], second[:, :, q, o]) for q in range(first.shape[3]))
                    for o in range(second.shape[3])
                ],
                axis=-1,
            )
            for m in range(first.shape[2])
        ],
        axis=-2,
    )


@pytest.mark.parametrize(
    "answer",
    [
        compose_by_pixels,
        compose_by_loops,
        compose_by_convolution,
        lambda first, second: keras.ops.convert_to_tensor(compose_by_pixels(first, second)),
        lambda first, second: compose_by_pixels(first, second).astype("float32"),
    ],
)
def test_the_composition_is_right_in_every_form(answer):
    assert_correct("08.2", answer)


def test_what_is_expected_is_what_two_keras_layers_do():
    first, second = notebook_08.COMPOSE_CASES[1]
    image = keras.random.normal((1, 9, 9, first.shape[2]), seed=1)
    in_turn = keras.ops.conv(keras.ops.conv(image, first.astype("float32")), second.astype("float32"))
    at_once = keras.ops.conv(image, notebook_08.COMPOSE.expected(first, second).astype("float32"))
    np.testing.assert_allclose(in_turn, at_once, rtol=1e-4, atol=1e-3)


def shifted(first, second, *, add=True):
    height, width = first.shape[:2]
    composed = np.zeros_like(compose_by_pixels(first, second))
    for i, j in np.ndindex(*second.shape[:2]):
        place = composed[i : i + height, j : j + width]
        place[...] = (place if add else 0) + np.einsum("ijmq,qo->ijmo", first, second[i, j])
    return composed


def valid_part(first, second):
    whole = compose_by_pixels(first, second)
    margins = [min(a, b) - 1 for a, b in zip(first.shape[:2], second.shape[:2], strict=True)]
    return whole[margins[0] : whole.shape[0] - margins[0], margins[1] : whole.shape[1] - margins[1]]


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda first, second: shifted(first, second[::-1, ::-1]), "the second kernel is flipped"),
        (lambda first, second: shifted(np.flip(first, (0, 1)), second), "the first kernel is flipped"),
        (lambda first, second: np.rot90(shifted(first, second), 2), "stands upside down"),
        (lambda first, second: shifted(first, second, add=False), "the last one wins"),
        (valid_part, "lies wholly inside the other"),
        (lambda first, second: shifted(first, second) / second.shape[2], "mean over the channels"),
        (
            lambda first, second: compose_by_loops(first[:, :, :, :1], second[:, :, :1]),
            "only the first channel between",
        ),
        (lambda first, second: shifted(first, second).transpose(0, 1, 3, 2), "the channels are exchanged"),
        (lambda first, second: np.pad(shifted(first, second), [(0, 1)] * 2 + [(0, 0)] * 2), "zeros too many"),
        (lambda first, second: np.einsum("ijab,ijbc->ijac", first, second), "multiplied place by place"),
        (lambda first, second: np.matmul(first, second), "multiplied place by place"),
        (lambda first, second: shifted(first, second).astype(int), "the fractions are lost"),
        (lambda first, second: shifted(first, second) + 1, "look again at all ways from one pixel"),
        (lambda first, second: first, "expected an array of shape"),
    ],
)
def test_the_composition_names_the_mistake(answer, phrase):
    assert_wrong("08.2", answer, phrase)


def test_adding_kernels_of_different_channels_is_an_error_of_the_students():
    verdict = exercises.verdict("08.2", lambda first, second: first + second)
    assert verdict.status == "error"
    assert "your code raised ValueError" in verdict.message


# 08.3, far sight with few layers


@pytest.mark.parametrize(
    "answer",
    [
        [2, 2, 1, 1, 1, 1, 1, 1],
        (2, 1, 2, 1, 1, 1, 1, 1),
        np.array([2, 2, 1, 1, 1, 1, 1, 1]),
        [np.int64(2), 2, 1, 1, 1, 1, 1, 1],
        [2.0, 2, 1, 1, 1, 1, 1, 1],
    ],
)
def test_far_sight_is_right_in_every_form(answer):
    assert_correct("08.3", answer)


def test_no_seven_layers_can_do_it_and_the_judge_agrees_with_keras_models():
    every = [np.binary_repr(code, length) for length in (7, 8) for code in range(2**length)]
    chains = [[int(digit) + 1 for digit in digits] for digits in every]
    right = [chain for chain in chains if exercises.verdict("08.3", chain).status == "correct"]
    assert right == [[2, 1, 2, 1, 1, 1, 1, 1], [2, 2, 1, 1, 1, 1, 1, 1]]
    for strides in right:
        layers = [keras.layers.Conv2D(1, 3, strides=stride) for stride in strides]
        field = costs.receptive_field(keras.Sequential([keras.Input((64, 64, 1)), *layers]))[0]
        assert field.size >= notebook_08.LEAST_FIELD
        assert field.jump <= notebook_08.LARGEST_JUMP


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ([1, 1, 1, 1, 1, 1, 2, 2], "too few pixels"),
        (
            [2, 2, 1, 1, 1, 1, 1],
            "received 7 layers with a field of 47 pixels and a jump of 4; the strides stand where",
        ),
        ([2, 2, 1], "no chain of so few layers"),
        ([2, 1, 2, 1, 1, 1, 1], "too few pixels"),
        ([1, 2, 2, 1, 1, 1, 1, 1], "too few pixels"),
        ([2] * 5, "the jump at the end is too large"),
        ([2, 2, 1, 1, 1, 1, 1, 2], "the jump at the end is too large"),
        ([2, 2, 1, 1, 1, 1, 1, 1, 1], "a shorter chain"),
        ([1] * 30, "a shorter chain"),
        ([3, 1, 1, 1, 1, 1, 1, 1], "expected a list of strides"),
        ([0, 2], "expected a list of strides"),
        ([2.5, 2, 1, 1, 1, 1, 1, 1], "expected a list of strides"),
        ([[2], [2], [1], [1], [1], [1], [1], [1]], "expected a list of strides"),
        ([[2, 2], [1]], "expected a list of strides"),
        ([True] * 8, "expected a list of strides"),
        ({2: 1}, "expected a list of strides"),
        ([(3, 2, 1), (3, 2, 1), (3, 1, 1)], "not the triples"),
        ([], "expected a list of strides"),
        (8, "expected a list of strides"),
        ("22111111", "expected a list of strides"),
    ],
)
def test_far_sight_names_the_mistake(answer, phrase):
    assert_wrong("08.3", answer, phrase)
