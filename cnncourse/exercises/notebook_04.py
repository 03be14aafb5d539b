"""Exercises of notebook 04: one output by hand, colour from single channels, a 1x1 kernel for red."""

import numpy as np

from cnncourse import reference

from .engine import Exercise, Mistake, Wrong

# Channel by channel: the window of output pixel [0, 1] gives 4, -1 and -1.
BY_HAND_IMAGE = np.stack([[[1, 0, 2], [3, 1, 0]], [[0, 2, 1], [1, 0, 1]], [[0, 1, 0], [0, 1, 3]]], axis=-1)
BY_HAND_KERNEL = np.stack([[[1, 2], [0, 1]], [[0, -1], [1, 0]], [[1, 0], [1, -1]]], axis=-1)
BY_HAND_BIAS = 3

THREE_MAPS = "these are three numbers: a kernel gives one, the sum over all its channels"

BY_HAND = Exercise(
    "04.1",
    title="One output pixel of a colour image",
    stars=1,
    expected=5,
    mistakes=(
        Mistake(2, "this lacks the bias"),
        Mistake(11, "this has the bias once for each channel: it belongs to the output, of which there is one"),
        Mistake(3, "this is the output pixel [0, 0]: the second index counts columns"),
        Mistake(8, "this has the kernel flipped: a convolutional layer lays it on the window as it stands"),
        Mistake(7, "this is the red channel alone: the sum runs over all three"),
        Mistake(10, "this is what `@` gives, the product of matrices: each weight meets one pixel, so use `*`"),
        Mistake(11 / 3, "this is the mean over the channels: their sums are added, not averaged"),
        Mistake(19 / 6, "this is the mean of the twelve products: they are added, not averaged"),
        Mistake([4, -1, -1], THREE_MAPS + ", and the bias"),
        Mistake([7, 2, 2], THREE_MAPS + ", with the bias added once"),
    ),
    idea="which window belongs to output pixel [0, 1], and what is added to what: twelve products and the bias",
    hints=(
        "The window of output pixel [0, 1] holds both rows, and the columns 1 and 2, of each channel.",
        "Lay the red kernel on the red window, multiply at the same place, add. The same for green and for blue.",
        "Add the three sums. What has not been used yet?",
    ),
)


def _integers(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(float)


# Outputs that are not square, and not only three channels: what is mixed up or left out gives another number or
# shape. Images and kernels have at least as many rows as channels, so that a wrong axis gives a wrong result, too.
CASES = (
    (_integers(1, 5, 6, 3), _integers(2, 3, 2, 3), 2.0),
    (_integers(3, 6, 5, 3), _integers(4, 4, 2, 3), -1.0),
    (_integers(5, 6, 4, 4), _integers(6, 5, 3, 4), 0.5),
)


def _maps(image, kernel):
    """The correlation of each channel with its own slice of weights, (C, H', W')."""
    return np.stack([reference.correlate(image[..., m], kernel[..., m]) for m in range(image.shape[2])])


def _convolve_colour(image, kernel, bias):
    return _maps(image, kernel).sum(axis=0) + bias


COLOUR = Exercise(
    "04.2",
    title="Colour from single channels",
    stars=2,
    cases=CASES,
    expected=_convolve_colour,
    mistakes=(
        Mistake(
            lambda image, kernel, bias: np.moveaxis(_maps(image, kernel) + bias, 0, -1),
            "this is a map for each channel: a kernel gives one map, their sum",
        ),
        Mistake(
            lambda image, kernel, bias: _maps(image, kernel) + bias,
            "this is a map for each channel, on the first axis: a kernel gives one map, their sum",
        ),
        Mistake(
            lambda image, kernel, bias: (_maps(image, kernel) + bias).sum(axis=0),
            "this adds the bias once for each channel: it belongs to the output",
        ),
        Mistake(lambda image, kernel, bias: _maps(image, kernel).sum(axis=0), "this lacks the bias"),
        Mistake(
            lambda image, kernel, bias: _maps(image, kernel).mean(axis=0) + bias,
            "this is the mean over the channels: the results of the channels are added",
        ),
        Mistake(
            lambda image, kernel, bias: _convolve_colour(image, kernel[..., ::-1], bias),
            "this has the channels in opposite order in image and kernel: red meets the weights of blue",
        ),
        Mistake(
            lambda image, kernel, bias: _convolve_colour(image, kernel[::-1, ::-1], bias),
            "this flips the kernel: a convolutional layer computes correlation",
        ),
        Mistake(
            lambda image, kernel, bias: _maps(image, kernel)[0] + bias,
            "only the first channel has an effect: are the others added to it?",
        ),
        Mistake(
            lambda image, kernel, bias: _maps(image, kernel)[-1] + bias,
            "only the last channel has an effect: is each result added to the ones before?",
        ),
        Mistake(
            lambda image, kernel, bias: reference.correlate(image.sum(axis=2), kernel.sum(axis=2)) + bias,
            "this adds up the channels first, so that all of them share their weights: each has its own slice",
        ),
        Mistake(
            lambda image, kernel, bias: _maps(image, kernel)[:3].sum(axis=0) + bias,
            "only three channels have an effect: take their number from the image's shape",
        ),
        Mistake(
            lambda image, kernel, bias: reference.correlate(image.sum(axis=2), kernel[..., 0]) + bias,
            "here every channel meets the first slice of the kernel: channel m belongs to slice m",
        ),
        Mistake(
            lambda image, kernel, bias: (
                sum(reference.correlate(image[m], kernel[m]) for m in range(image.shape[2])) + bias
            ),
            "image[m] and kernel[m] are rows: the channels stand on the last axis",
        ),
        Mistake(
            lambda image, kernel, bias: _convolve_colour(image, kernel, bias)[np.newaxis, ..., np.newaxis],
            "the numbers are right, but this is still a batch of one image with one channel: take the map out of it",
        ),
        Mistake(
            lambda image, kernel, bias: _convolve_colour(image, kernel, bias)[..., np.newaxis],
            "the numbers are right, but there is a last axis of length 1 left: take the map out of it",
        ),
    ),
    idea="the sum over the channels: which axis numbers them, what stands inside that sum, and what outside?",
    hints=(
        "image[..., m] is one channel, kernel[..., m] the slice of weights that belongs to it.",
        "Correlate each channel with its slice. You get as many maps as there are channels, all of one size.",
        "A kernel gives one map. Which term of the formula stands outside of all sums?",
    ),
)

NOT_THIS_FORM = "expected ([red, green, blue], bias): three numbers in a list, and one number"
NOTHING = "it answers 0 to every pixel: red must give something else"
BIAS = "it does not answer 0 to black, where every product is 0: what is left of the sum there?"
NOT_ZERO_ON_GREY = (
    "it does not answer 0 to white and grey: at a grey pixel all channels are equal; what must hold then?"
)
NOT_POSITIVE_ON_RED = "its answer to pure red is not positive"
WRONG_ORDER = "it finds blue: the order of the channels is red, green, blue"
IGNORES = "it is 0 or more at a pure green or a pure blue pixel: both need a weight below 0"


def _judge_red_finder(answer) -> None:
    try:
        weights, bias = answer
        weights, bias = np.asarray(weights), np.asarray(bias)
    except (TypeError, ValueError):
        raise Wrong(NOT_THIS_FORM) from None
    if weights.shape in ((1, 1, 3), (1, 1, 3, 1)):  # as a layer stores them
        weights = weights.ravel()
    if bias.shape == (1,):
        bias = bias[0]
    if weights.dtype.kind not in "iuf" or bias.dtype.kind not in "iuf":
        raise Wrong(NOT_THIS_FORM)
    if weights.shape != (3,) or bias.shape != () or not np.isfinite([*weights, bias]).all():
        raise Wrong(NOT_THIS_FORM)
    size = float(np.abs(weights).max())
    zero = 1e-6 * max(size, 1e-300)
    if abs(float(bias)) > zero:
        raise Wrong(BIAS)
    if size == 0:
        raise Wrong(NOTHING)
    if abs(float(weights.sum())) > zero:
        raise Wrong(NOT_ZERO_ON_GREY)
    red, green, blue = (float(weight) for weight in weights)
    if blue > zero and red < -zero and green < -zero:
        raise Wrong(WRONG_ORDER)
    if red <= zero:
        raise Wrong(NOT_POSITIVE_ON_RED)
    if max(green, blue) >= -zero:
        raise Wrong(IGNORES)


RED = Exercise(
    "04.3",
    title="A kernel for red",
    stars=3,
    judge=_judge_red_finder,
    mistakes=(
        Mistake(([1, 0, 0], 0), NOT_ZERO_ON_GREY),
        Mistake(([1, -1, 0], 0), IGNORES),
        Mistake(([2, -1, -1], -0.5), BIAS),
        Mistake(([-2, 1, 1], 0), NOT_POSITIVE_ON_RED),
        Mistake(([-1, -1, 2], 0), WRONG_ORDER),
        Mistake(([0, 0, 0], 0), NOTHING),
        Mistake([2, -1, -1], NOT_THIS_FORM),
    ),
    idea="the output at (0, 0, 0), at (a, a, a), and at the three pure colours",
    hints=(
        "Begin with black, (0, 0, 0): every product is 0, and the output must be 0. What follows for the bias?",
        "At a grey pixel (a, a, a) the output is a times something. What must that be?",
        "At (0, 1, 0) only one weight has an effect. Which sign must it have? And at (0, 0, 1)?",
    ),
)

EXERCISES = (BY_HAND, COLOUR, RED)
