"""Exercise 11.4, local response normalisation: right in every form, and each mistake with its own message."""

import numpy as np
import pytest

from cnncourse.layers import LocalResponseNormalization
from tests.verdicts import assert_correct, assert_wrong


def norm_by_channels(x, n, k, alpha, beta):
    out = np.empty_like(x)
    for m in range(x.shape[-1]):
        window = x[..., max(0, m - n // 2) : m + n // 2 + 1]
        out[..., m] = x[..., m] / (k + alpha * np.sum(window**2, axis=-1)) ** beta
    return out


def near_channels(x, n):
    channel = np.arange(x.shape[-1])
    return np.abs(channel - channel[:, None]) <= n // 2


def norm_by_band(x, n, k, alpha, beta, *, near=None):
    channel = np.arange(x.shape[-1])
    distance = channel - channel[:, None]
    band = np.abs(distance) <= n // 2 if near is None else near(distance, n)
    return x * (k + alpha * (x**2 @ band)) ** -beta


@pytest.mark.parametrize(
    "answer",
    [
        norm_by_channels,
        norm_by_band,
        lambda x, n, k, alpha, beta: LocalResponseNormalization(n, k, alpha, beta)(x.astype("float32")),
    ],
)
def test_response_norm_is_right_in_every_form(answer):
    assert_correct("11.4", answer)


def norm_by_indices(x, n, k, alpha, beta):
    """Counts on negative indices, which are the last channels in Python."""
    out = np.empty_like(x)
    for m in range(x.shape[-1]):
        total = sum(x[..., j] ** 2 for j in range(m - n // 2, m + n // 2 + 1) if j < x.shape[-1])
        out[..., m] = x[..., m] / (k + alpha * total) ** beta
    return out


def norm_in_place(x, n, k, alpha, beta):
    for m in range(x.shape[-1]):
        x[..., m] = norm_by_channels(x, n, k, alpha, beta)[..., m]
    return x


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (norm_by_indices, "a negative index takes the last channels"),
        (norm_in_place, "overwritten while others still read them"),
        (lambda x, n, k, a, b: norm_by_band(x, 5, k, a, b), "n has no effect"),
        (
            lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: (d <= n // 2) & (d > -(n // 2))),
            "a slice ends one before its end",
        ),
        (lambda x, n, k, a, b: x / (k + a * (x @ near_channels(x, n)) ** 2) ** b, "squares the sum"),
        (lambda x, n, k, a, b: x / (k + a * (abs(x) @ near_channels(x, n))) ** b, "squared before the sum"),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a / n, b), "takes the mean"),
        (
            lambda x, n, k, a, b: (
                x
                / (
                    k
                    + a
                    * np.stack(
                        [(x[..., max(0, m - n // 2) : m + n // 2 + 1] ** 2).mean(-1) for m in range(x.shape[-1])], -1
                    )
                )
                ** b
            ),
            "takes the mean",
        ),
        (
            lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: abs(d) <= n),
            "n is all of them",
        ),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: (d >= 0) & (d < n)), "on one side"),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: (d <= 0) & (d > -n)), "on one side"),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: d > -99), "over all channels"),
        (
            lambda x, n, k, a, b: norm_by_band(x, n, k, a, b, near=lambda d, n: (d != 0) & (abs(d) <= n // 2)),
            "itself is left out",
        ),
        (lambda x, n, k, a, b: norm_by_channels(x.swapaxes(1, 3), n, k, a, b).swapaxes(1, 3), "are pixels here"),
        (lambda x, n, k, a, b: norm_by_channels(x.swapaxes(2, 3), n, k, a, b).swapaxes(2, 3), "are pixels here"),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a, -b), "divided, not multiplied"),
        (lambda x, n, k, a, b: norm_by_band(x, n, k, a, 1.0), "beta has no effect"),
        (lambda x, n, k, a, b: x / (k + a * (x / norm_by_band(x, n, 0, 1, 1.0)) ** b), "what stands in the brackets?"),
        (lambda x, n, k, a, b: norm_by_band(x, n, 0, a, b), "look again at which channels"),
    ],
)
def test_response_norm_names_the_mistake(answer, phrase):
    assert_wrong("11.4", answer, phrase)


def test_a_ring_of_channels_is_named():
    def ring(x, n, k, alpha, beta):
        total = np.zeros_like(x)
        for step in range(n):
            total += np.roll(x, step - n // 2, axis=3) ** 2
        return x / (k + alpha * total) ** beta

    assert_wrong("11.4", ring, "the first and the last channel are neighbours")
