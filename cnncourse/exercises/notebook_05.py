"""Exercises of notebook 05: an output activation by hand, a bias that keeps few values, dead maps."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake

BY_HAND_IMAGE = np.array([[1, 0, 6], [3, 1, 0], [0, 2, 4]])
BY_HAND_KERNEL = np.array([[1, -1], [0, 2]])
BY_HAND_BIAS = -4

BY_HAND = Exercise(
    "05.1",
    title="An output activation by hand",
    stars=1,
    expected=[[0, 0], [2, 5]],
    mistakes=(
        Mistake([[-1, -10], [2, 5]], "these are the sums plus the bias: what does the ReLU do with negative ones?"),
        Mistake([[3, 0], [6, 9]], "this is the ReLU of the sums alone: the bias has no effect yet"),
        Mistake([[3, -6], [6, 9]], "these are the sums alone: bias and ReLU are still to come"),
        Mistake([[-1, -4], [2, 5]], "this adds the bias after the ReLU: an activation after a ReLU is never negative"),
        Mistake([[7, 0], [10, 13]], "this takes the bias for +4: look at its sign again"),
        Mistake([[0, 2], [0, 5]], "this is transposed: the first index counts rows, the second columns"),
        Mistake([[0, 0], [4, 0]], "this is true convolution: the layer lays the kernel on the window as it stands"),
        Mistake([[0, 2], [2, 5]], "this drops the sign of a negative sum: a ReLU makes such a value zero"),
        Mistake([[0, 0], [0, 0]], "nothing is left: the bias is added once to each sum, not to each product"),
        Mistake([[0, 0], [1, 1]], "this says where the map is above zero: a ReLU keeps the value itself"),
        Mistake([[0, 8], [2, 4]], "this multiplies matrices: each pixel is multiplied by the weight that lies on it"),
        Mistake([0, 0, 2, 5], "the four numbers are right: write them as a map, two rows of two"),
    ),
    idea="the order of the three steps: the sum of the products, the bias, the ReLU",
    hints=(
        "Four windows of 2 x 2 pixels fit into the image. Compute the four sums of products first.",
        "Add the bias to each of the four sums. Only then compare each with zero.",
    ),
)


def _random(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-3, 4, shape).astype(float)


def _real(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


# Sums without ties, for a bias below zero, above zero, and for none kept; then integers, where sums are equal.
SPARSE_CASES = (
    (_real(1, 5, 6), _real(2, 2, 3), 4),
    (_real(3, 4, 5), _real(4, 3, 2), 6),
    (_real(5, 4, 4), _real(6, 2, 2), 0),
    (_random(7, 6, 7), _random(8, 2, 2), 9),
)


def _sums(image, kernel) -> np.ndarray:
    """The sums, the largest first."""
    return np.sort(reference.correlate(image, kernel), axis=None)[::-1]


SPARSE_BIAS = Exercise(
    "05.2",
    title="A bias for a sparse map",
    stars=2,
    cases=SPARSE_CASES,
    expected=lambda image, kernel, keep: -_sums(image, kernel)[keep],
    mistakes=(
        Mistake(
            lambda image, kernel, keep: _sums(image, kernel)[keep],
            "this is the sum that must vanish: what must be added to it to give zero?",
        ),
        Mistake(
            lambda image, kernel, keep: -_sums(image, kernel)[keep - 1],
            "with this bias one value too few remains: what is exactly zero is not above zero",
        ),
        Mistake(
            lambda image, kernel, keep: -_sums(image, kernel)[keep + 1],
            "with this bias one value too many remains: which index has the first sum that must vanish?",
        ),
        Mistake(
            lambda image, kernel, keep: -_sums(image, kernel)[::-1][keep],
            "this counts from the smallest sum: a bias lets the largest ones through",
        ),
        Mistake(
            lambda image, kernel, keep: -np.maximum(0, _sums(image, kernel))[keep],
            "this applies the ReLU before the bias: a positive bias lifts negative sums above zero",
        ),
        Mistake(
            lambda image, kernel, keep: -np.sort(reference.convolve(image, kernel), axis=None)[::-1][keep],
            "this takes the sums of true convolution: the layer lays the kernel on the window as it stands",
        ),
        Mistake(
            lambda image, kernel, keep: -np.sort(np.abs(_sums(image, kernel)))[::-1][keep],
            "this sorts the sums by magnitude: a ReLU removes a negative one, however large",
        ),
        Mistake(
            lambda image, kernel, keep: -np.sort(image, axis=None)[::-1][keep],
            "this counts pixels of the image: the bias is added to the kernel's sums",
        ),
        Mistake(
            lambda image, kernel, keep: -np.unique(_sums(image, kernel))[::-1][keep],
            "this counts equal sums once: each place of the map has its own value",
        ),
        Mistake(
            lambda image, kernel, keep: -np.quantile(_sums(image, kernel), 1 - keep / _sums(image, kernel).size),
            "this lies between two sums: the largest bias is reached when one of the sums becomes exactly zero",
        ),
        Mistake(
            lambda image, kernel, keep: np.maximum(0, reference.correlate(image, kernel) - _sums(image, kernel)[keep]),
            "this is the map itself: return the bias that makes it",
        ),
    ),
    idea="which of the sums may stay above zero, and what the bias must do to the next one",
    hints=(
        "Sort all sums, the largest first. The first `keep` of them may stay above zero.",
        "The next sum must become zero or less. Which is the largest bias that does it?",
    ),
)


def _activations(seed: int) -> np.ndarray:
    """Activations (5, 5, 6, 8) after a ReLU, map 2 dead.

    Map 0 is never zero, 1 zero on the first image, 3 zero at one place of all images, 4 zero on the last image, 5
    zero but for one small value, 6 constant, 7 zero in the first row and at the last place.
    """
    maps = np.random.default_rng(seed).random((5, 5, 6, 8)) + 0.5
    maps[0, :, :, 1] = 0
    maps[..., 2] = 0
    maps[:, 0, 0, 3] = 0
    maps[-1, :, :, 4] = 0
    maps[..., 5] = 0
    maps[2, 2, 3, 5] = 1e-4
    maps[..., 6] = 0.5
    maps[:, 0, :, 7] = maps[:, -1, -1, 7] = 0
    return maps


DEAD_CASES = ((_activations(1),), (_activations(2)[:, ::-1, :, ::-1].copy(),))

DEAD_MAPS = Exercise(
    "05.3",
    title="Which maps are dead?",
    stars=2,
    cases=DEAD_CASES,
    expected=lambda activations: activations.max(axis=(0, 1, 2)) <= 0,
    mistakes=(
        Mistake(
            lambda activations: (activations.max(axis=(1, 2)) <= 0).any(axis=0),
            "a map that is silent on one image and answers to another is not dead: look at all images",
        ),
        Mistake(
            lambda activations: activations[0].max(axis=(0, 1)) <= 0,
            "this looks at the first image only: another image may excite the map",
        ),
        Mistake(
            lambda activations: activations.min(axis=(0, 1, 2)) <= 0,
            "this finds maps with a zero somewhere: which value of a map must be zero if all are?",
        ),
        Mistake(
            lambda activations: activations.max(axis=(0, 1, 2)) > 0,
            "these are the maps that are alive: True is for the dead ones",
        ),
        Mistake(
            lambda activations: activations.max(axis=(0, 1, 2)) < 0,
            "no map is dead by this rule: after a ReLU nothing is negative, a silent map is exactly zero",
        ),
        Mistake(
            lambda activations: activations.max(axis=(1, 2)) <= 0,
            "this is one answer for each image and map: a map gets one answer for all images",
        ),
        Mistake(
            lambda activations: activations.max(axis=(1, 2, 3)) <= 0,
            "this asks which images excite no map: the axis that remains must be that of the channels, the last",
        ),
        Mistake(
            lambda activations: activations.max(axis=(0, 1, 2)) < 0.01,
            "one map has a single small value, at one place of one image, and is alive: no threshold, mean or "
            "majority decides, and no image or place may be left out",
        ),
        Mistake(
            lambda activations: activations.std(axis=(0, 1, 2)) == 0,
            "one map has the same value everywhere, above zero: it is alive",
        ),
        Mistake(
            lambda activations: np.flatnonzero(activations.max(axis=(0, 1, 2)) <= 0),
            "these are the numbers of the dead maps: expected True or False for every map",
        ),
    ),
    idea="what must hold over images, rows and columns for a map to be dead, and which axis remains",
    hints=(
        "A map is alive as soon as one value of it is above zero. Which single value decides, then?",
        "NumPy takes several axes at once: axis=(0, 1, 2) goes over images, rows and columns.",
    ),
)

EXERCISES = (BY_HAND, SPARSE_BIAS, DEAD_MAPS)
