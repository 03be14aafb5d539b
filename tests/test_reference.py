"""`reference` is the ground truth of the course: held against Keras, numbers worked out by hand, and itself."""

import time
from typing import NamedTuple

import numpy as np
import pytest

from cnncourse import arithmetic, backend, datasets, reference

keras = backend.keras

FORMS = [reference.conv2d_loops, reference.conv2d_windows, reference.conv2d_matrix]
KERAS_SETTINGS = 240
KERAS_GROUP_SETTINGS = 15  # Keras compiles each of them anew on a CPU
POOL_SETTINGS = 120


class Setting(NamedTuple):
    """One convolution: the shapes of images and kernel, and the options."""

    images: tuple
    kernel: tuple
    options: dict


def as_tuples(array):
    """Return an array as tuples of ints."""
    return tuple(map(as_tuples, array)) if array.ndim else int(array)


def random_settings(count, seed, *, by_keras, grouped=False):
    """Return `count` different settings whose kernel fits, all of which Keras can compute too if `by_keras`."""
    random = np.random.default_rng(seed)
    settings = {}
    while len(settings) < count:
        batch, height, width, kernel_height, kernel_width = random.integers(1, (3, 13, 13, 6, 6)).tolist()
        groups = int(random.integers(2, 5)) if grouped else 1
        channels_in, channels_out = (random.integers(1, 3 if grouped else 5, 2) * groups).tolist()
        stride, dilation, sides = (
            as_tuples(random.integers(*span)) for span in ((1, 4, 2), (1, 4, 2), (0, 4, (2, 2)))
        )
        if by_keras:  # Keras refuses a stride together with a dilation
            stride, dilation = (stride, (1, 1)) if random.random() < 0.5 else ((1, 1), dilation)
        padding = (sides, "valid", "same")[random.integers(3)]
        extra = np.sum(sides, axis=1) if padding == sides else (0, 0)
        span_height, span_width = (kernel_height - 1) * dilation[0] + 1, (kernel_width - 1) * dilation[1] + 1
        fits = span_height <= height + extra[0] and span_width <= width + extra[1]
        if fits or padding == "same":
            images = batch, height, width, channels_in
            kernel = kernel_height, kernel_width, channels_in // groups, channels_out
            options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
            settings[images, kernel, *options.values()] = Setting(images, kernel, options)
    return list(settings.values())


def random_arrays(setting, seed=0):
    """Return images, kernel and bias in float64 that float32 holds exactly."""
    random = np.random.default_rng(seed)
    shapes = setting.images, setting.kernel, setting.kernel[3:]
    images, kernel, bias = (random.normal(size=shape).astype("float32").astype("float64") for shape in shapes)
    bias[0] = 0  # a zero among them must not hide the others
    return images, kernel, bias


def keras_conv(images, kernel, bias, *, stride, padding, dilation, groups):
    """Compute a convolution in float32 by keras.ops.conv; it takes the groups from the shapes."""
    assert kernel.shape[2] * groups == images.shape[3]
    images, kernel = images.astype("float32"), kernel.astype("float32")
    if isinstance(padding, tuple):
        images, padding = keras.ops.pad(images, ((0, 0), *padding, (0, 0))), "valid"
    output = keras.ops.conv(images, kernel, strides=stride, padding=padding, dilation_rate=dilation)
    return keras.ops.convert_to_numpy(output) + bias


def relative_difference(output, expected):
    """Return the largest difference as a share of the largest expected magnitude."""
    assert output.shape == expected.shape
    return np.abs(output - expected).max() / np.abs(expected).max()


def test_reference_is_keras_over_many_settings():
    settings = random_settings(KERAS_SETTINGS, seed=1, by_keras=True)
    settings += random_settings(KERAS_GROUP_SETTINGS, seed=2, by_keras=True, grouped=True)
    seen = set()
    for setting in settings:
        arrays = random_arrays(setting)
        expected = keras_conv(*arrays, **setting.options)
        output = reference.conv2d(*arrays, **setting.options)
        assert output.dtype == np.float64
        assert relative_difference(output, expected) < 1e-5, setting
        options = setting.options
        padding = "explicit" if isinstance(options["padding"], tuple) else options["padding"]
        seen.add((padding, options["stride"] != (1, 1), options["dilation"] != (1, 1), options["groups"] > 1))
    assert len(settings) == KERAS_SETTINGS + KERAS_GROUP_SETTINGS >= 200
    for padding in ("valid", "same", "explicit"):  # plain, strided, dilated and grouped settings all took part
        assert {(padding, False, False, False), (padding, True, False, False), (padding, False, True, False)} <= seen
        assert any(kind[0] == padding and kind[3] for kind in seen)


def test_the_three_forms_agree_also_where_keras_refuses():
    settings = random_settings(60, seed=3, by_keras=False) + random_settings(60, seed=4, by_keras=False, grouped=True)
    refused = 0
    for setting in settings:
        arrays = random_arrays(setting)
        loops, windows, matrix = (form(*arrays, **setting.options) for form in FORMS)
        assert relative_difference(windows, loops) < 1e-12, setting
        assert relative_difference(matrix, loops) < 1e-12, setting
        refused += max(setting.options["stride"]) > 1 and max(setting.options["dilation"]) > 1
    assert refused > 40


@pytest.mark.parametrize("form", FORMS)
def test_groups_are_separate_convolutions_of_a_part_of_the_channels_each(form):
    for setting in random_settings(20, seed=5, by_keras=False, grouped=True):
        images, kernel, bias = random_arrays(setting)
        options = {**setting.options, "groups": 1}
        count = setting.options["groups"]
        parts = zip(*(np.split(array, count, axis=-1) for array in (images, kernel, bias)), strict=True)
        expected = np.concatenate([reference.conv2d_loops(*part, **options) for part in parts], axis=-1)
        assert relative_difference(form(images, kernel, bias, **setting.options), expected) < 1e-12, setting


@pytest.mark.parametrize("form", FORMS)
def test_a_stride_keeps_every_other_output_and_a_dilation_puts_zeros_into_the_kernel(form):
    images, kernel, bias = random_arrays(Setting((2, 11, 12, 3), (3, 2, 3, 4), {}))
    wide = np.zeros((5, 4, 3, 4))
    wide[::2, ::3] = kernel
    dense = form(images, wide, bias, padding=((2, 0), (1, 3)))
    output = form(images, kernel, bias, stride=(2, 3), dilation=(2, 3), padding=((2, 0), (1, 3)))
    assert relative_difference(output, dense[:, ::2, ::3]) < 1e-12


@pytest.mark.parametrize("form", FORMS)
def test_a_case_by_hand(form):
    image = np.arange(1.0, 10).reshape(1, 3, 3, 1)  # 1 2 3 / 4 5 6 / 7 8 9
    kernel = np.array([[1.0, 10], [100, 1000]]).reshape(2, 2, 1, 1)
    by_hand = {  # first output: 1 1 + 2 10 + 4 100 + 5 1000
        "valid": [[5421, 6532], [8754, 9865]],
        "same": [[5421, 6532, 603], [8754, 9865, 906], [87, 98, 9]],
        ((1, 0), (1, 0)): [[1000, 2100, 3200], [4010, 5421, 6532], [7040, 8754, 9865]],
    }
    for padding, expected in by_hand.items():
        assert form(image, kernel, padding=padding)[0, :, :, 0].tolist() == expected
    assert form(image, kernel, padding=((1, 0), (1, 0)), stride=2)[0, :, :, 0].tolist() == [[1000, 3200], [7040, 9865]]
    assert form(image, kernel, dilation=2)[0, :, :, 0].tolist() == [[1 + 30 + 700 + 9000]]
    assert form(image, kernel, [0.5], padding=1).shape == (1, 4, 4, 1)
    assert form(image, kernel, [0.5], padding=1)[0, 0, :, 0].tolist() == [1000.5, 2100.5, 3200.5, 300.5]


@pytest.mark.parametrize("form", FORMS)
def test_numbers_of_all_kinds_are_taken_and_given_as_floats(form):
    image = np.arange(9).reshape(1, 3, 3, 1)
    kernel = np.array([[200, 100], [0, -1]]).reshape(2, 2, 1, 1)
    expected = form(image.astype("float64"), kernel.astype("float64"), np.array([7.0]))
    wanted = {"uint8": "float64", "int64": "float64", "float16": "float32", "float32": "float32", "float64": "float64"}
    for dtype, result in wanted.items():
        output = form(image.astype(dtype), kernel.astype("float16" if "float" in dtype else "int64"), [7])
        assert output.dtype == result, dtype
        assert np.array_equal(output, expected), dtype
    assert np.array_equal(form(image.tolist(), keras.ops.convert_to_tensor(kernel), [7]), expected)
    assert form(image > 4, kernel)[0, :, :, 0].tolist() == [[0, -1], [-1, 99]]


@pytest.mark.parametrize("form", FORMS)
def test_nan_stays_where_the_kernel_meets_it(form):
    image = np.ones((1, 5, 5, 1))
    image[0, 0, 0] = np.nan
    output = form(image, np.ones((2, 2, 1, 1)))[0, :, :, 0]
    assert np.isnan(output[0, 0])
    if form is not reference.conv2d_matrix:  # in a matrix product 0 times NaN is NaN, everywhere
        assert np.isnan(output).sum() == 1


def test_the_arguments_are_left_as_they_are():
    arrays = random_arrays(Setting((1, 6, 6, 2), (3, 3, 2, 2), {}))
    before = [array.copy() for array in arrays]
    for form in FORMS:
        output = form(*arrays)
        output[...] = 0
    pooled = reference.pool2d(arrays[0], 1)
    pooled[...] = 0
    assert all(np.array_equal(*both) for both in zip(arrays, before, strict=True))


def test_conv2d_is_the_quick_form():
    assert reference.conv2d is reference.conv2d_windows


def test_windows_in_more_than_one_strip_are_the_loops():
    setting = Setting((2, 40, 60, 8), (3, 3, 4, 2), {})
    assert reference.STRIP // (3 * 3 * 4 * 58) < 38
    arrays = random_arrays(setting)
    loops = reference.conv2d_loops(*arrays, groups=2)
    assert relative_difference(reference.conv2d_windows(*arrays, groups=2), loops) < 1e-12


def test_the_matrix_is_the_banded_one_of_the_textbook():
    kernel = np.array([1.0, 2, 3]).reshape(1, 3, 1, 1)
    assert reference.convolution_matrix(kernel, (1, 4, 1)).tolist() == [[1, 2, 3, 0], [0, 1, 2, 3]]
    padded = reference.convolution_matrix(kernel, (1, 3, 1), padding="same").tolist()
    assert padded == [[2, 3, 0], [1, 2, 3], [0, 1, 2]]
    two_channels = np.array([[1.0, 10], [2, 20]]).reshape(1, 1, 2, 2)  # 1x1: the same small matrix at every pixel
    assert reference.convolution_matrix(two_channels, (1, 2, 2)).tolist() == [
        [1, 2, 0, 0],
        [10, 20, 0, 0],
        [0, 0, 1, 2],
        [0, 0, 10, 20],
    ]
    grouped = reference.convolution_matrix(two_channels[:, :, :1], (1, 1, 2), groups=2)
    assert grouped.tolist() == [[1, 0], [0, 10]]


def test_the_matrix_has_as_many_nonzeros_as_the_layer_has_macs():
    matrix = reference.convolution_matrix(np.ones((3, 3, 2, 6)), (8, 9, 4), stride=2, groups=2)
    assert matrix.shape == (3 * 4 * 6, 8 * 9 * 4)
    assert np.count_nonzero(matrix) == arithmetic.conv_macs((3, 4), 3, 4, 6, groups=2)


def test_convolve_is_correlate_with_the_kernel_flipped_in_both_axes():
    kernel = np.array([[1, 2, 3], [4, 5, 6]])
    impulse = np.zeros((3, 5))
    impulse[1, 2] = 1
    assert reference.correlate(impulse, kernel).tolist() == [[6, 5, 4], [3, 2, 1]]
    assert reference.convolve(impulse, kernel).tolist() == [[1, 2, 3], [4, 5, 6]]
    image = np.random.default_rng(0).normal(size=(7, 8))
    assert np.array_equal(reference.convolve(image, kernel), reference.correlate(image, kernel[::-1, ::-1]))
    rows = [np.convolve(row, kernel[0], mode="valid") for row in image]
    assert np.allclose(reference.convolve(image, kernel[:1]), rows, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("mode", ["max", "average"])
def test_pooling_is_that_of_keras(mode):
    pool = keras.ops.max_pool if mode == "max" else keras.ops.average_pool
    random = np.random.default_rng(6)
    checked = set()
    while len(checked) < POOL_SETTINGS:
        batch, height, width, channels, rows, columns = random.integers(1, (3, 13, 13, 4, 5, 5)).tolist()
        stride = None if random.random() < 0.3 else tuple(random.integers(1, 5, 2).tolist())
        padding = str(random.choice(["valid", "same"]))
        if padding == "valid" and (rows > height or columns > width):
            continue
        images = (
            random.normal(size=(batch, height, width, channels)).astype("float32") - 3
        )  # below zero: padding would win
        expected = keras.ops.convert_to_numpy(pool(images, (rows, columns), strides=stride, padding=padding))
        settings = {"stride": stride, "padding": padding, "mode": mode}
        output = reference.pool2d(images.astype("float64"), (rows, columns), **settings)
        assert output.dtype == np.float64
        assert relative_difference(output, expected) < 1e-6, (images.shape, rows, columns, settings)
        checked.add((images.shape, rows, columns, stride, padding))


def test_pooling_by_hand_counts_real_pixels_only():
    image = -np.arange(1.0, 10).reshape(1, 3, 3, 1)
    assert reference.pool2d(image, 2)[0, :, :, 0].tolist() == [[-1]]
    assert reference.pool2d(image, 2, padding="same")[0, :, :, 0].tolist() == [[-1, -3], [-7, -9]]
    average = reference.pool2d(image, 2, padding="same", mode="average")[0, :, :, 0]
    assert average.tolist() == [[-3, -4.5], [-7.5, -9]]
    wide = reference.pool2d(image, (1, 2), stride=(2, 1), mode="average")[0, :, :, 0]
    assert wide.tolist() == [[-1.5, -2.5], [-7.5, -8.5]]


def photograph_and_kernel(colour):
    """Return a 512 x 512 photograph and a kernel: grey to one map with 3 x 3 x 1 x 1, or colour with 3 x 3 x 3 x 8."""
    photograph = datasets.load_photograph("astronaut")
    assert photograph.shape == (512, 512, 3)
    images = (photograph if colour else datasets.to_grey(photograph)[:, :, np.newaxis])[np.newaxis]
    kernel = np.random.default_rng(0).normal(size=(3, 3, images.shape[3], 8 if colour else 1)).astype("float32")
    return images.astype("float32"), kernel


def median_times(functions, repeats=9):
    """Return the median seconds of each function; they take turns, so that a busy machine slows all of them."""
    times = [[] for _ in functions]
    for _ in range(repeats):
        for function, seconds in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            seconds.append(time.perf_counter() - start)
    return np.median(times, axis=1)


@pytest.mark.parametrize("colour", [False, True], ids=["grey", "colour"])
def test_windows_take_at_most_three_times_as_long_as_keras_on_a_photograph(colour):
    images, kernel = photograph_and_kernel(colour)

    def by_reference():
        return reference.conv2d_windows(images, kernel)

    def by_keras():
        return keras.ops.convert_to_numpy(keras.ops.conv(images, kernel))

    assert relative_difference(by_reference(), by_keras()) < 1e-5
    ratios = []
    while len(ratios) < 8 and min(ratios, default=np.inf) > 3:
        own, other = median_times([by_reference, by_keras])
        ratios.append(own / other)
    assert min(ratios) <= 3, f"ratios of the times: {np.round(ratios, 1)}"
