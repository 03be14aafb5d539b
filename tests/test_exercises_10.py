"""The checks of notebook 10: right answers in several forms, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises
from cnncourse.exercises import notebook_10
from tests.verdicts import assert_correct, assert_wrong


def blank(*_):
    """A blank with a docstring."""
    ...


@pytest.mark.parametrize(("exercise_id", "answer"), [("10.1", ...), ("10.2", blank), ("10.3", blank), ("10.3", ...)])
def test_a_blank_is_not_attempted(exercise_id, answer):
    assert exercises.verdict(exercise_id, answer).status == "not attempted"


# 10.1, overlapping pools by hand


@pytest.mark.parametrize(
    "answer", [[[6, 5], [9, 8]], ((6, 5), (9, 8)), np.array([[6, 5], [9, 8]]), [[6.0, 5.0], [9.0, 8.0]]]
)
def test_the_grid_is_right_in_every_form(answer):
    assert_correct("10.1", answer)


def test_the_grid_is_that_of_keras():
    pooled = keras.layers.MaxPooling2D(3, 2)(notebook_10.GRID[None, :, :, None].astype("float32"))
    assert_correct("10.1", np.asarray(pooled)[0, :, :, 0])


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ([[6, 3], [9, 5]], "pools of 2x2"),
        ([[6, 6, 5], [9, 9, 7], [9, 9, 8]], "the stride is the step"),
        ([[6]], "that is the default"),
        ([[6, 9], [5, 8]], "rows and columns of the output are exchanged"),
        ([[0, 0], [0, 0]], "the smallest numbers"),
        ([[19 / 9, 16 / 9], [26 / 9, 26 / 9]], "these are means"),
        ([[6, 6, 4], [9, 9, 7], [9, 9, 8]], "reach over the border"),
        ([[6, 6, 3, 4], [6, 6, 5, 4], [9, 9, 5, 7], [9, 9, 8, 8]], "at every pixel"),
        ([6, 5, 9, 8], "write two rows of two"),
        (np.array([[6, 5], [9, 8]])[None, :, :, None], "write two rows of two"),
        ([[6, 5], [9, 7]], "where the pools start"),
        (8, "where the pools start"),
    ],
)
def test_a_wrong_grid_has_its_message(answer, phrase):
    assert_wrong("10.1", answer, phrase)


# 10.2, max pooling


def pool_by_windows(images, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(images, (size, size), axis=(1, 2))
    return windows[:, ::stride, ::stride].max(axis=(4, 5))


def pool_by_shifts(images, size, stride):
    """The largest of size * size subsampled images."""
    rows, columns = ((pixels - size) // stride + 1 for pixels in images.shape[1:3])
    output = np.full((len(images), rows, columns, images.shape[3]), -np.inf)
    for i, j in np.ndindex(size, size):
        output = np.maximum(output, images[:, i::stride, j::stride][:, :rows, :columns])
    return output


def pool_by_keras(images, size, stride):
    return keras.layers.MaxPooling2D(size, stride)(images.astype("float32"))


@pytest.mark.parametrize("answer", [pool_by_windows, pool_by_shifts, pool_by_keras])
def test_max_pooling_is_right_in_every_form(answer):
    assert_correct("10.2", answer)


def looped(reduce, *, step=None):
    """A student's loops, with a mistake in them."""

    def pool(images, size, stride):
        step_taken = stride if step is None else step(size)
        rows, columns = ((pixels - size) // step_taken + 1 for pixels in images.shape[1:3])
        output = np.zeros((len(images), rows, columns, images.shape[3]))
        for r, c in np.ndindex(rows, columns):
            top, left = r * step_taken, c * step_taken
            output[:, r, c] = reduce(images[:, top : top + size, left : left + size], axis=(1, 2))
        return output

    return pool


def over_channels(images, size, stride):
    return np.broadcast_to(one_channel(images, size, stride), pool_by_windows(images, size, stride).shape)


def from_zero(images, size, stride):
    output = np.zeros(pool_by_windows(images, size, stride).shape)
    for i, j in np.ndindex(size, size):
        shifted = images[:, i::stride, j::stride][:, : output.shape[1], : output.shape[2]]
        output = np.maximum(output, shifted)
    return output


def one_channel(images, size, stride):
    return pool_by_windows(images, size, stride).max(axis=3, keepdims=True)


def whole_batch(images, size, stride):
    return pool_by_windows(images, size, stride) * 0 + pool_by_windows(images, size, stride).max(axis=0)


def too_few(images, size, stride):
    rows, columns = ((pixels - size) // stride for pixels in images.shape[1:3])
    return pool_by_windows(images, size, stride)[:, :rows, :columns]


def padded(images, size, stride):
    return keras.layers.MaxPooling2D(size, stride, padding="same")(images.astype("float32"))


def first_pixel(images, size, stride):
    rows, columns = pool_by_windows(images, size, stride).shape[1:3]
    return images[:, 0 : rows * stride : stride, 0 : columns * stride : stride]


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (looped(np.mean), "average pooling"),
        (looped(np.min), "smallest value"),
        (looped(np.max, step=lambda size: size), "the pools lie side by side"),
        (looped(np.max, step=lambda size: 1), "there is a pool at every pixel"),
        (lambda images, size, stride: pool_by_windows(images, stride, size), "size and stride are exchanged"),
        (over_channels, "all channels hold the maximum"),
        (one_channel, "over the channels, too"),
        (whole_batch, "over the images of the batch"),
        (from_zero, "negative maxima have become 0"),
        (padded, "'valid' leaves out a pool"),
        (first_pixel, "a stride without pooling"),
        (too_few, "the last row and column of pools are missing"),
        (lambda images, size, stride: pool_by_windows(images, size, stride).astype(int), "lost their fractions"),
        (lambda images, size, stride: images.max((1, 2), keepdims=True), "over all places: pooling"),
        (lambda images, size, stride: images.max(axis=(1, 2)), "without rows and columns"),
        (lambda images, size, stride: pool_by_windows(images, size, stride) + 1, "the window of one output"),
    ],
)
def test_a_wrong_pooling_has_its_message(answer, phrase):
    assert_wrong("10.2", answer, phrase)


def test_pooling_by_blocks_fails_with_its_error():
    def blocks(images, size, stride):
        count, height, width, channels = images.shape
        parts = images.reshape(count, height // size, size, width // size, size, channels)
        return parts.max(axis=(2, 4))

    verdict = exercises.verdict("10.2", blocks)
    assert verdict.status == "error"
    assert "ValueError" in verdict.message
