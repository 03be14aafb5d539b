"""The checks of notebook 13: right answers in several forms, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import costs, exercises
from cnncourse.exercises import notebook_13
from tests.verdicts import assert_correct, assert_wrong


def blank(*_):
    """A blank with a docstring."""
    ...


@pytest.mark.parametrize(
    ("exercise_id", "answer"), [("13.1", ...), ("13.2", blank), ("13.3", blank), ("13.3", ...), ("13.4", blank)]
)
def test_a_blank_is_not_attempted(exercise_id, answer):
    assert exercises.verdict(exercise_id, answer).status == "not attempted"


# 13.1, a stage of VGG with batch normalisation


def stage(*, bias=False, norm=True):
    """The stage in Keras."""
    net = keras.Sequential([keras.Input((8, 8, 128))])
    for _ in range(3):
        net.add(keras.layers.Conv2D(256, 3, padding="same", use_bias=bias))
        if norm:
            net.add(keras.layers.BatchNormalization())
    return net


@pytest.mark.parametrize("answer", [1_476_096, 1_476_096.0, np.int64(1_476_096)])
def test_the_stage_is_right_in_every_form(answer):
    assert_correct("13.1", answer)


def test_the_stage_is_that_of_keras():
    assert_correct("13.1", costs.count_parameters(stage()))
    assert_correct("13.1", sum(np.size(v) for v in stage().trainable_variables))


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (stage().count_params(), "are they learned"),
        (stage(norm=False).count_params(), "only the convolutions"),
        (stage(bias=True, norm=False).count_params(), "a bias, or half"),
        (costs.count_parameters(stage(bias=True)), "left out here"),
        (6 * 256, "only the BatchNorms"),
        (9 * 128 * 256 + 18 * 256 * 256 + 2 * 256, "one BatchNorm is counted"),
        (27 * 256 * 256 + 6 * 256, "with as many channels"),
        (27 * 128 * 256 + 6 * 256, "with as many channels"),
        (128 * 256 + 2 * 256 * 256 + 6 * 256, "how many pixels does it see"),
        (1_476_097, "how many channels each of the three"),
    ],
)
def test_a_wrong_stage_has_its_message(answer, phrase):
    assert_wrong("13.1", answer, phrase)


# 13.2, batch normalisation with channels first


def by_moving_the_axis(x, gamma, beta, epsilon):
    y = np.moveaxis(x, 1, -1)
    y = (y - y.mean((0, 1, 2))) / np.sqrt(y.var((0, 1, 2)) + epsilon)
    return np.moveaxis(gamma * y + beta, -1, 1)


def by_loops(x, gamma, beta, epsilon):
    y = np.empty_like(x)
    for m in range(x.shape[1]):
        values = x[:, m]
        y[:, m] = gamma[m] * (values - values.mean()) / (values.var() + epsilon) ** 0.5 + beta[m]
    return y


def by_keras(x, gamma, beta, epsilon):
    layer = keras.layers.BatchNormalization(axis=1, epsilon=epsilon)
    layer.build(x.shape)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    return layer(x.astype("float32"), training=True)


@pytest.mark.parametrize("answer", [by_moving_the_axis, by_loops, by_keras])
def test_normalisation_is_right_in_every_form(answer):
    assert_correct("13.2", answer)


def over(*axes, add=lambda v, e: (v + e) ** 0.5, ddof=0):
    """A student's normalisation over some axes."""

    def normalise(x, gamma, beta, epsilon):
        mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True, ddof=ddof)
        return gamma[:, None, None] * (x - mean) / add(variance, epsilon) + beta[:, None, None]

    return normalise


def without(scale=1.0, shift=1.0):
    return lambda x, gamma, beta, epsilon: by_loops(x, gamma**scale, shift * beta, epsilon)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (over(2, 3), "each image is normalised by itself: over what"),
        (over(1, 2, 3), "over all its channels"),
        (over(0, 1, 2, 3), "all channels share"),
        (over(0), "each place is normalised"),
        (over(0, 1, 2), "as if channels were last"),
        (over(0, 2, 3, add=lambda v, e: v**0.5 + e), "added to the square root"),
        (over(0, 2, 3, add=lambda v, e: v**0.5), "epsilon has no effect"),
        (over(0, 2, 3, add=lambda v, e: v + e), "divided by the variance"),
        (over(0, 2, 3, ddof=1), "one less than the count"),
        (without(scale=0), "gamma has no effect"),
        (without(shift=0), "beta has no effect"),
        (without(scale=0, shift=0), "neither gamma nor beta"),
        (lambda x, gamma, beta, epsilon: by_loops(x, gamma, beta, epsilon) + 1, "over which axes"),
        (lambda x, gamma, beta, epsilon: by_loops(x, gamma, beta, epsilon).transpose(0, 2, 3, 1), "move the channels"),
    ],
)
def test_a_wrong_normalisation_has_its_message(answer, phrase):
    assert_wrong("13.2", answer, phrase)


def test_a_mean_not_taken_away_has_its_message():
    def not_centred(x, gamma, beta, epsilon):
        return gamma[:, None, None] * x / np.sqrt(x.var((0, 2, 3), keepdims=True) + epsilon) + beta[:, None, None]

    assert_wrong("13.2", not_centred, "not taken away")


def as_for_channels_last(x, gamma, beta, epsilon):
    return gamma * (x - x.mean((0, 1, 2))) / np.sqrt(x.var((0, 1, 2)) + epsilon) + beta


def gamma_at_the_columns(x, gamma, beta, epsilon):
    mean, variance = x.mean((0, 2, 3), keepdims=True), x.var((0, 2, 3), keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def all_at_the_columns(x, gamma, beta, epsilon):
    return gamma * (x - x.mean((0, 2, 3))) / np.sqrt(x.var((0, 2, 3)) + epsilon) + beta


def mean_at_the_columns(x, gamma, beta, epsilon):
    y = (x - x.mean((0, 2, 3))) / np.sqrt(x.var((0, 2, 3)) + epsilon)
    return gamma[:, None, None] * y + beta[:, None, None]


def channels_left_last(x, gamma, beta, epsilon):
    y = np.moveaxis(x, 1, -1)
    return gamma * (y - y.mean((0, 1, 2))) / np.sqrt(y.var((0, 1, 2)) + epsilon) + beta


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (as_for_channels_last, "all is done as if channels were last"),
        (gamma_at_the_columns, "gamma and beta line up with the columns"),
        (all_at_the_columns, "mean and variance line up with the columns"),
        (mean_at_the_columns, "mean and variance line up with the columns"),
        (channels_left_last, "move the channels back"),
    ],
)
def test_arrays_at_the_wrong_axis_run_and_have_their_message(answer, phrase):
    assert_wrong("13.2", answer, phrase)


# 13.3, moving averages


def averages_of_keras(batches, momentum):
    layer = keras.layers.BatchNormalization(momentum=momentum)
    for batch in batches:
        layer(batch.astype("float32"), training=True)
    return np.stack([layer.moving_mean, layer.moving_variance])


def averages_by_powers(batches, momentum):
    """The sum that the steps amount to."""
    weights = (1 - momentum) * momentum ** np.arange(len(batches))[::-1]
    means, variances = ([f(x, axis=(0, 1, 2)) for x in batches] for f in (np.mean, np.var))
    return [weights @ np.array(means), weights @ np.array(variances) + momentum ** len(batches)]


@pytest.mark.parametrize("answer", [averages_of_keras, averages_by_powers])
def test_moving_averages_are_right_in_every_form(answer):
    assert_correct("13.3", answer)


def stepwise(*, mean=0.0, variance=1.0, spread=np.var, keep=lambda m: m, take=lambda m: 1 - m):
    """A student's loop."""

    def averages(batches, momentum):
        a, b = mean, variance
        for x in batches:
            a = keep(momentum) * a + take(momentum) * x.mean((0, 1, 2))
            b = keep(momentum) * b + take(momentum) * spread(x, axis=(0, 1, 2))
        return np.array([a, b])

    return averages


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (stepwise(keep=lambda m: 1 - m, take=lambda m: m), "the shares are exchanged"),
        (stepwise(variance=0), "the moving variance starts at 0"),
        (stepwise(mean=1), "the moving mean starts at 1"),
        (stepwise(mean=1, variance=0), "the starts of mean and variance"),
        (stepwise(spread=np.std), "standard deviations"),
        (stepwise(take=lambda m: 1), "share is missing"),
        (stepwise(keep=lambda m: 0, take=lambda m: 1), "the last batch's own"),
        (lambda b, m: stepwise()(b[::-1], m), "opposite order"),
        (lambda b, m: stepwise()(b, m)[::-1], "the mean comes first"),
        (lambda b, m: stepwise()(b, m).T, "rows and columns are exchanged"),
        (stepwise(spread=lambda x, axis: x.var(axis, ddof=1)), "one less than the count"),
        (lambda b, m: [np.mean([f(x, (0, 1, 2)) for x in b], 0) for f in (np.mean, np.var)], "count alike"),
        (lambda b, m: stepwise()(b[-1:], m), "only the last batch is used"),
        (lambda b, m: stepwise()([np.concatenate(b)], m), "joined to one"),
        (lambda b, m: 2 * stepwise()(b, m), "where the two averages start"),
    ],
)
def test_wrong_moving_averages_have_their_message(answer, phrase):
    assert_wrong("13.3", answer, phrase)


def test_starting_with_the_first_batch_has_its_message():
    def from_first(batches, momentum):
        start = averages_by_powers(batches[:1], 0.0)
        return stepwise(mean=start[0], variance=start[1])(batches[1:], momentum)

    assert_wrong("13.3", from_first, "taken as the start")


@pytest.mark.parametrize("updated", [True, False])
def test_a_variance_around_the_moving_mean_has_its_message(updated):
    def averages(batches, momentum):
        mean, variance = 0, 1
        for x in batches:
            before, mean = mean, momentum * mean + (1 - momentum) * x.mean((0, 1, 2))
            squares = (x - (mean if updated else before)) ** 2
            variance = momentum * variance + (1 - momentum) * squares.mean((0, 1, 2))
        return mean, variance

    assert_wrong("13.3", averages, "around the moving mean")


# 13.4, a batch normalisation that does nothing


def test_the_copy_is_right_in_every_form():
    assert_correct("13.4", lambda mean, variance, epsilon: ((variance + epsilon) ** 0.5, mean))
    assert_correct("13.4", lambda mean, variance, epsilon: [np.sqrt(variance + epsilon).tolist(), mean.tolist()])


def test_the_expected_layer_copies_its_input_in_keras():
    for mean, variance, epsilon in notebook_13.COPY_CASES:
        layer = keras.layers.BatchNormalization(epsilon=epsilon)
        layer.build((None, len(mean)))
        gamma, beta = notebook_13.COPY.expected(mean, variance, epsilon)
        layer.set_weights([gamma, beta, mean, variance])
        x = np.random.default_rng(1).normal(size=(5, len(mean))).astype("float32")
        assert np.allclose(layer(x, training=False), x, atol=1e-5)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda m, v, e: [np.sqrt(v), m], "epsilon has no effect"),
        (lambda m, v, e: [np.sqrt(v) + e, m], "added to the square root"),
        (lambda m, v, e: [v, m], "gamma is the variance"),
        (lambda m, v, e: [v + e, m], "a division by the variance"),
        (lambda m, v, e: [1 / np.sqrt(v + e), m], "divides once more"),
        (lambda m, v, e: [np.sqrt(v + e), -m], "takes the mean away once more"),
        (lambda m, v, e: [np.sqrt(v + e), 0 * m], "beta is 0"),
        (lambda m, v, e: [np.sqrt(v + e), m / np.sqrt(v + e)], "what is left but beta"),
        (lambda m, v, e: [np.sqrt(v + e), m * np.sqrt(v + e)], "the mean times gamma"),
        (lambda m, v, e: [1 + 0 * m, 0 * m], "the values at the start"),
        (lambda m, v, e: [np.sqrt(1 + e) + 0 * m, 0 * m], "as in `deepen`"),
        (lambda m, v, e: np.transpose([np.sqrt(v + e), m]), "rows and columns are exchanged"),
        (lambda m, v, e: [m, np.sqrt(v + e)], "gamma and beta are exchanged"),
        (lambda m, v, e: [np.sqrt(v + e), m + 1], "step by step"),
    ],
)
def test_a_wrong_copy_has_its_message(answer, phrase):
    assert_wrong("13.4", answer, phrase)
