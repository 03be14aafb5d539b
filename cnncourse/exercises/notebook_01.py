"""Exercises of notebook 01: parameters of an MLP, the image that fits, cross-entropy, permuted pixels."""

import math
from itertools import pairwise

import numpy as np

from .engine import Exercise, Mistake


def _mlp_parameters(widths):
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))


def _mlp_weights(widths):
    return sum(inputs * outputs for inputs, outputs in pairwise(widths))


MLP_PARAMETERS = Exercise(
    "01.1",
    title="Parameters of an MLP",
    stars=1,
    cases=(([784, 64, 64, 10],), ([5, 3],), ([2, 7, 4, 3],)),
    expected=_mlp_parameters,
    mistakes=(
        Mistake(_mlp_weights, "these are the weights alone: what else does a dense layer add to each weighted sum?"),
        Mistake(
            lambda widths: _mlp_weights(widths) + sum(widths[:-1]),
            "it looks like a bias for each input of a layer: which of its units compute a sum that a bias joins?",
        ),
        Mistake(
            lambda widths: _mlp_weights(widths) + sum(widths),
            "it looks like a bias for the network's inputs too: are they computed, or given?",
        ),
        Mistake(
            lambda widths: _mlp_weights(widths) + len(widths) - 1,
            "it looks like one bias for each layer: do all outputs of a layer share a bias?",
        ),
        Mistake(
            lambda widths: sum(widths[1:]),
            "these are the units, not the parameters: how many numbers does one unit store?",
        ),
        Mistake(
            lambda widths: (widths[0] + 1) * widths[1],
            "this is the first layer only: which layers follow it, and what are their inputs?",
        ),
        Mistake(
            lambda widths: math.prod(widths),
            "it looks like a product over all layers: each layer reads the one before it and no other",
        ),
    ),
    idea="what one unit of a dense layer stores, and how many units each layer has",
    hints=(
        "Take one layer with m inputs and n outputs. What does each of its n outputs store?",
        "A list of L widths describes L - 1 layers: go through the neighbouring pairs with zip(widths, widths[1:]).",
    ),
)


def _side(mebibytes, channels, *, bytes_each=4, mebibyte=2**20, root=4):
    """The side that fits, not rounded."""
    return (mebibytes * mebibyte / bytes_each / channels) ** (1 / root)


LARGEST_SIDE = Exercise(
    "01.2",
    title="The largest image that fits",
    stars=2,
    # A perfect fit (64 pixels), and fractions below and above one half.
    cases=((64, 1), (1024, 3), (8192, 3), (100, 2)),
    expected=lambda mebibytes, channels: math.floor(_side(mebibytes, channels) + 1e-9),
    mistakes=(
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels, bytes_each=1) + 1e-9),
            "it looks like one byte for each weight: how many bytes does a float32 take?",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels, bytes_each=32) + 1e-9),
            "it looks like 32 bytes for each weight: the 32 in float32 counts bits",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels, mebibyte=10**6) + 1e-9),
            "it looks like 1,000,000 bytes: that is a megabyte (MB), a mebibyte (MiB) is a power of two",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels, root=2) + 1e-9),
            "it looks like a square root: that is one output only, but the layer has an output for each pixel",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, 1) + 1e-9),
            "it looks like an image of one channel: each output has a weight for every channel of every pixel",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels**2) + 1e-9),
            "it looks like the channels counted twice: the layer has one output for each pixel, not for each channel",
        ),
        Mistake(
            lambda mebibytes, channels: math.ceil(_side(mebibytes, channels) - 1e-9) - 1,
            "it looks like one too few where the weights fill the memory exactly: do they fit then?",
        ),
        Mistake(
            lambda mebibytes, channels: math.floor(_side(mebibytes, channels) + 1e-9) + 1,
            "it looks like the first side that does not fit: the last one that does is asked for",
        ),
        Mistake(_side, "whole pixels are asked for: would the next larger image still fit?"),
        Mistake(
            lambda mebibytes, channels: round(_side(mebibytes, channels)),
            "it looks rounded to the nearest whole number: does an image fit that is larger than the exact side?",
        ),
        Mistake(
            lambda mebibytes, channels: math.ceil(_side(mebibytes, channels) - 1e-9),
            "it looks rounded up: does an image fit that is larger than the exact side?",
        ),
    ),
    idea="how many weights the memory holds, and with which power of the side their number grows",
    hints=(
        "How many float32 weights do so many MiB hold?",
        "Write the number of weights of the layer for a square image, then solve for its side.",
        "Only a side that fits counts: check your answer and the next larger one.",
    ),
)


def _softmax(logits, axis=1):
    exponentials = np.exp(logits - np.max(logits))
    return exponentials / exponentials.sum(axis=axis, keepdims=axis is not None)


def _log_of_right(values, labels):
    return np.log(values[np.arange(len(labels)), labels])


def _logits(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.2, 3.0, shape).round(2)


CROSS_ENTROPY = Exercise(
    "01.3",
    title="Cross-entropy from logits",
    stars=2,
    # Positive logits, so that the logarithm of a logit is a number and its mistake can be named.
    cases=(
        (_logits(1, 2, 3), np.array([0, 2])),
        (_logits(2, 4, 4), np.array([3, 0, 0, 1])),
        (_logits(3, 5, 3) * 4, np.array([1, 1, 2, 0, 1])),
    ),
    expected=lambda logits, labels: -_log_of_right(_softmax(logits), labels).mean(),
    mistakes=(
        Mistake(
            lambda logits, labels: -_log_of_right(_softmax(_softmax(logits)), labels).mean(),
            "it looks like softmax twice: what you take for logits the second time are probabilities already",
        ),
        Mistake(
            lambda logits, labels: -_log_of_right(logits, labels).mean(),
            "it looks like the logarithm of the logits: what must they become before a logarithm has a meaning?",
        ),
        Mistake(
            lambda logits, labels: -logits[np.arange(len(labels)), labels].mean(),
            "it looks like the logit of the right class alone: the other classes' logits must count too",
        ),
        Mistake(
            lambda logits, labels: -_log_of_right(_softmax(logits, axis=0), labels).mean(),
            "it looks like a softmax over the images (axis 0): over what must the probabilities add up to 1?",
        ),
        Mistake(
            lambda logits, labels: -_log_of_right(_softmax(logits, axis=None), labels).mean(),
            "it looks like one softmax over the whole batch: each image has probabilities of its own",
        ),
        Mistake(
            lambda logits, labels: _log_of_right(_softmax(logits), labels).mean(),
            "the sign is wrong: a probability is at most 1, so which sign has its logarithm, and which a loss?",
        ),
        Mistake(
            lambda logits, labels: -_log_of_right(_softmax(logits), labels).sum(),
            "it looks like the sum over the batch: then a larger batch would have a larger loss",
        ),
        Mistake(
            lambda logits, labels: -_log_of_right(_softmax(logits), labels),
            "these are the losses of the single images: one number for the whole batch is asked for",
        ),
        Mistake(
            lambda logits, labels: -np.log2(np.exp(_log_of_right(_softmax(logits), labels))).mean(),
            "it looks like a logarithm of base 2: cross-entropy here has the natural logarithm, the inverse of exp",
        ),
        Mistake(
            lambda logits, labels: (1 - np.exp(_log_of_right(_softmax(logits), labels))).mean(),
            "it looks like the missing probability itself: where is its logarithm?",
        ),
        Mistake(
            lambda logits, labels: -np.log(_softmax(logits)[:, labels]).mean(),
            "it looks like every label for every image: each row has one right class, its own",
        ),
        Mistake(
            lambda logits, labels: -np.log(_softmax(logits)).mean(),
            "it looks like a mean over all classes: only the probability of the right class counts",
        ),
        Mistake(
            lambda logits, labels: -np.log(np.exp(_log_of_right(_softmax(logits), labels)).mean()),
            "it looks like the logarithm of a mean: each image has a loss first, then the mean is taken",
        ),
    ),
    idea="the three steps logits -> probabilities -> the right class's logarithm, each for one image at a time",
    hints=(
        "Do it for one image first: exponentials, divided by their sum.",
        "For the batch, sum along axis 1 and keep that axis (keepdims=True), so that rows divide by their own sum.",
        "Pick the right class of each row with [np.arange(len(labels)), labels].",
    ),
)


# Not their own inverses, or the inverse permutation would pass; square weights, so that columns can be mistaken too.
PERMUTATIONS = ([2, 0, 1, 4, 3], [1, 2, 3, 0], [3, 0, 4, 1, 5, 2])


def _weights(seed: int, pixels: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9, 10, (pixels, pixels)).astype(float)


WEIGHTS_AFTER_PERMUTATION = Exercise(
    "01.4",
    title="Why the MLP does not notice",
    stars=3,
    cases=tuple((_weights(k, len(order)), np.array(order)) for k, order in enumerate(PERMUTATIONS)),
    expected=lambda weights, permutation: weights[permutation],
    mistakes=(
        Mistake(
            lambda weights, permutation: weights[np.argsort(permutation)],
            "it looks like the inverse permutation: position i of the new image holds which pixel of the old one?",
        ),
        Mistake(
            lambda weights, permutation: weights[:, permutation],
            "it looks like the columns rearranged: they belong to the outputs; which axis belongs to the pixels?",
        ),
        Mistake(
            lambda weights, permutation: weights[permutation][:, permutation],
            "it looks like both axes rearranged: the outputs must come in the same order as before",
        ),
        Mistake(
            lambda weights, permutation: weights,
            "these are the weights as they were: a pixel now stands at another place, so who multiplies it?",
        ),
        Mistake(
            lambda weights, permutation: weights[permutation].T,
            "it looks transposed: the shape stays (pixels, units)",
        ),
    ),
    idea="which old pixel stands at position i of the new image, and which weights belong to that pixel",
    hints=(
        "Write one output as a sum over pixels, then write the same terms in the new order.",
        "Position i of the new image holds the old pixel permutation[i]; its weights are one row of `weights`.",
    ),
)

EXERCISES = (MLP_PARAMETERS, LARGEST_SIDE, CROSS_ENTROPY, WEIGHTS_AFTER_PERMUTATION)
