"""The checks of notebook 12 on work and memory: right answers in every form, and each mistake with its message."""

import math

import keras
import numpy as np
import pytest

from cnncourse import costs
from tests.verdicts import assert_correct, assert_wrong

# 12.3, work of a chain


def work(height, width, channels, layers, *, floor=False, at="outputs", groups=True, bias=0, follow=True):
    total = 0
    for kernel_size, stride, channels_out, split in layers:
        before = height * width
        if at != "never":
            height, width = ((size // stride if floor else math.ceil(size / stride)) for size in (height, width))
        places = before if at == "inputs" else height * width
        weights = kernel_size * kernel_size * (channels // split if groups else channels)
        total += places * channels_out * (weights + bias)
        channels = channels_out if follow else channels
    return total


def work_by_keras(height, width, channels, layers):
    settings = [{"filters": o, "kernel_size": k, "strides": s, "groups": g} for k, s, o, g in layers]
    convolutions = [keras.layers.Conv2D(**options, padding="same") for options in settings]
    return costs.count_macs(keras.Sequential([keras.Input((height, width, channels)), *convolutions])) if layers else 0


@pytest.mark.parametrize("answer", [work, work_by_keras, lambda *case: float(work(*case))])
def test_the_work_is_right_in_every_form(answer):
    assert_correct("12.3", answer)


def weights_alone(height, width, channels, layers):
    every = [channels, *(layer[2] for layer in layers)]
    return sum(k * k * every[n] // g * o for n, (k, _, o, g) in enumerate(layers))


def work_without_padding(height, width, channels, layers):
    total = 0
    for k, stride, channels_out, groups in layers:
        height, width = (height - k) // stride + 1, (width - k) // stride + 1
        total += height * width * k * k * channels // groups * channels_out
        channels = channels_out
    return total


def work_of_the_image(height, width, channels, layers):
    """Right but for the sizes, which are not handed on."""
    total = 0
    for k, stride, channels_out, groups in layers:
        total += math.ceil(height / stride) * math.ceil(width / stride) * k * k * channels // groups * channels_out
        channels = channels_out
    return total


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda *case: work(*case, at="inputs"), "at the size of its input"),
        (lambda *case: work(*case, at="never"), "the strides have no effect on the sizes"),
        (lambda *case: work(*case, floor=True), "rounded down"),
        (work_without_padding, "the sizes are those without padding"),
        (work_of_the_image, "each layer starts at the size of the image"),
        (lambda *case: work(*case, groups=False), "the groups have no effect"),
        (lambda *case: work(*case, bias=1), "biases are counted too"),
        (lambda h, w, c, layers: work(h, w, c, layers) - work(h, w, c, layers[:-1]), "the last layer alone"),
        (lambda *case: 2 * work(*case), "counted one by one"),
        (weights_alone, "these are the weights"),
        (lambda *case: work(*case) + 1, "look again at places times weights"),
        (7, "expected the function itself"),
    ],
)
def test_the_work_names_the_mistake(answer, phrase):
    assert_wrong("12.3", answer, phrase)


@pytest.mark.parametrize(
    "weights",
    [
        lambda k, i, o, g: k * k * i * o // g,
        lambda k, i, o, g: k * k * (i // g) * o,
        lambda k, i, o, g: k * k * i / g * o,
    ],
)
def test_channels_that_do_not_follow_are_named(weights):
    def answer(height, width, channels, layers):
        total = 0
        for kernel_size, stride, channels_out, groups in layers:
            height, width = math.ceil(height / stride), math.ceil(width / stride)
            total += height * width * weights(kernel_size, channels, channels_out, groups)
        return total

    assert_wrong("12.3", answer, "as many channels as the image has")


# 12.4, the largest batch


def batch_by_trying(memory, parameters, outputs, kept):
    """Double the batch until it is too large, then look between."""

    def fits(batch):
        return 4 * ((2 + kept) * parameters + batch * outputs) <= memory

    low, high = 0, 1
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def left(memory, parameters, kept, *, copies=2, size=4):
    return memory - size * (copies + kept) * parameters


@pytest.mark.parametrize(
    "answer",
    [
        batch_by_trying,
        lambda m, p, o, u: max(0, math.floor(left(m, p, u) / (4 * o))),
        lambda m, p, o, u: 0 if left(m, p, u) < 0 else left(m, p, u) // 4 // o,
        lambda m, p, o, u: int(max(left(m, p, u), 0) / (4 * o)),
        lambda m, p, o, u: np.maximum(left(m, p, u) // (4 * o), 0),
    ],
)
def test_the_batch_is_right_in_every_form(answer):
    assert_correct("12.4", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda m, p, o, u: left(m, p, u) // (4 * o), "a batch of fewer than no images"),
        (lambda m, p, o, u: max(1, left(m, p, u) // (4 * o)), "not one image fits either"),
        (lambda m, p, o, u: max(0, left(m, p, u, copies=1) // (4 * o)), "weights and a gradient"),
        (lambda m, p, o, u: max(0, left(m, p, 0) // (4 * o)), "what the optimizer keeps has no effect"),
        (lambda m, p, o, u: max(0, left(m, p, u, copies=0) // (4 * o)), "weights and gradient take memory, too"),
        (lambda m, p, o, u: m // 4 // ((2 + u) * p + o), "paid for each image"),
        (lambda m, p, o, u: m // (4 * o), "the parameters take no memory here"),
        (lambda m, p, o, u: max(0, left(m, p, u, size=1) // o), "every number is counted as one byte"),
        (lambda m, p, o, u: max(0, left(m, p, u) // o), "the outputs are counted as one byte each"),
        (lambda m, p, o, u: max(0, left(m, p, u, size=1) // (4 * o)), "to the parameters is counted as one byte"),
        (lambda m, p, o, u: max(0, left(m, p, u, size=8) // (8 * o)), "as eight bytes"),
        (lambda m, p, o, u: max(0, math.ceil(left(m, p, u) / (4 * o))), "rounded up"),
        (lambda m, p, o, u: max(0, left(m, p, u) / (4 * o)), "a whole number of images"),
        (lambda m, p, o, u: max(0, (left(m, p, u) - 1) // (4 * o)), "filled to the last byte"),
        (lambda m, p, o, u: 64, "look again at what is paid once"),
        (64, "expected the function itself"),
    ],
)
def test_the_batch_names_the_mistake(answer, phrase):
    assert_wrong("12.4", answer, phrase)
