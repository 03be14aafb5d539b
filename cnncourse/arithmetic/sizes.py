"""How large is what comes out? Output sizes and padding along one dimension."""

from cnncourse.arguments import pair, shape_of_image, whole_number


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


def output_shape(input_shape, kernel_size, *, channels_out=None, stride=1, padding="valid", dilation=1):
    """Give the shape that a convolution or a pool makes of one image.

    Args:
        input_shape: (H, W, C) in pixels and channels, in any sequence, such as `x.shape[1:]`.
        kernel_size: Of the kernel or pool in pixels, one number or (rows, columns).
        channels_out: Output channels of a convolution; None keeps C, as pools and depthwise convolutions do.
        stride: Pixels from one place to the next, one number or (rows, columns).
        padding: "valid", "same", or pixels on every side.
        dilation: Pixels from one kernel element to the next, one number or (rows, columns).

    Returns:
        The tuple (H', W', channels).

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: The input shape is not (H, W, C), a number is out of range, or the kernel does not fit.

    >>> output_shape((28, 28, 1), 5, channels_out=6, padding="same"), output_shape((28, 28, 6), 2, stride=2)
    ((28, 28, 6), (14, 14, 6))
    """
    input_shape = shape_of_image("input_shape", input_shape)
    settings = zip(
        input_shape[:2],
        pair("kernel_size", kernel_size),
        pair("stride", stride),
        pair("dilation", dilation),
        strict=True,
    )
    sides = tuple(output_size(size, k, stride=s, padding=padding, dilation=d) for size, k, s, d in settings)
    channels = input_shape[2] if channels_out is None else channels_out
    return (*sides, whole_number("channels", channels))


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
