"""The reference solution of exercise 7.3, taken out of its notebook's source, against Keras in many settings."""

import itertools

import keras
import numpy as np
import pytest

from cnncourse import arithmetic
from cnncourse.course.sources import find_sources

IMAGE_SIZE = (10, 13)  # one even, one odd: with stride 2 "same" is symmetric in the one and not in the other
KERNEL_SIZES = [(1, 1), (3, 3), (2, 4), (5, 2)]
STRIDES_AND_DILATIONS = [
    *[(stride, (1, 1)) for stride in [(1, 1), (2, 2), (3, 3), (2, 1), (1, 3)]],
    *[((1, 1), dilation) for dilation in [(2, 2), (2, 1), (1, 3)]],
]
GROUPS = [1, 2, 4]
CHANNELS_IN, CHANNELS_OUT = 4, 8


@pytest.fixture(scope="module")
def conv_layer():
    """The function that the solved cell of exercise 7.3 defines."""
    cells = [cell.source for cell in find_sources(only="07")[0].cells() if "exercise" in cell.metadata.get("tags", [])]
    (solved,) = [source for source in cells if "def conv_layer(" in source]
    names = {"np": np, "arithmetic": arithmetic}
    exec(solved, names)
    return names["conv_layer"]


def keras_outputs(images, settings):
    """For each setting the weights of a Keras layer and its output; one model computes them all at once."""
    inputs, layers = keras.Input(images.shape[1:]), []
    for kernel_size, (stride, dilation), padding, groups in settings:
        rest = {"dilation_rate": dilation, "groups": groups, "bias_initializer": "random_normal"}
        layers.append(keras.layers.Conv2D(CHANNELS_OUT, kernel_size, stride, padding, **rest))
    model = keras.Model(inputs, [layer(inputs) for layer in layers])
    outputs = model.predict(images, verbose=0)
    return [(layer.get_weights(), output) for layer, output in zip(layers, outputs, strict=True)]


def test_the_general_layer_equals_keras_in_every_setting(conv_layer):
    keras.utils.set_random_seed(0)
    settings = list(itertools.product(KERNEL_SIZES, STRIDES_AND_DILATIONS, ["valid", "same"], GROUPS))
    images = np.random.default_rng(0).normal(size=(2, *IMAGE_SIZE, CHANNELS_IN)).astype("float32")
    compared = grouped = dilated = strided = 0
    for setting, (weights, output) in zip(settings, keras_outputs(images, settings), strict=True):
        _, (stride, dilation), padding, groups = setting
        kernel, bias = (array.astype("float64") for array in weights)
        assert kernel.all()
        assert bias.all()
        mine = conv_layer(images.astype("float64"), kernel, bias, stride, padding, dilation, groups)
        assert mine.dtype == np.float64
        assert mine.shape == output.shape, setting
        assert np.abs(mine - output).max() <= 1e-5 * np.abs(mine).max(), setting
        compared += 1
        grouped += groups > 1
        dilated += dilation != (1, 1)
        strided += stride != (1, 1)
    assert compared == len(set(settings)) == 192
    assert (grouped, dilated, strided) == (128, 72, 96)
