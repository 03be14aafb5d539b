"""GroupedConv2D against Keras' Conv2D: outputs and gradients, every way of computing it, saving, costs, speed."""

import json
import os
import subprocess
import sys

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from cnncourse import backend, costs, layers
from cnncourse.layers import grouped

keras = backend.keras
ops = keras.ops


def to_numpy(tensor):
    return ops.convert_to_numpy(tensor)


def results(layer, images, weights, direction):
    """Outputs of a layer, and the gradients of their sum, weighted by `direction`, by the images and the kernel."""
    if not layer.built:
        layer.build(images.shape)
    layer.set_weights(weights)
    by_images = backend.value_and_gradient(lambda x: ops.sum(layer(x) * direction), images)[1]
    by_kernel = backend.value_and_gradient(
        lambda kernel: ops.sum(layer.convolution_op(ops.convert_to_tensor(images), kernel) * direction), weights[0]
    )[1]
    return to_numpy(layer(images)), by_images, by_kernel


def assert_equal(found, expected):
    """Equal to 1e-5 of the largest number; a float32 sum of some hundred products is not more exact."""
    for name, one, other in zip(("outputs", "by images", "by kernel"), found, expected, strict=True):
        scale = max(np.abs(other).max(), 1e-30)
        np.testing.assert_allclose(one / scale, other / scale, rtol=0, atol=1e-5, err_msg=name)


pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def settings_of_a_layer(draw):
    """Arguments of Conv2D that Keras accepts, and a shape that fits."""
    groups = draw(st.sampled_from((2, 2, 3, 4, 6, 8, 12)))
    kernel_size, dilation, strides = draw(pairs), (1, 1), (1, 1)
    moves = draw(st.sampled_from(("plain", "strided", "dilated")))
    if moves == "strided":
        strides = draw(pairs)
    elif moves == "dilated":
        dilation = draw(pairs)
    padding = draw(st.sampled_from(("valid", "same")))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation, strict=True)]
    sides = [draw(st.integers(span if padding == "valid" else 1, span + 5)) for span in spans]
    channels_in, channels_out = groups * draw(st.integers(1, 3)), groups * draw(st.integers(1, 3))
    arguments = {"kernel_size": kernel_size, "strides": strides, "padding": padding, "dilation_rate": dilation}
    arguments |= {"filters": channels_out, "groups": groups, "use_bias": draw(st.booleans())}
    return arguments, (draw(st.integers(1, 2)), *sides, channels_in)


WAYS = ("as it comes", "native", "several convolutions")


def take(monkeypatch, way):
    """Make the layer compute in one way, whatever the device."""
    if way != "as it comes":
        monkeypatch.setattr(backend, "has_quick_depthwise_convolution", lambda: False)
    if way == "several convolutions":
        monkeypatch.setattr(backend, "native_grouped_convolution", lambda: None)
        monkeypatch.setattr(grouped, "SPLIT_WIDTH", 4)  # so that small layers have several, too


@hypothesis.settings(max_examples=250, deadline=None, derandomize=True, database=None)
@hypothesis.given(settings_of_a_layer(), st.integers(0, 2**32 - 1))
def test_outputs_and_gradients_are_those_of_keras(setting, seed):
    arguments, shape = setting
    random = np.random.default_rng(seed)
    theirs = keras.layers.Conv2D(**arguments)
    theirs.build(shape)
    weights = [random.normal(size=weight.shape).astype("float32") for weight in theirs.weights]
    images = random.normal(size=shape).astype("float32")
    direction = random.normal(size=theirs.compute_output_shape(shape)).astype("float32")
    expected = results(theirs, images, weights, direction)
    for way in WAYS:
        with pytest.MonkeyPatch.context() as monkeypatch:
            take(monkeypatch, way)
            assert_equal(results(layers.GroupedConv2D(**arguments), images, weights, direction), expected)


@pytest.mark.parametrize("way", WAYS)
def test_settings_at_the_edges(monkeypatch, way):
    """Depthwise with several filters a channel, a stride other in rows than in columns, channels of 1x1."""
    take(monkeypatch, way)
    random = np.random.default_rng(0)
    for arguments in (
        {"filters": 24, "kernel_size": 3, "groups": 6},
        {"filters": 6, "kernel_size": 3, "groups": 6, "strides": (1, 2), "padding": "same"},
        {"filters": 6, "kernel_size": (2, 5), "groups": 6, "dilation_rate": (2, 1), "padding": "same"},
        {"filters": 12, "kernel_size": 1, "groups": 3, "strides": 2},
    ):
        shape = (2, 7, 8, 6)
        theirs, ours = keras.layers.Conv2D(**arguments), layers.GroupedConv2D(**arguments)
        theirs.build(shape)
        weights = [random.normal(size=weight.shape).astype("float32") for weight in theirs.weights]
        images = random.normal(size=shape).astype("float32")
        direction = random.normal(size=theirs.compute_output_shape(shape)).astype("float32")
        assert_equal(results(ours, images, weights, direction), results(theirs, images, weights, direction))


@pytest.mark.parametrize("width", [1, 2, 3, 4, 8, 100])
@pytest.mark.parametrize(("channels", "groups", "filters"), [(12, 6, 12), (8, 8, 24), (24, 4, 8), (6, 2, 2)])
def test_wider_groups_compute_the_same(width, channels, groups, filters):
    random = np.random.default_rng(0)
    kernel = random.normal(size=(3, 2, channels // groups, filters)).astype("float32")
    images = random.normal(size=(2, 5, 6, channels)).astype("float32")
    wider, fewer = grouped.merge_groups(kernel, groups, width)
    narrow = min(channels, filters) // fewer
    assert narrow >= width or fewer == 1
    assert groups % fewer == 0
    assert wider.shape == (3, 2, channels // fewer, filters)
    assert (min(channels, filters) // groups < width) or fewer == groups
    same = ops.conv(images, wider, padding="valid")
    np.testing.assert_allclose(to_numpy(same), to_numpy(ops.conv(images, kernel, padding="valid")), atol=1e-4)


def test_weights_saving_and_costs_are_those_of_conv2d(tmp_path):
    def net(kind):
        first = kind(12, 3, groups=3, strides=2, padding="same", activation="relu", name="grouped")
        return keras.Sequential([keras.Input((9, 8, 6)), first, kind(4, 1, groups=4, name="second")])

    ours, theirs = net(layers.GroupedConv2D), net(keras.layers.Conv2D)
    ours.set_weights(theirs.get_weights())
    images = np.random.default_rng(0).normal(size=(2, 9, 8, 6)).astype("float32")
    np.testing.assert_allclose(to_numpy(ours(images)), to_numpy(theirs(images)), atol=1e-5)
    ours.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras", safe_mode=True)
    assert type(loaded.layers[0]) is layers.GroupedConv2D
    assert loaded.layers[0].groups == 3
    np.testing.assert_array_equal(to_numpy(loaded(images)), to_numpy(ours(images)))
    rows = [(row.parameters, row.macs, row.receptive_field) for row in costs.table(ours)]
    assert rows == [(row.parameters, row.macs, row.receptive_field) for row in costs.table(theirs)]
    assert rows[0][:2] == (9 * 2 * 12 + 12, 5 * 4 * 9 * 2 * 12)


def test_channels_may_come_first():
    first = layers.GroupedConv2D(8, 3, groups=4, padding="same", data_format="channels_first")
    last = layers.GroupedConv2D(8, 3, groups=4, padding="same")
    images = np.random.default_rng(0).normal(size=(2, 5, 6, 12)).astype("float32")
    last.build(images.shape)
    first.build((2, 12, 5, 6))
    first.set_weights(last.get_weights())
    swapped = to_numpy(first(images.transpose(0, 3, 1, 2))).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(swapped, to_numpy(last(images)), atol=1e-5)


def test_half_precision_stays_half():
    layer = layers.GroupedConv2D(8, 3, groups=4, dtype="mixed_bfloat16")
    assert layer(np.ones((1, 5, 5, 8), "float32")).dtype == "bfloat16"
    assert layer.kernel.dtype == "float32"


@pytest.mark.parametrize(("filters", "channels"), [(8, 6), (6, 8)])
def test_groups_that_do_not_divide_are_refused(filters, channels):
    with pytest.raises(ValueError, match="must be evenly divisible by the number of groups"):
        layers.GroupedConv2D(filters, 3, groups=4).build((1, 5, 5, channels))


def run_alone(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


TRAINS = """
import numpy as np
from cnncourse import backend, layers, training
import keras
training.setup(1)
assert backend.native_grouped_convolution() is None
images = np.random.normal(size=(64, 8, 8, 8)).astype("float32")
target = images.reshape(64, 8, 8, 4, 2)[..., ::-1].reshape(64, 8, 8, 8)
net = keras.Sequential([keras.Input((8, 8, 8)), layers.GroupedConv2D(8, 3, padding="same", groups=4)])
net.compile(keras.optimizers.Adam(0.05), "mse")
losses = net.fit(images, target, epochs=40, batch_size=16, verbose=0).history["loss"]
assert losses[-1] < 1e-3 * losses[0], losses
"""


@pytest.mark.parametrize("environment", [{"TF_ENABLE_ONEDNN_OPTS": "0"}, {"KERAS_BACKEND": "jax"}])
def test_trains_where_there_is_no_native_gradient(environment):
    """Two channels of a group change places: a task within each group, which it learns to the end."""
    run_alone(TRAINS, **environment)


def test_agrees_with_keras_on_jax():
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "import pytest; from tests import test_grouped as t\n"
        "for way in t.WAYS:\n"
        "    with pytest.MonkeyPatch.context() as patch:\n"
        "        t.test_settings_at_the_edges(patch, way)\n"
        "print(t.keras.backend.backend())"
    )
    assert run_alone(code, KERAS_BACKEND="jax").strip().endswith("jax")


SPEED = "import json; from tests import measure_grouped as m; print(json.dumps(m.measure({}, {}, repeats=9, slow={})))"


@pytest.mark.parametrize("onednn", ["0", "1"])
@pytest.mark.parametrize(("channels", "groups"), [(64, 2), (64, 32), (128, 8), (128, 32)])
def test_a_training_step_is_quicker_than_the_dense_layer_s(channels, groups, onednn):
    found = json.loads(run_alone(SPEED.format(channels, groups, False), TF_ENABLE_ONEDNN_OPTS=onednn))
    share = found["ours"][1] / found["dense"][1]
    assert share < (0.5 if (channels, groups, onednn) == (128, 32, "1") else 1), found


def test_a_training_step_is_a_hundred_times_quicker_than_keras_own():
    found = json.loads(run_alone(SPEED.format(128, 32, True)))
    assert found["keras"][1] > 100 * found["ours"][1], found


def test_a_whole_net_is_trained_by_a_program_of_jax():
    """XLA once ended the process here: two groups of 8 channels that are put together, in a compiled training."""
    code = """
import numpy as np
from cnncourse import backend, layers
keras = backend.keras
net = keras.Sequential([keras.Input((12, 12, 16)), layers.GroupedConv2D(32, 3, groups=2), keras.layers.Flatten()])
net.compile("sgd", "mse")
net.fit(np.ones((8, 12, 12, 16), "float32"), np.zeros((8, 3200), "float32"), verbose=0)
print(net.jit_compile)
"""
    assert run_alone(code, KERAS_BACKEND="jax").strip() == "True"
