"""The checks of notebook 09: right answers in several forms, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, exercises, reference
from cnncourse.exercises import notebook_09
from tests.verdicts import assert_correct, assert_wrong


def blank_function(outputs, layers):
    """Pixels of the smallest image."""
    ...


@pytest.mark.parametrize("exercise_id", ["09.1", "09.2", "09.3"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 09.1, the smallest image for a chain


def number_of_outputs(size, layers):
    """How many outputs a chain makes of a size, 0 where a kernel does not fit."""
    for kernel_size, stride in layers:
        size = max((size - kernel_size) // stride + 1, 0)
    return size


def by_trying(outputs, layers):
    size = 1
    while number_of_outputs(size, layers) < outputs:
        size += 1
    return size


def by_field_and_jump(outputs, layers):
    field = arithmetic.receptive_field(layers)
    return np.int64(field.size + (outputs - 1) * field.jump)


def by_recursion(outputs, layers):
    if not layers:
        return float(outputs)
    *front, (kernel_size, stride) = layers
    return by_recursion((outputs - 1) * stride + kernel_size, front)


@pytest.mark.parametrize("answer", [by_trying, by_field_and_jump, by_recursion])
def test_the_smallest_image_is_right_in_every_form(answer):
    assert_correct("09.1", answer)


@pytest.mark.parametrize("case", notebook_09.CHAIN_CASES)
def test_the_expected_image_is_the_smallest_by_arithmetic(case):
    outputs, layers = case
    size = notebook_09.SMALLEST_IMAGE.expected(outputs, layers)
    for image, wanted in ((size, outputs), (size - 1, outputs - 1)):
        assert number_of_outputs(image, layers) == wanted


def from_the_image_on(outputs, layers):
    for kernel_size, stride in layers:
        outputs = (outputs - 1) * stride + kernel_size
    return outputs


def one_step_too_many(outputs, layers):
    for kernel_size, stride in layers[::-1]:
        outputs = outputs * stride + kernel_size
    return outputs


def strides_alone(outputs, layers):
    return outputs * int(np.prod([stride for _, stride in layers]))


def kernels_alone(outputs, layers):
    return outputs + sum(kernel_size - 1 for kernel_size, _ in layers)


def transposed(outputs, layers):
    for kernel_size, stride in layers[::-1]:
        outputs = stride * outputs + kernel_size - 1
    return outputs


def exchanged(outputs, layers):
    return by_recursion(outputs, [(stride, kernel_size) for kernel_size, stride in layers])


def with_kernels_as_wide_as_the_stride(outputs, layers):
    for kernel_size, stride in layers[::-1]:
        outputs = outputs * stride if kernel_size < stride else (outputs - 1) * stride + kernel_size
    return outputs


def returns_nothing(outputs, layers):
    by_trying(outputs, layers)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (from_the_image_on, "from the image on"),
        (one_step_too_many, "a step too many"),
        (strides_alone, "forgets the kernels"),
        (kernels_alone, "the strides have no effect"),
        (transposed, "the largest image with so many outputs"),
        (with_kernels_as_wide_as_the_stride, "smaller than its stride"),
        (lambda outputs, layers: by_field_and_jump(outputs + 1, layers), "adds a jump for each output"),
        (lambda outputs, layers: (by_trying(outputs, layers), by_trying(outputs, layers)), "height and width"),
        (lambda outputs, layers: by_trying(1, layers), "the receptive field of one output"),
        (lambda outputs, layers: by_trying(1, layers) + outputs - 1, "one pixel of the image apart"),
        (exchanged, "kernel size and stride are exchanged"),
        (lambda n, layers: n + 1 - sum(k for k, _ in layers), "how many pixels the windows of one layer span"),
        (returns_nothing, "does every path end with `return`"),
        (14, "expected the function itself"),
    ],
)
def test_the_smallest_image_names_the_mistake(answer, phrase):
    assert_wrong("09.1", answer, phrase)


# 09.2, the offset without the padding


def offset_by_zeros(size, kernel_size, stride):
    strided = arithmetic.same_padding(size, kernel_size, stride=stride)
    return arithmetic.same_padding(size, kernel_size)[0] - strided[0]


def offset_by_looking(size, kernel_size, stride):
    """The offset at which the subsampled output of Keras equals the strided one."""
    row, kernel = np.random.default_rng(0).normal(size=(1, size, 1)), np.ones((kernel_size, 1, 1))
    every, strided = (
        keras.ops.convert_to_numpy(keras.ops.conv(row, kernel, strides=strides, padding="same"))[0, :, 0]
        for strides in (1, stride)
    )
    for offset in range(stride):
        kept = every[offset::stride]
        if kept.shape == strided.shape and np.allclose(kept, strided, atol=1e-5):
            return offset
    return None


def offset_by_rounding(size, kernel_size, stride):
    needed = (np.ceil(size / stride) - 1) * stride + kernel_size - size
    return np.floor((kernel_size - 1) / 2) - np.floor(max(needed, 0) / 2)


@pytest.mark.parametrize("answer", [offset_by_zeros, offset_by_looking, offset_by_rounding])
def test_the_offset_is_right_in_every_form(answer):
    assert_correct("09.2", answer)


def test_the_cases_of_the_offset_tell_sizes_kernels_and_strides_apart():
    offsets = [notebook_09.OFFSET.expected(*case) for case in notebook_09.OFFSET_CASES]
    assert set(offsets) == {0, 1, 2}
    assert {stride for _, _, stride in notebook_09.OFFSET_CASES} == {2, 3, 4}
    assert any(kernel < stride for _, kernel, stride in notebook_09.OFFSET_CASES)


def strided_total(size, kernel_size, stride):
    return sum(arithmetic.same_padding(size, kernel_size, stride=stride))


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda *case: -offset_by_zeros(*case), "the negative of the offset"),
        (lambda n, k, s: k // 2 - arithmetic.same_padding(n, k, stride=s)[1], "the zeros after the image"),
        (lambda n, k, s: strided_total(n, k, s) // 2, "padding of the strided layer alone"),
        (lambda n, k, s: (k - 1) // 2, "padding of the layer with stride 1 alone"),
        (lambda n, k, s: (k - 1 - strided_total(n, k, s)) // 2, "halves the difference of all zeros"),
        (lambda n, k, s: k - 1 - strided_total(n, k, s), "compares all zeros"),
        (
            lambda n, k, s: (k - 1) // 2 - ((-(-n // s) - 1) * s + k - n) // 2,
            "pads a negative number of zeros",
        ),
        (lambda n, k, s: (k - 1) // 2 - max((n // s - 1) * s + k - n, 0) // 2, "number of outputs down"),
        (lambda n, k, s: k // 2 - strided_total(n, k, s) // 2, "one zero too many before the image"),
        (lambda n, k, s: (k - 1) // 2 - arithmetic.same_padding(n, k, stride=s)[1], "puts the odd zero"),
        (lambda n, k, s: (k - 1 - strided_total(n, k, s)) / 2, "there are no half zeros"),
        (lambda n, k, s: s // 2, "half the stride"),
        (lambda n, k, s: 1 if n % s == 0 else 0, "asks whether the stride divides the size"),
        (lambda n, k, s: 0, "this is 0 always"),
        (lambda n, k, s: (s - 1) // 2, "looks at the stride alone"),
        (lambda n, k, s: int(n % 2 == 0), "looks at the size alone"),
        (lambda n, k, s: offset_by_zeros(n, k, s) + 1, "which of them the strided layer lacks"),
    ],
)
def test_the_offset_names_the_mistake(answer, phrase):
    assert_wrong("09.2", answer, phrase)


# 09.3, two strided layers as one


def by_impulses(first, second, stride):
    """Each weight of the kernel is the output of the two layers for an image that is 1 at one pixel."""
    size = tuple(stride * (k2 - 1) + k1 for k1, k2 in zip(first.shape, second.shape, strict=True))
    images = np.eye(size[0] * size[1]).reshape(-1, *size, 1)
    inner = reference.conv2d(images, first[:, :, None, None], stride=stride)
    return reference.conv2d(inner, second[:, :, None, None]).reshape(size)


def by_dilating(first, second, stride):
    """The full convolution of the first kernel with the dilated second one."""
    wide = np.zeros([stride * (k - 1) + 1 for k in second.shape])
    wide[::stride, ::stride] = second
    margins = [(k - 1, k - 1) for k in first.shape]
    return keras.ops.convert_to_tensor(reference.convolve(np.pad(wide, margins), first))


def by_matrices(first, second, stride):
    size = [stride * (k2 - 1) + k1 for k1, k2 in zip(first.shape, second.shape, strict=True)]
    inner = reference.convolution_matrix(first[:, :, None, None], (*size, 1), stride=stride)
    outer = reference.convolution_matrix(second[:, :, None, None], (*second.shape, 1))
    return (outer @ inner).reshape(size).tolist()


@pytest.mark.parametrize("answer", [by_impulses, by_dilating, by_matrices])
def test_one_kernel_is_right_in_every_form(answer):
    assert_correct("09.3", answer)


@pytest.mark.parametrize("case", notebook_09.KERNEL_CASES)
@pytest.mark.parametrize("second_stride", [1, 2, 3])
def test_the_expected_kernel_does_the_work_of_both_layers(case, second_stride):
    first, second, stride = case
    image = np.random.default_rng(1).normal(size=(1, 31, 26, 1))
    inner = reference.conv2d(image, first[:, :, None, None], stride=stride)
    both = reference.conv2d(inner, second[:, :, None, None], stride=second_stride)
    together = notebook_09.ONE_KERNEL.expected(first, second, stride)[:, :, None, None]
    one = reference.conv2d(image, together, stride=stride * second_stride)
    rows, columns = both.shape[1:3]
    assert np.allclose(one[:, :rows, :columns], both)
    assert one.shape == both.shape


def with_steps(first, second, down, right):
    together = np.zeros(
        [s * (k2 - 1) + k1 for s, k1, k2 in zip((down, right), first.shape, second.shape, strict=True)]
    )
    for (i, j), weight in np.ndenumerate(second):
        together[i * down : i * down + first.shape[0], j * right : j * right + first.shape[1]] += weight * first
    return together


def dilated_with_zeros_at_the_end(first, second, stride):
    unit = np.zeros((stride, stride))
    unit[0, 0] = 1
    margins = [(k - 1, k - 1) for k in first.shape]
    return reference.convolve(np.pad(np.kron(second, unit), margins), first)


def the_last_copy_wins(first, second, stride):
    together = np.zeros(by_impulses(first, second, stride).shape)
    for (i, j), weight in np.ndenumerate(second):
        top, left = i * stride, j * stride
        together[top : top + first.shape[0], left : left + first.shape[1]] = weight * first
    return together


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda a, b, s: with_steps(a, b, 1, 1), "right for stride 1 only"),
        (lambda a, b, s: with_steps(a, b, *a.shape), "side by side"),
        (lambda a, b, s: by_impulses(b, a, s), "the two kernels are exchanged"),
        (lambda a, b, s: by_impulses(a, np.rot90(b, 2), s), "the second kernel is turned"),
        (lambda a, b, s: by_impulses(np.rot90(a, 2), b, s), "the first kernel is turned"),
        (the_last_copy_wins, "where two copies of the first kernel overlap"),
        (lambda a, b, s: by_impulses(a, np.ones_like(b), s), "the second kernel's weights are missing"),
        (lambda a, b, s: by_impulses(a, b, s) / (s * s), "divided by the stride squared"),
        (dilated_with_zeros_at_the_end, "zeros too many at the end"),
        (lambda a, b, s: np.expand_dims(by_impulses(a, b, s), (2, 3)), "leave out the axes"),
        (lambda a, b, s: np.rot90(by_impulses(a, b, s), 2), "both kernels are turned"),
        (lambda a, b, s: with_steps(a, b, 1, 1)[::s, ::s], "drops weights of the kernel"),
        (lambda a, b, s: by_impulses(a, b, s).T, "expected an array of shape"),
        (lambda a, b, s: by_impulses(a, b, s) + 1, "with which product of two weights"),
    ],
)
def test_one_kernel_names_the_mistake(answer, phrase):
    assert_wrong("09.3", answer, phrase)
