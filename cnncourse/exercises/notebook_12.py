"""Exercises of notebook 12: parameters of a convolution and of a network, work of a chain, the largest batch."""

import math

from .engine import Exercise, Mistake
from .network_counts import (
    CHAIN_CASES,
    CONV_CASES,
    LAYER_CASES,
    LAYER_MISTAKES,
    bias_for_every_pair,
    bias_for_every_pixel,
    chain_counter,
    conv_count,
    layer_counter,
    one_group,
    other_biases,
    weights_alone,
    weights_of_chain,
)

BIAS_OUTSIDE = "there is one bias in the whole layer: each output channel adds a bias of its own"
BIAS_BY_GROUPS = (
    "the groups divide the biases too: does an output channel lose its bias because it reads fewer inputs?"
)

CONV = Exercise(
    "12.1",
    title="Parameters of a convolutional layer",
    stars=1,
    cases=CONV_CASES,
    expected=conv_count,
    mistakes=(
        Mistake(weights_alone, "the biases are missing: what does a layer add to its weighted sums?"),
        Mistake(
            lambda k, i, o, g, bias: conv_count(k, i, o, g, True),
            "a layer with bias=False is counted with biases: the last argument has no effect",
        ),
        Mistake(
            lambda k, i, o, g, bias: conv_count(k, i, o, g, not bias),
            "layers with bias are counted without, and the other way round",
        ),
        Mistake(other_biases(lambda i, o, g: 1), BIAS_OUTSIDE),
        Mistake(
            other_biases(lambda i, o, g: i),
            "there is one bias for each input channel: inputs are given, what is it that a bias is added to?",
        ),
        Mistake(
            bias_for_every_pair,
            "there is one bias for each pair of channels: an output channel adds its inputs up, then one bias",
        ),
        Mistake(
            lambda k, i, o, g, bias: conv_count(k, i, o, 1, bias),
            "the groups have no effect: how many input channels does a kernel see?",
        ),
        Mistake(lambda k, i, o, g, bias: conv_count(k, i, o, 1, bias) // g, BIAS_BY_GROUPS),
        Mistake(
            lambda k, i, o, g, bias: (math.prod(k) * i // g + bias) * (o // g),
            "only one group is counted: each group has its own output channels, and all of them count",
        ),
        Mistake(
            one_group,
            "both numbers of channels are divided by the groups: these are the weights of one group alone",
        ),
        Mistake(
            bias_for_every_pixel,
            "the bias is multiplied by the kernel's pixels: how many biases has an output channel?",
        ),
        Mistake(
            lambda k, i, o, g, bias: (math.prod(k) + bias) * o,
            "the input channels have no effect: a kernel has as many channels as it reads",
        ),
        Mistake(
            lambda k, i, o, g, bias: (k[0] ** 2 * i // g + bias) * o,
            "the kernels are taken as square: the second number of kernel_size has no effect",
        ),
        Mistake(
            lambda k, i, o, g, bias: (sum(k) * i // g + bias) * o,
            "height and width of the kernel are added: how many pixels does it lie on?",
        ),
        Mistake(
            lambda k, i, o, g, bias: math.prod(k) * i // g + bias,
            "this is one output channel: the layer has a kernel and a bias for each",
        ),
    ),
    idea="what one output channel learns, its kernel and its bias, and how many output channels there are",
    hints=(
        "Take one output channel first. How many pixels has its kernel, and how many channels?",
        "With groups, an output channel reads only the input channels of its own group.",
        "In Python, True counts as 1 and False as 0.",
    ),
)


LAYER = Exercise(
    "12.2",
    title="A counter for networks",
    stars=2,
    cases=LAYER_CASES,
    expected=layer_counter(),
    mistakes=tuple(Mistake(layer_counter(**change), message) for change, message in LAYER_MISTAKES),
    idea="what this kind of layer learns for each output channel, and which settings say so",
    hints=(
        "Begin with `if kind == ...` for each kind that learns something, and end with `return 0` for all others.",
        "For a convolution take your answer to 12.1, with the numbers out of `settings`.",
        "A depthwise convolution has C_in x depth_multiplier output channels; each reads one input channel.",
        "For PartialConv2D go through `connections`, and take the length of each list of channels.",
    ),
)

CHAIN = Exercise(
    "12.3",
    title="Work of a chain",
    stars=2,
    cases=CHAIN_CASES,
    expected=chain_counter(),
    mistakes=(
        Mistake(
            chain_counter(use="inputs"),
            "each layer is counted at the size of its input: for which pixels is a sum computed?",
        ),
        Mistake(chain_counter(use="first"), "the strides have no effect on the sizes"),
        Mistake(
            chain_counter(size=lambda size, stride, kernel_size: size // stride),
            "the sizes are rounded down: what does 'same' padding give where the stride does not divide the size?",
        ),
        Mistake(
            chain_counter(size=lambda size, stride, kernel_size: (size - kernel_size) // stride + 1),
            "the sizes are those without padding: with 'same' padding only the stride makes them smaller",
        ),
        Mistake(
            chain_counter(carry=False), "each layer starts at the size of the image: what does the one before put out?"
        ),
        Mistake(chain_counter(groups=False), "the groups have no effect: how many input channels does a kernel read?"),
        Mistake(
            chain_counter(follow=False),
            "each layer reads as many channels as the image has: what does the layer before put out?",
        ),
        Mistake(
            chain_counter(extra=lambda places, kernel_size, channels_out: places * channels_out),
            "biases are counted too: adding a bias is no multiply-accumulate",
        ),
        Mistake(
            lambda *case: 2 * chain_counter()(*case),
            "multiplications and additions are counted one by one: a MAC is one of each",
        ),
        Mistake(weights_of_chain, "these are the weights: how often does one image use each of them?"),
        Mistake(
            lambda height, width, channels, layers: (
                chain_counter()(height, width, channels, layers)
                - chain_counter()(height, width, channels, layers[:-1])
            ),
            "this is the last layer alone: the work of all layers adds up",
        ),
    ),
    idea="places times weights, layer by layer, and what each layer hands on to the next: size and channels",
    hints=(
        "Keep height, width and channels while you go through the list, and change them with each layer.",
        "With 'same' padding the output has size / stride pixels along a side, rounded up.",
        "Each output value takes one MAC for each weight of its kernel. How many weights has it with groups?",
    ),
)

GIB = 2**30
BATCH_CASES = (
    (8 * GIB, 138_357_544, 15_087_080, 2),
    (16 * GIB, 25_557_032, 10_790_888, 1),
    (1_000_000, 61_706, 8_094, 0),
    (4_000, 100, 50, 1),
    (1_200, 100, 10, 1),
    (2 * GIB, 138_357_544, 15_087_080, 2),
)


def _batch(memory, parameters, outputs, kept, *, copies=2, size=4):
    return max(0, (memory - size * (copies + kept) * parameters) // (size * outputs))


def _negative(memory, parameters, outputs, kept):
    return (memory - 4 * (2 + kept) * parameters) // (4 * outputs)


BATCH = Exercise(
    "12.4",
    title="The largest batch",
    stars=2,
    cases=BATCH_CASES,
    expected=_batch,
    mistakes=(
        Mistake(_negative, "a batch of fewer than no images: what is left where the parameters alone do not fit?"),
        Mistake(
            lambda *case: max(1, _negative(*case)), "where not even the parameters fit, not one image fits either"
        ),
        Mistake(
            lambda *case: _batch(*case, copies=1),
            "one number for each parameter is missing: training has weights and a gradient",
        ),
        Mistake(lambda *case: _batch(*case[:3], 0), "what the optimizer keeps has no effect"),
        Mistake(
            lambda *case: _batch(*case, copies=0),
            "only what the optimizer keeps is counted for the parameters: weights and gradient take memory, too",
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: max(0, memory // (4 * ((2 + kept) * parameters + outputs))),
            "the parameters are paid for each image: which part of the memory grows with the batch?",
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: memory // (4 * outputs), "the parameters take no memory here"
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: max(0, (memory - 4 * (2 + kept) * parameters) // outputs),
            "the outputs are counted as one byte each: `outputs` is how many numbers",
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: max(0, (memory - (2 + kept) * parameters) // (4 * outputs)),
            "what belongs to the parameters is counted as one byte each: how many bytes has a float32?",
        ),
        Mistake(
            lambda *case: _batch(*case, size=1), "every number is counted as one byte: how many bytes has a float32?"
        ),
        Mistake(
            lambda *case: _batch(*case, size=8), "every number is counted as eight bytes: how many has a float32?"
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: max(
                0, -(-(memory - 4 * (2 + kept) * parameters) // (4 * outputs))
            ),
            "the batch is rounded up: the last image does not fit whole",
        ),
        Mistake(
            lambda memory, parameters, outputs, kept: max(0, memory - 4 * (2 + kept) * parameters) / (4 * outputs),
            "a batch has a whole number of images",
        ),
        Mistake(
            lambda memory, *case: _batch(memory - 1, *case),
            "one more image would fit: a memory may be filled to the last byte",
        ),
    ),
    idea="what is paid once and what is paid for each image, in bytes",
    hints=(
        "Take the bytes of weights, gradient and optimizer from the memory first.",
        "Divide what is left by the bytes of one image's outputs, and round down.",
        "What is left may be negative. How many images fit then?",
    ),
)

EXERCISES = (CONV, LAYER, CHAIN, BATCH)
