"""The checks of notebook 03: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises, reference
from cnncourse.exercises import notebook_03
from tests.verdicts import assert_correct, assert_wrong


def blank_function(*arguments):
    """Stand for what is handed out."""
    ...


@pytest.mark.parametrize("exercise_id", ["03.1", "03.2", "03.3"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 03.1, counting the dense matrix


def built(height, width, kernel_height, kernel_width):
    kernel = np.arange(1.0, kernel_height * kernel_width + 1).reshape(kernel_height, kernel_width, 1, 1)
    matrix = reference.convolution_matrix(kernel, (height, width, 1))
    return [matrix.size, np.count_nonzero(matrix), len(np.unique(matrix[matrix != 0]))]


def in_numbers(height, width, kernel_height, kernel_width):
    places = (height - kernel_height + 1) * (width - kernel_width + 1)
    return places * height * width, places * kernel_height * kernel_width, kernel_height * kernel_width


@pytest.mark.parametrize(
    "answer",
    [
        in_numbers,
        built,
        lambda *case: np.array(in_numbers(*case)),
        lambda *case: tuple(float(count) for count in in_numbers(*case)),
        lambda *case: keras.ops.array(in_numbers(*case)),
    ],
)
def test_counts_are_right_in_every_form(answer):
    assert_correct("03.1", answer)


def counting(count):
    """The right number of entries, then what `count` makes of the numbers of places and of weights."""
    return lambda h, w, kh, kw: (built(h, w, kh, kw)[0], *count((h - kh + 1) * (w - kw + 1), kh * kw))


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda h, w, kh, kw: ((h * w) ** 2, h * w * kh * kw, kh * kw), "as many outputs as pixels"),
        (lambda h, w, kh, kw: in_numbers(h, w, kw, kh), "kernel's height for its width"),
        (lambda h, w, kh, kw: in_numbers(h, h, kh, kh), "right for squares only"),
        (lambda h, w, kh, kw: in_numbers(h, h, kh, kw), "the image's height is used"),
        (lambda h, w, kh, kw: (built(h, w, kh, kw)[0], h * w * kh * kw, kh * kw), "for each input pixel"),
        (lambda h, w, kh, kw: (built(h, w, kh, kw)[0], (3 * h - 2) * (3 * w - 2), kh * kw), "belongs to padding"),
        (lambda h, w, kh, kw: ((h - kh + 1) ** 2 * (w - kw + 1) ** 2, *built(h, w, kh, kw)[1:]), "on both axes"),
        (
            lambda h, w, kh, kw: ((h - kh) * (w - kw) * h * w, (h - kh) * (w - kw) * kh * kw, kh * kw),
            "a row and a column of places is missing",
        ),
        (counting(lambda places, weights: (places * weights, places * weights)), "weights of its own"),
        (counting(lambda places, weights: (places * weights, weights + 1)), "neither zero nor a bias"),
        (counting(lambda places, weights: (places * weights, 1)), "look again at what a row of the matrix"),
        (counting(lambda places, weights: (places * (weights + 1), weights + 1)), "this counts the bias"),
        (counting(lambda places, weights: (places * (weights + 1), weights)), "one entry too many"),
        (counting(lambda places, weights: (places * weights**2, weights)), "counted twice"),
        (counting(lambda places, weights: (weights, weights)), "counted once"),
        (lambda *case: (built(*case)[0], built(*case)[0] - built(*case)[1], built(*case)[2]), "counts the zeros"),
        (lambda h, w, kh, kw: in_numbers(h, w, kh, kw)[:2], "expected an array of shape (3,)"),
        ((529984, 6084, 9), "expected the function itself"),
    ],
)
def test_counts_name_the_mistake(answer, phrase):
    assert_wrong("03.1", answer, phrase)


# 03.2, the matrix of a locally connected layer


def local_by_impulses(kernels):
    """Column by column: the output for an image that is 1 at one pixel."""
    rows, columns, kernel_height, kernel_width = kernels.shape
    height, width = rows + kernel_height - 1, columns + kernel_width - 1
    impulses = np.eye(height * width).reshape(-1, height, width)
    windows = np.lib.stride_tricks.sliding_window_view(impulses, (kernel_height, kernel_width), axis=(1, 2))
    return np.einsum("nrcij,rcij->rcn", windows, kernels).reshape(rows * columns, height * width)


def placing(column_of):
    """The matrix with kernels[r, c, i, j] in the column that `column_of` finds from r, c, i, j, H, W and kw."""

    def local_matrix(kernels):
        matrix = np.zeros(local_by_impulses(kernels).shape)
        rows, columns, kernel_height, kernel_width = kernels.shape
        sizes = rows + kernel_height - 1, columns + kernel_width - 1, kernel_width
        for r, c, i, j in np.ndindex(kernels.shape):
            matrix[r * columns + c, column_of(r, c, i, j, *sizes)] = kernels[r, c, i, j]
        return matrix

    return local_matrix


def test_equal_kernels_make_the_convolution_matrix():
    kernel = np.arange(1.0, 7).reshape(2, 3)
    matrix = notebook_03.LOCAL_MATRIX.expected(np.tile(kernel, (4, 2, 1, 1)))
    np.testing.assert_array_equal(matrix, reference.convolution_matrix(kernel[:, :, None, None], (5, 4, 1)))


@pytest.mark.parametrize(
    "answer",
    [
        lambda kernels: local_by_impulses(kernels).tolist(),
        placing(lambda r, c, i, j, H, W, kw: (r + i) * W + c + j),
        local_by_impulses,
        lambda kernels: local_by_impulses(kernels).astype("float32"),
        lambda kernels: keras.ops.convert_to_tensor(local_by_impulses(kernels)),
    ],
)
def test_the_local_matrix_is_right_in_every_form(answer):
    assert_correct("03.2", answer)


def places_by_columns(kernels):
    rows, columns = kernels.shape[:2]
    order = [r * columns + c for c in range(columns) for r in range(rows)]
    return local_by_impulses(kernels)[order]


def before_flattening(kernels):
    rows, columns, kernel_height, kernel_width = kernels.shape
    return local_by_impulses(kernels).reshape(rows, columns, rows + kernel_height - 1, columns + kernel_width - 1)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (before_flattening, "the weights stand right, in four axes"),
        (lambda kernels: [list(row) for row in before_flattening(kernels)], "the weights stand right, in four axes"),
        (lambda kernels: np.concatenate(before_flattening(kernels)), "each row is still an image"),
        (placing(lambda r, c, i, j, H, W, kw: r * (W - kw + 1) + c + i * W + j), "output number n starts at pixel n"),
        (placing(lambda r, c, i, j, H, W, kw: r * W + c + i * kw + j), "in one run"),
        (placing(lambda r, c, i, j, H, W, kw: (c + j) * H + r + i), "the pixels are counted column by column"),
        (lambda kernels: local_by_impulses(kernels).T, "this is the transpose"),
        (lambda kernels: local_by_impulses(np.tile(kernels[0, 0], (*kernels.shape[:2], 1, 1))), "no weight is shared"),
        (lambda kernels: local_by_impulses(kernels[..., ::-1, ::-1]), "each kernel is flipped"),
        (placing(lambda r, c, i, j, H, W, kw: i * W + j), "where is the window of place"),
        (placing(lambda r, c, i, j, H, W, kw: (r + i) * (W - kw + 1) + c + j), "as long as those of the output"),
        (places_by_columns, "the outputs are counted column by column"),
        (lambda kernels: 2 * local_by_impulses(kernels), "look again at which pixels the place"),
        (lambda kernels: kernels.reshape(kernels.shape[0] * kernels.shape[1], -1), "expected an array of shape"),
        (np.zeros((6, 12)), "expected the function itself"),
    ],
)
def test_the_local_matrix_names_the_mistake(answer, phrase):
    assert_wrong("03.2", answer, phrase)


# 03.3, where equivariance holds


def shift(image, down, right):
    height, width = image.shape
    padded = np.pad(image, ((abs(down), abs(down)), (abs(right), abs(right))))
    return padded[abs(down) - down :, abs(right) - right :][:height, :width]


def tried_out(height, width, kernel_size, down, right):
    """The mask by experiment: random positive images, weights and bias."""
    rng = np.random.default_rng(0)
    agree = np.full((height, width), True)
    for _ in range(3):
        image = rng.integers(1, 100, (height, width)).astype(float)
        kernel = rng.integers(1, 100, (kernel_size, kernel_size, 1, 1)).astype(float)

        def layer(x, kernel=kernel):
            return reference.conv2d(x[None, :, :, None], kernel, [5.0], padding="same")[0, :, :, 0]

        agree &= layer(shift(image, down, right)) == shift(layer(image), down, right)
    return agree


@pytest.mark.parametrize(
    "case", [*notebook_03.EQUIVARIANT.cases, (7, 6, 5, 1, -1), (5, 8, 7, -2, 3), (4, 4, 3, 3, -3), (6, 6, 1, -2, -2)]
)
def test_the_mask_is_what_an_experiment_finds(case):
    np.testing.assert_array_equal(notebook_03.EQUIVARIANT.expected(*case), tried_out(*case))


def by_slices(height, width, kernel_size, down, right):
    margin = kernel_size // 2
    mask = np.full((height, width), False)
    top, bottom = max(down, margin if down < 0 else 0), height + min(down, -margin if down > 0 else 0)
    left, end = max(right, margin if right < 0 else 0), width + min(right, -margin if right > 0 else 0)
    mask[top:bottom, left:end] = True
    return mask


@pytest.mark.parametrize("answer", [tried_out, by_slices, lambda *case: by_slices(*case).tolist()])
def test_the_mask_is_right_in_every_form(answer):
    assert_correct("03.3", answer)


def margin_all_around(height, width, kernel_size, down, right):
    margin = kernel_size // 2
    inside = np.pad(np.full((height - 2 * margin, width - 2 * margin), True), margin)
    came_from_inside = shift(np.ones((height, width)), down, right) > 0
    return inside & came_from_inside


def came_in_only(height, width, kernel_size, down, right):
    return shift(np.ones((height, width)), down, right) > 0


def without_border(height, width, kernel_size, down, right):
    """Only the border that the image moves towards is False."""
    margin, mask = kernel_size // 2, np.full((height, width), True)
    for rows, size, moved in ((mask, height, down), (mask.T, width, right)):
        rows[slice(size - margin, size) if moved > 0 else slice(0, margin if moved else 0)] = False
    return mask


def border_at_rest(*case):
    return came_in_only(*case) & without_border(*case[:3], case[3] or 1, case[4] or 1)


def margin_at_both_ends(height, width, kernel_size, down, right):
    margin = kernel_size // 2
    wider = came_in_only(height, width, kernel_size, down + np.sign(down) * margin, right + np.sign(right) * margin)
    return by_slices(height, width, kernel_size, down, right) & wider


def slice_from_the_end(height, width, kernel_size, down, right):
    """Half a kernel is cut off by a slice that is the whole axis for a kernel of one pixel."""
    mask, margin = came_in_only(height, width, kernel_size, down, right), kernel_size // 2
    for rows, moved in ((mask, down), (mask.T, right)):
        if moved:
            rows[slice(-margin, None) if moved > 0 else slice(0, margin)] = False
    return mask


def border_no_wider_than_the_shift(height, width, kernel_size, down, right):
    margins = [min(kernel_size // 2, abs(moved)) for moved in (down, right)]
    rows = by_slices(height, width, 2 * margins[0] + 1, down, 0)
    return rows & by_slices(height, width, 2 * margins[1] + 1, 0, right)


def formula_of_positive_shifts(height, width, kernel_size, down, right):
    margin = kernel_size // 2
    rows, columns = np.arange(height)[:, None], np.arange(width)
    return (rows >= down) & (rows < height - margin) & (columns >= right) & (columns < width - margin)


def either_axis(height, width, kernel_size, down, right):
    return by_slices(height, width, kernel_size, down, 0) | by_slices(height, width, kernel_size, 0, right)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda h, w, k, down, right: by_slices(h, w, k, -down, -right), "the opposite shift"),
        (lambda h, w, k, down, right: by_slices(h, w, k, right, down), "rows and columns are exchanged"),
        (came_in_only, "only the pixels that came in"),
        (lambda h, w, k, down, right: by_slices(h, w, 2 * k, down, right), "too wide a border"),
        (lambda h, w, k, down, right: by_slices(h, w, 2 * k - 1, down, right), "a border of k - 1 pixels"),
        (without_border, "only the border is excluded"),
        (margin_all_around, "on all four sides"),
        (margin_at_both_ends, "excluded where zeros came in"),
        (border_at_rest, "along an axis without a move"),
        (either_axis, "its row or its column"),
        (lambda *case: ~by_slices(*case), "True where equivariance breaks"),
        (lambda *case: by_slices(*case) * 1, "the right pixels, as numbers"),
        (slice_from_the_end, "all is False for a kernel of 1 pixel"),
        (border_no_wider_than_the_shift, "no wider than the shift"),
        (formula_of_positive_shifts, "right for positive shifts only"),
        (lambda h, w, k, down, right: by_slices(h, w, k, max(down, 0), max(right, 0)), "is taken for none"),
        (lambda h, w, k, down, right: by_slices(h, w, k, abs(down), abs(right)), "taken for a positive one"),
        (lambda h, w, k, down, right: np.full((h, w), True), "look again at which pixels came in"),
        (lambda h, w, k, down, right: by_slices(w, h, k, right, down), "expected an array of shape"),
        (by_slices(8, 9, 3, 2, -1), "expected the function itself"),
    ],
)
def test_the_mask_names_the_mistake(answer, phrase):
    assert_wrong("03.3", answer, phrase)


def test_what_the_students_code_raises_is_said_in_one_line():
    verdict = exercises.verdict("03.2", lambda kernels: kernels @ np.zeros((7, 7)))
    assert verdict.status == "error"
    assert verdict.message.startswith("for kernels=an array of shape (2, 3, 2, 2) your code raised ValueError: matmul")
