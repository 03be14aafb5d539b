"""Models of keras.applications with random numbers, and ours to hold against them."""

import urllib.error
from unittest import mock

import numpy as np
import pytest
from keras.src.utils import file_utils  # the applications download through it

from cnncourse import backend, models

keras = backend.keras

SHAPES = {"vgg": (32, 32, 3), "resnet": (64, 64, 3), "mobilenet": (64, 64, 3)}
LIKE_KERAS = {"vgg": {}, "resnet": {"stride_on": "1x1", "conv_bias": True}, "mobilenet": {}}
RANGES = {"gamma": (0.5, 1.5), "moving_variance": (0.5, 1.5)}  # of the random numbers; all others -0.1..0.1


def family(name):
    return next(family for family in SHAPES if name.lower().startswith(family))


def theirs(name, **options):
    """A model of keras.applications with random kernels, biases and statistics; a ResNet with one variance of 0."""
    keras.utils.set_random_seed(1)
    options = {"input_shape": SHAPES[family(name)], "classes": 10, "classifier_activation": None} | options
    net = getattr(keras.applications, name)(weights=None, **options)
    random = np.random.default_rng(2)
    for weight in net.weights:
        if len(weight.shape) == 1:
            weight.assign(random.uniform(*RANGES.get(weight.name, (-0.1, 0.1)), weight.shape).astype("float32"))
    if family(name) == "resnet":
        variance = net.get_layer("conv1_bn").moving_variance
        variance.assign(variance * np.array([0] + 63 * [1], "float32"))
    if family(name) == "mobilenet":  # its kernels start so small that all images would look alike
        for layer in net.layers:
            if len(layer.weights) and len(layer.weights[0].shape) == 4:
                rows, columns, channels, _ = layer.kernel.shape
                read = rows * columns * (1 if isinstance(layer, keras.layers.DepthwiseConv2D) else channels)
                layer.kernel.assign(random.normal(0, np.sqrt(2 / read), layer.kernel.shape).astype("float32"))
    return net


def zeros(initializer, shape, dtype=None):
    return keras.ops.zeros(shape, dtype)


def ours(name, **options):
    """Our model; its weights, which are replaced, start at 0, for that is quicker than random ones."""
    shapes = {"input_shape": SHAPES[family(name)], "num_classes": 10}
    with mock.patch.object(keras.initializers.VarianceScaling, "__call__", zeros):
        return models.build(name, **shapes | LIKE_KERAS[family(name)] | options)


def assert_same(net, reference, shape, strength=1000):
    # strong images: even after VGG's many layers of small random weights the outputs of two of them differ clearly
    images = np.random.default_rng(3).normal(0, strength, (2, *shape)).astype("float32")
    received, expected = (model(images, training=False) for model in (net, reference))
    if getattr(reference.layers[-1], "activation", None) is keras.activations.softmax:
        received = keras.ops.softmax(received)
    received, expected = (keras.ops.convert_to_numpy(output) for output in (received, expected))
    largest = np.abs(expected).max()
    assert np.isfinite(largest)
    assert np.abs(expected[0] - expected[1]).max() > 0.01 * largest
    np.testing.assert_allclose(received, expected, rtol=0, atol=1e-4 * largest)


def refusal(net, reference):
    """The sentence with which a reference is refused; the model keeps its weights to the last bit."""
    before = net.get_weights()
    with pytest.raises(ValueError, match=r"expected|pass a reference") as caught:
        models.load_keras_applications(net, reference)
    assert all(np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Addresses that Keras asks for; there is no network."""
    addresses = []

    def unreachable(address, *_):
        addresses.append(address)
        raise urllib.error.URLError("[Errno -2] Name or service not known")

    monkeypatch.setattr(file_utils, "urlretrieve", unreachable)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return addresses
