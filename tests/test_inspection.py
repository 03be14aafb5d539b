"""Seeing inside: every function against nets whose filters, maps and windows are known, and against EfficientNet."""

import numpy as np
import pytest

from cnncourse import backend, datasets, inspection, models, reference

keras = backend.keras
layers = keras.layers


@pytest.fixture
def images():
    return np.random.default_rng(0).random((5, 12, 10, 3)).astype("float32")


@pytest.fixture(params=["sequential", "functional"])
def net(request):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((12, 10, 3))
    stack = [
        layers.Conv2D(4, (3, 2), activation="relu", bias_initializer="random_normal", name="first"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="depthwise"),
        layers.Conv2D(6, 3, strides=2, padding="same", name="second"),
        layers.GlobalAveragePooling2D(name="pool"),
        layers.Dense(2, name="logits"),
    ]
    if request.param == "sequential":
        return keras.Sequential([inputs, *stack])
    x = inputs
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


def test_filters_come_one_for_each_output_channel(net):
    kernel = net.get_layer("first").get_weights()[0]
    filters = inspection.filters(net, "first")
    assert filters.shape == (4, 3, 2, 3)
    assert np.array_equal(filters[2], kernel[:, :, :, 2])
    depthwise = net.get_layer("depthwise").get_weights()[0]
    filters = inspection.filters(net, "depthwise")
    assert filters.shape == (8, 3, 3, 1)
    assert np.array_equal(filters[5, :, :, 0], depthwise[:, :, 2, 1])  # channel 5 is the second kernel of input 2


def test_feature_maps_are_the_layers_own_output(net, images):
    kernel, bias = net.get_layer("first").get_weights()
    expected = np.maximum(reference.conv2d(images.astype(float), kernel, bias), 0)
    np.testing.assert_allclose(inspection.feature_maps(net, "first", images), expected, atol=1e-5)
    assert inspection.feature_maps(net, "logits", images, batch_size=2).shape == (5, 2)
    np.testing.assert_allclose(
        inspection.feature_maps(net, "logits", images), net.predict(images, verbose=0), atol=1e-5
    )


def test_the_windows_are_those_of_the_arithmetic(net):
    assert inspection.receptive_window(net, "first", 0, 0) == (0, 0, 3, 2)
    assert inspection.receptive_window(net, "first", 9, 8) == (9, 8, 12, 10)
    assert inspection.receptive_window(net, "depthwise", 1, 4) == (1, 4, 6, 8)
    # 'same' with stride 2 on 8 x 7: unit [1, 1] is laid on rows 2 to 4 and columns 1 to 3 of the layer before
    assert inspection.receptive_window(net, "second", 1, 1) == (2, 1, 9, 7)


def test_the_top_patch_is_where_the_map_is_largest(net, images):
    maps = inspection.feature_maps(net, "first", images)[..., 1]
    found = inspection.top_patches(net, "first", 1, images, count=3)
    best = maps.max(axis=(1, 2))
    assert found.places[:, 0].tolist() == np.argsort(-best)[:3].tolist()
    assert np.array_equal(found.activations, np.sort(best)[::-1][:3])
    assert (np.diff(found.activations) <= 0).all()
    kernel, bias = net.get_layer("first").get_weights()
    for patch, (n, row, column), value in zip(found.images, found.places, found.activations, strict=True):
        assert patch.shape == (3, 2, 3)
        assert np.array_equal(patch, images[n, row : row + 3, column : column + 2])
        assert np.sum(patch * kernel[..., 1]) + bias[1] == pytest.approx(value, abs=1e-5)


def test_patches_are_cut_off_at_the_rim():
    net = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(1, 5, padding="same", name="conv")])
    net.get_layer("conv").set_weights([np.ones((5, 5, 1, 1)), np.zeros(1)])
    bright = np.zeros((1, 6, 6, 1))
    bright[0, 0, 0] = 1
    found = inspection.top_patches(net, "conv", 0, bright, count=1)
    assert found.boxes.tolist() == [[0, 0, 3, 3]]
    assert found.images[0].shape == (3, 3, 1)


def test_windows_are_measured_where_costs_knows_no_arithmetic(images):
    class Twice(layers.Layer):
        def call(self, x):
            return 2 * x

    stack = [Twice(), layers.Conv2D(1, (3, 2), name="conv")]
    net = keras.Sequential([keras.Input((12, 10, 3)), *stack])
    found = inspection.top_patches(net, "conv", 0, images, count=2)
    for (_, row, column), box in zip(found.places, found.boxes, strict=True):
        assert box.tolist() == [row, column, row + 3, column + 2]


def test_maximising_climbs_and_finds_the_kernels_own_pattern():
    net = keras.Sequential([keras.Input((9, 9, 1)), layers.Conv2D(2, 9, name="conv")])
    pattern = np.sign(np.random.default_rng(1).normal(size=(9, 9)))
    net.get_layer("conv").set_weights([np.stack([pattern, -pattern], -1)[:, :, None], np.zeros(2)])
    image, means = inspection.maximise_activation(net, "conv", 0, jitter=0)
    assert means[-1] == pytest.approx((pattern == 1).sum(), rel=1e-5)  # bright wherever the kernel is positive
    np.testing.assert_allclose(image[..., 0], pattern == 1, atol=1e-5)
    other, _ = inspection.maximise_activation(net, "conv", 1, jitter=0)
    np.testing.assert_allclose(other[..., 0], pattern == -1, atol=1e-5)


def test_smoothness_makes_a_smoother_image():
    keras.utils.set_random_seed(0)
    net = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(1, 5, name="conv")])
    rough, smooth = (
        inspection.maximise_activation(net, "conv", 0, shape=(16, 16, 1), steps=20, smoothness=weight)[0]
        for weight in (0.0, 100.0)
    )
    assert np.abs(np.diff(smooth, axis=0)).mean() < 0.5 * np.abs(np.diff(rough, axis=0)).mean()


def test_the_same_seed_makes_the_same_image():
    net = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(1, 3, name="conv")])
    first, second, third = (inspection.maximise_activation(net, "conv", 0, steps=3, seed=s)[0] for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


def test_silencing_zeroes_these_channels_and_nothing_else(net, images):
    before = net.predict(images, verbose=0)
    silenced = inspection.silence(net, "first", [0, 2])
    maps = inspection.feature_maps(net, "first", images)
    maps[..., [0, 2]] = 0
    rest = keras.Sequential(
        [keras.Input(maps.shape[1:]), *(net.get_layer(n) for n in ("depthwise", "second", "pool"))]
    )
    weight, bias = net.get_layer("logits").get_weights()
    expected = rest.predict(maps, verbose=0) @ weight + bias
    np.testing.assert_allclose(silenced.predict(images, verbose=0), expected, atol=1e-5)
    assert not np.allclose(silenced.predict(images, verbose=0), before, atol=1e-3)
    np.testing.assert_array_equal(net.predict(images, verbose=0), before)
    assert silenced.get_layer("second") is net.get_layer("second")
    assert inspection.feature_maps(net, "second", images).shape == (5, 4, 4, 6)  # the first net can still be opened


def test_silencing_works_across_shortcuts():
    net = models.build("efficientnet_lite0", input_shape=(64, 64, 3), num_classes=4)
    image = np.random.default_rng(0).random((1, 64, 64, 3))
    every = list(range(net.get_layer("stage7_block1_project_bn").output.shape[-1]))
    silent = inspection.silence(net, "stage7_block1_project_bn", every).predict(image, verbose=0)
    empty = inspection.silence(net, "stage2_block2_add", []).predict(image, verbose=0)
    np.testing.assert_array_equal(empty, net.predict(image, verbose=0))
    assert not np.array_equal(silent, empty)


def test_a_photograph_seen_by_efficientnet():
    net = models.build("efficientnet_lite0", weights="imagenet")
    cat = datasets.load_photograph("chelsea", size=224)[None]
    assert inspection.filters(net, "stem_conv").shape == (32, 3, 3, 3)
    maps = inspection.feature_maps(net, "stem_relu", cat)
    assert maps.shape == (1, 112, 112, 32)
    assert 0 <= maps.min() < maps.max() <= 6
    found = inspection.top_patches(net, "stage2_block1_project_bn", 0, cat, count=1)
    assert found.images[0].shape == (11, 11, 3)  # 3, then 3 at jump 2, then 3 at jump 2: 3 + 4 + 4


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda n, x: inspection.filters(n, "third"), ValueError, "no layer 'third'; expected one such as"),
        (lambda n, x: inspection.filters(n, "logits"), ValueError, "a Dense without a kernel"),
        (lambda n, x: inspection.feature_maps(n, "first", x[0]), ValueError, r"shape \(12, 10, 3\); expected"),
        (lambda n, x: inspection.top_patches(n, "first", 4, x), ValueError, "the 5 images"),
        (lambda n, x: inspection.top_patches(n, "first", 4, x, 2), ValueError, "has the channels 0 to 3"),
        (lambda n, x: inspection.top_patches(n, "first", 1.0, x, 2), TypeError, "channel=1.0"),
        (lambda n, x: inspection.top_patches(n, "pool", 1, x, 2), ValueError, r"expected maps \(N, H, W, C\)"),
        (lambda n, x: inspection.receptive_window(n, "pool", 0, 0), ValueError, r"expected maps \(N, H, W, C\)"),
        (lambda n, x: inspection.receptive_window(n, "first", 10, 0), ValueError, "are 10 x 9"),
        (lambda n, x: inspection.maximise_activation(n, "first", 9), ValueError, "has the channels 0 to 3"),
        (lambda n, x: inspection.maximise_activation(n, "first", 1, steps=0), ValueError, "steps=0"),
        (lambda n, x: inspection.maximise_activation(n, "first", 1, seed=-1), ValueError, "seed=-1 is too small"),
        (lambda n, x: inspection.silence(n, "first", -1), ValueError, "channel=-1"),
        (lambda n, x: inspection.silence(n, "nope", 0), ValueError, "no layer 'nope'"),
    ],
)
def test_bad_input_is_refused(net, images, call, error, words):
    with pytest.raises(error, match=words):
        call(net, images)


def test_a_unit_that_nothing_reaches_is_named(images):
    net = keras.Sequential([keras.Input((12, 10, 3)), layers.Conv2D(1, 3, activation="relu", name="dead")])
    net.get_layer("dead").set_weights([np.zeros((3, 3, 3, 1)), np.zeros(1)])
    with pytest.raises(ValueError, match=r"no pixel reaches the unit \[0, 0\] of 'dead'"):
        inspection.receptive_window(net, "dead", 0, 0)


def test_jitter_goes_both_ways_and_is_undone(monkeypatch):
    shifts, roll = [], np.roll
    monkeypatch.setattr(np, "roll", lambda array, shift, axis: shifts.append(shift) or roll(array, shift, axis))
    net = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3, name="conv")])
    inspection.maximise_activation(net, "conv", 0, steps=60, jitter=2)
    there, back = np.array(shifts[::2]), np.array(shifts[1::2])
    assert (there == -back).all()
    assert set(there.ravel().tolist()) == {-2, -1, 0, 1, 2}
