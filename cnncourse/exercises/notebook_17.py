"""Exercises of notebook 17: parameters of two steps, their dense kernel, work after a width multiplier."""

import math

import numpy as np

from .engine import Exercise, Mistake


def separable_count(kernel_size, channels_in, channels_out, bias):
    """The learned numbers of a depthwise convolution and the 1x1 after it."""
    return (math.prod(kernel_size) + bias) * channels_in + (channels_in + bias) * channels_out


def _weights(kernel_size, channels_in, channels_out):
    return separable_count(kernel_size, channels_in, channels_out, False)


PARAMETERS = Exercise(
    "17.1",
    title="Parameters in two steps",
    stars=1,
    cases=(
        ((3, 3), 512, 512, False),
        ((3, 3), 32, 64, True),
        ((5, 3), 16, 24, True),
        ((7, 7), 10, 1, True),
        ((1, 5), 6, 4, False),
    ),
    expected=separable_count,
    mistakes=(
        Mistake(lambda k, i, o, bias: _weights(k, i, o), "the biases are missing where there are some"),
        Mistake(
            lambda k, i, o, bias: separable_count(k, i, o, True),
            "layers with bias=False are counted with biases: the last argument has no effect",
        ),
        Mistake(
            lambda k, i, o, bias: separable_count(k, i, o, not bias),
            "layers with bias are counted without, and the other way round",
        ),
        Mistake(
            lambda k, i, o, bias: _weights(k, i, o) + bias * o,
            "only the second layer has biases: the depthwise convolution puts out channels, too",
        ),
        Mistake(
            lambda k, i, o, bias: _weights(k, i, o) + bias * i,
            "only the first layer has biases: the 1x1 convolution puts out channels, too",
        ),
        Mistake(
            lambda k, i, o, bias: _weights(k, i, o) + 2 * bias * o,
            "the depthwise layer gets as many biases as the 1x1: how many channels does each of them put out?",
        ),
        Mistake(
            lambda k, i, o, bias: _weights(k, i, o) + 2 * bias, "each layer gets one bias in all: what gets a bias?"
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) * i + bias) * o,
            "this is the dense layer: what does a depthwise filter read, and who combines the channels?",
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) + bias) * o + (o + bias) * i,
            "the channels in and out are exchanged: which of them has a spatial filter each?",
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) * i + bias) * i + (i + bias) * o,
            "each depthwise filter reads all channels here: it reads one",
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) + bias) + (i + bias) * o,
            "all channels share one spatial filter here: a depthwise layer has one for each",
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) + bias) * i + (math.prod(k) * i + bias) * o,
            "the second layer has the spatial size of the first: on how many pixels does a 1x1 kernel lie?",
        ),
        Mistake(
            lambda k, i, o, bias: (math.prod(k) + bias) * i, "this is the depthwise layer alone: who mixes channels?"
        ),
        Mistake(lambda k, i, o, bias: (i + bias) * o, "this is the 1x1 layer alone: who looks around in space?"),
        Mistake(
            lambda k, i, o, bias: (k[0] ** 2 + bias) * i + (i + bias) * o,
            "the kernels are taken as square: the second number of kernel_size has no effect",
        ),
        Mistake(
            lambda k, i, o, bias: separable_count(k, i, o, bias) + 2 * (i + o),
            "numbers of batch normalisation are counted: here are two convolutions and nothing else",
        ),
    ),
    idea="what each of the two layers learns for each channel that it puts out",
    hints=(
        "How many channels does the depthwise layer put out, and what does it learn for each?",
        "For the 1x1 convolution take the formula of any convolution, with a kernel of one pixel.",
    ),
)


def _kernels(size, channels_in, patterns, channels_out, seed):
    numbers = np.random.default_rng(seed)
    depthwise = numbers.normal(size=(*size, channels_in, patterns))
    return depthwise, numbers.normal(size=(1, 1, channels_in * patterns, channels_out))


def dense_kernel(depthwise, pointwise):
    """The dense kernel (kh, kw, C_in, C_out) of a depthwise kernel and the 1x1 after it."""
    mixing = pointwise.reshape(*depthwise.shape[2:], -1)
    return np.einsum("ijmp,mpo->ijmo", depthwise, mixing)


def _patterns_apart(depthwise, pointwise):
    channels_in, patterns = depthwise.shape[2:]
    mixing = pointwise.reshape(patterns, channels_in, -1)
    return np.einsum("ijmp,pmo->ijmo", depthwise, mixing)


def _first_pattern(depthwise, pointwise):
    return depthwise[..., :1] * pointwise[0, 0, :: depthwise.shape[3]]


def _first_rows(depthwise, pointwise):
    return depthwise[..., :1] * pointwise[0, 0, : depthwise.shape[2]]


def _one_after_the_other(depthwise, pointwise):
    """The patterns and the mixtures of a channel are each added up first."""
    mixing = pointwise.reshape(*depthwise.shape[2:], -1)
    return depthwise.sum(3, keepdims=True) * mixing.sum(1)


KERNEL = Exercise(
    "17.2",
    title="The dense kernel of two steps",
    stars=2,
    cases=(
        _kernels((3, 3), 4, 1, 5, seed=1),
        _kernels((3, 3), 3, 2, 4, seed=2),
        _kernels((5, 2), 2, 3, 6, seed=3),
        _kernels((1, 3), 3, 3, 1, seed=4),
    ),
    expected=dense_kernel,
    mistakes=(
        Mistake(
            _patterns_apart,
            "the maps of one pattern are taken for neighbours: in Keras the maps of one channel lie side by side",
        ),
        Mistake(
            lambda d, p: d.reshape(*d.shape[:2], -1, 1) * p[0, 0],
            "the paths of a channel are kept apart: an output adds up what comes through all patterns",
        ),
        Mistake(
            lambda d, p: d.reshape(*d.shape[:2], -1) @ p[0, 0],
            "the channels are added up, too: a dense kernel keeps a weight for each input channel",
        ),
        Mistake(_first_pattern, "only the first pattern of each channel counts here: a channel may have several"),
        Mistake(
            _first_rows, "only the first pattern counts here, with the weights of other maps: which maps belong to it?"
        ),
        Mistake(
            _one_after_the_other,
            "patterns and weights are added up before they are multiplied: each pattern has weights of its own",
        ),
        Mistake(
            lambda d, p: dense_kernel(d, p).transpose(1, 0, 2, 3),
            "rows and columns are exchanged: in which order stand the axes of a kernel?",
        ),
        Mistake(
            lambda d, p: dense_kernel(d[::-1, ::-1], p),
            "the kernel is flipped: a layer computes correlation, in two steps as in one",
        ),
        Mistake(
            lambda d, p: dense_kernel(d, p).transpose(0, 1, 3, 2),
            "input and output channels are exchanged: which comes first in a kernel?",
        ),
        Mistake(
            lambda d, p: dense_kernel(d, p) / d.shape[3],
            "the patterns are averaged: a 1x1 convolution adds its inputs up",
        ),
        Mistake(
            lambda d, p: dense_kernel(d, p).sum(2, keepdims=True),
            "the input channels are added up: a dense kernel keeps a weight for each",
        ),
    ),
    idea="on which path, through which pattern and which weight, an input value reaches an output channel",
    hints=(
        "With one pattern a channel, w[i, j, m, o] is a depthwise weight times a pointwise one.",
        "With several, an input reaches the output on several paths: how do they combine?",
        "`reshape` splits the axis of the maps in two: channels first, then patterns.",
    ),
)


def block_macs(height, width, channels_in, channels_out, alpha):
    """The MACs of a separable 3x3 block whose channels are multiplied by alpha and rounded down."""
    return _work(height * width, int(alpha * channels_in), int(alpha * channels_out))


def _work(places, channels_in, channels_out):
    return places * (9 * channels_in + channels_in * channels_out)


def _scaled(exponent):
    return lambda h, w, i, o, alpha: int(alpha**exponent * _work(h * w, i, o))


NARROWED = Exercise(
    "17.3",
    title="A narrower block",
    stars=2,
    cases=(
        (14, 14, 512, 512, 0.5),
        (112, 112, 32, 64, 0.75),
        (7, 5, 64, 128, 1.0),
        (28, 28, 30, 50, 0.25),
        (56, 28, 128, 24, 1.4),
    ),
    expected=block_macs,
    mistakes=(
        Mistake(lambda h, w, i, o, alpha: _work(h * w, i, o), "alpha has no effect"),
        Mistake(_scaled(2), "all MACs are multiplied by alpha squared: how often does the depthwise layer have it?"),
        Mistake(_scaled(1), "all MACs are multiplied by alpha once: how often does the 1x1 convolution have it?"),
        Mistake(
            lambda h, w, i, o, alpha: h * w * (9 * i + int(alpha * i) * int(alpha * o)),
            "alpha has no effect on the depthwise layer: does that keep its channels?",
        ),
        Mistake(
            lambda h, w, i, o, alpha: h * w * (9 * int(alpha * i) + i * int(alpha * o)),
            "the 1x1 convolution reads all channels here: how many does the layer before put out?",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(h * w, int(alpha * i), o),
            "the output channels are not multiplied: the block is narrower on both ends",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(h * w, i, int(alpha * o)),
            "the input channels are not multiplied: the block is narrower on both ends",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(int(alpha * h) * int(alpha * w), i, o),
            "alpha makes the image smaller here: it is a factor of the channels",
        ),
        Mistake(
            lambda h, w, i, o, alpha: 9 * h * w * int(alpha * i) * int(alpha * o),
            "this is the dense 3x3 layer: the block does its work in two steps",
        ),
        Mistake(
            lambda h, w, i, o, alpha: h * w * (9 * int(alpha * o) + int(alpha * i) * int(alpha * o)),
            "the depthwise layer works on the output channels here: it comes first",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(h * w, math.ceil(alpha * i), math.ceil(alpha * o)),
            "the channels are rounded up: the task says down",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(h * w, round(alpha * i), round(alpha * o)),
            "the channels are rounded to the nearest number: the task says down",
        ),
        Mistake(
            lambda h, w, i, o, alpha: block_macs(h, w, i, o, alpha) + h * w * (int(alpha * i) + int(alpha * o)),
            "biases are counted: adding one is no multiplication",
        ),
        Mistake(
            lambda h, w, i, o, alpha: h * w * (9 * alpha * i + alpha * i * alpha * o),
            "the channels are not rounded: a layer has a whole number of channels",
        ),
        Mistake(
            lambda h, w, i, o, alpha: _work(1, int(alpha * i), int(alpha * o)),
            "these are the weights: at how many places is each of them used?",
        ),
        Mistake(
            lambda *case: 2 * block_macs(*case),
            "multiplications and additions are counted one by one: a MAC is one of each",
        ),
    ),
    idea="the channels after the multiplier, and the work of each of the two layers with them",
    hints=(
        "Compute the two numbers of channels first; `int` rounds a positive number down.",
        "MACs are places times weights, for each layer. Which of the two numbers enter into which layer?",
    ),
)

EXERCISES = (PARAMETERS, KERNEL, NARROWED)
