"""Exercises of notebook 03: the dense matrix in numbers, local kernels as a matrix, where equivariance holds."""

import numpy as np

from .engine import Exercise, Mistake


def _known(answers: dict) -> tuple[Mistake, ...]:
    """The mistakes of an exercise from their messages and the wrong answers that deserve them."""
    return tuple(Mistake(answer, message) for message, answer in answers.items())


def _counting(count):
    """The three numbers as a function of the numbers of places, pixels and weights."""

    def counts(height, width, kernel_height, kernel_width):
        places = (height - kernel_height + 1) * (width - kernel_width + 1)
        return count(places, height * width, kernel_height * kernel_width)

    return counts


def _counts_one_place_short(height, width, kernel_height, kernel_width):
    places = (height - kernel_height) * (width - kernel_width)
    weights = kernel_height * kernel_width
    return places * height * width, places * weights, weights


def _counts_of_same_padding(height, width, kernel_height, kernel_width):
    entries, _, weights = _counts(height, width, kernel_height, kernel_width)
    return entries, (3 * height - 2) * (3 * width - 2), weights


_counts = _counting(lambda places, pixels, weights: (places * pixels, places * weights, weights))

COUNTS = Exercise(
    "03.1",
    title="Counting the dense matrix",
    stars=1,
    cases=((28, 28, 3, 3), (6, 9, 2, 3), (12, 5, 5, 1)),
    expected=_counts,
    mistakes=_known(
        {
            "this counts as many outputs as pixels: how often does the kernel fit into the image?": _counting(
                lambda places, pixels, weights: (pixels**2, pixels * weights, weights)
            ),
            "a row and a column of places is missing: a kernel as large as the image fits": _counts_one_place_short,
            "this takes the kernel's height for its width: height comes first": lambda height, width, *kernel: _counts(
                height, width, *reversed(kernel)
            ),
            "this is right for squares only: an image's width, and a kernel's, may differ from its height": (
                lambda height, width, *kernel: _counts(height, height, kernel[0], kernel[0])
            ),
            "the image's height is used in place of its width, too": lambda height, width, *kernel: _counts(
                height, height, *kernel
            ),
            "every output has weights of its own here: do the rows of a convolution's matrix differ in them?": (
                _counting(lambda places, pixels, weights: (places * pixels, places * weights, places * weights))
            ),
            "the second number holds a kernel for each input pixel: which pixels have a row in the matrix?": (
                _counting(lambda places, pixels, weights: (places * pixels, pixels * weights, weights))
            ),
            "(3H - 2)(3W - 2) belongs to padding 'same' and 3x3 weights: which windows are cut if it is valid?": (
                _counts_of_same_padding
            ),
            "the number of entries has outputs on both axes: what does a column of the matrix stand for?": _counting(
                lambda places, pixels, weights: (places**2, places * weights, weights)
            ),
            "one distinct value too many: neither zero nor a bias is among the weights that are counted here": (
                _counting(lambda places, pixels, weights: (places * pixels, places * weights, weights + 1))
            ),
            "this counts the bias: it is added to the product and is no entry of the matrix": _counting(
                lambda places, pixels, weights: (places * pixels, places * (weights + 1), weights + 1)
            ),
            "each row has one entry too many: a bias is added to the product and is no entry of the matrix": _counting(
                lambda places, pixels, weights: (places * pixels, places * (weights + 1), weights)
            ),
            "the kernel is counted twice among the entries that are not zero: how many weights does one row hold?": (
                _counting(lambda places, pixels, weights: (places * pixels, places * weights**2, weights))
            ),
            "the kernel is counted once among the entries that are not zero: each row of the matrix holds a copy": (
                _counting(lambda places, pixels, weights: (places * pixels, weights, weights))
            ),
            "the second number counts the zeros: it is the others that are wanted": _counting(
                lambda places, pixels, weights: (places * pixels, places * (pixels - weights), weights)
            ),
        }
    ),
    idea="what a row of the matrix stands for, what a column, and what one row holds",
    hints=(
        "The matrix has one row for each output pixel and one column for each input pixel.",
        "How many outputs has a valid convolution? Notebook 02 gives rows and columns.",
        "One row holds each weight of the kernel once. The next row holds the same weights, at other columns.",
    ),
)


def _integers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 100, shape).astype(float)


LOCAL_CASES = ((_integers(1, 2, 3, 2, 2),), (_integers(2, 3, 2, 1, 3),), (_integers(3, 3, 3, 3, 2),))


def _placing(steps):
    """The matrix whose columns are counted with these steps for r, c (place) and i, j (in the kernel)."""

    def local_matrix(kernels):
        rows, columns, kernel_height, kernel_width = kernels.shape
        height, width = rows + kernel_height - 1, columns + kernel_width - 1
        matrix = np.zeros((rows * columns, height * width))
        for r, c, i, j in np.ndindex(kernels.shape):
            column = np.dot(steps(height, width, columns, kernel_width), (r, c, i, j))
            matrix[r * columns + c, column] = kernels[r, c, i, j]
        return matrix

    return local_matrix


def _with_axes(kernels, *, together):
    """The right matrix before it is flattened, or with flat places alone."""
    rows, columns, kernel_height, kernel_width = kernels.shape
    places = (rows * columns,) if together else (rows, columns)
    return _local_matrix(kernels).reshape(*places, rows + kernel_height - 1, columns + kernel_width - 1)


def _by_columns(kernels):
    rows, columns = kernels.shape[:2]
    matrix = _local_matrix(kernels)
    return matrix.reshape(rows, columns, -1).swapaxes(0, 1).reshape(matrix.shape)


_local_matrix = _placing(lambda height, width, columns, kernel_width: (width, 1, width, 1))

LOCAL_MATRIX = Exercise(
    "03.2",
    title="The matrix of a locally connected layer",
    stars=2,
    cases=LOCAL_CASES,
    expected=_local_matrix,
    mistakes=_known(
        {
            "the weights stand right, in four axes: flatten two to the places and two to the pixels": (
                lambda kernels: _with_axes(kernels, together=False)
            ),
            "the weights stand right, but each row is still an image: flatten it": (
                lambda kernels: _with_axes(kernels, together=True)
            ),
            "this is the transpose, the weights of a Keras Dense layer: here a row belongs to an output": (
                lambda kernels: _local_matrix(kernels).T
            ),
            "each row holds the same kernel, that of the first place: here no weight is shared": (
                lambda kernels: _local_matrix(np.broadcast_to(kernels[0, 0], kernels.shape))
            ),
            "each kernel is flipped: a layer computes correlation": (
                lambda kernels: _local_matrix(kernels[:, :, ::-1, ::-1])
            ),
            "each kernel lies on the image's first window: where is the window of place [r, c]?": _placing(
                lambda height, width, columns, kernel_width: (0, 0, width, 1)
            ),
            "the rows of the image are taken to be as long as those of the output: how many pixels has one?": _placing(
                lambda height, width, columns, kernel_width: (columns, 1, columns, 1)
            ),
            "the window of output number n starts at pixel n here: is a row of outputs as long as one of pixels?": (
                _placing(lambda height, width, columns, kernel_width: (columns, 1, width, 1))
            ),
            "the kernel lies in one run: how far is it in the flattened image from a pixel to the one below?": (
                _placing(lambda height, width, columns, kernel_width: (width, 1, kernel_width, 1))
            ),
            "the pixels are counted column by column: NumPy flattens an image row by row": _placing(
                lambda height, width, columns, kernel_width: (1, height, 1, height)
            ),
            "the outputs are counted column by column: NumPy flattens row by row": _by_columns,
        }
    ),
    idea="which pixels the place [r, c] reads, and where these stand in the flattened image",
    hints=(
        "From H' = H - kh + 1 follows H; the same for W.",
        "Before flattening, give the matrix four axes: two for the output's place, two for the input's pixel.",
        "The entry [r, c] of such an array is an image: zeros, with the kernel of place [r, c] on its window.",
    ),
)


def _stayed(size, shift):
    """Along one axis: True where no pixel came in."""
    source = np.arange(size) - shift  # where the pixel comes from
    return (source >= 0) & (source < size)


def _kept(size, margin, shift):
    """Along one axis: True where the kernel would read no pixel that has left."""
    place, good = np.arange(size), np.full(size, True)
    if shift > 0:
        good &= place < size - margin
    if shift < 0:
        good &= place >= margin
    return good


def _along(size, margin, shift):
    return _stayed(size, shift) & _kept(size, margin, shift)


def _mask(along, combine=np.logical_and):
    """The mask of an image from that of one axis, a function of its size, half a kernel and the shift."""

    def equivariant_at(height, width, kernel_size, down, right):
        margin = kernel_size // 2
        return combine(along(height, margin, down)[:, None], along(width, margin, right))

    return equivariant_at


_equivariant_at = _mask(_along)

EQUIVARIANT = Exercise(
    "03.3",
    title="Where equivariance holds",
    stars=3,
    cases=((8, 9, 3, 2, -1), (8, 9, 3, 0, 2), (9, 8, 5, -1, 0), (7, 9, 1, 1, 3), (6, 6, 3, 0, 0)),
    expected=_equivariant_at,
    mistakes=_known(
        {
            "this is the mask of the opposite shift: down and right are positive where the index grows": _mask(
                lambda size, margin, shift: _along(size, margin, -shift)
            ),
            "rows and columns are exchanged: down moves rows, right moves columns": (
                lambda height, width, kernel_size, down, right: _equivariant_at(
                    height, width, kernel_size, right, down
                )
            ),
            "only the pixels that came in are excluded: what does a kernel read near the border where pixels left?": (
                _mask(lambda size, margin, shift: _stayed(size, shift))
            ),
            "only the border is excluded: what do the two sides hold at pixels that came in?": _mask(_kept),
            "too wide a border: how far does a kernel reach from its centre?": _mask(
                lambda size, margin, shift: _along(size, 2 * margin + 1, shift)
            ),
            "a border of k - 1 pixels: how far does a kernel reach to one side?": _mask(
                lambda size, margin, shift: _along(size, 2 * margin, shift)
            ),
            "the border is no wider than the shift here: how many kernels would read one pixel that has left?": _mask(
                lambda size, margin, shift: _along(size, min(margin, abs(shift)), shift)
            ),
            "all is False for a kernel of 1 pixel, which needs no border: a slice [-0:] takes the whole axis": _mask(
                lambda size, margin, shift: _along(size, margin or size, shift)
            ),
            "the border is excluded on all four sides: from which side have pixels left that a kernel would read?": (
                _mask(
                    lambda size, margin, shift: _stayed(size, shift) & _kept(size, margin, 1) & _kept(size, margin, -1)
                )
            ),
            "too many pixels are excluded where zeros came in: what did the kernel read around the image before?": (
                _mask(lambda size, margin, shift: _along(size, margin, shift + np.sign(shift) * margin))
            ),
            "a border is excluded along an axis without a move: there nothing has left the image": _mask(
                lambda size, margin, shift: _stayed(size, shift) & _kept(size, margin, shift or 1)
            ),
            "this is right for positive shifts only: where do pixels come in if one is negative, and if it is 0?": (
                _mask(lambda size, margin, shift: (np.arange(size) >= shift) & _kept(size, margin, 1))
            ),
            "a negative shift is taken for none: there the two ends of the axis change their parts": _mask(
                lambda size, margin, shift: _along(size, margin, max(shift, 0))
            ),
            "a negative shift is taken for a positive one: its sign says at which end zeros come in": _mask(
                lambda size, margin, shift: _along(size, margin, abs(shift))
            ),
            "this is True where equivariance breaks: the mask says where it holds": lambda *case: (
                ~_equivariant_at(*case)
            ),
            "a pixel counts here if its row or its column is right: both must be": _mask(_along, np.logical_or),
            "the right pixels, as numbers: a comparison such as `mask == 1` gives True and False": (
                lambda *case: _equivariant_at(*case).astype(int)
            ),
        }
    ),
    idea="which pixels came in, and near which border the kernel reads zeros in place of pixels that have left",
    hints=(
        "Rows and columns can be treated apart: a pixel is right if it is right along both axes.",
        "Along one axis, first exclude the places that came in. They depend on the sign of the shift.",
        "Then think of a kernel near the border that the image moved towards. What did it read before the move?",
        "Try it: convolve an image of random positive pixels with padding 'same', shift before and after, compare.",
    ),
)

EXERCISES = (COUNTS, LOCAL_MATRIX, EQUIVARIANT)
