"""The checks of notebook 05: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises, reference
from cnncourse.exercises import notebook_05
from tests.verdicts import assert_correct, assert_wrong


def blank_function(image, kernel, keep):
    """The largest bias with which at most `keep` values of the output activation are above zero."""
    ...


@pytest.mark.parametrize("exercise_id", ["05.1", "05.2", "05.3"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 05.1, an output activation by hand

IMAGE, KERNEL, BIAS = notebook_05.BY_HAND_IMAGE, notebook_05.BY_HAND_KERNEL, notebook_05.BY_HAND_BIAS
SUMS = reference.correlate(IMAGE, KERNEL)


@pytest.mark.parametrize(
    "answer",
    [[[0, 0], [2, 5]], np.array([[0.0, 0.0], [2.0, 5.0]]), ((0, 0), (2, 5)), keras.ops.array([[0, 0], [2, 5]])],
)
def test_by_hand_is_right_in_every_form(answer):
    assert_correct("05.1", answer)


def test_by_hand_expects_what_the_layer_computes():
    layer = keras.layers.Conv2D(1, kernel_size=2, activation="relu")
    layer.build((None, 3, 3, 1))
    layer.set_weights([KERNEL[:, :, None, None], np.array([BIAS])])
    output = keras.ops.convert_to_numpy(layer(IMAGE[None, :, :, None].astype("float32")))
    np.testing.assert_array_equal(output[0, :, :, 0], notebook_05.BY_HAND.expected)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (SUMS + BIAS, "what does the ReLU do"),
        (np.maximum(SUMS, 0), "the bias has no effect"),
        (SUMS, "bias and ReLU are still to come"),
        (np.maximum(SUMS, 0) + BIAS, "after the ReLU"),
        (np.maximum(SUMS - BIAS, 0), "for +4"),
        (np.maximum(SUMS + BIAS, 0).T, "transposed"),
        (np.maximum(reference.convolve(IMAGE, KERNEL) + BIAS, 0), "true convolution"),
        (np.maximum(np.abs(SUMS) + BIAS, 0), "the sign of a negative sum"),
        (np.maximum(SUMS + BIAS * KERNEL.size, 0), "once to each sum"),
        ((SUMS + BIAS > 0).astype(int), "keeps the value itself"),
        (
            [[max(0, (IMAGE[r : r + 2, c : c + 2] @ KERNEL).sum() + BIAS) for c in range(2)] for r in range(2)],
            "multiplies matrices",
        ),
        ([0, 0, 2, 5], "two rows of two"),
        ([[0, 0], [2, 4]], "the order of the three steps"),
        (7, "expected an array of shape (2, 2)"),
    ],
)
def test_by_hand_names_the_mistake(answer, phrase):
    assert_wrong("05.1", answer, phrase)


# 05.2, a bias for a sparse map


def by_trying(image, kernel, keep):
    """Every bias that makes one sum zero, from the largest down, until few enough values remain."""
    sums = reference.correlate(image, kernel)
    for bias in sorted((-sums).ravel().tolist(), reverse=True):
        if (np.maximum(0, sums + bias) > 0).sum() <= keep:
            return bias
    raise AssertionError("the last bias leaves nothing")


def sums_of(image, kernel):
    sums = keras.ops.conv(image[None, :, :, None], kernel[:, :, None, None].astype(image.dtype), padding="valid")
    return keras.ops.convert_to_numpy(sums).ravel()


@pytest.mark.parametrize(
    "answer",
    [
        by_trying,
        lambda image, kernel, keep: -sorted(sums_of(image, kernel), reverse=True)[keep],
        lambda image, kernel, keep: np.sort(-sums_of(image, kernel))[keep],
        lambda image, kernel, keep: -np.partition(sums_of(image, kernel), -keep - 1)[-keep - 1],
        lambda image, kernel, keep: float(-np.sort(sums_of(image.astype("float32"), kernel))[::-1][keep]),
    ],
)
def test_the_sparse_bias_is_right_in_every_form(answer):
    assert_correct("05.2", answer)


@pytest.mark.parametrize("case", notebook_05.SPARSE_CASES)
def test_the_sparse_bias_keeps_enough_and_a_larger_one_too_much(case):
    image, kernel, keep = case
    bias = notebook_05.SPARSE_BIAS.expected(image, kernel, keep)
    above = [(np.maximum(0, reference.correlate(image, kernel) + b) > 0).sum() for b in (bias, bias + 1e-9)]
    assert above[0] <= keep < above[1]


def without_return(image, kernel, keep):
    by_trying(image, kernel, keep)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda image, kernel, keep: sorted(sums_of(image, kernel))[-keep - 1], "added to it to give zero"),
        (lambda image, kernel, keep: -sorted(sums_of(image, kernel))[-keep], "one value too few"),
        (lambda image, kernel, keep: -sorted(sums_of(image, kernel))[-keep - 2], "one value too many"),
        (lambda image, kernel, keep: -sorted(sums_of(image, kernel))[keep], "from the smallest sum"),
        (
            lambda image, kernel, keep: -sorted(np.maximum(sums_of(image, kernel), 0))[-keep - 1],
            "the ReLU before the bias",
        ),
        (lambda image, kernel, keep: by_trying(image, kernel[::-1, ::-1], keep), "true convolution"),
        (lambda image, kernel, keep: -sorted(np.abs(sums_of(image, kernel)))[-keep - 1], "by magnitude"),
        (lambda image, kernel, keep: -sorted(image.ravel())[-keep - 1], "pixels of the image"),
        (lambda image, kernel, keep: -sorted(set(reference.correlate(image, kernel).flat))[-keep - 1], "equal sums"),
        (
            lambda image, kernel, keep: -np.quantile(sums_of(image, kernel), 1 - keep / sums_of(image, kernel).size),
            "between two sums",
        ),
        (
            lambda image, kernel, keep: np.maximum(
                reference.correlate(image, kernel) + by_trying(image, kernel, keep), 0
            ),
            "the map itself",
        ),
        (lambda image, kernel, keep: by_trying(image, kernel, keep) - 0.01, "look again at which of the sums"),
        (without_return, "does every path end with `return`"),
    ],
)
def test_the_sparse_bias_names_the_mistake(answer, phrase):
    assert_wrong("05.2", answer, phrase)


# 05.3, which maps are dead?


def dead_by_loops(activations):
    return [not activations[..., o].any() for o in range(activations.shape[-1])]


@pytest.mark.parametrize(
    "answer",
    [
        dead_by_loops,
        lambda activations: (activations == 0).all(axis=(0, 1, 2)),
        lambda activations: activations.sum(axis=(0, 1, 2)) == 0,
        lambda activations: ~(activations > 0).any(axis=0).any(axis=0).any(axis=0),
        lambda activations: keras.ops.max(keras.ops.array(activations), axis=(0, 1, 2)) <= 0,
    ],
)
def test_dead_maps_are_right_in_every_form(answer):
    assert_correct("05.3", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda activations: (activations == 0).all(axis=(1, 2)).any(axis=0), "look at all images"),
        (lambda activations: (activations[0] == 0).all(axis=(0, 1)), "the first image only"),
        (lambda activations: (activations == 0).any(axis=(0, 1, 2)), "a zero somewhere"),
        (lambda activations: (activations > 0).any(axis=(0, 1, 2)), "alive"),
        (lambda activations: (activations < 0).all(axis=(0, 1, 2)), "exactly zero"),
        (lambda activations: (activations == 0).all(axis=(1, 2)), "for each image and map"),
        (lambda activations: (activations == 0).all(axis=(1, 2, 3)), "channels, the last"),
        (lambda activations: np.flatnonzero((activations == 0).all(axis=(0, 1, 2))), "numbers of the dead maps"),
        (lambda activations: activations.max(axis=(0, 1, 2)) < 0.5, "no threshold"),
        (lambda activations: activations.mean(axis=(0, 1, 2)) < 0.05, "no threshold"),
        (lambda activations: np.median(activations, axis=(0, 1, 2)) == 0, "majority"),
        (lambda activations: (activations == 0).mean(axis=(0, 1, 2)) > 0.9, "majority"),
        (lambda activations: ((activations[0] == 0) & (activations[-1] == 0)).all(axis=(0, 1)), "no image"),
        (lambda activations: activations.std(axis=(0, 1, 2)) == 0, "the same value everywhere"),
        (lambda activations: (activations[-1] == 0).all(axis=(0, 1)), "look again at what must hold"),
        (lambda activations: (activations[:, 0] == 0).all(axis=(0, 1)), "look again at what must hold"),
        (lambda activations: (activations[:, -1, -1] == 0).all(axis=0), "look again at what must hold"),
        (lambda activations: (activations == 0).all(axis=(0, 1, 2)).astype(int), "received numbers"),
        (lambda activations: activations.max(axis=(0, 1, 2)), "expected"),
    ],
)
def test_dead_maps_name_the_mistake(answer, phrase):
    assert_wrong("05.3", answer, phrase)
