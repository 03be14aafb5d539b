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


# LeNet-5 of today, AlexNet's second and third convolution, one block with batch normalisation, one that is separable.
NETWORK_CASES = (
    (
        [
            _layer("InputLayer", 1),
            _conv2d(1, 6, (5, 5)),
            _layer("Activation", 6, activation="relu"),
            _layer("MaxPooling2D", 6, pool_size=(2, 2)),
            _conv2d(6, 16, (5, 5)),
            _layer("Flatten", 16),
            _dense(400, 120),
            _dense(120, 84),
            _dense(84, 10),
        ],
    ),
    ([_conv2d(96, 256, (5, 5), groups=2), _layer("MaxPooling2D", 256, pool_size=(3, 3)), _conv2d(256, 384, (3, 3))],),
    (
        [
            _conv2d(64, 64, (1, 7), use_bias=False),
            _normalisation(64),
            _layer("ReLU", 64),
            _conv2d(64, 32, (1, 1), use_bias=False),
            _normalisation(32, scale=False),
            _layer("Add", 32),
            _dense(32, 10, use_bias=False),
        ],
    ),
    (
        [
            _depthwise(40, (5, 3), use_bias=False),
            _normalisation(40, center=False),
            _depthwise(40, (3, 3), depth_multiplier=2),
            _conv2d(80, 24, (1, 1)),
        ],
    ),
    ([],),
)


def network_counter(
    normalisation=lambda settings, channels: channels * (settings["scale"] + settings["center"]),
    depthwise=lambda settings, channels: (
        (math.prod(settings["kernel_size"]) + settings["use_bias"]) * channels * settings["depth_multiplier"]
    ),
    change=lambda kind, settings: settings,
    stop=None,
):
    """A counter of networks; with other arguments, one with one mistake."""

    def count(layers):
        total = 0
        for kind, settings, channels in layers[:stop]:
            settings = change(kind, settings)
            if kind == "Conv2D":
                sizes = settings["kernel_size"], channels, settings["filters"]
                total += arithmetic.conv_parameters(*sizes, groups=settings["groups"], bias=settings["use_bias"])
            elif kind == "DepthwiseConv2D":
                total += depthwise(settings, channels)
            elif kind == "Dense":
                total += arithmetic.dense_parameters(channels, settings["units"], bias=settings["use_bias"])
            elif kind == "BatchNormalization":
                total += normalisation(settings, channels)
        return total

    return count


def always(**values):
    """Replace settings, where a layer has them."""
    return lambda kind, settings: {**settings, **{key: values[key] for key in values if key in settings}}


# Sides that strides do not divide, sizes that are not square, groups; strides before other layers.
CHAIN_CASES = (
    (28, 28, 1, [(5, 1, 6, 1)]),
    (32, 20, 3, [(3, 1, 16, 1), (3, 2, 32, 1), (1, 1, 64, 1)]),
    (57, 30, 8, [(3, 2, 24, 1), (3, 2, 24, 8), (5, 1, 48, 3)]),
    (9, 14, 64, [(3, 4, 64, 64), (1, 1, 10, 2)]),
    (10, 10, 3, []),
)


def chain_counter(
    use="outputs", rounding=lambda size, stride: -(-size // stride), groups=True, follow=True, extra=None
):
    """A counter of MACs; with other arguments, one with one mistake."""

    def count(height, width, channels, layers):
        macs = 0
        for kernel_size, stride, channels_out, split in layers:
            sizes = rounding(height, stride), rounding(width, stride)
            places = sizes if use == "outputs" else (height, width)
            split = split if groups else 1
            macs += math.prod(places) * kernel_size**2 * channels * channels_out // split
            if extra is not None:
                macs += extra(math.prod(places), kernel_size, channels_out)
            if use != "first":
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
