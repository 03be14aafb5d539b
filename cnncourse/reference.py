"""What does the layer do? Convolution and pooling in plain NumPy, the ground truth of the course.

`conv2d_loops` is the definition; `conv2d_windows` and `conv2d_matrix` are two other ways to the same numbers. What
deep learning calls convolution does not flip the kernel: `correlate` and `convolve` show the difference. Results are
float64, or float32 where images and kernel are float32 or float16.
"""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnncourse.arguments import ADD_AXES, convolution_arrays, float_array, pair, shape_of_image
from cnncourse.arithmetic import memory_bytes, output_size, same_padding

MATRIX_LIMIT = 2 * 1024**3  # bytes; `convolution_matrix` builds nothing larger
STRIP = 2**16  # numbers that `conv2d_windows` lays out at a time, so that they stay in the processor's cache


def conv2d_loops(images, kernel, bias=None, *, stride=1, padding="valid", dilation=1, groups=1) -> np.ndarray:
    """Convolve images with a kernel by the definition, one multiplication at a time.

    out[n, y, x, d] = bias[d] + sum over i, j, c of padded[n, s y + l i, s x + l j, c0 + c] kernel[i, j, c, d]

    with stride s, dilation l, and c0 the first input channel of the group of output channel d (0 without groups).

    Args:
        images: Numbers of shape (N, H, W, C_in).
        kernel: Numbers of shape (kh, kw, C_in / groups, C_out).
        bias: None, or numbers of shape (C_out,).
        stride: Pixels from one output to the next, one number or (rows, columns).
        padding: "valid", "same" (Keras' rule), pixels on every side, or ((top, bottom), (left, right)).
        dilation: Pixels from one kernel element to the next, one number or (rows, columns).
        groups: Number of groups that the channels are split into.

    Returns:
        An array of shape (N, H', W', C_out), with H' and W' as `arithmetic.output_size` gives them.

    Raises:
        TypeError: An array does not hold real numbers, or a setting is not a whole number.
        ValueError: Shapes or settings do not fit together.

    >>> conv2d_loops([[[[1], [2], [4]]]], [[[[10]], [[1]]]], bias=[0.5])[0, 0, :, 0].tolist()
    [12.5, 24.5]
    """
    images, kernel, bias, stride, pads, dilation, out = _ready(images, kernel, bias, stride, padding, dilation, groups)
    padded = np.pad(images, pads)
    group_in, group_out = kernel.shape[2], kernel.shape[3] // groups  # channels of one group
    for n, y, x, d in np.ndindex(out.shape):
        first = d // group_out * group_in
        total = bias[d]
        for i, j, c in np.ndindex(kernel.shape[:3]):
            row = stride[0] * y + dilation[0] * i
            column = stride[1] * x + dilation[1] * j
            total += padded[n, row, column, first + c] * kernel[i, j, c, d]
        out[n, y, x, d] = total
    return out


def conv2d_windows(images, kernel, bias=None, *, stride=1, padding="valid", dilation=1, groups=1) -> np.ndarray:
    """Convolve images with a kernel by sliding windows and matrix products: the quick form.

    A view shows the window below every output pixel without a copy. For a strip of output rows the windows are laid
    out as a matrix with one row for each kernel element and one column for each output pixel ("im2col"); one matrix
    product then gives the whole strip.

    Args:
        images: Numbers of shape (N, H, W, C_in).
        kernel: Numbers of shape (kh, kw, C_in / groups, C_out).
        bias: None, or numbers of shape (C_out,).
        stride: As in `conv2d_loops`.
        padding: As in `conv2d_loops`.
        dilation: As in `conv2d_loops`.
        groups: As in `conv2d_loops`.

    Returns:
        An array of shape (N, H', W', C_out), equal to that of `conv2d_loops` up to rounding.

    Raises:
        TypeError: As in `conv2d_loops`.
        ValueError: As in `conv2d_loops`.

    Reference:
        Chellapilla, Puri and Simard, "High performance convolutional neural networks for document processing", 2006.

    >>> conv2d_windows(np.ones((1, 28, 28, 3)), np.ones((3, 3, 3, 8)), stride=2, padding="same").shape
    (1, 14, 14, 8)
    """
    images, kernel, bias, stride, pads, dilation, out = _ready(images, kernel, bias, stride, padding, dilation, groups)
    planes = np.pad(images, pads).transpose(0, 3, 1, 2).copy()  # (N, C_in, H, W): the pixels of a channel side by side
    windows = _windows(planes.transpose(0, 2, 3, 1), kernel.shape[:2], stride, dilation)  # (N, H', W', C_in, kh, kw)
    batch, height, width, _ = out.shape
    group_in, group_out = kernel.shape[2], kernel.shape[3] // groups  # channels of one group
    step = max(1, STRIP // math.prod(kernel.shape[:3]) // width)  # output rows of one strip
    for n, group, start in np.ndindex(batch, groups, math.ceil(height / step)):
        rows = slice(start * step, (start + 1) * step)
        inputs = slice(group * group_in, (group + 1) * group_in)
        outputs = slice(group * group_out, (group + 1) * group_out)
        weights = kernel[..., outputs].reshape(-1, group_out)  # (kh kw C_in / groups, C_out / groups)
        strip = windows[n, rows, :, inputs].transpose(3, 4, 2, 0, 1)  # (kh, kw, C_in / groups, rows, W')
        columns = strip.reshape(len(weights), -1)  # (kh kw C_in / groups, rows W')
        out[n, rows, :, outputs] = (columns.T @ weights).reshape(-1, width, group_out)
    return out + bias if bias.any() else out  # adding zeros would take as long as the products


conv2d = conv2d_windows


def conv2d_matrix(images, kernel, bias=None, *, stride=1, padding="valid", dilation=1, groups=1) -> np.ndarray:
    """Convolve images with a kernel as a dense layer would: one product with the `convolution_matrix`.

    Args:
        images: Numbers of shape (N, H, W, C_in).
        kernel: Numbers of shape (kh, kw, C_in / groups, C_out).
        bias: None, or numbers of shape (C_out,).
        stride: As in `conv2d_loops`.
        padding: As in `conv2d_loops`.
        dilation: As in `conv2d_loops`.
        groups: As in `conv2d_loops`.

    Returns:
        An array of shape (N, H', W', C_out), equal to that of `conv2d_loops` up to rounding.

    Raises:
        TypeError: As in `conv2d_loops`.
        ValueError: As in `conv2d_loops`, or the matrix would take more than 2 GiB.

    >>> conv2d_matrix([[[[1], [2], [4]]]], [[[[10]], [[1]]]], bias=[0.5])[0, 0, :, 0].tolist()
    [12.5, 24.5]
    """
    images, kernel, bias, stride, _, dilation, out = _ready(images, kernel, bias, stride, padding, dilation, groups)
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    matrix = convolution_matrix(kernel, images.shape[1:], **settings)  # (H' W' C_out, H W C_in)
    vectors = images.reshape(len(images), -1)  # (N, H W C_in)
    return (vectors @ matrix.T).reshape(out.shape) + bias


def convolution_matrix(kernel, image_shape, *, stride=1, padding="valid", dilation=1, groups=1) -> np.ndarray:
    """Build the dense matrix whose product with a flattened image is the flattened convolution.

    Row by row it holds the weights with which one output value reads the whole image: the kernel's, and zeros.

    Args:
        kernel: Numbers of shape (kh, kw, C_in / groups, C_out).
        image_shape: (H, W, C_in) of one image, without padding, in any sequence.
        stride: As in `conv2d_loops`.
        padding: As in `conv2d_loops`.
        dilation: As in `conv2d_loops`.
        groups: As in `conv2d_loops`.

    Returns:
        An array of shape (H' W' C_out, H W C_in).

    Raises:
        TypeError: As in `conv2d_loops`.
        ValueError: As in `conv2d_loops`, or the matrix would take more than 2 GiB.

    >>> convolution_matrix([[[[10]], [[1]]]], (1, 3, 1)).tolist()
    [[10.0, 1.0, 0.0], [0.0, 10.0, 1.0]]
    """
    image_shape = shape_of_image("image_shape", image_shape, example=", for example images.shape[1:]")
    image = np.zeros((1, *image_shape), "float32")  # of no account but for its shape
    _, kernel, _, stride, pads, dilation, out = _ready(image, kernel, None, stride, padding, dilation, groups)
    shape = out.shape[1:]  # (H', W', C_out)
    rows, columns = math.prod(shape), math.prod(image_shape)
    memory = memory_bytes(rows * columns, kernel.dtype)
    if memory > MATRIX_LIMIT:
        raise ValueError(
            f"the matrix of {rows} x {columns} numbers would take {memory / 1024**3:.1f} GiB, more than "
            f"{MATRIX_LIMIT // 1024**3}: use a smaller image or conv2d_windows, which needs no matrix"
        )
    matrix = np.zeros((rows, columns), kernel.dtype)
    row_of = np.arange(rows).reshape(shape)  # (H', W', C_out)
    column_of = np.pad(np.arange(columns).reshape(image.shape), pads, constant_values=-1)  # -1 where padding is
    windows = _windows(column_of, kernel.shape[:2], stride, dilation)[0]  # (H', W', C_in, kh, kw)
    group_in, group_out = kernel.shape[2], kernel.shape[3] // groups  # channels of one group
    for i, j, c, d in np.ndindex(kernel.shape):
        read = windows[:, :, d // group_out * group_in + c, i, j]
        real = read >= 0
        matrix[row_of[real, d], read[real]] = kernel[i, j, c, d]
    return matrix


def correlate(image, kernel) -> np.ndarray:
    """Correlate one grey image with one kernel, where the kernel lies fully inside the image.

    Args:
        image: Numbers of shape (H, W).
        kernel: Numbers of shape (kh, kw).

    Returns:
        An array of shape (H - kh + 1, W - kw + 1).

    Raises:
        TypeError: An array does not hold real numbers.
        ValueError: An array has not two axes, or the kernel is larger than the image.

    >>> correlate([[0, 1, 0, 0]], [[1, 2]]).tolist()
    [[2.0, 1.0, 0.0]]
    """
    image = float_array("image", image, ("H", "W"), "take one channel, image[..., 0], or use conv2d")
    kernel = float_array("kernel", kernel, ("kh", "kw"), "take one kernel, kernel[:, :, 0, 0], or use conv2d")
    return conv2d_windows(image[np.newaxis, :, :, np.newaxis], kernel[:, :, np.newaxis, np.newaxis])[0, :, :, 0]


def convolve(image, kernel) -> np.ndarray:
    """Convolve one grey image with one kernel as mathematics does: `correlate`, with the kernel flipped in both axes.

    Args:
        image: Numbers of shape (H, W).
        kernel: Numbers of shape (kh, kw).

    Returns:
        An array of shape (H - kh + 1, W - kw + 1).

    Raises:
        TypeError: As in `correlate`.
        ValueError: As in `correlate`.

    >>> convolve([[0, 1, 0, 0]], [[1, 2]]).tolist()
    [[1.0, 2.0, 0.0]]
    """
    kernel = float_array("kernel", kernel, ("kh", "kw"), "take one kernel, kernel[:, :, 0, 0], or use conv2d")
    return correlate(image, kernel[::-1, ::-1])


def pool2d(images, pool_size, *, stride=None, padding="valid", mode="max") -> np.ndarray:
    """Pool images: the maximum or the average of every window, channel by channel, as Keras does.

    With "same" padding neither counts the padding: the average is taken over the real pixels of a window.

    Args:
        images: Numbers of shape (N, H, W, C).
        pool_size: Window in pixels, one number or (rows, columns).
        stride: Pixels from one window to the next, one number or (rows, columns); None stands for pool_size.
        padding: "valid" or "same".
        mode: "max" or "average".

    Returns:
        An array of shape (N, H', W', C).

    Raises:
        TypeError: images does not hold real numbers, or a setting is not a whole number.
        ValueError: images has another rank, the window does not fit, or padding or mode is unknown.

    >>> pool2d([[[[1], [3], [5], [2]]]], (1, 2))[0, 0, :, 0].tolist()
    [3.0, 5.0]
    """
    images = float_array("images", images, ("N", "H", "W", "C"), ADD_AXES)
    pool_size = pair("pool_size", pool_size)
    stride = pool_size if stride is None else pair("stride", stride)
    if not isinstance(padding, str) or padding not in ("valid", "same"):
        raise ValueError(f"padding={padding!r} is unknown: pooling takes 'valid' or 'same'")
    if not isinstance(mode, str) or mode not in ("max", "average"):
        raise ValueError(f"mode={mode!r} is unknown: use 'max' or 'average'")
    pads, _ = _pads_and_size(images.shape[1:3], pool_size, stride, padding, (1, 1))
    if mode == "max":
        return _windows(np.pad(images, pads, constant_values=-np.inf), pool_size, stride).max(axis=(4, 5))
    total = _windows(np.pad(images, pads), pool_size, stride).sum(axis=(4, 5))
    count = _windows(np.pad(np.ones_like(images), pads), pool_size, stride).sum(axis=(4, 5))
    return total / count


def _ready(images, kernel, bias, stride, padding, dilation, groups):
    """Return what a convolution needs, checked: arrays of one dtype, pairs, padding for np.pad, zeros to fill."""
    images, kernel, bias = convolution_arrays(images, kernel, bias, groups)
    stride, dilation = pair("stride", stride), pair("dilation", dilation)
    pads, size = _pads_and_size(images.shape[1:3], kernel.shape[:2], stride, padding, dilation)
    out = np.zeros((len(images), *size, len(bias)), images.dtype)
    return images, kernel, bias, stride, pads, dilation, out


def _pads_and_size(image_size, window, stride, padding, dilation):
    """Return the padding of all four axes of images as np.pad takes it, and the output size (H', W')."""
    if not isinstance(padding, tuple | list):
        padding = (padding, padding)
    elif len(padding) == 2 and all(isinstance(side, tuple | list) for side in padding):
        padding = [pair(f"padding[{axis}]", side, smallest=0) for axis, side in enumerate(padding)]
    else:
        raise ValueError(f"padding={padding!r}: pass pairs ((top, bottom), (left, right)), such as ((1, 1), (2, 2))")
    pads, sizes = [], []
    for axis in (0, 1):
        settings = {"stride": stride[axis], "dilation": dilation[axis]}
        sizes.append(output_size(image_size[axis], window[axis], padding=padding[axis], **settings))
        if padding[axis] == "same":
            pads.append(same_padding(image_size[axis], window[axis], **settings))
        else:
            pads.append((0, 0) if padding[axis] == "valid" else pair("padding", padding[axis], smallest=0))
    return ((0, 0), *pads, (0, 0)), tuple(sizes)


def _windows(images, window, stride, dilation=(1, 1)) -> np.ndarray:
    """Return a view of shape (N, H', W', C, rows, columns) that shows the window below every output pixel."""
    span = tuple((length - 1) * gap + 1 for length, gap in zip(window, dilation, strict=True))
    views = sliding_window_view(images, span, axis=(1, 2))
    return views[:, :: stride[0], :: stride[1], :, :: dilation[0], :: dilation[1]]
