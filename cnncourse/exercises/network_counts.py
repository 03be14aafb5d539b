"""Counters for the exercises of notebook 12, right ones and such with one mistake, and the cases for them."""

import math

from cnncourse import arithmetic

# With and without bias and groups, kernels that are not square; each mistake changes at least one case.
CONV_CASES = (
    ((5, 5), 1, 6, 1, True),
    ((5, 3), 6, 16, 1, True),
    ((1, 7), 64, 128, 1, False),
    ((3, 3), 64, 128, 2, True),
    ((3, 3), 48, 48, 48, True),
    ((1, 1), 12, 30, 3, False),
)


def conv_count(kernel_size, channels_in, channels_out, groups, bias):
    return arithmetic.conv_parameters(kernel_size, channels_in, channels_out, groups=groups, bias=bias)


def weights_alone(kernel_size, channels_in, channels_out, groups, bias):
    return conv_count(kernel_size, channels_in, channels_out, groups, False)


def other_biases(biases):
    """Right weights, and a wrong number of biases."""

    def count(kernel_size, channels_in, channels_out, groups, bias):
        wrong = biases(channels_in, channels_out, groups) if bias else 0
        return weights_alone(kernel_size, channels_in, channels_out, groups, bias) + wrong

    return count


def bias_for_every_pixel(kernel_size, channels_in, channels_out, groups, bias):
    """A bias for each pixel of each kernel."""
    return math.prod(kernel_size) * (channels_in // groups + bias) * channels_out


def one_group(kernel_size, channels_in, channels_out, groups, bias):
    """The weights of one group, and all biases."""
    return conv_count(kernel_size, channels_in // groups, channels_out // groups, 1, False) + bias * channels_out


def bias_for_every_pair(kernel_size, channels_in, channels_out, groups, bias):
    """A bias for each pair of channels."""
    return (math.prod(kernel_size) + bias) * channels_in // groups * channels_out


def _layer(kind, channels, **settings):
    return kind, settings, channels


def _conv2d(channels, filters, kernel_size, groups=1, use_bias=True):
    """A convolution, with some settings that do not matter."""
    settings = {"filters": filters, "kernel_size": kernel_size, "groups": groups, "use_bias": use_bias}
    return _layer("Conv2D", channels, **settings, strides=(1, 1), padding="same", dilation_rate=(1, 1))


def _depthwise(channels, kernel_size, use_bias=True, depth_multiplier=1):
    settings = {"kernel_size": kernel_size, "depth_multiplier": depth_multiplier, "use_bias": use_bias}
    return _layer("DepthwiseConv2D", channels, **settings, strides=(1, 1), padding="same")


def _dense(channels, units, use_bias=True):
    return _layer("Dense", channels, units=units, use_bias=use_bias)


def _normalisation(channels, scale=True, center=True):
    return _layer("BatchNormalization", channels, scale=scale, center=center, axis=-1, momentum=0.9)


# Kinds from the simplest to the most special; settings that switch something off; kinds that learn nothing.
LAYER_CASES = (
    _conv2d(1, 6, (5, 5)),
    _conv2d(6, 16, (5, 5)),
    _layer("MaxPooling2D", 16, pool_size=(2, 2)),
    _layer("Flatten", 16),
    _dense(400, 120),
    _dense(32, 10, use_bias=False),
    _conv2d(64, 48, (1, 7), use_bias=False),
    _conv2d(96, 256, (5, 5), groups=2),
    _normalisation(64),
    _normalisation(32, scale=False),
    _normalisation(40, center=False),
    _normalisation(8, scale=False, center=False),
    _depthwise(40, (5, 3), use_bias=False),
    _depthwise(40, (3, 3), depth_multiplier=2),
    _layer("TrainableSubsampling", 16),
    _layer("PartialConv2D", 4, kernel_size=(5, 3), connections=((0, 1), (1, 2), (0, 1, 2), (0, 1, 2, 3), (2, 3))),
    _layer("Activation", 6, activation="relu"),
    _layer("Add", 32),
)


def _normalised(settings, channels):
    return channels * (settings["scale"] + settings["center"])


def _alone(settings, channels):
    return (math.prod(settings["kernel_size"]) + settings["use_bias"]) * channels * settings["depth_multiplier"]


def _partial(settings, channels):
    return sum(math.prod(settings["kernel_size"]) * len(read) + 1 for read in settings["connections"])


def layer_counter(
    *,
    normalisation=_normalised,
    depthwise=_alone,
    partial=_partial,
    subsampling=lambda settings, channels: 2 * channels,
    change=lambda kind, settings: settings,
):
    """A counter of one layer; with other arguments, one with one mistake."""

    def count(kind, settings, channels):
        settings = change(kind, settings)
        if kind == "Conv2D":
            sizes = settings["kernel_size"], channels, settings["filters"]
            return arithmetic.conv_parameters(*sizes, groups=settings["groups"], bias=settings["use_bias"])
        if kind == "Dense":
            return arithmetic.dense_parameters(channels, settings["units"], bias=settings["use_bias"])
        others = {
            "DepthwiseConv2D": depthwise,
            "BatchNormalization": normalisation,
            "PartialConv2D": partial,
            "TrainableSubsampling": subsampling,
        }
        return others[kind](settings, channels) if kind in others else 0

    return count


def always_in(wanted, **values):
    """Replace settings of one kind."""
    return lambda kind, settings: {**settings, **values} if kind == wanted else settings


def square(kind, settings):
    """Take the first side of a kernel for both."""
    sides = settings.get("kernel_size")
    return {**settings, "kernel_size": (sides[0], sides[0])} if sides else settings


def always(**values):
    """Replace settings, where a layer has them."""
    return lambda kind, settings: {**settings, **{key: values[key] for key in values if key in settings}}


# What is wrong in a counter of layers, and what to say of it.
LAYER_MISTAKES = (
    (
        {"normalisation": lambda s, c: 4 * c},
        "batch normalisation is counted with its averages: which of its numbers does a gradient change?",
    ),
    (
        {"normalisation": lambda s, c: c * (2 + s["scale"] + s["center"])},
        "batch normalisation is counted with its averages, though scale and center are heeded",
    ),
    (
        {"normalisation": lambda s, c: 2 * c},
        "batch normalisation always gets two numbers a channel: scale or center can be switched off",
    ),
    (
        {"normalisation": lambda s, c: c},
        "batch normalisation always gets one number a channel: what do scale and center say?",
    ),
    ({"normalisation": lambda s, c: 0}, "batch normalisation is left out: it learns a scale and a shift"),
    (
        {"normalisation": lambda s, c: s["scale"] + s["center"]},
        "batch normalisation gets one scale and one shift for all channels: each channel has its own",
    ),
    ({"depthwise": lambda s, c: 0}, "depthwise convolutions are left out: their kernels are learned, too"),
    (
        {"depthwise": lambda s, c: (math.prod(s["kernel_size"]) + s["use_bias"]) * c},
        "depth_multiplier has no effect: how many kernels does each input channel get?",
    ),
    (
        {"depthwise": lambda s, c: (math.prod(s["kernel_size"]) * c + s["use_bias"]) * c * s["depth_multiplier"]},
        "the kernels of a depthwise convolution read all channels here: each reads one",
    ),
    (
        {"depthwise": lambda s, c: (math.prod(s["kernel_size"]) * s["depth_multiplier"] + s["use_bias"]) * c},
        "a depthwise convolution gets one bias for each input channel: biases belong to output channels",
    ),
    ({"change": always(groups=1)}, "the groups have no effect on the kernels"),
    ({"change": always(use_bias=True)}, "layers without bias are counted with one: look at their settings"),
    ({"change": always(use_bias=False)}, "no layer has biases here: look at the settings"),
    ({"change": always_in("Conv2D", use_bias=True)}, "a Conv2D with use_bias=False is counted with biases"),
    (
        {"change": always_in("Conv2D", use_bias=False)},
        "the Conv2D layers have no biases here: look at use_bias",
    ),
    ({"change": always_in("Dense", use_bias=True)}, "a Dense with use_bias=False is counted with biases"),
    ({"change": always_in("Dense", use_bias=False)}, "the dense layers have no biases here: look at use_bias"),
    (
        {"change": always_in("DepthwiseConv2D", use_bias=True)},
        "a DepthwiseConv2D with use_bias=False is counted with biases",
    ),
    (
        {"change": always_in("DepthwiseConv2D", use_bias=False)},
        "the depthwise convolutions have no biases here: look at use_bias",
    ),
    ({"change": square}, "kernels are taken as square: the second number of kernel_size has no effect"),
    (
        {"partial": lambda s, c: (math.prod(s["kernel_size"]) * c + 1) * len(s["connections"])},
        "the kernels of PartialConv2D read all channels here: how many does each list of connections name?",
    ),
    (
        {"partial": lambda s, c: math.prod(s["kernel_size"]) * sum(map(len, s["connections"]))},
        "PartialConv2D has no biases here: each output channel has one",
    ),
    (
        {"partial": lambda s, c: math.prod(s["kernel_size"]) * sum(map(len, s["connections"])) + 1},
        "PartialConv2D has one bias in all here: each output channel has one",
    ),
    (
        {"subsampling": lambda s, c: 2},
        "TrainableSubsampling gets two numbers in all: each channel has its own two",
    ),
)


# Sides that strides do not divide, sizes that are not square, groups; strides before other layers.
CHAIN_CASES = (
    (28, 28, 1, [(5, 1, 6, 1)]),
    (32, 20, 3, [(3, 1, 16, 1), (3, 2, 32, 1), (1, 1, 64, 1)]),
    (57, 30, 24, [(3, 2, 48, 1), (3, 2, 48, 8), (5, 1, 96, 3)]),
    (9, 14, 64, [(3, 4, 64, 64), (1, 1, 10, 2)]),
    (10, 10, 3, []),
)


def rounded_up(size, stride, kernel_size):
    """The size that "same" padding gives."""
    return -(-size // stride)


def chain_counter(*, use="outputs", size=rounded_up, groups=True, follow=True, carry=True, extra=None):
    """A counter of MACs; with other arguments, one with one mistake."""

    def count(height, width, channels, layers):
        macs = 0
        for kernel_size, stride, channels_out, split in layers:
            sizes = size(height, stride, kernel_size), size(width, stride, kernel_size)
            places = sizes if use == "outputs" else (height, width)
            split = split if groups else 1
            macs += math.prod(places) * kernel_size**2 * channels * channels_out // split
            if extra is not None:
                macs += extra(math.prod(places), kernel_size, channels_out)
            if carry and use != "first":
                height, width = sizes
            channels = channels_out if follow else channels
        return macs

    return count


def weights_of_chain(height, width, channels, layers):
    """Weights and no places."""
    total = 0
    for kernel_size, _, channels_out, split in layers:
        total += kernel_size**2 * channels * channels_out // split
        channels = channels_out
    return total
