"""Exercises of notebook 13: a stage of VGG counted, batch normalisation in another order, and moving averages."""

import functools

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
        Mistake(CONVOLUTIONS + 2 * SCALES_AND_SHIFTS, "the moving averages are counted as well: are they learned?"),
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
            Mistake(
                3 * 9 * first * 256 + SCALES_AND_SHIFTS,
                "all three convolutions are counted with as many channels: the first reads what stage 2 puts out",
            )
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


NORMALISE_CASES = (  # as many columns as channels: an array that lines up with the columns runs, and gets its message
    (_maps(1, 4, 3, 5, 3), np.array([1.5, 0.5, 2.0]), np.array([0.0, 3.0, -1.0]), 1e-3),
    (_maps(2, 3, 2, 4, 2), np.array([-1.0, 2.0]), np.array([1.0, -2.0]), 1e-2),
    (_maps(3, 2, 4, 4, 4), np.array([1.0, 1.5, 2.0, 2.5]), np.array([0.0, 1.0, 2.0, 3.0]), 1e-3),  # sizes alike
)


def _normalise(axes=(0, 2, 3), root=lambda v, e: np.sqrt(v + e), scale=1, shift=1, centre=1, columns="", ddof=0):
    """Batch normalisation with something changed; `columns` names what lines up with the last axis."""

    def normalise(x, gamma, beta, epsilon):
        gamma, beta = (np.reshape(a, -1 if "scale" in columns else (-1, 1, 1)) for a in (gamma, beta))
        mean, variance = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True, ddof=ddof)
        if "mean" in columns:
            mean, variance = mean.ravel(), variance.ravel()
        y = (x - mean * centre) / root(variance, epsilon)
        return y * (gamma if scale else 1) + beta * shift

    return normalise


NORMALISE = Exercise(
    "13.2",
    title="Batch normalisation with channels first",
    stars=2,
    cases=NORMALISE_CASES,
    expected=_normalise(),
    mistakes=(
        Mistake(_normalise(axes=(2, 3)), "each image is normalised by itself: over what else is the mean taken?"),
        Mistake(_normalise(axes=0), "each place is normalised by itself: the mean runs over all places, too"),
        Mistake(_normalise(axes=(1, 2, 3)), "each image is normalised over all its channels: each has its own mean"),
        Mistake(_normalise(axes=(0, 1, 2, 3)), "all channels share one mean: each channel has its own"),
        Mistake(_normalise(axes=(0, 1, 2)), "the mean is taken as if channels were last: which axis holds them here?"),
        Mistake(
            _normalise(root=lambda v, e: np.sqrt(v) + e),
            "epsilon is added to the square root: where does it stand in the formula?",
        ),
        Mistake(_normalise(root=lambda v, e: np.sqrt(v)), "epsilon has no effect"),
        Mistake(_normalise(root=lambda v, e: v + e), "x is divided by the variance: what has the unit of x?"),
        Mistake(_normalise(scale=0), "gamma has no effect"),
        Mistake(_normalise(shift=0), "beta has no effect"),
        Mistake(_normalise(scale=0, shift=0), "neither gamma nor beta has an effect"),
        Mistake(_normalise(centre=0), "the mean is not taken away"),
        Mistake(_normalise(ddof=1), "the variance divides by one less than the count, unlike the formula"),
        Mistake(
            _normalise(axes=(0, 1, 2), columns="scale"),
            "all is done as if channels were last: which axis holds them here?",
        ),
        Mistake(
            _normalise(columns="scale"),
            "gamma and beta line up with the columns: in which shape do they line up with the channels?",
        ),
        *(
            Mistake(
                _normalise(columns=columns),
                "mean and variance line up with the columns: in which shape do they line up with the channels?",
            )
            for columns in ("mean", "mean, scale")
        ),
        Mistake(
            lambda *case: np.moveaxis(_normalise()(*case), 1, -1),
            "the result is still (N, H, W, C): move the channels back",
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


def _averages(share=lambda m: m, take=None, start=(0.0, 1.0), measure=(np.mean, np.var), order=lambda b: b):
    """Moving averages with something changed."""

    def averages(batches, momentum):
        kept = share(momentum)
        taken = 1 - kept if take is None else take
        stored = [np.full(batches[0].shape[-1], float(value)) for value in start]
        for x in order(batches):
            stored = [kept * old + taken * m(x, axis=(0, 1, 2)) for old, m in zip(stored, measure, strict=True)]
        return np.stack(stored)

    return averages


def _mean_of_all(batches, momentum):
    return np.stack([np.mean([f(x, axis=(0, 1, 2)) for x in batches], axis=0) for f in (np.mean, np.var)])


def _around_moving_mean(batches, momentum, *, updated):
    mean, variance = np.zeros(batches[0].shape[-1]), np.ones(batches[0].shape[-1])
    for x in batches:
        new = momentum * mean + (1 - momentum) * x.mean(axis=(0, 1, 2))
        around = ((x - (new if updated else mean)) ** 2).mean(axis=(0, 1, 2))
        mean, variance = new, momentum * variance + (1 - momentum) * around
    return np.stack([mean, variance])


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
        Mistake(_averages(measure=(np.mean, np.std)), "standard deviations are averaged: the layer stores variances"),
        Mistake(_averages(share=lambda momentum: 0), "these are the last batch's own mean and variance"),
        Mistake(_mean_of_all, "all batches count alike: the older a batch, the less is left of it"),
        Mistake(_averages(take=1), "the batch's share is missing: both shares add up to 1"),
        *(
            Mistake(
                functools.partial(_around_moving_mean, updated=updated),
                "the variance is taken around the moving mean: around which mean does the formula take it?",
            )
            for updated in (True, False)
        ),
        Mistake(_averages(order=lambda b: b[-1:]), "only the last batch is used: each batch makes a step"),
        Mistake(
            _averages(order=lambda b: [np.concatenate(b)]),
            "all batches are joined to one: each batch makes a step",
        ),
        Mistake(_first_batch_is_start, "the first batch is taken as the start: the layer starts before any batch"),
        Mistake(_averages(order=lambda b: b[::-1]), "the batches are taken in the opposite order"),
        Mistake(lambda *case: _averages()(*case)[::-1], "mean and variance are exchanged: the mean comes first"),
        Mistake(lambda *case: _averages()(*case).T, "the numbers are right, but rows and columns are exchanged"),
        Mistake(
            _averages(measure=(np.mean, lambda x, axis: x.var(axis=axis, ddof=1))),
            "the variance divides by one less than the count, unlike the formula",
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
        Mistake(_pair(lambda m, v, e: np.sqrt(v), _mean), "epsilon has no effect: what does the layer divide by?"),
        Mistake(
            _pair(lambda m, v, e: np.sqrt(v) + e, _mean),
            "epsilon is added to the square root: where does it stand in the formula?",
        ),
        Mistake(
            _pair(lambda m, v, e: v + e, _mean),
            "gamma undoes a division by the variance: what exactly does the layer divide by?",
        ),
        Mistake(_pair(lambda m, v, e: v, _mean), "gamma is the variance: what exactly does the layer divide by?"),
        Mistake(_pair(lambda *case: 1 / _root(*case), _mean), "gamma divides once more: it has to undo the division"),
        Mistake(_pair(_root, lambda m, v, e: -m), "beta takes the mean away once more: it has to put it back"),
        Mistake(
            _pair(_root, lambda m, v, e: np.zeros_like(m)),
            "beta is 0: then the mean, which the layer takes away, is missing",
        ),
        Mistake(
            _pair(_root, lambda m, v, e: m / _root(m, v, e)),
            "beta is added after gamma: where x is the moving mean, what is left but beta?",
        ),
        Mistake(
            _pair(_root, lambda m, v, e: m * _root(m, v, e)),
            "beta is the mean times gamma: set the formula equal to x and look at what is left",
        ),
        Mistake(
            lambda m, v, e: np.stack([np.ones_like(m), np.zeros_like(m)]),
            "these are the values at the start: with them the layer gives mean 0 and variance 1",
        ),
        Mistake(
            lambda m, v, e: np.stack([np.full_like(m, np.sqrt(1 + e)), np.zeros_like(m)]),
            "this undoes a mean of 0 and a variance of 1, as in `deepen`: this layer has others",
        ),
        Mistake(
            lambda *case: _pair(_root, _mean)(*case).T,
            "the numbers are right, but rows and columns are exchanged",
        ),
        Mistake(lambda *case: _pair(_root, _mean)(*case)[::-1], "gamma and beta are exchanged: the scale comes first"),
    ),
    idea="what the layer does to x at test time, step by step, and how gamma and beta undo it",
    hints=(
        "Write the formula of the test time and set y = x. It must hold for every x.",
        "First let x be the moving mean: what must beta be? Then let x be one more than that.",
    ),
)

EXERCISES = (LEARNED_IN_STAGE, NORMALISE, AVERAGES, COPY)
