"""What does a layer cost? Pure functions of shapes: output sizes, parameters, multiply-accumulates, memory.

Sizes are whole numbers of pixels, channels or units. 1 MAC (multiply-accumulate) is one multiplication and one
addition; biases, activations and normalisation are not counted as MACs. Results are Python integers, so they are
exact at any size.
"""

import numpy as np

from cnncourse.arguments import flag, pair, whole_number


def output_size(size, kernel_size, *, stride=1, padding="valid", dilation=1) -> int:
    """Count the places at which a kernel is applied along one spatial dimension.

    With p padding pixels in all and a kernel that spans d (k - 1) + 1 pixels the count is
    floor((size + p - d (k - 1) - 1) / stride) + 1; for "same" this is ceil(size / stride).

    Args:
        size: Input height or width in pixels.
        kernel_size: Kernel height or width k in pixels.
        stride: Pixels from one place to the next.
        padding: "valid" (none), "same" (see `same_padding`), pixels on each side, or (before, after) in pixels.
        dilation: Pixels d from one kernel element to the next.

    Returns:
        The output height or width in pixels.

    Raises:
        TypeError: An argument is not a whole number (booleans and floats are refused).
        ValueError: A number is out of range, the padding is unknown, or the kernel does not fit.

    Reference:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, arXiv:1603.07285.

    >>> output_size(28, 5), output_size(28, 3, stride=2, padding="same"), output_size(28, 3, dilation=4)
    (24, 14, 20)
    """
    size = whole_number("size", size)
    before, after = _padding(size, kernel_size, stride, padding, dilation)
    span = _span(kernel_size, dilation)
    if span > size + before + after:
        raise ValueError(
            f"a window that spans {span} pixels (kernel_size={kernel_size}, dilation={dilation}) does not fit into "
            f"{size} pixels with {before} + {after} of padding: use a smaller window or dilation, or more padding"
        )
    return (size + before + after - span) // whole_number("stride", stride) + 1


def same_padding(size, kernel_size, *, stride=1, dilation=1) -> tuple[int, int]:
    """Count the zeros that "same" padding puts before and after one spatial dimension, by Keras' rule.

    The output has ceil(size / stride) pixels. What the padding needs is split in two halves; an odd pixel goes after,
    that is to the bottom and to the right.

    Args:
        size: Input height or width in pixels.
        kernel_size: Kernel height or width in pixels.
        stride: Pixels from one place to the next.
        dilation: Pixels from one kernel element to the next.

    Returns:
        The pair (before, after) in pixels.

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: An argument is smaller than 1.

    Reference:
        TensorFlow's documentation of tf.nn, "Notes on padding".

    >>> same_padding(28, 3), same_padding(28, 3, stride=2), same_padding(28, 1, stride=2)
    ((1, 1), (0, 1), (0, 0))
    """
    size, stride = whole_number("size", size), whole_number("stride", stride)
    output = -(-size // stride)  # ceil(size / stride)
    total = max(0, (output - 1) * stride + _span(kernel_size, dilation) - size)
    return total // 2, total - total // 2


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


def _span(kernel_size, dilation) -> int:
    """Return the pixels from the first to the last element of a dilated kernel, both included."""
    return (whole_number("kernel_size", kernel_size) - 1) * whole_number("dilation", dilation) + 1


def _padding(size, kernel_size, stride, padding, dilation) -> tuple[int, int]:
    """Return the padding of one dimension as (before, after)."""
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            raise ValueError(
                f"padding={padding!r} is unknown: use 'valid', 'same', a number of pixels or (before, after)"
            )
        same = same_padding(size, kernel_size, stride=stride, dilation=dilation)
        return same if padding == "same" else (0, 0)
    return pair("padding", padding, smallest=0, parts="(before, after)")


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
