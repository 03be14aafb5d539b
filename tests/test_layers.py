"""Layers that Keras does not have: held against NumPy, saved and loaded, wrong use refused, costs known."""

import numpy as np
import pytest

from cnncourse import backend, costs, layers, reference, training
from cnncourse.models.lenet import CODES, CONNECTIONS

keras = backend.keras


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.fixture
def maps():
    return np.random.default_rng(0).normal(size=(2, 6, 8, 6)).astype("float32")


@pytest.mark.parametrize("n", [1, 3, 5, 13])
def test_local_response_normalisation_is_the_formula_of_the_paper(maps, n):
    k, alpha, beta = 2.0, 0.3, 0.75
    expected = np.empty_like(maps)
    for c in range(6):
        near = maps[..., max(0, c - n // 2) : min(5, c + n // 2) + 1]
        expected[..., c] = maps[..., c] / (k + alpha * (near**2).sum(axis=-1)) ** beta
    layer = layers.LocalResponseNormalization(n=n, k=k, alpha=alpha, beta=beta)
    np.testing.assert_allclose(to_numpy(layer(maps)), expected, rtol=1e-5)
    assert layer.count_params() == 0


def test_local_response_normalisation_has_the_paper_s_numbers():
    config = layers.LocalResponseNormalization().get_config()
    assert {name: config[name] for name in ("n", "k", "alpha", "beta")} == {
        "n": 5,
        "k": 2,
        "alpha": 1e-4,
        "beta": 0.75,
    }


def test_an_even_neighbourhood_is_refused():
    with pytest.raises(ValueError, match="n=4 is even; expected an odd number"):
        layers.LocalResponseNormalization(n=4)


def test_subsampling_starts_as_average_pooling_and_learns_two_numbers_a_channel(maps):
    layer = layers.TrainableSubsampling(2)
    mean = reference.pool2d(maps, 2, mode="average")
    np.testing.assert_allclose(to_numpy(layer(maps)), mean, atol=1e-6)
    assert layer.count_params() == 12
    coefficient, bias = np.arange(6.0), np.arange(6.0) / 10
    layer.set_weights([coefficient, bias])
    np.testing.assert_allclose(to_numpy(layer(maps)), mean * coefficient + bias, atol=1e-6)


def test_partial_convolution_is_the_dense_one_with_zeros(maps):
    layer = layers.PartialConv2D(CONNECTIONS, 5)
    output = to_numpy(layer(maps))
    kernel = to_numpy(layer.dense_kernel())
    assert kernel.shape == (5, 5, 6, 16)
    for o, read in enumerate(CONNECTIONS):
        left_out = [m for m in range(6) if m not in read]
        assert (kernel[:, :, left_out, o] == 0).all()
        assert (kernel[:, :, list(read), o] != 0).all()
    np.testing.assert_allclose(output, reference.conv2d(maps, kernel, np.zeros(16)), atol=1e-5)
    assert layer.count_params() == 60 * 25 + 16
    stored = layer.get_weights()[0]
    np.testing.assert_array_equal(kernel[:, :, 0, 4], stored[:, :, 12])  # the first pair of the fifth output map
    np.testing.assert_array_equal(kernel[:, :, 5, 15], stored[:, :, 59])


def test_the_connections_are_those_of_the_paper():
    """Table I of LeCun et al. 1998, read column by column: six of 3, six of 4, three of 4, one of 6."""
    assert [len(read) for read in CONNECTIONS] == [3] * 6 + [4] * 9 + [6]
    assert len(set(CONNECTIONS)) == 16
    for first in range(6):
        neighbours = [tuple(sorted((first + step) % 6 for step in range(length))) for length in (3, 4)]
        assert (CONNECTIONS[first], CONNECTIONS[6 + first]) == tuple(neighbours)
    assert CONNECTIONS[12:] == ((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5))
    assert [sum(m in read for read in CONNECTIONS) for m in range(6)] == [10] * 6


@pytest.mark.parametrize(
    ("connections", "words"),
    [([], "empty"), ([[0], []], r"connections\[1\] is \(\)"), ([[0, 0]], "named once"), ([[0, 6]], "input map 6")],
)
def test_wrong_connections_are_refused(maps, connections, words):
    with pytest.raises(ValueError, match=words):
        layers.PartialConv2D(connections, 5)(maps)


def test_distances_are_squared_distances_from_codes_that_do_not_learn():
    features = np.random.default_rng(1).normal(size=(3, 84)).astype("float32")
    layer = layers.SquaredDistances(CODES)
    expected = ((features[:, None] - CODES) ** 2).sum(axis=-1)
    np.testing.assert_allclose(to_numpy(layer(features)), expected, rtol=1e-5)
    assert layer.weights == []
    with pytest.raises(ValueError, match="codes of 84 numbers, but its input has 5"):
        layers.SquaredDistances(CODES)(np.ones((1, 5)))
    with pytest.raises(ValueError, match=r"codes has shape \(3,\)"):
        layers.SquaredDistances([1, 2, 3])


def test_the_codes_are_ten_different_pictures():
    assert CODES.shape == (10, 84)
    assert set(np.unique(CODES)) == {-1, 1}
    apart = ((CODES[:, None] - CODES) != 0).sum(axis=-1)
    assert apart[~np.eye(10, dtype=bool)].min() >= 5, "two digits are nearly the same picture"
    one = CODES[1].reshape(12, 7)
    assert (one[1:, 3] == 1).all(), "the code of 1 has a vertical stroke in its middle column"


@pytest.mark.parametrize(("stride", "filters"), [(1, 6), (1, 9), (2, 12), (3, 7)])
def test_a_padded_shortcut_keeps_numbers_and_adds_zeros(maps, stride, filters):
    layer = layers.PaddedShortcut(filters, stride)
    output = to_numpy(layer(maps))
    np.testing.assert_array_equal(output[..., :6], maps[:, ::stride, ::stride])
    assert (output[..., 6:] == 0).all()
    assert output.shape == layer.compute_output_shape(maps.shape)


def test_a_shortcut_takes_no_channel_away(maps):
    with pytest.raises(ValueError, match="filters=5, but the input of 'skip' has 6 channels"):
        layers.PaddedShortcut(5, name="skip")(maps)


def test_costs_know_every_layer_and_saving_keeps_it(maps, tmp_path):
    net = keras.Sequential(
        [
            keras.Input((32, 32, 6)),
            layers.PartialConv2D(CONNECTIONS, 5, name="partial"),  # 28x28x16
            layers.LocalResponseNormalization(name="norm"),
            layers.TrainableSubsampling(2, name="subsampling"),  # 14x14x16
            layers.PaddedShortcut(24, 2, name="shortcut"),  # 7x7x24
            keras.layers.GlobalAveragePooling2D(name="pool"),
            layers.SquaredDistances(np.ones((4, 24)), name="distances"),
        ]
    )
    rows = {row.name: row for row in costs.table(net)}
    assert (rows["partial"].parameters, rows["partial"].macs) == (1516, 60 * 25 * 28 * 28)
    assert (rows["subsampling"].parameters, rows["subsampling"].macs) == (32, 0)
    assert (rows["distances"].parameters, rows["distances"].macs) == (0, 96)
    assert (rows["norm"].activations, rows["subsampling"].activations) == (0, 14 * 14 * 16)
    field = rows["shortcut"].receptive_field[0]
    assert (field.size, field.jump) == (6, 4)
    assert costs.count_parameters(net) == net.count_params()

    net.save(tmp_path / "net.keras")
    again = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    images = np.random.default_rng(2).normal(size=(2, 32, 32, 6)).astype("float32")
    np.testing.assert_array_equal(again.predict(images, verbose=0), net.predict(images, verbose=0))


def test_partial_convolutions_start_at_the_spread_of_what_they_read():
    training.setup(0)
    layer = layers.PartialConv2D([[0, 1]] * 400, 5)
    layer(np.zeros((1, 5, 5, 2), "float32"))
    assert np.std(layer.kernel) == pytest.approx(50**-0.5, rel=0.05)
