"""Exercise 3 of notebook 10, the gradient of max pooling: right answers, and each wrong one with its message."""

import keras
import numpy as np
import pytest

from cnncourse import backend, reference
from cnncourse.exercises import notebook_10
from tests.verdicts import assert_correct, assert_wrong


def gradient_by_backend(image, g, size, stride):
    def loss(x):
        return keras.ops.sum(keras.ops.max_pool(x, size, stride)[0, :, :, 0] * g.astype("float32"))

    return backend.value_and_gradient(loss, image[None, :, :, None])[1][0, :, :, 0]


def gradient_by_masks(image, g, size, stride):
    """Without argmax: the pixels that equal the maximum of the pool."""
    gradient = np.zeros_like(image, dtype=float)
    for r, c in np.ndindex(*g.shape):
        rows, columns = slice(r * stride, r * stride + size), slice(c * stride, c * stride + size)
        gradient[rows, columns] += g[r, c] * (image[rows, columns] == image[rows, columns].max())
    return gradient


def gradient_by_nudging(image, g, size, stride):
    """The difference quotient: distinct whole numbers do not change their order for a nudge of 0.25."""

    def loss(image):
        return (reference.pool2d(image[None, :, :, None], size, stride=stride)[0, :, :, 0] * g).sum()

    gradient = np.zeros(image.shape)
    for place in np.ndindex(*image.shape):
        nudge = np.zeros(image.shape)
        nudge[place] = 0.25
        gradient[place] = (loss(image + nudge) - loss(image - nudge)) / 0.5
    return gradient


@pytest.mark.parametrize("answer", [gradient_by_backend, gradient_by_masks, gradient_by_nudging])
def test_the_gradient_is_right_in_every_form(answer):
    assert_correct("10.3", answer)


def walked(write):
    """A student's loops: `write(gradient, image, (top, left), (i, j), value, size)` for each output."""

    def gradient_of(image, g, size, stride):
        gradient = np.zeros(image.shape)
        for r, c in np.ndindex(*g.shape):
            top, left = r * stride, c * stride
            window = image[top : top + size, left : left + size]
            winner = np.unravel_index(window.argmax(), window.shape)
            write(gradient, image, (top, left), winner, g[r, c], size)
        return gradient

    return gradient_of


def overwrites(gradient, image, corner, winner, value, size):
    gradient[corner[0] + winner[0], corner[1] + winner[1]] = value


def in_the_window(gradient, image, corner, winner, value, size):
    gradient[winner] += value


def at_the_corner(gradient, image, corner, winner, value, size):
    gradient[corner] += value


def everywhere(gradient, image, corner, winner, value, size):
    gradient[corner[0] : corner[0] + size, corner[1] : corner[1] + size] += value


def evenly(gradient, image, corner, winner, value, size):
    everywhere(gradient, image, corner, winner, value / size**2, size)


def counts(gradient, image, corner, winner, value, size):
    gradient[corner[0] + winner[0], corner[1] + winner[1]] += 1


def marks(gradient, image, corner, winner, value, size):
    gradient[corner[0] + winner[0], corner[1] + winner[1]] = 1


def times_pixel(gradient, image, corner, winner, value, size):
    place = corner[0] + winner[0], corner[1] + winner[1]
    gradient[place] += value * image[place]


def a_share(gradient, image, corner, winner, value, size):
    gradient[corner[0] + winner[0], corner[1] + winner[1]] += value / size**2


def at_the_smallest(gradient, image, corner, winner, value, size):
    window = image[corner[0] : corner[0] + size, corner[1] : corner[1] + size]
    i, j = np.unravel_index(window.argmin(), window.shape)
    gradient[corner[0] + i, corner[1] + j] += value


def at_the_largest_of_all(gradient, image, corner, winner, value, size):
    place = corner[0] + winner[0], corner[1] + winner[1]
    gradient[place] += value * (image[place] == image.max())


@pytest.mark.parametrize(
    ("write", "phrase"),
    [
        (overwrites, "they add up"),
        (evenly, "average pooling"),
        (everywhere, "gets the whole derivative"),
        (counts, "g has no effect"),
        (marks, "marks the winners with 1"),
        (times_pixel, "multiplied by the pixels' values"),
        (a_share, "divided by the pixels of a pool"),
        (at_the_corner, "the first pixel of each pool"),
        (in_the_window, "counted from the window's corner"),
        (at_the_smallest, "the smallest pixel"),
        (at_the_largest_of_all, "the largest pixel of the whole image"),
        (lambda *_: None, "which single pixel"),
    ],
)
def test_a_wrong_gradient_has_its_message(write, phrase):
    assert_wrong("10.3", walked(write), phrase)


def by_pools(share, *, step=None):
    """Loops without argmax: `share(window, image)` is the part of g for each pixel of a pool, or of the image."""

    def gradient_of(image, g, size, stride):
        gradient = np.zeros(image.shape)
        for r, c in np.ndindex(*g.shape):
            top, left = (k * (stride if step is None else step(size)) for k in (r, c))
            part = share(image[top : top + size, left : left + size], image)
            target = gradient if part.shape == image.shape else gradient[top : top + size, left : left + size]
            target += part * g[r, c]
        return gradient

    return gradient_of


def from_zero_on(image, g, size, stride):
    """The best so far is 0 at the start, and its place the corner."""
    gradient = np.zeros(image.shape)
    for r, c in np.ndindex(*g.shape):
        best, place = 0, (r * stride, c * stride)
        for i, j in np.ndindex(size, size):
            if image[r * stride + i, c * stride + j] > best:
                place = r * stride + i, c * stride + j
                best = image[place]
        gradient[place] += g[r, c]
    return gradient


def with_the_type_of_the_image(image, g, size, stride):
    gradient = np.zeros_like(image)
    for r, c in np.ndindex(*g.shape):
        window = image[r * stride : r * stride + size, c * stride : c * stride + size]
        i, j = np.unravel_index(window.argmax(), window.shape)
        gradient[r * stride + i, c * stride + j] += g[r, c]
    return gradient


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (by_pools(lambda window, image: abs(window) == abs(window).max()), "the largest magnitude"),
        (by_pools(lambda window, image: window == max(window.max(), 0)), "gives nothing back"),
        (by_pools(lambda window, image: image == window.max()), "pixels outside the pool"),
        (by_pools(lambda window, image: window == window.max(), step=lambda size: size), "the pools lie side by side"),
        (
            by_pools(lambda window, image: window == window.max(), step=lambda size: 1),
            "there is a pool at every pixel",
        ),
        (from_zero_on, "what is the best at the start"),
        (lambda image, *rest: from_zero_on(np.maximum(image, 0), *rest), "what is the best at the start"),
        (with_the_type_of_the_image, "lost their fractions"),
        (lambda *case: gradient_by_masks(*case).astype(int), "lost their fractions"),
        (lambda image, g, size, stride: gradient_by_masks(image, abs(g), size, stride), "which single pixel"),
    ],
)
def test_a_gradient_that_is_right_for_most_images_has_its_message(answer, phrase):
    assert_wrong("10.3", answer, phrase)


def test_no_pool_of_the_cases_has_a_tie_and_some_pixel_wins_twice():
    """The task promises the first; the second is what tells `+=` from `=`."""
    wins = []
    for image, g, size, stride in notebook_10.GRADIENT_CASES:
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))[::stride, ::stride]
        assert windows.shape[:2] == g.shape
        assert ((windows == windows.max(axis=(2, 3), keepdims=True)).sum(axis=(2, 3)) == 1).all()
        assert image.min() < 0
        wins.append(walked(counts)(image, g, size, stride).max())
    assert wins[0] == 1 < max(wins)
