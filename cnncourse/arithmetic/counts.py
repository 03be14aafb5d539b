"""How many numbers, how much work? Parameters, multiply-accumulates, memory."""

import math

import numpy as np

from cnncourse.arguments import entries, flag, pair, whole_number


def dense_parameters(inputs, outputs, *, bias=True) -> int:
    """Count the trainable numbers of a dense layer: inputs x outputs weights and one bias for each output.

    Args:
        inputs: Number of input units.
        outputs: Number of output units.
        bias: Whether the layer has biases.

    Returns:
        The number of parameters.

    Raises:
        TypeError: A size is not a whole number, or bias is not a boolean.
        ValueError: A size is smaller than 1.

    >>> dense_parameters(784, 10), dense_parameters(784, 10, bias=False)
    (7850, 7840)
    """
    inputs, outputs = whole_number("inputs", inputs), whole_number("outputs", outputs)
    return (inputs + flag("bias", bias)) * outputs


def dense_macs(inputs, outputs) -> int:
    """Count the multiply-accumulates of a dense layer for one sample: one for each weight.

    Args:
        inputs: Number of input units.
        outputs: Number of output units.

    Returns:
        The number of MACs for one sample.

    Raises:
        TypeError: A size is not a whole number.
        ValueError: A size is smaller than 1.

    >>> dense_macs(784, 10)
    7840
    """
    return whole_number("inputs", inputs) * whole_number("outputs", outputs)


def conv_parameters(kernel_size, channels_in, channels_out, *, groups=1, bias=True) -> int:
    """Count the trainable numbers of a convolutional layer: (kh kw channels_in / groups + 1) channels_out.

    Args:
        kernel_size: Kernel size in pixels, one number or (kh, kw).
        channels_in: Number of input channels.
        channels_out: Number of output channels, that is of kernels.
        groups: Number of groups; each kernel sees channels_in / groups channels.
        bias: Whether the layer has one bias for each output channel.

    Returns:
        The number of parameters. The size of the image has no part in it.

    Raises:
        TypeError: A size is not a whole number, or bias is not a boolean.
        ValueError: A size is smaller than 1, or groups does not divide both numbers of channels.

    >>> conv_parameters(3, 64, 128), conv_parameters((1, 7), 64, 128, groups=32, bias=False)
    (73856, 1792)
    """
    weights = _weights_of_one_kernel(kernel_size, channels_in, channels_out, groups)
    return (weights + flag("bias", bias)) * whole_number("channels_out", channels_out)


def conv_macs(output_size_hw, kernel_size, channels_in, channels_out, *, groups=1) -> int:
    """Count the multiply-accumulates of a convolutional layer for one image.

    Each of the H' W' channels_out output values takes kh kw channels_in / groups MACs. Products with padding are
    counted like any other.

    Args:
        output_size_hw: Output size in pixels, one number or (H', W'); see `output_size`.
        kernel_size: Kernel size in pixels, one number or (kh, kw).
        channels_in: Number of input channels.
        channels_out: Number of output channels.
        groups: Number of groups; each kernel sees channels_in / groups channels.

    Returns:
        The number of MACs for one image.

    Raises:
        TypeError: A size is not a whole number.
        ValueError: A size is smaller than 1, or groups does not divide both numbers of channels.

    >>> conv_macs((112, 112), 7, 3, 64)
    118013952
    """
    height, width = pair("output_size_hw", output_size_hw)
    weights = _weights_of_one_kernel(kernel_size, channels_in, channels_out, groups)
    return height * width * whole_number("channels_out", channels_out) * weights


def dense_feature_weights(height, width, channels, features=1) -> int:
    """Count the weights of a dense layer that computes `features` local features at every pixel: (H W C)(H W F).

    Every output sees every pixel, so the count grows with the fourth power of the side. Biases are not counted.

    Args:
        height: Image height H in pixels.
        width: Image width W in pixels.
        channels: Number of image channels C.
        features: Number of features F at each pixel.

    Returns:
        The number of weights.

    Raises:
        TypeError: A size is not a whole number.
        ValueError: A size is smaller than 1.

    >>> dense_feature_weights(28, 28, 1), dense_feature_weights(224, 224, 3, features=64)
    (614656, 483385147392)
    """
    pixels = whole_number("height", height) * whole_number("width", width)
    return (pixels * whole_number("channels", channels)) * (pixels * whole_number("features", features))


def activation_bytes(output_shapes, *, batch_size=1, dtype="float32") -> int:
    """Give the memory of the outputs of some layers, which training keeps for the gradient.

    Args:
        output_shapes: The shapes of the layers' outputs for one image, for example [(28, 28, 6), (14, 14, 6)].
        batch_size: Images that are processed together.
        dtype: Type of one number, as in `memory_bytes`.

    Returns:
        The size in bytes.

    Raises:
        TypeError: A size is not a whole number, one shape stands in place of a list of them, or dtype is not a type
            of numbers.
        ValueError: A size is smaller than 1.

    >>> activation_bytes([(28, 28, 6), (14, 14, 6)], batch_size=64)
    1505280
    """
    shapes = [
        entries(f"output_shapes[{number}]", shape, "(28, 28, 6), for each output")
        for number, shape in enumerate(entries("output_shapes", output_shapes, "[(28, 28, 6)]"))
    ]
    sizes = [[whole_number("size of an output", size) for size in shape] for shape in shapes]
    return memory_bytes(whole_number("batch_size", batch_size) * sum(map(math.prod, sizes)), dtype)


def memory_bytes(count, dtype="float32") -> int:
    """Give the memory that `count` numbers of one type take.

    Args:
        count: How many numbers; 0 is allowed.
        dtype: Type of one number, as a NumPy type or its name; "bfloat16" is known too.

    Returns:
        The size in bytes.

    Raises:
        TypeError: count is not a whole number, or dtype is not a type of numbers.
        ValueError: count is negative.

    >>> memory_bytes(1_000_000), memory_bytes(1_000_000, "float16")
    (4000000, 2000000)
    """
    count = whole_number("count", count, smallest=0)
    if isinstance(dtype, str) and dtype == "bfloat16":  # plain NumPy has no such type
        return count * 2
    try:
        number = np.dtype(dtype)
    except TypeError:
        number = None
    if dtype is None or number is None or number.kind not in "biufc":
        raise TypeError(f"dtype={dtype!r} is not a type of numbers: pass for example 'float32', 'float16' or 'int8'")
    return count * number.itemsize


def _weights_of_one_kernel(kernel_size, channels_in, channels_out, groups) -> int:
    """Return kh kw channels_in / groups."""
    kernel_height, kernel_width = pair("kernel_size", kernel_size)
    channels_in, channels_out = whole_number("channels_in", channels_in), whole_number("channels_out", channels_out)
    groups = whole_number("groups", groups)
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"groups={groups} does not divide both channels_in={channels_in} and channels_out={channels_out}: "
            "choose a number of groups that divides both"
        )
    return kernel_height * kernel_width * channels_in // groups
