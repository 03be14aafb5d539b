"""The checks of notebook 02: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises, reference
from cnncourse.exercises import notebook_02
from tests.verdicts import assert_correct, assert_wrong

WINDOWS = np.lib.stride_tricks.sliding_window_view


def blank_function(image, kernel):
    """Valid correlation of an image (H, W) with a kernel (kh, kw)."""
    ...


@pytest.mark.parametrize("exercise_id", ["02.1", "02.2", "02.3", "02.4"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 02.1, one output pixel by hand


@pytest.mark.parametrize("answer", [-1, -1.0, np.int64(-1), np.float32(-1), np.array(-1), keras.ops.array(-1)])
def test_by_hand_is_right_in_every_form(answer):
    assert_correct("02.1", answer)


def test_by_hand_expects_what_the_reference_computes():
    output = reference.correlate(notebook_02.BY_HAND_IMAGE, notebook_02.BY_HAND_KERNEL)
    assert output.shape == (2, 2)
    assert output[1, 0] == notebook_02.BY_HAND.expected


IMAGE, KERNEL = notebook_02.BY_HAND_IMAGE, notebook_02.BY_HAND_KERNEL


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ((IMAGE[1:4, 0:3] * KERNEL[::-1, ::-1]).sum(), "true convolution"),
        ((IMAGE[0:3, 1:4] * KERNEL).sum(), "pixel [0, 1]"),
        ((np.pad(IMAGE, 1)[1:4, 0:3] * KERNEL).sum(), "kernel's centre"),
        ((IMAGE[1:4, 0:3] * KERNEL.T).sum(), "transposed"),
        ((IMAGE[1:4, 0:3] * abs(KERNEL)).sum(), "for +1"),
        (IMAGE[1:4, 0:3].sum(), "sum of the window"),
        ((IMAGE[1:4, 0:3] * KERNEL).mean(), "mean of the products"),
        (7, "look again at which window"),
        ([[-1]], "expected a whole number"),
    ],
)
def test_by_hand_names_the_mistake(answer, phrase):
    assert_wrong("02.1", answer, phrase)


@pytest.mark.parametrize("answer", [0, 1, 5, 100, -2, "minus one"])
def test_by_hand_never_gives_the_answer_away(answer):
    assert "-1" not in exercises.verdict("02.1", answer).message


# 02.2, from correlation to convolution


def convolve_loops(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    output = [[0.0] * columns for _ in range(rows)]
    for r in range(rows):
        for c in range(columns):
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    output[r][c] += image[r + i, c + j] * kernel[-1 - i, -1 - j]
    return output


def without_return(image, kernel):
    reference.correlate(image, kernel[::-1, ::-1])


@pytest.mark.parametrize(
    "answer",
    [
        lambda image, kernel: reference.correlate(image, kernel[::-1, ::-1]),
        lambda image, kernel: reference.correlate(image, np.rot90(kernel, 2)),
        lambda image, kernel: reference.correlate(image[::-1, ::-1], kernel)[::-1, ::-1],
        lambda image, kernel: np.einsum("rcij,ij->rc", WINDOWS(image, kernel.shape), np.flip(kernel)),
        lambda image, kernel: reference.convolve(image, kernel).astype("float32"),
        lambda image, kernel: keras.ops.convert_to_tensor(reference.convolve(image, kernel)),
        lambda image, kernel: reference.convolve(image, kernel).astype(np.int64),
        convolve_loops,
    ],
)
def test_convolution_is_right_in_every_form(answer):
    assert_correct("02.2", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda image, kernel: reference.correlate(image, kernel), "this is correlation"),
        (lambda image, kernel: reference.correlate(image, kernel[::-1]), "upside down only"),
        (lambda image, kernel: reference.correlate(image, np.fliplr(kernel)), "left to right only"),
        (lambda image, kernel: reference.correlate(image, np.transpose(kernel)), "this transposes"),
        (lambda image, kernel: reference.correlate(np.rot90(image, 2), kernel), "this flips the image"),
        (lambda image, kernel: reference.convolve(image, kernel) + 1, "look again at the formula of convolution"),
        (lambda image, kernel: reference.convolve(np.pad(image, 1), kernel), "expected an array of shape"),
        (without_return, "does every path end with `return`"),
        (reference.convolve(*notebook_02.CASES[0]), "expected the function itself"),
    ],
)
def test_convolution_names_the_mistake(answer, phrase):
    assert_wrong("02.2", answer, phrase)


# 02.3, correlation by shifting and adding


def shift_and_add(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    return sum(
        kernel[i, j] * image[i : i + rows, j : j + columns]
        for i in range(kernel.shape[0])
        for j in range(kernel.shape[1])
    )


@pytest.mark.parametrize(
    "answer",
    [
        shift_and_add,
        reference.correlate,
        lambda image, kernel: np.tensordot(WINDOWS(image, kernel.shape), kernel, axes=2),
        lambda image, kernel: shift_and_add(image, kernel).tolist(),
        lambda image, kernel: keras.ops.convert_to_tensor(shift_and_add(image, kernel)),
        lambda image, kernel: shift_and_add(image.astype(int), kernel.astype(int)),
    ],
)
def test_shift_and_add_is_right_in_every_form(answer):
    assert_correct("02.3", answer)


def one_too_small(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0], image.shape[1] - kernel.shape[1]
    output = np.zeros((rows, columns))
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            output += kernel[i, j] * image[i : i + rows, j : j + columns]
    return output


def into_zeros_like_the_image(image, kernel):
    output = np.zeros(image.shape)
    right = shift_and_add(image, kernel)
    output[: right.shape[0], : right.shape[1]] = right
    return output


def zeros_around(image, kernel):
    (top, left) = ((k - 1) // 2 for k in kernel.shape)
    (bottom, right) = (k // 2 for k in kernel.shape)
    return shift_and_add(np.pad(image, ((top, bottom), (left, right))), kernel)


def overwriting(image, kernel):
    rows, columns = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    for i in range(kernel.shape[0]):
        for j in range(kernel.shape[1]):
            output = kernel[i, j] * image[i : i + rows, j : j + columns]
    return output


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda image, kernel: shift_and_add(image, kernel[::-1, ::-1]), "this is convolution"),
        (one_too_small, "lacks its last row and column"),
        (into_zeros_like_the_image, "with zeros where the kernel does not fit"),
        (zeros_around, "this pads the image"),
        (lambda image, kernel: WINDOWS(image, kernel.shape).sum(axis=(2, 3)), "adds the pixels of each window"),
        (lambda image, kernel: (WINDOWS(image, kernel.shape) * kernel).mean(axis=(2, 3)), "mean of the products"),
        (overwriting, "only the last weight"),
        (lambda image, kernel: 2 * shift_and_add(image, kernel), "look again at the formula read weight by weight"),
    ],
)
def test_shift_and_add_names_the_mistake(answer, phrase):
    assert_wrong("02.3", answer, phrase)


def test_what_the_students_code_raises_is_said_in_one_line():
    verdict = exercises.verdict("02.3", lambda image, kernel: image + kernel)
    assert verdict.status == "error"
    assert " your code raised ValueError: operands could not be broadcast" in verdict.message


# 02.4, a kernel for diagonal edges

DIAGONAL = np.array([[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])


@pytest.mark.parametrize(
    "answer",
    [
        DIAGONAL,
        DIAGONAL.tolist(),
        tuple(map(tuple, DIAGONAL)),
        keras.ops.convert_to_tensor(DIAGONAL),
        DIAGONAL.astype("float32") / 7,
        1e-9 * DIAGONAL,
        1e9 * DIAGONAL / 3,
        [[0, 1, 0], [-1, 0, 1], [0, -1, 0]],
        [[0, 0, 1], [0, 0, 0], [-1, 0, 0]],
        [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
    ],
)
def test_every_kernel_that_finds_the_diagonal_is_right(answer):
    assert_correct("02.4", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], "the other diagonal too"),
        ([[1, 2, 1], [0, 0, 0], [-1, -2, -1]], "the other diagonal too"),
        ([[0, 1, 0], [1, -4, 1], [0, 1, 0]], "the other diagonal too"),
        (DIAGONAL[:, ::-1], "the other diagonal and not to this one"),
        (-DIAGONAL, "its answer is negative"),
        (DIAGONAL[::-1, ::-1], "its answer is negative"),
        (DIAGONAL.T, "its answer is negative"),
        (np.maximum(DIAGONAL, 0), "answer 0 to a constant image"),
        (DIAGONAL + 0.1, "answer 0 to a constant image"),
        (1e-9 * (DIAGONAL + 0.1), "answer 0 to a constant image"),
        (np.eye(3)[::-1], "answer 0 to a constant image"),
        (np.zeros((3, 3)), "answers 0 to every image"),
        ([[0, 1, -2], [-1, 2, 1], [0, -1, 0]], "with both signs"),
        (DIAGONAL.ravel(), "received an array of shape (9,)"),
        (np.pad(DIAGONAL, 1), "received an array of shape (5, 5)"),
        ([[0, 1], [1]], "nine numbers, three rows of three"),
        (np.full((3, 3), np.nan), "nine numbers, three rows of three"),
        ("diagonal", "nine numbers, three rows of three"),
        (DIAGONAL.copy, "nine numbers, three rows of three"),
    ],
)
def test_a_kernel_that_does_not_is_wrong_with_its_own_message(answer, phrase):
    assert_wrong("02.4", answer, phrase)


def test_the_known_mistakes_of_the_judged_exercise_get_their_messages():
    for mistake in notebook_02.DIAGONAL.mistakes:
        assert exercises.verdict("02.4", mistake.answer).message == f"not yet: {mistake.message}"


def test_no_random_kernel_is_taken_for_a_diagonal_edge_finder():
    random = np.random.default_rng(0)
    for kernel in random.normal(size=(200, 3, 3)):
        assert exercises.verdict("02.4", kernel).status == "wrong"
        assert exercises.verdict("02.4", kernel - kernel.mean()).status == "wrong"
