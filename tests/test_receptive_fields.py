"""Lists of layers: receptive fields held against counting, output shapes and memory against Keras."""

import numpy as np
import pytest

from cnncourse import arithmetic, backend
from cnncourse.arithmetic import ReceptiveField, Window

keras = backend.keras


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


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), ((2, 3), 1), (1, (1, 2))])
def test_output_shapes_are_those_of_keras(padding, stride, dilation):
    image = (14, 17, 6)
    conv = keras.layers.Conv2D(5, (3, 4), strides=stride, padding=padding, dilation_rate=dilation)
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    expected = conv.compute_output_shape((None, *image))[1:]
    assert arithmetic.output_shape(image, (3, 4), channels_out=5, **settings) == expected
    pool = keras.layers.MaxPooling2D((3, 2), strides=stride, padding=padding)
    expected = pool.compute_output_shape((None, *image))[1:]
    assert arithmetic.output_shape(image, (3, 2), stride=stride, padding=padding) == expected


def test_explicit_padding_and_memory_of_a_stack():
    first = arithmetic.output_shape((227, 227, 3), 11, channels_out=96, stride=4)
    second = arithmetic.output_shape(first, 3, stride=2)
    third = arithmetic.output_shape(second, 5, channels_out=256, padding=2)
    assert (first, second, third) == ((55, 55, 96), (27, 27, 96), (27, 27, 256))
    numbers = 55 * 55 * 96 + 27 * 27 * 96 + 27 * 27 * 256
    assert arithmetic.activation_bytes([first, second, third], batch_size=2) == 2 * 4 * numbers
    assert arithmetic.activation_bytes([first], dtype="float16") == 2 * 55 * 55 * 96


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: arithmetic.output_shape((28, 28), 3), ValueError, "is no shape of one image"),
        (lambda: arithmetic.output_shape((28, 28, 1), 3, channels_out=0), ValueError, "channels=0"),
        (lambda: arithmetic.output_shape((2, 28, 1), 3), ValueError, "does not fit"),
        (lambda: arithmetic.activation_bytes([(28, 0, 1)]), ValueError, "size of an output=0"),
        (lambda: arithmetic.activation_bytes([(28, 28, 1)], batch_size=1.5), TypeError, "batch_size=1.5"),
    ],
)
def test_bad_shapes_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
