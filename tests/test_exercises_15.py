"""The checks of notebook 15: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, costs, exercises
from cnncourse.exercises import notebook_15
from tests.verdicts import assert_correct, assert_wrong

IDS = ["15.1", "15.2", "15.3", "15.4"]


def blank_function(maps, weights, classes):
    """Maps (N, H', W') from feature maps (N, H', W', C), weights (C, K) and the class of each image (N,)."""
    ...


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_blank_is_not_attempted(exercise_id):
    assert exercises.verdict(exercise_id, ...).status == "not attempted"
    assert exercises.verdict(exercise_id, lambda *arguments: ...).status == "not attempted"


def without_return(maps, weights, classes):
    np.einsum("nrcm,mn->nrc", maps, weights[:, classes])


def test_the_blank_of_the_notebook_is_not_attempted_and_a_forgotten_return_is_named():
    assert exercises.verdict("15.2", blank_function).status == "not attempted"
    assert_wrong("15.2", without_return, "return")


# 15.1, parameters of both heads


def by_arithmetic(height, width, channels, classes):
    inputs = (height * width * channels, channels)
    return [arithmetic.dense_parameters(count, classes) for count in inputs]


def by_keras(height, width, channels, classes):
    heads = keras.layers.Flatten(), keras.layers.GlobalAveragePooling2D()
    image = keras.Input((height, width, channels))
    return [costs.count_parameters(keras.Sequential([image, head, keras.layers.Dense(classes)])) for head in heads]


@pytest.mark.parametrize("answer", [by_arithmetic, by_keras, lambda *sizes: np.array(by_arithmetic(*sizes))])
def test_the_parameters_are_right_in_every_form(answer):
    assert_correct("15.1", answer)


def with_parts(flattened, pooled):
    return lambda height, width, channels, classes: (
        flattened(height * width, channels, classes),
        pooled(height * width, channels, classes),
    )


def right_flattened(places, channels, classes):
    return places * channels * classes + classes


def right_flattened_of_sizes(height, width, channels, classes):
    return by_arithmetic(height, width, channels, classes)[0]


def right_pooled(places, channels, classes):
    return channels * classes + classes


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (with_parts(lambda p, c, k: p * c * k, lambda p, c, k: c * k), "the biases are missing"),
        (with_parts(lambda p, c, k: p * right_pooled(p, c, k), right_pooled), "a bias for each place"),
        (with_parts(lambda p, c, k: p * c * k + p * c, lambda p, c, k: c * k + c), "counted for each input"),
        (with_parts(right_flattened, lambda p, c, k: p * k + k), "the pooled head reads the places"),
        (with_parts(lambda p, c, k: p * k + k, right_pooled), "reads only one map"),
        (with_parts(right_flattened, right_flattened), "both heads are flattened"),
        (with_parts(right_pooled, right_flattened), "exchanged"),
        (with_parts(right_flattened, lambda p, c, k: c * k), "look again at how many numbers enter"),
        (
            lambda height, width, channels, classes: right_pooled(1, channels, classes),
            "return two, (flattened, pooled)",
        ),
        (right_flattened_of_sizes, "return two, (flattened, pooled)"),
        (with_parts(lambda p, c, k: p * c * k + 1, lambda p, c, k: 1 + c * k), "the whole layer has one bias"),
    ],
)
def test_the_parameters_name_the_mistake(answer, phrase):
    assert_wrong("15.1", answer, phrase)


# 15.2, class activation maps in NumPy


def cam_by_loops(maps, weights, classes):
    result = np.zeros(maps.shape[:3])
    for n, r, c in np.ndindex(*result.shape):
        for m in range(maps.shape[3]):
            result[n, r, c] += maps[n, r, c, m] * weights[m, classes[n]]
    return result


def cam_by_products(maps, weights, classes):
    return np.stack([image @ weights[:, k] for image, k in zip(maps, classes, strict=True)])


def cam_by_choice(maps, weights, classes):
    return np.take_along_axis(maps @ weights, classes[:, None, None, None], axis=3)[..., 0]


def cam_by_broadcasting(maps, weights, classes):
    return (maps * weights.T[classes][:, None, None, :]).sum(axis=-1)


def cam_by_keras(maps, weights, classes):
    return keras.ops.einsum("nrcm,nm->nrc", maps, weights.T[classes])


@pytest.mark.parametrize(
    "answer",
    [
        cam_by_loops,
        cam_by_products,
        cam_by_choice,
        cam_by_broadcasting,
        cam_by_keras,
        lambda maps, weights, classes: cam_by_products(maps, weights, classes).astype("float32"),
        lambda maps, weights, classes: cam_by_products(maps, weights, classes).tolist(),
    ],
)
def test_the_maps_are_right_in_every_form(answer):
    assert_correct("15.2", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda maps, weights, classes: cam_by_loops(maps, weights.T, classes), "a row of the weights"),
        (lambda *given: cam_by_loops(*given).mean(axis=(1, 2)), "the map keeps its places"),
        (
            lambda *given: cam_by_loops(*given) / given[0].shape[1] / given[0].shape[2],
            "divided by the number of places",
        ),
        (lambda *given: cam_by_loops(*given).clip(min=0), "no value is negative"),
        (lambda *given: np.abs(cam_by_loops(*given)), "no value is negative"),
        (lambda *given: cam_by_loops(*given).transpose(0, 2, 1), "rows and columns are exchanged"),
        (lambda maps, weights, classes: maps @ weights[:, classes[0]], "all images get the map of the first"),
        (lambda maps, weights, classes: np.einsum("nrcm,mk->nrck", maps, weights), "the maps of every class"),
        (lambda maps, weights, classes: maps @ weights[:, classes], "the classes of all images"),
        (lambda maps, weights, classes: maps.mean(axis=-1), "the weights have no effect"),
        (lambda *given: cam_by_loops(*given).transpose(1, 2, 0), "the images stand last"),
        (lambda *given: cam_by_loops(*given) + 1, "look again at the sum over the channels"),
    ],
)
def test_the_maps_name_the_mistake(answer, phrase):
    assert_wrong("15.2", answer, phrase)


# 15.3, the trap of the batch


def real_by_slices(maps, heights, widths):
    triples = zip(maps, heights, widths, strict=True)
    return np.array([image[:height, :width].mean(axis=(0, 1)) for image, height, width in triples])


def real_by_mask(maps, heights, widths):
    rows = np.arange(maps.shape[1])[None, :, None] < heights[:, None, None]
    columns = np.arange(maps.shape[2])[None, None, :] < widths[:, None, None]
    mask = (rows & columns)[..., None]
    return (maps * mask).sum(axis=(1, 2)) / mask.sum(axis=(1, 2))


def real_by_correction(maps, heights, widths):
    return maps.mean(axis=(1, 2)) * (maps.shape[1] * maps.shape[2] / (heights * widths)).reshape(-1, 1)


@pytest.mark.parametrize("answer", [real_by_slices, real_by_mask, real_by_correction])
def test_the_mean_of_real_places_is_right_in_every_form(answer):
    assert_correct("15.3", answer)


def without_zeros(maps, heights, widths):
    return np.where(maps == 0, np.nan, maps).sum(axis=(1, 2), where=maps != 0) / (maps != 0).sum(axis=(1, 2)).clip(1)


def without_dead_places(maps, heights, widths):
    alive = np.abs(maps).sum(axis=-1) > 0
    return np.stack([image[a].sum(axis=0) / max(1, a.sum()) for image, a in zip(maps, alive, strict=True)])


def summed_the_wrong_way(maps, heights, widths):
    cut = zip(maps, widths, heights, strict=True)
    return np.array([image[:a, :b].sum(axis=(0, 1)) for image, a, b in cut]) / (heights * widths)[:, None]


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda maps, heights, widths: keras.layers.GlobalAveragePooling2D()(maps), "this is the plain mean"),
        (lambda maps, heights, widths: maps.sum(axis=1).sum(axis=1), "this is the sum"),
        (without_zeros, "zeros are left out wherever"),
        (without_dead_places, "zeros are left out wherever"),
        (lambda maps, heights, widths: maps.max(axis=1).max(axis=1), "this is the maximum"),
        (lambda maps, heights, widths: (maps.sum(axis=(1, 2)).T / (heights + widths)).T, "added"),
        (lambda maps, heights, widths: maps.sum(axis=(1, 2)) / heights[0] / widths[0], "equally large"),
        (lambda maps, heights, widths: maps.sum(axis=(1, 2)) / np.mean(heights * widths), "equally large"),
        (lambda maps, h, w: np.stack([image[: h[0], : w[0]].mean(axis=(0, 1)) for image in maps]), "equally large"),
        (lambda maps, h, w: maps.sum(axis=(1, 2)) / h / w, "only as (N, 1)"),
        (
            lambda maps, h, w: maps.sum(axis=(1, 2)) / np.count_nonzero(maps, axis=(1, 2)),
            "zeros are left out wherever",
        ),
        (lambda *given: real_by_slices(*given).mean(axis=1), "the channels are averaged"),
        (lambda maps, heights, widths: real_by_mask(maps, widths, heights), "heights and widths are exchanged"),
        (lambda maps, heights, widths: real_by_slices(maps, widths, heights), "heights and widths are exchanged"),
        (summed_the_wrong_way, "heights and widths are exchanged"),
        (lambda *given: real_by_slices(*given) + 1, "look again at what the added zeros change"),
    ],
)
def test_the_mean_of_real_places_names_the_mistake(answer, phrase):
    assert_wrong("15.3", answer, phrase)


def test_the_batches_hold_real_zeros_and_nothing_else_outside():
    for maps, heights, widths in notebook_15.REAL_CASES:
        outside = maps.copy()
        for image, height, width in zip(outside, heights, widths, strict=True):
            assert (image[:height, :width] == 0).any()
            image[:height, :width] = 0
        assert not outside.any()


# 15.4, the pooled head inside the flattened head


def weights_by_loops(weights, height, width):
    rows = [weights[m] / (height * width) for _ in range(height) for _ in range(width) for m in range(len(weights))]
    return np.array(rows)


def weights_by_concatenation(weights, height, width):
    return np.concatenate([weights / height / width] * (height * width))


def weights_by_the_fixed_matrix(weights, height, width):
    places = height * width
    return np.tile(np.eye(len(weights)), (places, 1)) @ weights / places


def weights_by_broadcasting(weights, height, width):
    blocks = np.broadcast_to(weights / (height * width), (height, width, *weights.shape))
    return blocks.reshape(-1, weights.shape[1])


@pytest.mark.parametrize(
    "answer",
    [weights_by_loops, weights_by_concatenation, weights_by_the_fixed_matrix, weights_by_broadcasting],
)
def test_the_flattened_weights_are_right_in_every_form_and_make_the_heads_equal(answer):
    assert_correct("15.4", answer)
    maps, weights = np.random.default_rng(0).normal(size=(2, 3, 4, 5)), np.random.default_rng(1).normal(size=(5, 6))
    np.testing.assert_allclose(maps.reshape(2, -1) @ answer(weights, 3, 4), maps.mean(axis=(1, 2)) @ weights)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda w, rows, columns: np.kron(w, np.ones((rows * columns, 1))) / (rows * columns), "which axis runs"),
        (lambda w, rows, columns: np.concatenate([w] * (rows * columns)), "takes their mean"),
        (lambda w, rows, columns: w.repeat(rows * columns, axis=0), "look at the order and at the mean"),
        (lambda w, rows, columns: np.hstack([w] * (rows * columns)) / (rows * columns), "more classes, not more"),
        (lambda w, rows, columns: np.vstack([w] * rows) / rows, "for each row of places only"),
        (lambda w, rows, columns: weights_by_loops(w, rows, columns) / w.shape[0], "the number of channels as well"),
        (lambda w, rows, columns: weights_by_loops(w, rows, columns).reshape(rows, columns, *w.shape), "two axes"),
        (lambda w, rows, columns: weights_by_loops(w, rows, columns).T, "inputs and outputs are exchanged"),
        (lambda w, rows, columns: w / (rows * columns), "the weights of one place"),
        (lambda w, rows, columns: weights_by_loops(w, rows, columns) + 1, "look again at which input"),
    ],
)
def test_the_flattened_weights_name_the_mistake(answer, phrase):
    assert_wrong("15.4", answer, phrase)
