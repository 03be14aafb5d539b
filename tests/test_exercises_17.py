"""The checks of notebook 17: right answers in every form, and each typical mistake with its own message."""

import math

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, costs, exercises
from cnncourse.models import mobilenet
from tests.verdicts import assert_correct, assert_wrong

IDS = ["17.1", "17.2", "17.3"]


def blank_function(*arguments):
    """What an answer is before it is written."""
    ...


@pytest.mark.parametrize("exercise_id", IDS)
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_function_without_return_is_told_so(exercise_id):
    assert_wrong(exercise_id, lambda *arguments: print(arguments), "does every path end with `return`")


# 17.1, parameters in two steps


def count_by_keras(kernel_size, channels_in, channels_out, bias):
    inputs = keras.Input((16, 16, channels_in))
    x = keras.layers.DepthwiseConv2D(kernel_size, use_bias=bias)(inputs)
    return keras.Model(inputs, keras.layers.Conv2D(channels_out, 1, use_bias=bias)(x)).count_params()


def count_by_arithmetic(kernel_size, channels_in, channels_out, bias):
    depthwise = arithmetic.conv_parameters(kernel_size, channels_in, channels_in, groups=channels_in, bias=bias)
    return depthwise + arithmetic.conv_parameters(1, channels_in, channels_out, bias=bias)


@pytest.mark.parametrize(
    "answer", [count_by_keras, count_by_arithmetic, lambda *case: float(count_by_arithmetic(*case))]
)
def test_parameters_in_two_steps_are_right_in_every_form(answer):
    assert_correct("17.1", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda k, i, o, bias: k[0] * k[1] * i + i * o, "the biases are missing"),
        (lambda k, i, o, bias: k[0] * k[1] * i + i * o + i + o, "bias=False are counted with biases"),
        (lambda k, i, o, bias: (k[0] * k[1] + (not bias)) * i + (i + (not bias)) * o, "the other way round"),
        (lambda k, i, o, bias: k[0] * k[1] * i + (i + bias) * o, "only the second layer has biases"),
        (lambda k, i, o, bias: (k[0] * k[1] + bias) * i + i * o, "only the first layer has biases"),
        (lambda k, i, o, bias: k[0] * k[1] * i + i * o + bias * (o + o), "as many biases as the 1x1"),
        (lambda k, i, o, bias: k[0] * k[1] * i + bias + i * o + bias, "one bias in all"),
        (lambda k, i, o, bias: (k[0] * k[1] * i + bias) * o, "this is the dense layer"),
        (lambda k, i, o, bias: count_by_arithmetic(k, o, i, bias), "the channels in and out are exchanged"),
        (lambda k, i, o, bias: (k[0] * k[1] * i + bias) * i + (i + bias) * o, "reads all channels here"),
        (lambda k, i, o, bias: k[0] * k[1] + bias + i * o + bias * o, "share one spatial filter"),
        (
            lambda k, i, o, bias: (math.prod(k) + bias) * i + (math.prod(k) * i + bias) * o,
            "the second layer has the spatial size",
        ),
        (lambda k, i, o, bias: (k[0] * k[1] + bias) * i, "the depthwise layer alone"),
        (lambda k, i, o, bias: (i + bias) * o, "the 1x1 layer alone"),
        (lambda k, i, o, bias: (k[0] * k[0] + bias) * i + (i + bias) * o, "taken as square"),
        (lambda k, i, o, bias: count_by_arithmetic(k, i, o, bias) + 2 * i + 2 * o, "batch normalisation are counted"),
        (lambda k, i, o, bias: 3 * count_by_arithmetic(k, i, o, bias), "look again at what each of the two layers"),
        (266_752, "expected the function itself"),
    ],
)
def test_parameters_in_two_steps_name_the_mistake(answer, phrase):
    assert_wrong("17.1", answer, phrase)


# 17.2, the dense kernel of two steps


def compose_by_loops(depthwise, pointwise):
    rows, columns, channels_in, patterns = depthwise.shape
    kernel = np.zeros((rows, columns, channels_in, pointwise.shape[-1]))
    for m in range(channels_in):
        for p in range(patterns):
            kernel[:, :, m] += depthwise[:, :, m, p, np.newaxis] * pointwise[0, 0, patterns * m + p]
    return kernel


def compose_by_matrices(depthwise, pointwise):
    rows = depthwise[..., np.newaxis, :]  # (kh, kw, C_in, 1, patterns)
    return (rows @ pointwise.reshape(*depthwise.shape[2:], -1))[..., 0, :]


@pytest.mark.parametrize(
    "answer", [compose_by_loops, compose_by_matrices, lambda d, p: compose_by_loops(d, p).tolist()]
)
def test_a_composed_kernel_is_right_in_every_form(answer):
    assert_correct("17.2", answer)


def test_keras_layers_do_what_the_expected_kernel_does():
    for depthwise, pointwise in exercises.find("17.2").cases:
        x = np.random.default_rng(1).normal(size=(2, 8, 8, depthwise.shape[2]))
        y = keras.ops.conv(keras.ops.depthwise_conv(x, depthwise), pointwise)
        dense = keras.ops.conv(x, exercises.find("17.2").expected(depthwise, pointwise))
        assert np.allclose(y, dense, atol=1e-4)


def apart(depthwise, pointwise):
    channels_in, patterns = depthwise.shape[2:]
    return sum(
        depthwise[..., p, np.newaxis] * pointwise[0, 0, p * channels_in : (p + 1) * channels_in]
        for p in range(patterns)
    )


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (apart, "the maps of one pattern are taken for neighbours"),
        (
            lambda d, p: np.einsum("ijm,mo->ijmo", d.reshape(*d.shape[:2], -1), p[0, 0]),
            "paths of a channel are kept apart",
        ),
        (lambda d, p: compose_by_loops(d, p).sum(axis=2), "channels are added up, too"),
        (lambda d, p: d[..., [0]] * p[0, 0, :: d.shape[-1]], "only the first pattern of each channel"),
        (lambda d, p: d[..., [0]] * p[0, 0, : d.shape[2]], "with the weights of other maps"),
        (
            lambda d, p: d.sum(-1)[..., np.newaxis] * p[0, 0].reshape(d.shape[2], d.shape[3], -1).sum(1),
            "added up before they are multiplied",
        ),
        (lambda d, p: compose_by_loops(d.swapaxes(0, 1), p), "rows and columns are exchanged"),
        (lambda d, p: compose_by_loops(d, p)[::-1, ::-1], "the kernel is flipped"),
        (lambda d, p: compose_by_loops(d, p).swapaxes(2, 3), "input and output channels are exchanged"),
        (lambda d, p: compose_by_loops(d, p) / d.shape[-1], "the patterns are averaged"),
        (lambda d, p: compose_by_loops(d, p).sum(axis=2, keepdims=True), "the input channels are added up"),
        (lambda d, p: -compose_by_loops(d, p), "look again at on which path"),
    ],
)
def test_a_composed_kernel_names_the_mistake(answer, phrase):
    assert_wrong("17.2", answer, phrase)


# 17.3, a narrower block


def macs_by_the_course(height, width, channels_in, channels_out, alpha):
    inputs = keras.Input((height, width, int(alpha * channels_in)))
    return costs.count_macs(
        keras.Model(inputs, mobilenet.separable_block(inputs, int(alpha * channels_out), name="block"))
    )


def macs_by_layers(height, width, channels_in, channels_out, alpha):
    i, o = math.floor(channels_in * alpha), math.floor(channels_out * alpha)
    depthwise = arithmetic.conv_macs((height, width), 3, i, i, groups=i)
    return depthwise + arithmetic.conv_macs((height, width), 1, i, o)


@pytest.mark.parametrize("answer", [macs_by_the_course, macs_by_layers, lambda *case: float(macs_by_layers(*case))])
def test_the_work_of_a_narrower_block_is_right_in_every_form(answer):
    assert_correct("17.3", answer)


def work(places, channels_in, channels_out):
    return places * channels_in * (9 + channels_out)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda h, w, i, o, a: work(h * w, i, o), "alpha has no effect"),
        (lambda h, w, i, o, a: int(a * a * work(h * w, i, o)), "multiplied by alpha squared"),
        (lambda h, w, i, o, a: int(a * work(h * w, i, o)), "multiplied by alpha once"),
        (
            lambda h, w, i, o, a: h * w * (9 * i + int(a * i) * int(a * o)),
            "alpha has no effect on the depthwise layer",
        ),
        (lambda h, w, i, o, a: h * w * (9 * int(a * i) + i * int(a * o)), "the 1x1 convolution reads all channels"),
        (lambda h, w, i, o, a: work(h * w, int(a * i), o), "the output channels are not multiplied"),
        (lambda h, w, i, o, a: work(h * w, i, int(a * o)), "the input channels are not multiplied"),
        (lambda h, w, i, o, a: work(int(a * h) * int(a * w), i, o), "alpha makes the image smaller"),
        (lambda h, w, i, o, a: 9 * h * w * int(a * i) * int(a * o), "this is the dense 3x3 layer"),
        (lambda h, w, i, o, a: h * w * int(a * o) * (9 + int(a * i)), "works on the output channels here"),
        (lambda h, w, i, o, a: work(h * w, math.ceil(a * i), math.ceil(a * o)), "the channels are rounded up"),
        (lambda h, w, i, o, a: work(h * w, round(a * i), round(a * o)), "rounded to the nearest"),
        (
            lambda h, w, i, o, a: macs_by_layers(h, w, i, o, a) + h * w * (int(a * i) + int(a * o)),
            "biases are counted",
        ),
        (lambda h, w, i, o, a: work(h * w, a * i, a * o), "the channels are not rounded"),
        (lambda h, w, i, o, a: work(1, int(a * i), int(a * o)), "these are the weights"),
        (lambda *case: 2 * macs_by_layers(*case), "counted one by one"),
        (lambda *case: 1 + macs_by_layers(*case), "look again at the channels after the multiplier"),
    ],
)
def test_the_work_of_a_narrower_block_names_the_mistake(answer, phrase):
    assert_wrong("17.3", answer, phrase)
