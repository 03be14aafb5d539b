"""The receptive field of a list of layers, held against counting which inputs reach an output."""

import numpy as np
import pytest

from cnncourse import arithmetic
from cnncourse.arithmetic import ReceptiveField, Window


def reached(windows, output):
    """The pixels that reach one output: marks go backwards through the layers, one kernel element at a time."""
    places = {output}
    for window in reversed(windows):
        kernel_size, stride, padding, dilation = Window(*window)
        places = {place * stride + i * dilation - padding for place in places for i in range(kernel_size)}
    return sorted(places)


@pytest.mark.parametrize("seed", range(30))
def test_the_formula_counts_what_reaches_an_output(seed):
    random = np.random.default_rng(seed)
    windows = [
        (
            int(random.integers(2, 6)),
            int(random.integers(1, 3)),
            int(random.integers(0, 3)),
            int(random.integers(1, 3)),
        )
        for _ in range(random.integers(1, 5))
    ]
    field = arithmetic.receptive_field(windows)
    for output in (0, 1, 7):
        pixels = reached(windows, output)
        assert pixels[0] == field.start + output * field.jump
        assert pixels[-1] - pixels[0] + 1 == field.size


def test_the_fields_of_well_known_stacks():
    three = (3, 1, 1)
    pool = (2, 2)
    vgg16 = [*[three] * 2, pool, *[three] * 2, pool, *([*[three] * 3, pool] * 3)]
    assert arithmetic.receptive_field(vgg16) == ReceptiveField(212, 32, -90)
    assert arithmetic.receptive_field([(11, 4), (3, 2), (5, 1, 2), (3, 2), three, three, three, (3, 2)]).size == 195
    assert arithmetic.receptive_field([]) == ReceptiveField(1, 1, 0)
    assert arithmetic.receptive_field([(3, 1, 0, 4)]) == ReceptiveField(9, 1, 0)
    assert arithmetic.receptive_field([np.int64(3), [3, 2]]) == ReceptiveField(5, 2, 0)


def test_a_stack_can_follow_another():
    first, second = [(3, 2, 1), 5], [(4, 3, 0, 2), (3, 1, -2)]
    halfway = arithmetic.receptive_field(first)
    assert arithmetic.receptive_field(second, before=halfway) == arithmetic.receptive_field([*first, *second])
    assert arithmetic.receptive_field([Window(1, padding_before=np.int64(-3))]).start == 3


@pytest.mark.parametrize(
    ("windows", "error", "words"),
    [
        ([3, 0], ValueError, "kernel_size of window 1=0"),
        ([(3, 0)], ValueError, "stride of window 0=0"),
        ([(3, 1, 0, 0)], ValueError, "dilation of window 0=0"),
        ([2.0], TypeError, "kernel_size of window 0=2.0"),
        ([(3, 1, "same")], TypeError, "padding_before of window 0"),
        ([(3, 1, True)], TypeError, "padding_before of window 0"),
        ([()], ValueError, r"window 0 is \(\)"),
        ([(3, 1, 0, 1, 1)], ValueError, "window 0 is"),
    ],
)
def test_bad_windows_are_named(windows, error, words):
    with pytest.raises(error, match=words):
        arithmetic.receptive_field(windows)
