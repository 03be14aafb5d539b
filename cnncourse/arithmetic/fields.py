"""Which input pixels can an output see? Receptive fields over a list of layers, along one dimension."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from cnncourse.arguments import entries, whole_number


class Window(NamedTuple):
    """How the kernel or pool of a layer moves along one dimension, in pixels of the layer's own input.

    Args:
        kernel_size: elements of the kernel.
        stride: from one output to the next.
        padding_before: zeros at the top or on the left; below 0, pixels that are cropped there.
        dilation: from one element to the next.
    """

    kernel_size: int
    stride: int = 1
    padding_before: int = 0
    dilation: int = 1


class ReceptiveField(NamedTuple):
    """The input pixels that the outputs of a stack of layers can see, along one dimension.

    Args:
        size: pixels from the first to the last that an output can see.
        jump: input pixels from one output's field to the next one's.
        start: the first pixel of output 0's field; below 0 it lies in the padding.
    """

    size: int = 1
    jump: int = 1
    start: int = 0


IMAGE = ReceptiveField()  # a pixel of the image sees itself


def receptive_field(windows: Iterable, *, before: ReceptiveField = IMAGE) -> ReceptiveField:
    """Follow a stack of layers and say which input pixels an output can see.

    Each layer adds its span less 1, (k - 1) d, in steps of the jump so far, and multiplies the jump by its stride:
    R = 1 + sum over l of (k_l - 1) d_l s_1 ... s_(l-1). Output number i sees the pixels start + i jump to
    start + i jump + size - 1.

    Args:
        windows: the layers from the input on, each a `Window`, a tuple of its numbers, or one kernel size.
        before: what the stack's input sees, where it is not the image itself.

    Returns:
        Size, jump and start in pixels of the image.

    Raises:
        TypeError: A number is not whole, or windows is no list.
        ValueError: A kernel size, stride or dilation is smaller than 1, or a tuple does not have one to four numbers.

    Reference:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", 2019, Distill.

    >>> receptive_field([3, 3, 3]), receptive_field([7])
    (ReceptiveField(size=7, jump=1, start=0), ReceptiveField(size=7, jump=1, start=0))
    >>> receptive_field([(3, 2, 1), Window(3, padding_before=1)])
    ReceptiveField(size=7, jump=2, start=-3)
    """
    size, jump, start = before
    for number, window in enumerate(entries("windows", windows, "[3, 3]")):
        kernel_size, stride, padding, dilation = _numbers(number, window)
        size += (kernel_size - 1) * dilation * jump
        start -= padding * jump
        jump *= stride
    return ReceptiveField(size, jump, start)


def _numbers(number: int, window) -> tuple[int, int, int, int]:
    """The four numbers of a window, checked."""
    if isinstance(window, tuple | list):
        if not 1 <= len(window) <= 4:
            raise ValueError(
                f"window {number} is {tuple(window)!r}: pass (kernel_size, stride, padding_before, dilation), of "
                "which the last three may be left out"
            )
        window = Window(*window)
    else:
        window = Window(window)
    return (
        whole_number(f"kernel_size of window {number}", window.kernel_size),
        whole_number(f"stride of window {number}", window.stride),
        _padding(f"padding_before of window {number}", window.padding_before),
        whole_number(f"dilation of window {number}", window.dilation),
    )


def _padding(name: str, value) -> int:
    """A number of zeros, or below 0 of cropped pixels."""
    if isinstance(value, int | np.integer) and value < 0:
        return -whole_number(name, -value)
    return whole_number(name, value, smallest=0)
