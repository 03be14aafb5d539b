"""The checks of notebook 12: right answers in every form, and each typical mistake with its own message."""

import math

import keras
import numpy as np
import pytest

from cnncourse import costs, exercises, models
from cnncourse.exercises import notebook_12
from tests.verdicts import assert_correct, assert_wrong


def blank_function(*arguments):
    """What an answer is before it is written."""
    ...


@pytest.mark.parametrize("exercise_id", ["12.1", "12.2", "12.3", "12.4"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


@pytest.mark.parametrize("exercise_id", ["12.1", "12.2", "12.3", "12.4"])
def test_a_function_without_return_is_told_so(exercise_id):
    assert_wrong(exercise_id, lambda *arguments: print(arguments), "does every path end with `return`")


# 12.1, parameters of a convolutional layer


def count_by_formula(kernel_size, channels_in, channels_out, groups, bias):
    rows, columns = kernel_size
    return int((rows * columns * channels_in / groups + (1 if bias else 0)) * channels_out)


def count_by_keras(kernel_size, channels_in, channels_out, groups, bias):
    layer = keras.layers.Conv2D(channels_out, kernel_size, groups=groups, use_bias=bias)
    layer.build((None, None, None, channels_in))
    return layer.count_params()


def count_group_by_group(kernel_size, channels_in, channels_out, groups, bias):
    kernel = np.zeros((*kernel_size, channels_in // groups, channels_out // groups))
    return sum(kernel.size + bias * kernel.shape[3] for _ in range(groups))


@pytest.mark.parametrize(
    "answer",
    [
        count_by_formula,
        count_by_keras,
        count_group_by_group,
        lambda *case: float(count_by_formula(*case)),
        lambda *case: np.int64(count_by_formula(*case)),
    ],
)
def test_the_count_of_a_convolution_is_right_in_every_form(answer):
    assert_correct("12.1", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda k, i, o, g, bias: k[0] * k[1] * i // g * o, "the biases are missing"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * i // g + 1) * o, "bias=False is counted with biases"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * i // g + (not bias)) * o, "the other way round"),
        (lambda k, i, o, g, bias: k[0] * k[1] * i // g * o + bias, "one bias in the whole layer"),
        (lambda k, i, o, g, bias: k[0] * k[1] * i // g * o + bias * i, "one bias for each input channel"),
        (lambda k, i, o, g, bias: (k[0] * k[1] + bias) * (i // g) * o, "one bias for each pair of channels"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * i + bias) * o, "the groups have no effect"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * i + bias) * o // g, "the groups divide the biases too"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * i + bias) * o / g, "the groups divide the biases too"),
        (lambda k, i, o, g, bias: (k[0] * k[1] * (i // g) + bias) * (o // g), "only one group is counted"),
        (lambda k, i, o, g, bias: (k[0] * k[1] + bias) * o, "the input channels have no effect"),
        (lambda k, i, o, g, bias: (k[0] * k[0] * i // g + bias) * o, "taken as square"),
        (lambda k, i, o, g, bias: ((k[0] + k[1]) * i // g + bias) * o, "height and width of the kernel are added"),
        (lambda k, i, o, g, bias: k[0] * k[1] * i // g + bias, "this is one output channel"),
        (lambda k, i, o, g, bias: 2 * count_by_formula(k, i, o, g, bias), "look again at what one output channel"),
        (156, "expected the function itself"),
    ],
)
def test_the_count_of_a_convolution_names_the_mistake(answer, phrase):
    assert_wrong("12.1", answer, phrase)


# 12.2, a counter for networks


def counter(*, moving=0, four=None, depthwise=True, multiplier=True, groups=True, dense_bias=None, bias=None):
    """A counter of networks in another form than the check's, with its mistakes to choose."""

    def count(layers):
        total = 0
        for kind, settings, channels in layers:
            biases = settings.get("use_bias") if bias is None else bias
            if kind.endswith("Conv2D"):
                alone = kind == "DepthwiseConv2D"
                split = channels if alone else settings["groups"] if groups else 1
                outputs = channels * (settings["depth_multiplier"] if multiplier else 1) if alone else None
                outputs = outputs or settings["filters"]
                if depthwise or not alone:
                    total += math.prod(settings["kernel_size"]) * (channels // split) * outputs + biases * outputs
            if kind == "Dense":
                total += (channels + (biases if dense_bias is None else dense_bias)) * settings["units"]
            if kind == "BatchNormalization":
                switched = settings["scale"] + settings["center"] + moving if four is None else four
                total += channels * switched
        return total

    return count


def count_by_lists(layers):
    return sum(
        [(math.prod(s["kernel_size"]) * c / s["groups"] + s["use_bias"]) * s["filters"] for k, s, c in layers if
         k == "Conv2D"]
        + [(math.prod(s["kernel_size"]) + s["use_bias"]) * c * s["depth_multiplier"] for k, s, c in layers if
           k == "DepthwiseConv2D"]
        + [c * s["units"] + s["use_bias"] * s["units"] for k, s, c in layers if k == "Dense"]
        + [c * (int(s["scale"]) + int(s["center"])) for k, s, c in layers if k == "BatchNormalization"]
    )  # fmt: skip


@pytest.mark.parametrize("answer", [counter(), count_by_lists, lambda layers: np.int64(counter()(layers))])
def test_the_count_of_a_network_is_right_in_every_form(answer):
    assert_correct("12.2", answer)


@pytest.mark.parametrize("name", ["lenet5", "resnet20", "efficientnet_lite0"])
def test_what_is_expected_is_what_keras_trains(name):
    model = models.build(name)
    first = [keras.tree.flatten(layer.input)[0] for layer in model.layers[1:]]
    layers = [
        (type(layer).__name__, layer.get_config(), start.shape[-1])
        for layer, start in zip(model.layers[1:], first, strict=True)
    ]
    trained = sum(math.prod(weights.shape) for weights in model.trainable_weights)
    assert notebook_12.NETWORK.expected(layers) == counter()(layers) == costs.count_parameters(model) == trained


def broad_depthwise(layers):
    """Kernels of depthwise convolutions that read all channels."""
    changed = [
        ("Conv2D", {**s, "filters": c * s["depth_multiplier"], "groups": 1}, c)
        if k == "DepthwiseConv2D"
        else (k, s, c)
        for k, s, c in layers
    ]
    return counter()(changed)


def biases_of_inputs(layers):
    """One bias for each input channel of a depthwise convolution."""
    others = [layer for layer in layers if layer[0] != "DepthwiseConv2D"]
    depthwise = [(s, c) for k, s, c in layers if k == "DepthwiseConv2D"]
    weights = sum(math.prod(s["kernel_size"]) * c * s["depth_multiplier"] for s, c in depthwise)
    return counter()(others) + weights + sum(s["use_bias"] * c for s, c in depthwise)


def one_scale_and_shift(layers):
    others = [layer for layer in layers if layer[0] != "BatchNormalization"]
    return counter()(others) + sum(s["scale"] + s["center"] for k, s, _ in layers if k == "BatchNormalization")


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (counter(four=4), "counted with its moving averages: which"),
        (counter(moving=2), "though scale and center are heeded"),
        (counter(four=2), "always gets two numbers a channel"),
        (counter(four=0), "batch normalisation is left out"),
        (one_scale_and_shift, "one scale and one shift for all channels"),
        (counter(depthwise=False), "the depthwise convolutions are left out"),
        (counter(multiplier=False), "depth_multiplier has no effect"),
        (broad_depthwise, "read all channels here"),
        (biases_of_inputs, "biases belong to output channels"),
        (counter(groups=False), "the groups have no effect"),
        (counter(bias=True), "layers without bias are counted with one"),
        (counter(bias=False), "no layer has biases here"),
        (counter(dense_bias=False), "the dense layers have no biases here"),
        (counter(dense_bias=True), "dense layers can be without bias"),
        (lambda layers: counter()(layers[:-1]), "the last layer is left out"),
        (lambda layers: counter()(layers) + 1, "look again at one kind of layer at a time"),
    ],
)
def test_the_count_of_a_network_names_the_mistake(answer, phrase):
    assert_wrong("12.2", answer, phrase)


def test_a_setting_that_a_kind_does_not_have_is_an_error_of_the_students():
    verdict = exercises.verdict("12.2", lambda layers: sum(settings["filters"] for _, settings, _ in layers))
    assert verdict.status == "error"
    assert "your code raised KeyError" in verdict.message
