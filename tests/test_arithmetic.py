"""Each count of `arithmetic` is held against something counted or built, and each wrong input names its cure."""

import itertools

import numpy as np
import pytest

from cnncourse import arithmetic, backend, reference

keras = backend.keras

PADDINGS = ("valid", "same", 0, 2, (0, 1), (3, 1))
GRID = list(itertools.product(range(1, 13), (1, 2, 3, 5), (1, 2, 3), PADDINGS, (1, 2, 3)))


def places(size, kernel_size, stride, padding, dilation):
    """The places of a kernel along one dimension, tried one pixel after the other."""
    if padding == "same":
        padding = arithmetic.same_padding(size, kernel_size, stride=stride, dilation=dilation)
    before, after = (0, 0) if padding == "valid" else (padding, padding) if isinstance(padding, int) else padding
    elements = range(0, kernel_size * dilation, dilation)
    last = size + before + after - 1
    return [start for start in range(0, last + 1, stride) if start + elements[-1] <= last]


def test_output_size_counts_the_places_of_the_kernel():
    fitting = 0
    for size, kernel_size, stride, padding, dilation in GRID:
        settings = {"stride": stride, "padding": padding, "dilation": dilation}
        count = len(places(size, kernel_size, stride, padding, dilation))
        if count:
            fitting += 1
            assert arithmetic.output_size(size, kernel_size, **settings) == count, (size, kernel_size, settings)
        else:
            with pytest.raises(ValueError, match="does not fit"):
                arithmetic.output_size(size, kernel_size, **settings)
    assert fitting > 1000
    assert fitting < len(GRID)


def test_same_padding_gives_ceil_of_size_over_stride_with_the_least_padding_and_the_odd_pixel_after():
    for size, kernel_size, stride, dilation in itertools.product(range(1, 13), range(1, 6), range(1, 4), range(1, 4)):
        before, after = arithmetic.same_padding(size, kernel_size, stride=stride, dilation=dilation)
        explicit = {"stride": stride, "dilation": dilation}
        wanted = int(np.ceil(size / stride))
        assert arithmetic.output_size(size, kernel_size, padding="same", **explicit) == wanted
        assert arithmetic.output_size(size, kernel_size, padding=(before, after), **explicit) == wanted
        assert after - before in (0, 1)
        if after:
            assert len(places(size, kernel_size, stride, (before, after - 1), dilation)) < wanted


def test_output_size_is_the_shape_that_keras_and_reference_give():
    kernels = {k: np.ones((k, k, 1, 1), "float32") for k in (1, 2, 3, 5)}
    checked = 0
    for size, k, stride, padding, dilation in itertools.product((5, 8), kernels, (1, 2, 3), PADDINGS[:2], (1, 2)):
        if (k - 1) * dilation >= size or (stride > 1 and dilation > 1):  # Keras refuses both at once
            continue
        image = np.ones((1, size, size, 1), "float32")
        expected = arithmetic.output_size(size, k, stride=stride, padding=padding, dilation=dilation)
        settings = {"padding": padding}
        by_keras = keras.ops.conv(image, kernels[k], strides=stride, dilation_rate=dilation, **settings)
        by_reference = reference.conv2d(image, kernels[k], stride=stride, dilation=dilation, **settings)
        assert tuple(by_keras.shape) == by_reference.shape == (1, expected, expected, 1)
        checked += 1
    assert checked >= 50


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (784, 10), (25, 400)])
def test_dense_parameters_are_those_of_keras(inputs, outputs, bias):
    layer = keras.layers.Dense(outputs, use_bias=bias)
    layer.build((None, inputs))
    assert arithmetic.dense_parameters(inputs, outputs, bias=bias) == layer.count_params()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("kernel_size", "channels_in", "channels_out", "groups"),
    [(1, 1, 1, 1), (3, 3, 64, 1), ((1, 7), 8, 4, 1), ((5, 2), 6, 9, 3), (3, 12, 12, 12), (3, 4, 8, 2)],
)
def test_conv_parameters_are_those_of_keras(kernel_size, channels_in, channels_out, groups, bias):
    layer = keras.layers.Conv2D(channels_out, kernel_size, groups=groups, use_bias=bias)
    layer.build((None, 16, 16, channels_in))
    count = arithmetic.conv_parameters(kernel_size, channels_in, channels_out, groups=groups, bias=bias)
    assert count == layer.count_params()


@pytest.mark.parametrize(
    ("size", "kernel_size", "channels_in", "channels_out", "settings"),
    [
        ((4, 5), (3, 2), 2, 3, {}),
        ((7, 6), (3, 3), 4, 6, {"groups": 2, "stride": 2}),
        ((9, 9), (2, 3), 3, 3, {"groups": 3, "stride": (2, 1), "dilation": (1, 2)}),
    ],
)
def test_conv_macs_count_the_multiplications_of_the_loops(size, kernel_size, channels_in, channels_out, settings):
    groups = settings.get("groups", 1)
    images = np.ones((1, *size, channels_in))
    kernel = np.ones((*kernel_size, channels_in // groups, channels_out))
    output = reference.conv2d_loops(images, kernel, **settings)  # each product 1 x 1 adds one
    macs = arithmetic.conv_macs(output.shape[1:3], kernel_size, channels_in, channels_out, groups=groups)
    assert macs == output.sum()


def test_macs_by_hand():
    assert arithmetic.conv_macs((2, 2), (3, 2), 2, 3) == 2 * 2 * 3 * 3 * 2 * 2 == 144
    assert arithmetic.conv_macs(5, 3, 4, 6, groups=2) == arithmetic.conv_macs((5, 5), (3, 3), 4, 6) // 2 == 2700
    assert arithmetic.dense_macs(784, 10) == arithmetic.dense_parameters(784, 10, bias=False)


def test_dense_features_are_a_dense_layer_and_grow_with_the_fourth_power_of_the_side():
    assert arithmetic.dense_feature_weights(4, 5, 3, features=2) == (4 * 5 * 3) * (4 * 5 * 2) == 2400
    as_dense = arithmetic.dense_parameters(4 * 5 * 3, 4 * 5 * 2, bias=False)
    assert arithmetic.dense_feature_weights(4, 5, 3, 2) == as_dense
    assert arithmetic.dense_feature_weights(56, 56, 3) == 16 * arithmetic.dense_feature_weights(28, 28, 3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "bool", np.float32, np.dtype("complex64")])
def test_memory_is_that_of_an_array(dtype):
    assert arithmetic.memory_bytes(1000, dtype) == np.zeros(1000, dtype).nbytes


def test_memory_of_the_numbers_that_numpy_has_not():
    assert arithmetic.memory_bytes(1000) == 4000
    assert arithmetic.memory_bytes(1000, "bfloat16") == 2000
    assert arithmetic.memory_bytes(0) == 0


def test_counts_are_exact_python_integers_for_small_numpy_integers_too():
    big = np.uint8(200)
    counts = {
        "macs": (arithmetic.conv_macs((big, big), big, big, big), 200**6),
        "parameters": (arithmetic.conv_parameters(big, big, big, groups=big), (200**2 + 1) * 200),
        "dense": (arithmetic.dense_feature_weights(big, big, big, big), 200**6),
        "dense parameters": (arithmetic.dense_parameters(big, big), 201 * 200),
        "memory": (arithmetic.memory_bytes(big, "float64"), 1600),
        "size": (arithmetic.output_size(big, np.uint8(3), padding=big), 598),
    }
    for name, (count, expected) in counts.items():
        assert type(count) is int, name
        assert count == expected, name


size, same = arithmetic.output_size, arithmetic.same_padding
conv, macs = arithmetic.conv_parameters, arithmetic.conv_macs
dense, features, memory = arithmetic.dense_parameters, arithmetic.dense_feature_weights, arithmetic.memory_bytes
NUMBER = "pass one whole number, 1 or more"
TOO_SMALL = "is too small: pass a whole number, 1 or more"
BAD_INPUT = [
    (size, (28.0, 3), {}, TypeError, rf"size=28\.0 is of type float: {NUMBER}"),
    (size, (True, 3), {}, TypeError, f"size=True is of type bool: {NUMBER}"),
    (size, ("28", 3), {}, TypeError, f"size='28' is of type str: {NUMBER}"),
    (size, (None, 3), {}, TypeError, f"size=None is of type NoneType: {NUMBER}"),
    (size, (0, 3), {}, ValueError, f"size=0 {TOO_SMALL}"),
    (size, (28, (3, 3)), {}, TypeError, rf"kernel_size=\(3, 3\) is of type tuple: {NUMBER}"),
    (size, (28, -3), {}, ValueError, f"kernel_size=-3 {TOO_SMALL}"),
    (size, (28, 3), {"stride": 0}, ValueError, f"stride=0 {TOO_SMALL}"),
    (size, (28, 3), {"stride": -1}, ValueError, f"stride=-1 {TOO_SMALL}"),
    (size, (28, 3), {"stride": 1.5}, TypeError, rf"stride=1\.5 is of type float: {NUMBER}"),
    (size, (28, 3), {"dilation": 0}, ValueError, f"dilation=0 {TOO_SMALL}"),
    (size, (28, 3), {"padding": "full"}, ValueError, "padding='full' is unknown: use 'valid', 'same', a number of"),
    (size, (28, 3), {"padding": "SAME"}, ValueError, "padding='SAME' is unknown: use 'valid', 'same', a number of"),
    (size, (28, 3), {"padding": -1}, ValueError, "padding=-1 is too small: pass a whole number, 0 or more"),
    (size, (28, 3), {"padding": (1, -1)}, ValueError, r"padding\[1\]=-1 is too small: pass a whole number, 0 or more"),
    (size, (28, 3), {"padding": (1, 1, 1)}, ValueError, r"has 3 entries: pass one whole number or a pair \(before, a"),
    (size, (28, 3), {"padding": 0.5}, TypeError, r"padding=0\.5 is of type float: pass one whole number, 0 or more"),
    (size, (28, 3), {"padding": True}, TypeError, "padding=True is of type bool: pass one whole number, 0 or more"),
    (
        size,
        (4, 5),
        {},
        ValueError,
        r"window that spans 5 pixels \(kernel_size=5, dilation=1\) does not fit into 4 pix",
    ),
    (size, (8, 3), {"dilation": 4}, ValueError, r"spans 9 pixels .* 8 pixels with 0 \+ 0 of padding: use a smaller"),
    (same, (0, 3), {}, ValueError, f"size=0 {TOO_SMALL}"),
    (same, (28, "3"), {}, TypeError, f"kernel_size='3' is of type str: {NUMBER}"),
    (same, (28, 3), {"stride": -2}, ValueError, f"stride=-2 {TOO_SMALL}"),
    (same, (28, 3), {"dilation": 1j}, TypeError, f"dilation=1j is of type complex: {NUMBER}"),
    (dense, (784.0, 10), {}, TypeError, rf"inputs=784\.0 is of type float: {NUMBER}"),
    (dense, (784, 0), {}, ValueError, f"outputs=0 {TOO_SMALL}"),
    (dense, (784, 10), {"bias": 1}, TypeError, "bias=1 is of type int: pass True or False"),
    (arithmetic.dense_macs, (-1, 10), {}, ValueError, f"inputs=-1 {TOO_SMALL}"),
    (arithmetic.dense_macs, (784, [10]), {}, TypeError, rf"outputs=\[10\] is of type list: {NUMBER}"),
    (conv, ((3, 3, 3), 4, 8), {}, ValueError, r"has 3 entries: pass one whole number or a pair \(rows, columns\)"),
    (conv, ((3, 0), 4, 8), {}, ValueError, rf"kernel_size\[1\]=0 {TOO_SMALL}"),
    (conv, (3, 4.0, 8), {}, TypeError, rf"channels_in=4\.0 is of type float: {NUMBER}"),
    (conv, (3, 4, 8), {"groups": 0}, ValueError, f"groups=0 {TOO_SMALL}"),
    (
        conv,
        (3, 4, 9),
        {"groups": 2},
        ValueError,
        "groups=2 does not divide both channels_in=4 and channels_out=9: cho",
    ),
    (
        conv,
        (3, 3, 8),
        {"groups": 2},
        ValueError,
        "groups=2 does not divide both channels_in=3 and channels_out=8: cho",
    ),
    (conv, (3, 4, 8), {"bias": "no"}, TypeError, "bias='no' is of type str: pass True or False"),
    (macs, ((8, 8, 3), 3, 4, 8), {}, ValueError, r"output_size_hw=\(8, 8, 3\) has 3 entries: pass one whole number"),
    (macs, (0, 3, 4, 8), {}, ValueError, f"output_size_hw=0 {TOO_SMALL}"),
    (macs, (8, 3, 4, 8), {"groups": 3}, ValueError, "groups=3 does not divide both channels_in=4 and channels_out=8"),
    (features, (28, -28, 1), {}, ValueError, f"width=-28 {TOO_SMALL}"),
    (features, (28, 28, 1), {"features": 2.5}, TypeError, rf"features=2\.5 is of type float: {NUMBER}"),
    (memory, (1e6,), {}, TypeError, r"count=1000000\.0 is of type float: pass one whole number, 0 or more"),
    (memory, (-1,), {}, ValueError, "count=-1 is too small: pass a whole number, 0 or more"),
    (memory, (1, "float31"), {}, TypeError, "dtype='float31' is not a type of numbers: pass for example 'float32'"),
    (memory, (1, None), {}, TypeError, "dtype=None is not a type of numbers: pass for example 'float32'"),
    (memory, (1, "U8"), {}, TypeError, "dtype='U8' is not a type of numbers: pass for example 'float32'"),
    (
        arithmetic.activation_bytes,
        ((28, 28, 6),),
        {},
        TypeError,
        r"output_shapes\[0\]=28 is of type int: pass a list, ",
    ),
    (arithmetic.activation_bytes, (28,), {}, TypeError, "output_shapes=28 is of type int: pass a list, such as"),
    (arithmetic.receptive_field, (3,), {}, TypeError, r"windows=3 is of type int: pass a list, such as \[3, 3\]"),
    (arithmetic.output_shape, ("228", 3), {}, ValueError, "input_shape='228' is no shape of one image: pass"),
    (memory, (1, object), {}, TypeError, "is not a type of numbers: pass for example 'float32'"),
]


@pytest.mark.parametrize(
    ("function", "arguments", "settings", "error", "message"),
    BAD_INPUT,
    ids=lambda value: getattr(value, "__name__", None),
)
def test_bad_input_says_what_was_passed_and_what_to_pass(function, arguments, settings, error, message):
    with pytest.raises(error, match=message):
        function(*arguments, **settings)


def test_activation_bytes_count_the_type():
    assert arithmetic.activation_bytes([(2, 3)], batch_size=4, dtype="float16") == 4 * 2 * 3 * 2


def test_output_shape_takes_the_dilation_of_each_axis():
    assert arithmetic.output_shape((10, 13, 3), 3, dilation=(2, 3)) == (6, 7, 3)
