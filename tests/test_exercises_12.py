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
        (
            lambda k, i, o, g, bias: k[0] * k[1] * (i // g) * (o // g) + bias * o,
            "both numbers of channels are divided",
        ),
        (lambda k, i, o, g, bias: k[0] * k[1] * (i / g + bias) * o, "multiplied by the kernel's pixels"),
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


# 12.2, a counter for networks, written for one layer


def counter(
    *, averages=0, normalised=None, multiplier=True, groups=True, square=False, without=(), use_bias=None, of=None
):
    """A counter in another form than the check's, with its mistakes to choose.

    `without` are kinds that are left out; `use_bias` is what layers of the kind `of`, or all, are taken to have.
    """

    def count(kind, settings, channels):
        biases = settings.get("use_bias") if use_bias is None or of not in (None, kind) else use_bias
        rows, columns = settings.get("kernel_size", (1, 1))
        columns = rows if square else columns
        if kind in without:
            return 0
        if kind == "Conv2D":
            split = settings["groups"] if groups else 1
            return rows * columns * (channels // split) * settings["filters"] + biases * settings["filters"]
        if kind == "DepthwiseConv2D":
            outputs = channels * (settings["depth_multiplier"] if multiplier else 1)
            return rows * columns * outputs + biases * outputs
        if kind == "Dense":
            return channels * settings["units"] + biases * settings["units"]
        if kind == "BatchNormalization":
            return channels * (settings["scale"] + settings["center"] + averages if normalised is None else normalised)
        if kind == "PartialConv2D":
            return sum(rows * columns * len(read) for read in settings["connections"]) + len(settings["connections"])
        return 2 * channels if kind == "TrainableSubsampling" else 0

    return count


def count_by_match(kind, settings, channels):
    match kind:
        case "Conv2D":
            weights = math.prod(settings["kernel_size"]) * channels / settings["groups"]
            return (weights + (1 if settings["use_bias"] else 0)) * settings["filters"]
        case "DepthwiseConv2D":
            return (
                (math.prod(settings["kernel_size"]) + settings["use_bias"]) * channels * settings["depth_multiplier"]
            )
        case "Dense":
            return (channels + settings["use_bias"]) * settings["units"]
        case "BatchNormalization":
            return channels * settings["scale"] + channels * settings["center"]
        case "TrainableSubsampling":
            return channels + channels
        case "PartialConv2D":
            pairs = sum(map(len, settings["connections"]))
            return math.prod(settings["kernel_size"]) * pairs + len(settings["connections"])
        case _:
            return 0


@pytest.mark.parametrize("answer", [counter(), count_by_match, lambda *case: np.int64(counter()(*case))])
def test_the_count_of_a_layer_is_right_in_every_form(answer):
    assert_correct("12.2", answer)


@pytest.mark.parametrize("name", ["lenet5_1998", "lenet5", "resnet20", "efficientnet_lite0"])
def test_what_is_expected_is_what_keras_trains(name):
    model = models.outline(name)
    first = [keras.tree.flatten(layer.input)[0] for layer in model.layers[1:]]
    layers = [
        (type(layer).__name__, layer.get_config(), start.shape[-1])
        for layer, start in zip(model.layers[1:], first, strict=True)
    ]
    trained = sum(math.prod(weights.shape) for weights in model.trainable_weights)
    for count in (notebook_12.LAYER.expected, counter()):
        assert sum(count(*layer) for layer in layers) == costs.count_parameters(model) == trained


def instead(wanted, count):
    """A counter that is right but for one kind."""
    return lambda kind, settings, channels: (
        count(settings, channels) if kind == wanted else counter()(kind, settings, channels)
    )


DEPTHWISE, NORMALISATION, PARTIAL = "DepthwiseConv2D", "BatchNormalization", "PartialConv2D"


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (counter(normalised=4), "counted with its averages: which"),
        (counter(averages=2), "though scale and center are heeded"),
        (counter(normalised=2), "always gets two numbers a channel"),
        (counter(normalised=1), "always gets one number a channel"),
        (counter(without=(NORMALISATION,)), "batch normalisation is left out"),
        (instead(NORMALISATION, lambda s, c: s["scale"] + s["center"]), "one scale and one shift for all channels"),
        (counter(without=(DEPTHWISE,)), "depthwise convolutions are left out"),
        (counter(multiplier=False), "depth_multiplier has no effect"),
        (
            instead(
                DEPTHWISE, lambda s, c: (math.prod(s["kernel_size"]) * c + s["use_bias"]) * c * s["depth_multiplier"]
            ),
            "read all channels here: each reads one",
        ),
        (
            instead(
                DEPTHWISE, lambda s, c: c * math.prod(s["kernel_size"]) * s["depth_multiplier"] + c * s["use_bias"]
            ),
            "biases belong to output channels",
        ),
        (counter(groups=False), "the groups have no effect"),
        (counter(use_bias=True), "layers without bias are counted with one"),
        (counter(use_bias=False), "no layer has biases here"),
        (counter(use_bias=True, of="Conv2D"), "a Conv2D with use_bias=False is counted with biases"),
        (counter(use_bias=False, of="Conv2D"), "the Conv2D layers have no biases here"),
        (counter(use_bias=True, of="Dense"), "a Dense with use_bias=False is counted with biases"),
        (counter(use_bias=False, of="Dense"), "the dense layers have no biases here"),
        (counter(use_bias=True, of=DEPTHWISE), "a DepthwiseConv2D with use_bias=False is counted with biases"),
        (counter(use_bias=False, of=DEPTHWISE), "the depthwise convolutions have no biases here"),
        (counter(square=True), "kernels are taken as square"),
        (
            instead(PARTIAL, lambda s, c: (math.prod(s["kernel_size"]) * c + 1) * len(s["connections"])),
            "how many does each list of connections name",
        ),
        (
            instead(PARTIAL, lambda s, c: sum(math.prod(s["kernel_size"]) * len(read) for read in s["connections"])),
            "PartialConv2D has no biases here",
        ),
        (
            instead(
                PARTIAL, lambda s, c: 1 + sum(math.prod(s["kernel_size"]) * len(read) for read in s["connections"])
            ),
            "PartialConv2D has one bias in all here",
        ),
        (instead("TrainableSubsampling", lambda s, c: 2), "gets two numbers in all"),
        (counter(without=("Dense",)), "kind='Dense'"),
        (counter(without=("Dense",)), "look again at what this kind of layer learns"),
        (lambda *case: counter()(*case) or None, "does every path end with `return`"),
        (156, "expected the function itself"),
    ],
)
def test_the_count_of_a_layer_names_the_mistake(answer, phrase):
    assert_wrong("12.2", answer, phrase)


def test_a_setting_that_a_kind_does_not_have_is_an_error_of_the_students():
    verdict = exercises.verdict("12.2", lambda kind, settings, channels: settings["filters"])
    assert verdict.status == "error"
    assert "your code raised KeyError" in verdict.message
