"""Exercises of notebook 10: overlapping pools by hand, max pooling in NumPy, and its gradient."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake

GRID = np.array([[2, 0, 1, 3, 0], [1, 6, 0, 2, 4], [3, 1, 5, 0, 1], [2, 9, 1, 1, 7], [0, 3, 2, 8, 1]])


def _pooled(size, stride, mode="max", padding="valid"):
    """The pooled grid of the first exercise."""
    output = reference.pool2d(GRID[None, :, :, None], size, stride=stride, mode=mode, padding=padding)[0, :, :, 0]
    return output.astype(int).tolist() if mode == "max" else output.tolist()


BY_HAND = Exercise(
    "10.1",
    title="Overlapping pools by hand",
    stars=1,
    expected=_pooled(3, 2),
    mistakes=(
        Mistake(_pooled(3, 2, "average"), "these are means: max pooling takes the largest number of each pool"),
        Mistake(_pooled(2, 2), "these are pools of 2x2 pixels: each spans 3 rows and 3 columns"),
        Mistake(_pooled(2, 1), "these are pools of 2x2 pixels at every pixel: look again at both size and stride"),
        Mistake(_pooled(3, 1), "the pools start at every pixel: the stride is the step from one to the next"),
        Mistake(_pooled(3, 3), "the pools lie side by side: that is the default, but the stride here is smaller"),
        Mistake(_pooled(3, 2, padding="same"), "these pools reach over the border: 'valid' pools stay inside"),
        Mistake(np.transpose(_pooled(3, 2)).tolist(), "rows and columns of the output are exchanged"),
        Mistake(
            (-reference.pool2d(-GRID[None, :, :, None], 3, stride=2)[0, :, :, 0]).astype(int).tolist(),
            "these are the smallest numbers of the pools: max pooling takes the largest",
        ),
        *(
            Mistake(np.reshape(_pooled(3, 2), shape), "the numbers are right: write two rows of two numbers each")
            for shape in (4, (1, 2, 2, 1))
        ),
    ),
    idea="where the pools start, and which pixels belong to more than one of them",
    hints=(
        "How many pools fit along a row of 5 pixels, if each spans 3 and the next starts 2 further on?",
        "Draw a frame around each pool: its top left pixel has even row and column. Then look for its largest number.",
        "Row 2 and column 2 are shared: compare them again for each pool that they belong to.",
    ),
)


def _images(seed, *shape):
    """Distinct whole numbers in random order, negative ones among them; the first image holds negative ones alone."""
    numbers = np.random.default_rng(seed).permutation(int(np.prod(shape))).reshape(shape).astype(float)
    return numbers - np.prod(shape) / 2 - np.prod(shape) * (np.arange(shape[0]) == 0).reshape(-1, 1, 1, 1)


POOL_CASES = (  # pools that touch, overlap and leave gaps; two end before the image does, one has fractions
    (_images(1, 2, 4, 6, 3), 2, 2),
    (_images(2, 2, 8, 6, 2) / 4, 3, 2),
    (_images(3, 1, 9, 12, 2), 2, 3),
)


def _max_pool(images, size, stride):
    return reference.pool2d(images, size, stride=stride)


def _over_channels(images, size, stride):
    return _max_pool(images.max(axis=3, keepdims=True), size, stride)


def _from_zero(images, size, stride):
    return np.maximum(_max_pool(images, size, stride), 0)


def _first_pixels(images, size, stride):
    rows, columns = ((pixels - size) // stride + 1 for pixels in images.shape[1:3])
    return images[:, ::stride, ::stride][:, :rows, :columns]


MAX_POOL = Exercise(
    "10.2",
    title="Max pooling in NumPy",
    stars=2,
    cases=POOL_CASES,
    expected=_max_pool,
    mistakes=(
        Mistake(
            lambda images, size, stride: reference.pool2d(images, size, stride=stride, mode="average"),
            "this is average pooling: keep the largest value of each pool",
        ),
        Mistake(_over_channels, "this takes the maximum over the channels, too: each channel is pooled by itself"),
        Mistake(
            lambda images, size, stride: np.repeat(_over_channels(images, size, stride), images.shape[3], axis=3),
            "all channels hold the maximum over all channels: each channel is pooled by itself",
        ),
        Mistake(
            lambda images, size, stride: _max_pool(images, size, size),
            "the stride has no effect, the pools lie side by side: how far apart do two pools start?",
        ),
        Mistake(
            lambda images, size, stride: _max_pool(images, size, 1),
            "the stride has no effect, there is a pool at every pixel: how far apart do two pools start?",
        ),
        Mistake(
            lambda images, size, stride: _max_pool(images, stride, size),
            "size and stride are exchanged: which is the extent of a pool, which the step to the next?",
        ),
        Mistake(
            lambda images, size, stride: images.max(axis=(1, 2), keepdims=True),
            "this is the maximum over all places: pooling has one for each neighbourhood",
        ),
        Mistake(
            lambda images, size, stride: images.max(axis=(1, 2)),
            "this is the maximum over all places, without rows and columns: pooling has one for each neighbourhood",
        ),
        Mistake(
            lambda images, size, stride: reference.pool2d(images, size, stride=stride, padding="same"),
            "these pools reach over the border: 'valid' leaves out a pool that does not fit wholly",
        ),
        Mistake(_from_zero, "negative maxima have become 0: what does the output hold before the first comparison?"),
        Mistake(
            lambda images, size, stride: np.trunc(_max_pool(images, size, stride)),
            "the values have lost their fractions: of which dtype is the array that you write to?",
        ),
        Mistake(
            lambda images, size, stride: -_max_pool(-images, size, stride),
            "this keeps the smallest value of each pool: max pooling keeps the largest",
        ),
        Mistake(
            lambda images, size, stride: np.repeat(
                _max_pool(images, size, stride).max(0, keepdims=True), len(images), 0
            ),
            "the maximum is taken over the images of the batch as well: each image is pooled by itself",
        ),
        Mistake(
            _first_pixels,
            "this keeps the first pixel of each pool: that is a stride without pooling",
        ),
        Mistake(
            lambda images, size, stride: _max_pool(images, size, stride)[:, :-1, :-1],
            "the last row and column of pools are missing: a pool that just fits counts",
        ),
    ),
    idea="the window of one output: where does it start, how far does it reach, and over which axes is the maximum?",
    hints=(
        "How many rows and columns has the output? It is the formula of notebook 07 without padding.",
        "Loop over the rows r and columns c of the output. Where does the window of [r, c] start, where does it end?",
        "Images and channels stay: `max` takes a tuple of axes, those of the window's rows and columns.",
    ),
)


def _gradient_case(seed, height, width, size, stride):
    """An image without ties, and derivatives by the outputs that all differ and are neither 0 nor 1."""
    random = np.random.default_rng(seed)
    image = random.permutation(height * width).reshape(height, width).astype(float) - height * width / 3
    outputs = (height - size) // stride + 1, (width - size) // stride + 1
    g = random.permutation(np.arange(2.0, 2 + np.prod(outputs))).reshape(outputs)
    return image, g * np.where(g % 3 == 0, -1, 1), size, stride


GRADIENT_CASES = (  # those that overlap leave room for a step of `size`: that slip then shows as a wrong answer
    _gradient_case(1, 4, 6, 2, 2),
    _gradient_case(2, 6, 6, 3, 2),
    _gradient_case(3, 8, 9, 4, 3),
    _gradient_case(4, 8, 5, 2, 3),
    (np.array([[-5, -2], [-7, -3]]), np.array([[1.5]]), 2, 2),  # whole negative numbers, a derivative with a fraction
    (np.array([[4, 1, 0, 4], [2, 3, -9, 1]]), np.array([[0.5, -2]]), 2, 2),  # one value wins in two pools
)


def _spread(share, add=True):
    """Walk over all pools; `share(window, g, image)` says what the pixels of a pool get from one output."""

    def gradient(image, g, size, stride):
        total = np.zeros(image.shape)
        for r, c in np.ndindex(*g.shape):
            place = slice(r * stride, r * stride + size), slice(c * stride, c * stride + size)
            given = share(image[place], g[r, c], image)
            total[place] = total[place] + given if add else np.where(given != 0, given, total[place])
        return total

    return gradient


def _winner(window):
    return (window == window.max()).astype(float)


def _stepping(step):
    """Pools that start `step(size)` pixels apart."""
    return lambda image, g, size, stride: _max_pool_gradient(image, g, size, step(size))


def _in_the_whole_image(image, g, size, stride):
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))[::stride, ::stride]
    return sum(g[place] * (image == windows[place].max()) for place in np.ndindex(*g.shape))


def _counted_in_the_window(image, g, size, stride):
    """The winner's row and column inside the window, taken for those of the image."""
    total = np.zeros(image.shape)
    for r, c in np.ndindex(*g.shape):
        window = image[r * stride : r * stride + size, c * stride : c * stride + size]
        total[np.unravel_index(window.argmax(), window.shape)] += g[r, c]
    return total


def _corner(window):
    first = np.zeros(window.shape)
    first[0, 0] = 1
    return first


_max_pool_gradient = _spread(lambda window, g, image: _winner(window) * g)

MAX_POOL_GRADIENT = Exercise(
    "10.3",
    title="The gradient of max pooling",
    stars=3,
    cases=GRADIENT_CASES,
    expected=_max_pool_gradient,
    mistakes=(
        Mistake(
            _spread(lambda window, g, image: _winner(window) * g, add=False),
            "where one pixel wins several pools it gets the derivative of the last alone: they add up",
        ),
        Mistake(
            _spread(lambda window, g, image: np.full(window.shape, g / window.size)),
            "this spreads the derivative evenly: that is average pooling",
        ),
        Mistake(
            _spread(lambda window, g, image: np.full(window.shape, g)),
            "every pixel of a pool gets the whole derivative: would the output change with each of them?",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(window)),
            "g has no effect: what does the chain rule do with the derivative by the output?",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(window), add=False),
            "this marks the winners with 1: what does the chain rule do with the derivative by the output?",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(window) * g * window.max()),
            "the derivatives are multiplied by the pixels' values: the winner is copied, with the factor 1",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(window) * g / window.size),
            "the winners' derivatives are divided by the pixels of a pool: the winner gets all of it",
        ),
        Mistake(
            _spread(lambda window, g, image: _corner(window) * g),
            "the first pixel of each pool gets the derivative: it belongs to the pixel that won",
        ),
        Mistake(
            _counted_in_the_window,
            "the winner's row and column are counted from the window's corner: where in the image is that?",
        ),
        Mistake(
            lambda image, g, size, stride: _max_pool_gradient(-image, g, size, stride),
            "the smallest pixel of each pool gets the derivative: the largest won",
        ),
        Mistake(
            _spread(lambda window, g, image: (window == image.max()) * g),
            "only the largest pixel of the whole image gets a derivative: each pool has a winner of its own",
        ),
        Mistake(
            _in_the_whole_image,
            "pixels outside the pool that hold the same value get a derivative, too: look inside its window alone",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(np.abs(window)) * g),
            "the largest magnitude gets the derivative: the largest of negative values is the one nearest to 0",
        ),
        Mistake(
            _spread(lambda window, g, image: (_winner(window) if window.max() > 0 else _corner(window)) * g),
            "where all values are negative the first pixel gets the derivative: what is the best at the start?",
        ),
        Mistake(
            _spread(lambda window, g, image: _winner(window) * (window > 0) * g),
            "a pool of negative values gives nothing back: its largest value is a winner, too",
        ),
        Mistake(
            lambda image, g, size, stride: np.trunc(_max_pool_gradient(image, g, size, stride)),
            "the derivatives have lost their fractions: of which dtype is the array that you add to?",
        ),
        Mistake(_stepping(lambda size: size), "the pools lie side by side: how far apart do two pools start?"),
        Mistake(_stepping(lambda size: 1), "there is a pool at every pixel: how far apart do two pools start?"),
    ),
    idea="which single pixel each output was copied from, and what it gets if several outputs were",
    hints=(
        "Start with zeros in the shape of the image. Loop over the outputs and cut out the window of each.",
        "Which pixel of the window is the largest? `window.argmax()` and `np.unravel_index` say where it stands.",
        "Its place in the image is the window's corner plus that. What if another window had chosen the same pixel?",
    ),
)

EXERCISES = (BY_HAND, MAX_POOL, MAX_POOL_GRADIENT)
