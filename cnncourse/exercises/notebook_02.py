"""Exercises of notebook 02: one output by hand, convolution, shift and add, a kernel of one's own."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake, Wrong


def _integers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(float)


# Kernels that are not square, and not symmetric: rows and columns, flips and turns give different outputs.
CASES = (
    (_integers(1, 5, 6), _integers(2, 2, 3)),
    (_integers(3, 4, 4), _integers(4, 3, 3)),
    (_integers(5, 6, 3), _integers(6, 3, 1)),
)

BY_HAND_IMAGE = np.array([[2, 0, 1, 3], [1, 4, 0, 2], [3, 1, 2, 0], [2, 2, 5, 1]])
BY_HAND_KERNEL = np.array([[1, 0, 2], [0, 3, 0], [0, 0, -1]])

BY_HAND = Exercise(
    "02.1",
    title="One output pixel by hand",
    stars=1,
    expected=-1,
    mistakes=(
        Mistake(11, "this is true convolution: correlation lays the kernel on the window as it stands, unflipped"),
        Mistake(6, "this is the output pixel [0, 1]: the first index counts rows, the second columns"),
        Mistake(2, "this has the kernel's centre on pixel [1, 0]: without padding [1, 0] is the window's top left"),
        Mistake(3, "this has the kernel transposed: lay its rows on the window's rows"),
        Mistake(9, "this takes the kernel's -1 for +1: look at the signs again"),
        Mistake(20, "this is the sum of the window: each pixel is first multiplied by the weight that lies on it"),
        Mistake(-1 / 9, "this is the mean of the products: correlation adds them and does not divide"),
    ),
    idea="which window belongs to output pixel [1, 0], and the nine products of window and kernel",
    hints=(
        "The window of output pixel [1, 0] starts at image pixel [1, 0] and is as large as the kernel.",
        "Write the window beside the kernel, multiply pixel by weight at the same place, add the nine products.",
    ),
)


def _convolve_flipping(*, rows: bool, columns: bool):
    def convolve(image, kernel):
        kernel = kernel[::-1] if rows else kernel
        return reference.correlate(image, kernel[:, ::-1] if columns else kernel)

    return convolve


CONVOLVE = Exercise(
    "02.2",
    title="From correlation to convolution",
    stars=2,
    cases=CASES,
    expected=reference.convolve,
    mistakes=(
        Mistake(reference.correlate, "this is correlation: convolution turns the kernel first"),
        Mistake(
            _convolve_flipping(rows=True, columns=False),
            "this turns the kernel upside down only: convolution mirrors both axes",
        ),
        Mistake(
            _convolve_flipping(rows=False, columns=True),
            "this mirrors the kernel left to right only: convolution mirrors both axes",
        ),
        Mistake(
            lambda image, kernel: reference.correlate(image, kernel.T),
            "this transposes the kernel: transposing exchanges rows with columns, flipping reverses their order",
        ),
        Mistake(
            lambda image, kernel: reference.correlate(image[::-1, ::-1], kernel),
            "this flips the image, so that the output stands upside down: it is the kernel that is flipped",
        ),
    ),
    idea="the formula of convolution: which weight lies on the window's first pixel?",
    hints=(
        "In convolution the kernel's last weight lies on the window's first pixel, in rows and in columns.",
        "array[::-1] reverses the rows of an array. Reverse columns as well, then correlate.",
    ),
)


def _shift_and_add(image, kernel, *, missing=0):
    """Correlation as a sum of shifted images, one for each weight; `missing` rows and columns left out."""
    rows, columns = (i - k + 1 - missing for i, k in zip(image.shape, kernel.shape, strict=True))
    output = np.zeros((rows, columns))
    for (i, j), weight in np.ndenumerate(kernel):
        output += weight * image[i : i + rows, j : j + columns]
    return output


def _padded_at_the_end(image, kernel):
    padding = [(0, k - 1) for k in kernel.shape]
    return np.pad(_shift_and_add(image, kernel), padding)


def _padded_all_around(image, kernel):
    padding = [((k - 1) // 2, k // 2) for k in kernel.shape]
    return _shift_and_add(np.pad(image, padding), kernel)


def _last_weight_only(image, kernel):
    last = np.zeros_like(kernel)
    last[-1, -1] = kernel[-1, -1]
    return _shift_and_add(image, last)


SHIFT_AND_ADD = Exercise(
    "02.3",
    title="Correlation by shifting and adding",
    stars=2,
    cases=CASES,
    expected=_shift_and_add,
    mistakes=(
        Mistake(reference.convolve, "this is convolution: weight [i, j] meets the rectangle that starts at [i, j]"),
        Mistake(
            lambda image, kernel: _shift_and_add(image, kernel, missing=1),
            "the output lacks its last row and column: count the positions of a kernel as large as the image",
        ),
        Mistake(
            _padded_at_the_end,
            "the output is as large as the image, with zeros where the kernel does not fit: leave these places out",
        ),
        Mistake(_padded_all_around, "this pads the image: here the kernel stays inside the image"),
        Mistake(
            lambda image, kernel: _shift_and_add(image, kernel) / kernel.size,
            "this is the mean of the products: correlation adds them and does not divide",
        ),
        Mistake(
            lambda image, kernel: _shift_and_add(image, np.ones_like(kernel)),
            "this adds the pixels of each window: each shifted image is first multiplied by its weight",
        ),
        Mistake(_last_weight_only, "only the last weight has an effect: is each shifted image added to the others?"),
    ),
    idea="the formula read weight by weight: for one (i, j), which part of the image is multiplied by it?",
    hints=(
        "First the size: how many rows does the output have, and how many columns? Start from zeros of that size.",
        "Fix one weight, [i, j]. Over all output pixels, it meets a rectangle of the image as large as the output.",
        "That rectangle starts at image pixel [i, j]. Multiply it by the weight and add it to the output.",
    ),
)

NOT_A_KERNEL = "expected a kernel of nine numbers, three rows of three"
NOTHING = "it answers 0 to every image: an edge needs weights of both signs"
NOT_ZERO_ON_CONSTANT = "it does not answer 0 to a constant image: what must the nine weights add up to?"
OTHER_DIAGONAL = "it answers to the other diagonal and not to this one: turn the kernel by 90 degrees"
BOTH_DIAGONALS = (
    "it answers to the other diagonal too: along that one the window holds, on each diagonal line from lower left "
    "to upper right, pixels of one brightness; what must the weights on each such line add up to?"
)
WRONG_SIGN = "its answer is negative: positive weights belong where the image is bright; correlation does not flip"
MIXED_SIGNS = "it answers with both signs to one edge: all positive weights on one side, all negative on the other"


def _judge_diagonal(answer) -> None:
    try:
        kernel = np.asarray(answer)
    except (TypeError, ValueError):  # rows of different lengths
        raise Wrong(NOT_A_KERNEL) from None
    if kernel.dtype.kind not in "iuf":
        raise Wrong(f"received {kernel.dtype.name} values; {NOT_A_KERNEL}")
    if kernel.shape != (3, 3):
        raise Wrong(f"received an array of shape {kernel.shape}; {NOT_A_KERNEL}")
    if not np.isfinite(kernel).all():
        raise Wrong(f"received NaN or infinity; {NOT_A_KERNEL}")
    size = np.abs(kernel).max()
    if size == 0:
        raise Wrong(NOTHING)
    kernel = kernel / float(size)
    upper_right = np.triu(np.ones((9, 9)))
    this = reference.correlate(upper_right, kernel)
    other = reference.correlate(upper_right[:, ::-1], kernel)
    zero = 1e-6
    if abs(kernel.sum()) > zero:
        raise Wrong(NOT_ZERO_ON_CONSTANT)
    if np.abs(other).max() > zero:
        raise Wrong(BOTH_DIAGONALS if np.abs(this).max() > zero else OTHER_DIAGONAL)
    if this.max() <= zero:
        raise Wrong(WRONG_SIGN if this.min() < -zero else NOTHING)
    if this.min() < -zero:
        raise Wrong(MIXED_SIGNS)


DIAGONAL = Exercise(
    "02.4",
    title="A kernel for diagonal edges",
    stars=3,
    judge=_judge_diagonal,
    mistakes=(
        Mistake([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], BOTH_DIAGONALS),
        Mistake([[2, 1, 0], [1, 0, -1], [0, -1, -2]], OTHER_DIAGONAL),
        Mistake([[0, -1, -2], [1, 0, -1], [2, 1, 0]], WRONG_SIGN),
        Mistake([[0, 1, 2], [0, 0, 1], [0, 0, 0]], NOT_ZERO_ON_CONSTANT),
        Mistake([[0, 0, 0], [0, 0, 0], [0, 0, 0]], NOTHING),
    ),
    idea="where the image is bright, where it is dark, and what the weights add up to",
    hints=(
        "Sobel x has -1, -2, -1 where the image is dark, zeros on the edge, 1, 2, 1 where it is bright.",
        "Here the edge runs from the upper left to the lower right: which three weights lie on it?",
        "Mirror the kernel at that diagonal: each weight must find its own negative there.",
    ),
)

EXERCISES = (BY_HAND, CONVOLVE, SHIFT_AND_ADD, DIAGONAL)
