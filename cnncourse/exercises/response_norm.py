"""Exercise 11.4, local response normalisation: its cases, and the sums over channels that go wrong."""

import numpy as np

from .engine import Exercise, Mistake


def _norm_cases():
    random = np.random.default_rng(12)
    for shape, spread, numbers in (
        ((2, 2, 3, 8), 100, (5, 2.0, 1e-4, 0.75)),
        ((1, 4, 3, 6), 1, (3, 1.0, 0.5, 0.5)),
        ((2, 1, 5, 4), 2, (7, 0.5, 0.2, 2.0)),
        ((1, 2, 2, 3), 3, (1, 1.5, 0.1, 1.0)),
    ):
        yield random.normal(0, spread, shape), *numbers


def _window_sums(values, n, axis=-1, before=None):
    """Sums of n neighbours along an axis, those beyond the ends left out; `before` of them come before the middle."""
    before = n // 2 if before is None else before
    moved = np.moveaxis(values, axis, -1)
    padded = np.pad(moved, [(0, 0)] * 3 + [(before, n - 1 - before)])
    return np.moveaxis(sum(padded[..., j : j + moved.shape[-1]] for j in range(n)), -1, axis)


def _norm(x, n, k, alpha, beta, *, sums=lambda x, n: _window_sums(x**2, n)):
    return x / (k + alpha * sums(x, n)) ** beta


def _with_sums(sums):
    return lambda x, n, k, alpha, beta: _norm(x, n, k, alpha, beta, sums=sums)


def _overwriting(x, n, k, alpha, beta):
    for m in range(x.shape[-1]):
        window = x[..., max(m - n // 2, 0) : m + n // 2 + 1]
        x[..., m] /= (k + alpha * (window**2).sum(axis=-1)) ** beta
    return x


def _rolled(x, n):
    return sum(np.roll(x**2, step, axis=-1) for step in range(-(n // 2), n // 2 + 1))


def _wrapped_left(x, n):
    """Negative indices on the left are the last channels; on the right the windows end."""
    last, reach = x.shape[-1] - 1, n // 2
    windows = [[j % (last + 1) for j in range(m - reach, min(m + reach, last) + 1)] for m in range(last + 1)]
    return np.stack([(x[..., window] ** 2).sum(axis=-1) for window in windows], axis=-1)


def _one_short(x, n):
    windows = [x[..., max(m - n // 2, 0) : m + n // 2] for m in range(x.shape[-1])]
    return np.stack([(window**2).sum(axis=-1) for window in windows], axis=-1)


def _real_neighbours(x, n):
    return _window_sums(np.ones_like(x), n)


ONE_SIDED = "the neighbourhood lies on one side of the channel: the channel stands in its middle"
MEAN = "this takes the mean of the squares: the formula has their sum"
SPATIAL = "the neighbours are pixels here: the sum runs over channels at one place"
RESPONSE_NORM = Exercise(
    "11.4",
    title="Local response normalisation",
    stars=3,
    cases=tuple(_norm_cases()),
    expected=_norm,
    mistakes=(
        Mistake(
            _with_sums(_rolled), "the first and the last channel are neighbours here: beyond them there is nothing"
        ),
        Mistake(
            _with_sums(_wrapped_left),
            "a negative index takes the last channels: on the left of the first channel there is nothing",
        ),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, 5)), "n has no effect: other neighbourhoods than 5 occur"),
        Mistake(
            _with_sums(_one_short),
            "the last neighbour is missing: a slice ends one before its end",
        ),
        Mistake(
            _with_sums(lambda x, n: _window_sums(x, n) ** 2),
            "this squares the sum: the formula sums the squares",
        ),
        Mistake(_with_sums(lambda x, n: _window_sums(abs(x), n)), "the values are to be squared before the sum"),
        Mistake(_with_sums(lambda x, n: _window_sums(x, n)), "the values are to be squared before the sum"),
        Mistake(
            _overwriting,
            "channels are overwritten while others still read them: write into a new array",
        ),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n) / n), MEAN),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n) / _real_neighbours(x, n)), MEAN),
        Mistake(
            _with_sums(lambda x, n: _window_sums(x**2, 2 * n + 1)),
            "there are n channels on each side here: n is all of them",
        ),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n, before=0)), ONE_SIDED),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n, before=n - 1)), ONE_SIDED),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n, axis=1)), SPATIAL),
        Mistake(_with_sums(lambda x, n: _window_sums(x**2, n, axis=2)), SPATIAL),
        Mistake(
            _with_sums(lambda x, n: (x**2).sum(axis=-1, keepdims=True)),
            "the sum runs over all channels: only n of them are neighbours",
        ),
        Mistake(
            _with_sums(lambda x, n: _window_sums(x**2, n) - x**2),
            "the channel itself is left out of the sum: it belongs to its neighbourhood",
        ),
        Mistake(
            lambda x, n, k, alpha, beta: x * (k + alpha * _window_sums(x**2, n)) ** beta,
            "strong neighbours make a value larger here: it is divided, not multiplied",
        ),
        Mistake(
            lambda x, n, k, alpha, beta: x / (k + alpha * _window_sums(x**2, n) ** beta),
            "beta is the power of the sum of squares alone here: what stands in the brackets?",
        ),
        Mistake(
            lambda x, n, k, alpha, beta: x / (k + alpha * _window_sums(x**2, n)),
            "beta has no effect",
        ),
    ),
    idea="which channels belong to the neighbourhood of a channel, and what is summed over them",
    hints=(
        "Square first, then add up n arrays, each shifted by one channel against the one before.",
        "np.pad with zeros on the last axis makes room for the channels that do not exist.",
        "Padded by n // 2 on both sides, slice number j of the padded squares is [..., j : j + C].",
    ),
)
