"""Exercises of notebook 13: a stage of VGG counted, batch normalisation in another order, and moving averages."""

import numpy as np

from .engine import Exercise, Mistake

CONVOLUTIONS = 9 * 128 * 256 + 2 * 9 * 256 * 256  # weights of the three convolutions
SCALES_AND_SHIFTS = 3 * 2 * 256

LEARNED_IN_STAGE = Exercise(
    "13.1",
    title="A stage of VGG with batch normalisation",
    stars=1,
    expected=CONVOLUTIONS + SCALES_AND_SHIFTS,
    mistakes=(
        Mistake(
            CONVOLUTIONS + 2 * SCALES_AND_SHIFTS,
            "the moving means and variances are counted as well: are they learned?",
        ),
        Mistake(CONVOLUTIONS, "only the convolutions are counted: what does a BatchNorm learn?"),
        Mistake(SCALES_AND_SHIFTS, "only the BatchNorms are counted: the convolutions have weights, too"),
        Mistake(
            CONVOLUTIONS + SCALES_AND_SHIFTS // 2,
            "one number a channel stands behind each convolution: a bias, or half of what a BatchNorm learns",
        ),
        Mistake(
            CONVOLUTIONS + SCALES_AND_SHIFTS // 3,
            "one BatchNorm is counted: there is one behind each convolution",
        ),
        Mistake(
            CONVOLUTIONS + SCALES_AND_SHIFTS + 3 * 256,
            "the biases of the convolutions are counted, but they are left out here",
        ),
        *(
            Mistake(3 * 9 * first * 256 + SCALES_AND_SHIFTS, "all three convolutions read the same number of channels")
            for first in (128, 256)
        ),
        Mistake(
            (128 * 256 + 2 * 256 * 256) + SCALES_AND_SHIFTS,
            "each kernel has a single weight for a channel: how many pixels does it see?",
        ),
    ),
    idea="how many channels each of the three convolutions reads, and what a BatchNorm learns for each channel",
    hints=(
        "The first convolution reads 128 channels. How many do the second and the third read?",
        "The weights of a convolution: kernel height times kernel width times channels read times kernels.",
        "Four numbers a channel belong to a BatchNorm. For which of them does the loss have a derivative?",
    ),
)


def _maps(seed, *shape):
    """Maps (N, C, H, W) whose channels and images differ in mean and spread; the last channel is nearly constant."""
    random = np.random.default_rng(seed)
    spread = np.linspace(3, 0.02, shape[1]).reshape(1, -1, 1, 1) * np.linspace(1, 2, shape[0]).reshape(-1, 1, 1, 1)
    return random.normal(size=shape) * spread + random.normal(size=(shape[0], shape[1], 1, 1)) * spread + 2


NORMALISE_CASES = (
    (_maps(1, 4, 3, 5, 6), np.array([1.5, 0.5, 2.0]), np.array([0.0, 3.0, -1.0]), 1e-3),
    (_maps(2, 3, 2, 4, 2), np.array([-1.0, 2.0]), np.array([1.0, -2.0]), 1e-2),
    (_maps(3, 2, 4, 4, 4), np.array([1.0, 1.5, 2.0, 2.5]), np.array([0.0, 1.0, 2.0, 3.0]), 1e-3),  # sizes alike
)


def _normalise(axes=(0, 2, 3), root=lambda v, e: np.sqrt(v + e), scale=True, shift=True, centre=True):
    """Batch normalisation with something changed."""

    def normalise(x, gamma, beta, epsilon):
        gamma, beta = (np.asarray(a).reshape(-1, 1, 1) for a in (gamma, beta))
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
        y = (x - mean * centre) / root(variance, epsilon)
        return y * (gamma if scale else 1) + (beta if shift else 0)

    return normalise


def _sample_variance(x, gamma, beta, epsilon):
    variance = x.var(axis=(0, 2, 3), ddof=1).reshape(-1, 1, 1)
    mean = x.mean(axis=(0, 2, 3)).reshape(-1, 1, 1)
    return np.reshape(gamma, (-1, 1, 1)) * (x - mean) / np.sqrt(variance + epsilon) + np.reshape(beta, (-1, 1, 1))


NORMALISE = Exercise(
    "13.2",
    title="Batch normalisation with channels first",
    stars=2,
    cases=NORMALISE_CASES,
    expected=_normalise(),
    mistakes=(
        Mistake(
            _normalise(axes=(2, 3)),
            "each image is normalised by itself: over what is the mean taken besides the places?",
        ),
        Mistake(_normalise(axes=0), "each place is normalised by itself: the mean runs over all places, too"),
        Mistake(
            _normalise(axes=(1, 2, 3)),
            "each image is normalised over all its channels: each channel has its own mean",
        ),
        Mistake(
            _normalise(axes=(0, 1, 2, 3)),
            "all channels share one mean and one variance: each channel has its own",
        ),
        Mistake(_normalise(axes=(0, 1, 2)), "the mean is taken as if channels were last: which axis holds them here?"),
        Mistake(
            _normalise(root=lambda variance, epsilon: np.sqrt(variance) + epsilon),
            "epsilon is added to the square root: look again at where it stands in the formula",
        ),
        Mistake(_normalise(root=lambda variance, epsilon: np.sqrt(variance)), "epsilon has no effect"),
        Mistake(
            _normalise(root=lambda variance, epsilon: variance + epsilon),
            "the difference is divided by the variance: what has the unit of x?",
        ),
        Mistake(_normalise(scale=False), "gamma has no effect"),
        Mistake(_normalise(shift=False), "beta has no effect"),
        Mistake(_normalise(scale=False, shift=False), "neither gamma nor beta has an effect"),
        Mistake(_normalise(centre=False), "the mean is not taken away"),
        Mistake(
            _sample_variance,
            "the variance divides by one less than the count: the formula divides by the count",
        ),
    ),
    idea="over which axes mean and variance are taken, and with which axis gamma and beta must line up",
    hints=(
        "Which of the four axes has one mean for each of its entries? The mean runs over the other three.",
        "With `keepdims=True` the mean has the shape (1, C, 1, 1), which NumPy can subtract from x.",
        "NumPy lines up the last axes: (C,) would meet the columns. Which shape must gamma and beta have?",
    ),
)


def _batches(seed, count, channels=3):
    random = np.random.default_rng(seed)
    places = np.arange(1, channels + 1)
    return [random.normal(size=(n, 2, 3, channels)) * places * (1 + n) + 5 * places - n for n in range(2, 2 + count)]


AVERAGE_CASES = ((_batches(1, 1), 0.9), (_batches(2, 3), 0.9), (_batches(3, 5, 2), 0.75))


def _averages(
    axes=(0, 1, 2), share=lambda m: m, start=(0.0, 1.0), measure=(np.mean, np.var), order=lambda batches: batches
):
    """Moving averages with something changed."""

    def averages(batches, momentum):
        kept = share(momentum)
        stored = [np.full(batches[0].shape[-1], float(value)) for value in start]
        for x in order(batches):
            stored = [kept * old + (1 - kept) * m(x, axis=axes) for old, m in zip(stored, measure, strict=True)]
        return np.stack(stored)

    return averages


def _mean_of_all(batches, momentum):
    return np.stack([np.mean([f(x, axis=(0, 1, 2)) for x in batches], axis=0) for f in (np.mean, np.var)])


def _decayed(batches, momentum):
    """The new share is left out: old values fade, and each batch counts fully."""
    stored = [np.zeros(batches[0].shape[-1]), np.ones(batches[0].shape[-1])]
    for x in batches:
        stored = [momentum * old + f(x, axis=(0, 1, 2)) for old, f in zip(stored, (np.mean, np.var), strict=True)]
    return np.stack(stored)


def _first_batch_is_start(batches, momentum):
    stored = [f(batches[0], axis=(0, 1, 2)) for f in (np.mean, np.var)]
    for x in batches[1:]:
        new = [f(x, axis=(0, 1, 2)) for f in (np.mean, np.var)]
        stored = [momentum * a + (1 - momentum) * b for a, b in zip(stored, new, strict=True)]
    return np.stack(stored)


AVERAGES = Exercise(
    "13.3",
    title="Moving averages",
    stars=2,
    cases=AVERAGE_CASES,
    expected=_averages(),
    mistakes=(
        Mistake(
            _averages(share=lambda momentum: 1 - momentum),
            "the shares are exchanged: with a momentum near 1, does the layer keep much or little?",
        ),
        Mistake(_averages(start=(0, 0)), "the moving variance starts at 0: at what does it start in Keras?"),
        Mistake(_averages(start=(1, 1)), "the moving mean starts at 1: at what does it start in Keras?"),
        Mistake(_averages(start=(1, 0)), "the starts of mean and variance are exchanged"),
        Mistake(
            _averages(measure=(np.mean, np.std)),
            "standard deviations are averaged: the layer stores variances",
        ),
        Mistake(_averages(share=lambda momentum: 0), "these are the last batch's own mean and variance"),
        Mistake(_mean_of_all, "all batches count alike: the older a batch, the less is left of it"),
        Mistake(_decayed, "the batch's share is missing: both shares add up to 1"),
        Mistake(_first_batch_is_start, "the first batch is taken as the start: the layer starts before any batch"),
        Mistake(
            _averages(order=lambda batches: batches[::-1]),
            "the batches are taken in the opposite order: the last one counts most",
        ),
        Mistake(
            lambda batches, momentum: _averages()(batches, momentum)[::-1],
            "mean and variance are exchanged: the mean comes first",
        ),
        Mistake(
            lambda batches, momentum: _averages()(batches, momentum).T,
            "the numbers are right, but rows and columns are exchanged: the shape is (2, C)",
        ),
        Mistake(
            _averages(measure=(np.mean, lambda x, axis: x.var(axis=axis, ddof=1))),
            "the variance divides by one less than the count: the formula divides by the count",
        ),
    ),
    idea="where the two averages start, which share each step keeps, and which it takes from the batch",
    hints=(
        "What does a layer store that has seen no batch at all?",
        "One step, twice: a share of what was stored, plus a share of the batch's mean or variance. They add up to 1.",
        "The means of a batch run over all axes but the last, as in the formula of the notebook.",
    ),
)

COPY_CASES = (
    (np.array([0.5, -2.0, 3.0]), np.array([4.0, 0.25, 0.01]), 1e-3),
    (np.array([1.0, 0.0]), np.array([0.02, 9.0]), 1e-2),
)


def _pair(gamma, beta):
    return lambda mean, variance, epsilon: np.stack([gamma(mean, variance, epsilon), beta(mean, variance, epsilon)])


def _root(mean, variance, epsilon):
    return np.sqrt(variance + epsilon)


def _mean(mean, variance, epsilon):
    return mean


COPY = Exercise(
    "13.4",
    title="A batch normalisation that does nothing",
    stars=2,
    cases=COPY_CASES,
    expected=_pair(_root, _mean),
    mistakes=(
        Mistake(
            _pair(lambda mean, variance, epsilon: np.sqrt(variance), _mean),
            "epsilon has no effect: what exactly does the layer divide by?",
        ),
        Mistake(
            _pair(lambda mean, variance, epsilon: np.sqrt(variance) + epsilon, _mean),
            "epsilon is added to the square root: look again at where it stands in the formula",
        ),
        Mistake(
            _pair(lambda mean, variance, epsilon: variance + epsilon, _mean),
            "gamma undoes a division by the variance: what exactly does the layer divide by?",
        ),
        Mistake(
            _pair(lambda mean, variance, epsilon: variance, _mean),
            "gamma is the variance: what exactly does the layer divide by?",
        ),
        Mistake(
            _pair(lambda *case: 1 / _root(*case), _mean),
            "gamma divides once more: it has to undo the division",
        ),
        Mistake(
            _pair(_root, lambda mean, variance, epsilon: -mean),
            "beta takes the mean away once more: it has to put it back",
        ),
        Mistake(
            _pair(_root, lambda mean, variance, epsilon: np.zeros_like(mean)),
            "beta is 0: then the mean, which the layer takes away, is missing",
        ),
        Mistake(
            _pair(_root, lambda mean, variance, epsilon: mean / _root(mean, variance, epsilon)),
            "beta puts back the mean in the units before the scale: gamma does not multiply beta",
        ),
        Mistake(
            _pair(_root, lambda mean, variance, epsilon: mean * _root(mean, variance, epsilon)),
            "beta is the mean times gamma: set the formula equal to x and look at what is left",
        ),
        Mistake(
            lambda mean, variance, epsilon: np.stack([np.ones_like(mean), np.zeros_like(mean)]),
            "these are the values at the start: with them the layer gives mean 0 and variance 1",
        ),
        Mistake(
            lambda *case: _pair(_root, _mean)(*case)[::-1],
            "gamma and beta are exchanged: the scale comes first",
        ),
    ),
    idea="what the layer does to x at test time, step by step, and how gamma and beta undo it",
    hints=(
        "Write the formula of the test time and set y = x. It must hold for every x.",
        "First let x be the moving mean: what must beta be? Then let x be one more than that.",
    ),
)

EXERCISES = (LEARNED_IN_STAGE, NORMALISE, AVERAGES, COPY)
