"""`reference` refuses a wrong input in one sentence: what was passed, what is expected, how to mend it."""

import numpy as np
import pytest

from cnncourse import reference
from cnncourse.reference import conv2d_loops, conv2d_matrix, conv2d_windows, convolve, correlate
from cnncourse.reference import convolution_matrix as matrix
from cnncourse.reference import pool2d as pool

IMAGES, KERNEL = np.ones((2, 8, 9, 4)), np.ones((3, 3, 4, 6))
GREY, FILTER = np.ones((8, 9)), np.ones((3, 3))
RAGGED = [[1, 2], [3]]
IMAGES_SHAPE, KERNEL_SHAPE = r"expected real numbers of shape \(N, H, W, C_in\)", r"\(kh, kw, C_in / groups, C_out\)"
WHOLE = "pass one whole number, 1 or more"
TOO_SMALL = "is too small: pass a whole number, 1 or more"

# images, kernel, options, error, message: refused alike by the three forms
CONVOLUTIONS = [
    (IMAGES[0], KERNEL, {}, ValueError, rf"images has shape \(8, 9, 4\): {IMAGES_SHAPE}, put in axes"),
    (IMAGES, FILTER, {}, ValueError, rf"kernel has shape \(3, 3\): .*{KERNEL_SHAPE}, put in axes"),
    (IMAGES[:0], KERNEL, {}, ValueError, rf"images has shape \(0, 8, 9, 4\), which holds no numbers: {IMAGES_SHAPE}"),
    (RAGGED, KERNEL, {}, ValueError, f"images has rows of unequal length: {IMAGES_SHAPE}, make them equally long"),
    (IMAGES.astype(str), KERNEL, {}, TypeError, rf"images has dtype <U32: {IMAGES_SHAPE}, convert it"),
    (IMAGES.astype(object), KERNEL, {}, TypeError, rf"images has dtype object: {IMAGES_SHAPE}, convert it"),
    (None, KERNEL, {}, TypeError, rf"images has dtype object: {IMAGES_SHAPE}, convert it"),
    (IMAGES, KERNEL * 1j, {}, TypeError, rf"kernel has dtype complex128: .*{KERNEL_SHAPE}, convert it"),
    (IMAGES, KERNEL[:, :, :3], {}, ValueError, r"reads 3 channels, but .* with groups=1 have C_in / groups = 4: make"),
    (IMAGES, KERNEL, {"groups": 2}, ValueError, r"reads 4 channels, but .* with groups=2 have C_in / groups = 2"),
    (IMAGES, KERNEL, {"groups": 3}, ValueError, "groups=3 does not divide both the 4 channels of the images"),
    (IMAGES, KERNEL, {"groups": 4}, ValueError, "the 6 kernels: choose a number of groups that divides both"),
    (IMAGES, KERNEL, {"groups": 0}, ValueError, f"groups=0 {TOO_SMALL}"),
    (IMAGES, KERNEL, {"groups": 2.0}, TypeError, rf"groups=2\.0 is of type float: {WHOLE}"),
    (IMAGES, KERNEL, {"bias": np.ones(4)}, ValueError, "bias has 4 numbers, but kernel has C_out = 6: pass one"),
    (IMAGES, KERNEL, {"bias": 0.5}, ValueError, r"bias has shape \(\): expected real numbers of shape \(C_out,\)"),
    (IMAGES, KERNEL, {"bias": ["a"] * 6}, TypeError, r"bias has dtype <U1: expected real numbers of shape \(C_out,\)"),
    (IMAGES, KERNEL, {"stride": 0}, ValueError, f"stride=0 {TOO_SMALL}"),
    (IMAGES, KERNEL, {"stride": (1, -1)}, ValueError, rf"stride\[1\]=-1 {TOO_SMALL}"),
    (IMAGES, KERNEL, {"stride": (1, 1, 1)}, ValueError, r"has 3 entries: pass one whole number or a pair"),
    (IMAGES, KERNEL, {"stride": "2"}, TypeError, f"stride='2' is of type str: {WHOLE}"),
    (IMAGES, KERNEL, {"stride": True}, TypeError, f"stride=True is of type bool: {WHOLE}"),
    (IMAGES, KERNEL, {"dilation": 0}, ValueError, f"dilation=0 {TOO_SMALL}"),
    (IMAGES, KERNEL, {"dilation": 1.5}, TypeError, rf"dilation=1\.5 is of type float: {WHOLE}"),
    (IMAGES, KERNEL, {"padding": "full"}, ValueError, "padding='full' is unknown: use 'valid', 'same', a number"),
    (IMAGES, KERNEL, {"padding": -1}, ValueError, "padding=-1 is too small: pass a whole number, 0 or more"),
    (IMAGES, KERNEL, {"padding": 0.5}, TypeError, r"padding=0\.5 is of type float: pass one whole number, 0 or more"),
    (IMAGES, KERNEL, {"padding": (1, 2)}, ValueError, r"padding=\(1, 2\): pass pairs \(\(top, bottom\)"),
    (IMAGES, KERNEL, {"padding": ((1, 2), (-1, 0))}, ValueError, r"padding\[1\]\[0\]=-1 is too small: pass a whole"),
    (IMAGES, KERNEL, {"dilation": 4}, ValueError, r"spans 9 pixels \(kernel_size=3, dilation=4\) does not fit into 8"),
    (IMAGES[:, :2], KERNEL, {}, ValueError, r"spans 3 pixels .* fit into 2 pixels with 0 \+ 0 of padding: use"),
    (IMAGES[:, :, :1], KERNEL, {"padding": ((0, 0), (0, 1))}, ValueError, r"into 1 pixels with 0 \+ 1 of padding"),
]


@pytest.mark.parametrize("form", [conv2d_loops, conv2d_windows, conv2d_matrix])
@pytest.mark.parametrize(
    ("images", "kernel", "options", "error", "message"), CONVOLUTIONS, ids=range(len(CONVOLUTIONS))
)
def test_all_forms_refuse_alike(form, images, kernel, options, error, message):
    with pytest.raises(error, match=message):
        form(images, kernel, **options)


GREY_SHAPE = r"expected real numbers of shape \(H, W\), take one channel, image\[..., 0\], or use conv2d"
FILTER_SHAPE = r"expected real numbers of shape \(kh, kw\), take one kernel, kernel\[:, :, 0, 0\], or use conv2d"
NO_SHAPE = r"is no shape of one image: pass \(height, width, channels\), for example images\.shape\[1:\]"
OTHERS = [
    (matrix, (KERNEL, (8, 9)), {}, ValueError, rf"image_shape=\(8, 9\) {NO_SHAPE}"),
    (matrix, (KERNEL, 8), {}, ValueError, f"image_shape=8 {NO_SHAPE}"),
    (matrix, (KERNEL, (8, 9.0, 4)), {}, TypeError, rf"image_shape\[1\]=9\.0 is of type float: {WHOLE}"),
    (matrix, (KERNEL, (8, 0, 4)), {}, ValueError, rf"image_shape\[1\]=0 {TOO_SMALL}"),
    (matrix, (KERNEL, (8, 9, 3)), {}, ValueError, "reads 4 channels, but .* have C_in / groups = 3: make"),
    (matrix, (KERNEL, (2, 9, 4)), {}, ValueError, r"spans 3 pixels .* does not fit into 2 pixels"),
    (matrix, (FILTER, (8, 9, 4)), {}, ValueError, rf"kernel has shape \(3, 3\): .*{KERNEL_SHAPE}"),
    (matrix, (KERNEL, (8, 9, 4)), {"groups": 5}, ValueError, "groups=5 does not divide both the 4 channels"),
    (matrix, (KERNEL, (8, 9, 4)), {"stride": -1}, ValueError, f"stride=-1 {TOO_SMALL}"),
    (matrix, (KERNEL, (8, 9, 4)), {"padding": "no"}, ValueError, "padding='no' is unknown: use 'valid'"),
    (correlate, (IMAGES[0], FILTER), {}, ValueError, rf"image has shape \(8, 9, 4\): {GREY_SHAPE}"),
    (correlate, (GREY, KERNEL), {}, ValueError, rf"kernel has shape \(3, 3, 4, 6\): {FILTER_SHAPE}"),
    (correlate, (FILTER, GREY), {}, ValueError, r"spans 8 pixels .* does not fit into 3 pixels .* use a smaller"),
    (correlate, (GREY.astype(str), FILTER), {}, TypeError, "image has dtype <U32: expected real numbers of shape"),
    (convolve, (IMAGES[0], FILTER), {}, ValueError, rf"image has shape \(8, 9, 4\): {GREY_SHAPE}"),
    (convolve, (GREY, FILTER[0]), {}, ValueError, rf"kernel has shape \(3,\): {FILTER_SHAPE}"),
    (convolve, (GREY, FILTER * 1j), {}, TypeError, "kernel has dtype complex128: expected real numbers of shape"),
    (convolve, (FILTER, GREY), {}, ValueError, r"spans 8 pixels .* does not fit into 3 pixels .* use a smaller"),
    (pool, (IMAGES[0], 2), {}, ValueError, r"images has shape \(8, 9, 4\): .*\(N, H, W, C\), put in axes of length 1"),
    (pool, (IMAGES.astype(object), 2), {}, TypeError, "images has dtype object: expected real numbers of shape"),
    (pool, (IMAGES, 0), {}, ValueError, f"pool_size=0 {TOO_SMALL}"),
    (pool, (IMAGES, (2, 2, 1)), {}, ValueError, r"pool_size=\(2, 2, 1\) has 3 entries: pass one whole number or"),
    (pool, (IMAGES, 2.0), {}, TypeError, rf"pool_size=2\.0 is of type float: {WHOLE}"),
    (pool, (IMAGES, 2), {"stride": -2}, ValueError, f"stride=-2 {TOO_SMALL}"),
    (pool, (IMAGES, 10), {}, ValueError, "spans 10 pixels .* does not fit into 8 pixels .* use a smaller window"),
    (pool, (IMAGES, 2), {"padding": 1}, ValueError, "padding=1 is unknown: pooling takes 'valid' or 'same'"),
    (pool, (IMAGES, 2), {"padding": "full"}, ValueError, "padding='full' is unknown: pooling takes 'valid' or 'same'"),
    (pool, (IMAGES, 2), {"mode": "mean"}, ValueError, "mode='mean' is unknown: use 'max' or 'average'"),
    (pool, (IMAGES, 2), {"mode": max}, ValueError, "mode=.*max.* is unknown: use 'max' or 'average'"),
]


@pytest.mark.parametrize(("function", "arguments", "options", "error", "message"), OTHERS, ids=range(len(OTHERS)))
def test_the_others_refuse(function, arguments, options, error, message):
    with pytest.raises(error, match=message):
        function(*arguments, **options)


def test_a_matrix_that_does_not_fit_into_2_gib_is_refused_before_it_is_built(monkeypatch):
    message = (
        r"the matrix of 260100 x 262144 numbers would take 508\.0 GiB, more than 2: use a smaller image or conv2d_w"
    )
    with pytest.raises(ValueError, match=message):
        matrix(FILTER[:, :, np.newaxis, np.newaxis], (512, 512, 1))
    with pytest.raises(ValueError, match=message):
        conv2d_matrix(np.ones((1, 512, 512, 1)), FILTER[:, :, np.newaxis, np.newaxis])
    kernel, size = np.ones((1, 1, 1, 1)), 8 * 16 * 16  # bytes of the matrix of a 4 x 4 image
    monkeypatch.setattr(reference, "MATRIX_LIMIT", size)
    assert matrix(kernel, (4, 4, 1)).nbytes == size
    monkeypatch.setattr(reference, "MATRIX_LIMIT", size - 1)
    with pytest.raises(ValueError, match="use a smaller image"):
        matrix(kernel, (4, 4, 1))


def test_the_limit_counts_the_bytes_of_the_kernels_type(monkeypatch):
    monkeypatch.setattr(reference, "MATRIX_LIMIT", 9 * 9 * 4)
    assert reference.convolution_matrix(np.ones((1, 1, 1, 1), "float32"), (3, 3, 1)).nbytes == 9 * 9 * 4
    with pytest.raises(ValueError, match="9 x 9 numbers would take"):
        reference.convolution_matrix(np.ones((1, 1, 1, 1), "float64"), (3, 3, 1))
