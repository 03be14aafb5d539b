"""Exercises of notebook 09: the smallest image for a chain, the offset of "same", two strided layers as one."""

import numpy as np

from cnncourse import arithmetic

from .engine import Exercise, Mistake

CHAIN_CASES = (
    (1, [(3, 1)]),
    (4, [(5, 2)]),
    (3, [(3, 2), (5, 1)]),
    (7, [(3, 1), (4, 3)]),
    (2, [(7, 2), (3, 2), (2, 4), (3, 1)]),
    (1, [(11, 4), (3, 2), (5, 1)]),
)


def _backwards(step, *, order=reversed):
    """A size found by going through the layers with one step (size, kernel_size, stride) for each."""

    def smallest_image(outputs, layers):
        size = outputs
        for kernel_size, stride in order(layers):
            size = step(size, kernel_size, stride)
        return size

    return smallest_image


def _needed(size, kernel_size, stride):
    return (size - 1) * stride + kernel_size


def _field(outputs, layers):
    return arithmetic.receptive_field(layers).size


SMALLEST_IMAGE = Exercise(
    "09.1",
    title="The smallest image for a chain",
    stars=1,
    cases=CHAIN_CASES,
    expected=_backwards(_needed),
    mistakes=(
        Mistake(
            _backwards(_needed, order=list),
            "this goes through the chain from the image on: which layer's output do you know?",
        ),
        Mistake(
            _backwards(lambda size, k, s: size * s + k),
            "this has a step too many: between the first and the last of n windows there are fewer than n steps",
        ),
        Mistake(
            _backwards(lambda size, k, s: size * s),
            "this undoes the strides and forgets the kernels: the last window has more than one pixel",
        ),
        Mistake(
            _backwards(lambda size, k, s: size + k - 1),
            "the strides have no effect: how far apart do neighbouring windows start?",
        ),
        Mistake(
            _backwards(lambda size, k, s: size * s + k - 1),
            "this is the largest image with so many outputs: the smallest ends with the last window",
        ),
        Mistake(
            lambda outputs, layers: _field(outputs, layers),
            "this is the receptive field of one output: the others lie further on",
        ),
        Mistake(
            lambda outputs, layers: _field(outputs, layers) + outputs - 1,
            "neighbouring outputs are taken to lie one pixel of the image apart: what is the jump?",
        ),
        Mistake(
            _backwards(lambda size, k, s: (size - 1) * s + max(k, s)),
            "with a kernel smaller than its stride this counts pixels behind the last window",
        ),
        Mistake(
            lambda outputs, layers: _field(outputs, layers) + outputs * arithmetic.receptive_field(layers).jump,
            "this adds a jump for each output to the receptive field, which is that of the first output already",
        ),
        Mistake(
            lambda *case: [_backwards(_needed)(*case)] * 2,
            "these are height and width: give one of them, as a single number",
        ),
        Mistake(
            _backwards(lambda size, k, s: (size - 1) * k + s),
            "kernel size and stride are exchanged: a pair is (kernel size, stride)",
        ),
        Mistake(
            _backwards(lambda size, k, s: (size - k) // s + 1, order=list),
            "this computes the size of an output from `outputs` pixels: the question is the other way round",
        ),
    ),
    idea="how many pixels the windows of one layer span together, and what the layer before it has to deliver",
    hints=(
        "Begin with the last layer: it has to give `outputs` outputs. How many pixels must its input have?",
        "The first window starts at pixel 0. Where does the last one start, and where does it end?",
        "The input of a layer is the output of the layer before: do the same again, up to the image.",
    ),
)

OFFSET_CASES = (
    (28, 3, 2),
    (27, 3, 2),
    (30, 5, 2),
    (32, 7, 4),
    (29, 7, 4),
    (31, 2, 3),
    (28, 1, 2),
    (32, 5, 4),
    (16, 4, 2),
    (30, 6, 4),
)


def _zeros(size, kernel_size, stride):
    return arithmetic.same_padding(size, kernel_size, stride=stride)


def _offset(size, kernel_size, stride):
    return _zeros(size, kernel_size, 1)[0] - _zeros(size, kernel_size, stride)[0]


def _with_needed(needed):
    """An offset from a wrong number of zeros that the strided layer needs in all."""
    return lambda size, k, s: (k - 1) // 2 - needed(size, k, s) // 2


OFFSET = Exercise(
    "09.2",
    title="The offset without the padding",
    stars=2,
    cases=OFFSET_CASES,
    expected=_offset,
    mistakes=(
        Mistake(
            lambda *case: -_offset(*case),
            "this is the negative of the offset: with stride 1 there are more zeros before the image, not fewer",
        ),
        Mistake(
            lambda size, k, s: _zeros(size, k, 1)[1] - _zeros(size, k, s)[1],
            "this compares the zeros after the image: the outputs are counted from its beginning",
        ),
        Mistake(
            lambda size, k, s: _zeros(size, k, s)[0],
            "this is the padding of the strided layer alone: where does the layer with stride 1 start?",
        ),
        Mistake(
            lambda size, k, s: _zeros(size, k, 1)[0],
            "this is the padding of the layer with stride 1 alone: where does the strided layer start?",
        ),
        Mistake(
            lambda size, k, s: (sum(_zeros(size, k, 1)) - sum(_zeros(size, k, s))) // 2,
            "this halves the difference of all zeros: each layer's zeros are halved and rounded by themselves",
        ),
        Mistake(
            lambda size, k, s: sum(_zeros(size, k, 1)) - sum(_zeros(size, k, s)),
            "this compares all zeros, before and after: only those before the image move a window's start",
        ),
        Mistake(
            _with_needed(lambda size, k, s: (-(-size // s) - 1) * s + k - size),
            "with a kernel smaller than the stride this pads a negative number of zeros",
        ),
        Mistake(
            _with_needed(lambda size, k, s: max((size // s - 1) * s + k - size, 0)),
            "this rounds the number of outputs down: 'same' rounds it up",
        ),
        Mistake(
            lambda size, k, s: k // 2 - sum(_zeros(size, k, s)) // 2,
            "with an even kernel this has one zero too many before the image at stride 1: the odd one comes after",
        ),
        Mistake(
            lambda size, k, s: (k - 1) // 2 - (sum(_zeros(size, k, s)) + 1) // 2,
            "this puts the odd zero of the strided layer before the image: it stands after it",
        ),
        Mistake(
            lambda size, k, s: (k - 1) / 2 - sum(_zeros(size, k, s)) / 2,
            "there are no half zeros: halve the zeros of each layer, and round down",
        ),
        Mistake(lambda size, k, s: 0, "this is 0 always, as with 'valid': what 'same' adds depends on the stride"),
        Mistake(
            lambda size, k, s: (s - 1) // 2,
            "this looks at the stride alone: size and kernel decide, too",
        ),
        Mistake(
            lambda size, k, s: s // 2,
            "this is half the stride, whatever the image: size and kernel decide, too",
        ),
        Mistake(
            lambda size, k, s: 1 - size % 2,
            "this looks at the size alone: that is right for 3x3 kernels with stride 2",
        ),
        Mistake(
            lambda size, k, s: int(size % s == 0),
            "this asks whether the stride divides the size: that is right for 3x3 kernels with stride 2",
        ),
    ),
    idea="the zeros before the image with stride 1 and with the stride, and which of them the strided layer lacks",
    hints=(
        "How many zeros does each of the two layers add in all? With stride 1 the output has the size of the image.",
        "With the stride: how many outputs are there, where does the last window end, and what lies beyond the image?",
        "Of an odd number of zeros the smaller half stands before the image. The offset is one half less the other.",
    ),
)


def _integers(seed: int, *shape: int) -> np.ndarray:
    """Weights that are not symmetric and hold no zero."""
    return np.random.default_rng(seed).choice([-4.0, -3, -2, -1, 1, 2, 3, 4], shape)


KERNEL_CASES = (
    (_integers(1, 3, 2), _integers(2, 2, 4), 1),
    (_integers(3, 3, 4), _integers(4, 2, 3), 2),
    (_integers(5, 2, 3), _integers(6, 3, 2), 3),
    (np.outer([1.0, 2, 1], [1.0, 2, 1]) / 16, _integers(7, 3, 3), 1),
)


def _together(first, second, stride):
    return _laid_down(first, second, (stride, stride))


def _laid_down(first, second, steps, add=np.add):
    """Copies of the first kernel, times the second one's weights, laid down with these steps."""
    together = np.zeros([step * (k2 - 1) + k1 for step, k1, k2 in zip(steps, first.shape, second.shape, strict=True)])
    for i, j in np.ndindex(second.shape):
        place = np.s_[i * steps[0] : i * steps[0] + first.shape[0], j * steps[1] : j * steps[1] + first.shape[1]]
        together[place] = add(together[place], second[i, j] * first)
    return together


ONE_KERNEL = Exercise(
    "09.3",
    title="Two strided layers as one",
    stars=3,
    cases=KERNEL_CASES,
    expected=_together,
    mistakes=(
        Mistake(
            lambda first, second, stride: _laid_down(first, second, (1, 1)),
            "this is right for stride 1 only: how far apart on the image lie the outputs of the first layer?",
        ),
        Mistake(
            lambda first, second, stride: np.kron(second, first),
            "this lays the copies of the first kernel side by side: the windows of the first layer start one stride "
            "apart",
        ),
        Mistake(
            lambda first, second, stride: _together(second, first, stride),
            "the two kernels are exchanged: which one reads the image, which one the outputs of the other?",
        ),
        Mistake(
            lambda first, second, stride: _together(first, second[::-1, ::-1], stride),
            "the second kernel is turned: both layers compute correlation, and nothing is turned",
        ),
        Mistake(
            lambda first, second, stride: _together(first[::-1, ::-1], second, stride),
            "the first kernel is turned: both layers compute correlation, and nothing is turned",
        ),
        Mistake(
            lambda first, second, stride: _laid_down(first, second, (stride, stride), add=lambda old, new: new),
            "where two copies of the first kernel overlap, the later one replaces the other: a sum has both",
        ),
        Mistake(
            lambda first, second, stride: _together(first, np.ones(second.shape), stride),
            "the second kernel's weights are missing: each output of the first layer is multiplied by one of them",
        ),
        Mistake(
            lambda first, second, stride: _together(first, second, stride) / stride**2,
            "this is divided by the stride squared: a stride leaves outputs out and divides nothing",
        ),
        Mistake(
            lambda first, second, stride: np.pad(_together(first, second, stride), (0, stride - 1)),
            "rows and columns of zeros too many at the end: no weight of the second kernel follows the last one",
        ),
        Mistake(
            lambda first, second, stride: _together(first, second, stride)[:, :, None, None],
            "the numbers are right: leave out the axes of the channels",
        ),
        Mistake(
            lambda first, second, stride: _together(first, second, stride)[::-1, ::-1],
            "both kernels are turned: both layers compute correlation, and nothing is turned",
        ),
        Mistake(
            lambda first, second, stride: _laid_down(first, second, (1, 1))[::stride, ::stride],
            "this drops weights of the kernel: a stride leaves out outputs, and uses all weights",
        ),
    ),
    idea="which pixels an output of the second layer reads through the first, and with which product of two weights",
    hints=(
        "Let the second kernel have a single weight 1, at [0, 1]. Which window of the image does it read?",
        "Each weight [i, j] of the second kernel lays down a copy of the first kernel. At which place of the image?",
        "The outputs of the first layer start one stride apart. Its copies may overlap: add them.",
    ),
)

EXERCISES = (SMALLEST_IMAGE, OFFSET, ONE_KERNEL)
