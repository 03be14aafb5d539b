"""Is what was passed usable? Each check returns a clean value, or says what was passed and what is expected."""

import math
import operator

import numpy as np

ADD_AXES = "put in axes of length 1 with np.newaxis, as in image[np.newaxis, :, :, np.newaxis]"


def whole_number(name, value, *, smallest=1) -> int:
    """Return value as a Python integer; NumPy integers pass, booleans and floats do not.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.
        smallest: Smallest number allowed.

    Returns:
        The number as an int.

    Raises:
        TypeError: value is not a whole number.
        ValueError: value is smaller than allowed.

    >>> whole_number("stride", np.int64(2))
    2
    """
    try:
        number = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        kind = type(value).__name__
        raise TypeError(f"{name}={value!r} is of type {kind}: pass one whole number, {smallest} or more")
    if number < smallest:
        raise ValueError(f"{name}={number} is too small: pass a whole number, {smallest} or more")
    return number


def pair(name, value, *, smallest=1, parts="(rows, columns)") -> tuple[int, int]:
    """Return two whole numbers for a pair, or for one number that stands for both.

    Args:
        name: Name of the argument, for the error.
        value: One whole number, or a tuple or list of two.
        smallest: Smallest number allowed.
        parts: What the two numbers are, for the error.

    Returns:
        A tuple of two ints.

    Raises:
        TypeError: value holds something else than whole numbers.
        ValueError: value does not hold two numbers, or one is smaller than allowed.

    >>> pair("stride", 2), pair("stride", [1, 2])
    ((2, 2), (1, 2))
    """
    if not isinstance(value, tuple | list):
        return (whole_number(name, value, smallest=smallest),) * 2
    if len(value) != 2:
        raise ValueError(f"{name}={value!r} has {len(value)} entries: pass one whole number or a pair {parts}")
    first, second = (whole_number(f"{name}[{i}]", entry, smallest=smallest) for i, entry in enumerate(value))
    return first, second


def entries(name, value, example, *, smallest=0) -> tuple:
    """Return the entries of a list, a tuple or anything else that holds one after the other.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.
        example: What could be passed, for the error.
        smallest: Smallest number of entries allowed.

    Returns:
        A tuple of the entries, which are not looked at.

    Raises:
        TypeError: value does not hold entries one after the other.
        ValueError: There are too few entries.

    >>> entries("blocks", [2, 2], "(2, 2, 2, 2)")
    (2, 2)
    """
    try:
        found = None if isinstance(value, str | dict | set) else tuple(value)
    except TypeError:
        found = None
    if found is None:
        raise TypeError(f"{name}={value!r} is of type {type(value).__name__}: pass a list, such as {example}")
    if len(found) < smallest:
        raise ValueError(f"{name}={value!r} has {len(found)} entries: pass {smallest} or more, such as {example}")
    return found


def shape_of_image(name, value, *, example="", open_sides=False) -> tuple:
    """Return the shape of one image; any sequence of three whole numbers passes, such as x.shape[1:] of a tensor.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.
        example: Where such a shape is found, for the error.
        open_sides: Whether height and width may be None.

    Returns:
        The tuple (height, width, channels) of ints; None where a side is open.

    Raises:
        TypeError: A length is not a whole number.
        ValueError: value does not hold three numbers, or one is smaller than 1.

    >>> shape_of_image("input_shape", np.array([28, 28, 1]))
    (28, 28, 1)
    """
    try:
        lengths = () if isinstance(value, str | dict | set) else tuple(value)
    except (TypeError, ValueError):  # no sequence, or a TensorFlow shape of which nothing is known
        lengths = ()
    if len(lengths) != 3:
        raise ValueError(f"{name}={value!r} is no shape of one image: pass (height, width, channels){example}")
    return tuple(
        None if open_sides and axis < 2 and length is None else whole_number(f"{name}[{axis}]", length)
        for axis, length in enumerate(lengths)
    )


def flag(name, value) -> bool:
    """Return value as a bool; numbers and strings, which Python would take for true, do not pass.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.

    Returns:
        True or False.

    Raises:
        TypeError: value is not a boolean.

    >>> flag("bias", True)
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}={value!r} is of type {type(value).__name__}: pass True or False")
    return bool(value)


def factor(name, value):
    """Return a finite factor greater than 0, as it is.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.

    Returns:
        The value.

    Raises:
        TypeError: value is no real number.
        ValueError: value is not greater than 0, or not finite.

    >>> factor("depth", 1.2)
    1.2
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise TypeError(f"{name}={value!r} is of type {type(value).__name__}: pass a factor such as 0.5")
    if not math.isfinite(value):
        raise ValueError(f"{name}={value!r} is not finite: pass a factor such as 0.5")
    if value <= 0:
        raise ValueError(f"{name}={value!r} is too small: pass a factor greater than 0")
    return value


def scaled(count, width, *, multiple=1) -> int:
    """Return a number of filters or units times a width, rounded to a multiple that is at least one.

    Args:
        count: Whole number at width 1.
        width: Factor, greater than 0.
        multiple: Number that divides the result.

    Returns:
        The scaled count as an int.

    Raises:
        TypeError: width is no real number.
        ValueError: width is not greater than 0, or not finite.

    >>> scaled(96, 1 / 16, multiple=2), scaled(64, 0.001)
    (6, 1)
    """
    return max(1, round(count * factor("width", width) / multiple)) * multiple


def one_of(name, value, choices) -> None:
    """Refuse a value that is none of the choices.

    Args:
        name: Name of the argument, for the error.
        value: What was passed.
        choices: At least two values that are allowed.

    Raises:
        ValueError: value is none of them.

    >>> one_of("shortcut", "B", ("A", "B", "C"))
    """
    if value not in choices:
        *others, last = map(repr, choices)
        raise ValueError(f"{name} is {value!r}; expected {', '.join(others)} or {last}.")


def float_array(name, values, axes, advice) -> np.ndarray:
    """Return values as a floating-point array with the given axes.

    Args:
        name: Name of the argument, for the error.
        values: Real numbers in an array, a list or a tensor; NaN passes.
        axes: Names of the axes expected, such as ("H", "W").
        advice: How to mend a wrong number of axes.

    Returns:
        An array with its numbers side by side in memory: float32 for float16 and float32, otherwise float64.

    Raises:
        TypeError: values are not real numbers.
        ValueError: values are ragged or empty, or have another number of axes.

    >>> float_array("image", [[1, 2, 3]], ("H", "W"), "pass one grey image").dtype
    dtype('float64')
    """
    shape = ", ".join(axes) if len(axes) > 1 else f"{axes[0]},"
    expected = f"expected real numbers of shape ({shape})"
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has rows of unequal length: {expected}, make them equally long") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}: {expected}, convert it with .astype('float64')")
    if array.ndim != len(axes):
        raise ValueError(f"{name} has shape {array.shape}: {expected}, {advice}")
    if array.size == 0:
        raise ValueError(
            f"{name} has shape {array.shape}, which holds no numbers: {expected}, at least 1 on every axis"
        )
    small = array.dtype.kind == "f" and array.dtype.itemsize <= 4
    return array.astype("float32" if small else "float64", order="C", copy=False)


def convolution_arrays(images, kernel, bias, groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the arrays of a convolution in one dtype, once their shapes fit together.

    Args:
        images: Real numbers of shape (N, H, W, C_in).
        kernel: Real numbers of shape (kh, kw, C_in / groups, C_out).
        bias: None for zeros, or real numbers of shape (C_out,).
        groups: Number of groups that the channels are split into.

    Returns:
        The tuple (images, kernel, bias) of arrays of the same dtype, that of images and kernel together.

    Raises:
        TypeError: An array does not hold real numbers, or groups is not a whole number.
        ValueError: A shape does not fit, or groups does not divide the channels.

    >>> [array.shape for array in convolution_arrays(np.ones((1, 8, 8, 4)), np.ones((3, 3, 2, 6)), None, groups=2)]
    [(1, 8, 8, 4), (3, 3, 2, 6), (6,)]
    """
    images = float_array("images", images, ("N", "H", "W", "C_in"), ADD_AXES)
    kernel = float_array("kernel", kernel, ("kh", "kw", "C_in / groups", "C_out"), ADD_AXES)
    groups, channels_in, channels_out = whole_number("groups", groups), images.shape[3], kernel.shape[3]
    if channels_in % groups or channels_out % groups:
        raise ValueError(
            f"groups={groups} does not divide both the {channels_in} channels of the images and the {channels_out} "
            "kernels: choose a number of groups that divides both"
        )
    if kernel.shape[2] * groups != channels_in:
        raise ValueError(
            f"kernel of shape {kernel.shape} reads {kernel.shape[2]} channels, but images of shape {images.shape} "
            f"with groups={groups} have C_in / groups = {channels_in // groups}: make axis 2 of the kernel that long"
        )
    bias = np.zeros(channels_out) if bias is None else float_array("bias", bias, ("C_out",), "pass a flat list")
    if len(bias) != channels_out:
        raise ValueError(f"bias has {len(bias)} numbers, but kernel has C_out = {channels_out}: pass one for each")
    dtype = np.result_type(images, kernel)
    return tuple(array.astype(dtype, copy=False) for array in (images, kernel, bias))
