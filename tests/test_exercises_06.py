"""The checks of notebook 06: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import arithmetic, exercises, reference
from cnncourse.exercises import notebook_06
from tests.verdicts import assert_correct, assert_wrong


def blank_function(maps, angles):
    """The orientation (H, W) of the edge at each pixel."""
    ...


@pytest.mark.parametrize("exercise_id", ["06.1", "06.2", "06.3", "06.4"])
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


# 06.1, shape and parameters of a layer


@pytest.mark.parametrize(
    "answer", [(28, 36, 12, 912), [28, 36, 12, 912.0], np.array([28, 36, 12, 912]), keras.ops.array([28, 36, 12, 912])]
)
def test_shape_and_parameters_are_right_in_every_form(answer):
    assert_correct("06.1", answer)


def test_shape_and_parameters_are_those_of_a_keras_layer():
    layer = keras.layers.Conv2D(12, 5)
    output = layer(np.zeros((1, 32, 40, 3), dtype="float32"))
    assert notebook_06.SHAPE_AND_PARAMETERS.expected == (*output.shape[1:], layer.count_params())


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ((28, 36, 3 * 12, 12 * (75 + 1)), "a channel for each kernel and colour"),
        ((28, 36, 3 * 12, 3 * 12 * (75 + 1)), "a channel, and weights, for each colour"),
        ((28, 36, 12, 12 * 75), "leaves the biases out"),
        ((28, 36, 12, 12 * 75 + 1), "one bias for the whole layer"),
        ((28, 36, 12, 12 * 3 * (25 + 1)), "a bias for each kernel and colour"),
        ((28, 36, 12, 12 * (25 + 1)), "kernels for grey images"),
        ((28, 36, 12, 75 + 1), "one output channel"),
        ((32, 40, 12, 912), "a layer that pads"),
        ((32 - 5, 40 - 5, 12, 912), "one row and one column are missing"),
        ((36, 28, 12, 912), "height and width exchanged"),
        ((12, 28, 36, 912), "the channels first"),
        ((28, 36, 3, 912), "the channels of the input"),
        ((32 - 3 + 1, 40 - 3 + 1, 12, 912), "the output of 3x3 kernels"),
        ((28, 36, 12, 913), "look again at how many windows"),
        ((1, 28, 36, 12, 912), "expected an array of shape (4,)"),
        (912, "expected an array of shape (4,)"),
    ],
)
def test_shape_and_parameters_name_the_mistake(answer, phrase):
    assert_wrong("06.1", answer, phrase)


def test_shape_and_parameters_never_give_the_answer_away():
    for answer in ((28, 36, 12, 0), (0, 0, 0, 912), (28, 36, 12, 76)):
        assert not {"912", "28"} & set(exercises.verdict("06.1", answer).message.replace(",", " ").split())


# 06.2, from a list of kernels to a kernel array


def fill(kernels):
    array = np.zeros((*kernels[0].shape, len(kernels)))
    for o, kernel in enumerate(kernels):
        array[..., o] = kernel
    return array


@pytest.mark.parametrize(
    "answer",
    [
        lambda kernels: np.stack(kernels, axis=-1),
        lambda kernels: np.stack(kernels, 3),
        lambda kernels: np.moveaxis(np.array(kernels), 0, -1),
        lambda kernels: np.transpose(kernels, (1, 2, 3, 0)),
        lambda kernels: np.concatenate([kernel[..., None] for kernel in kernels], axis=-1).astype("float32"),
        lambda kernels: keras.ops.stack([kernel.astype("float32") for kernel in kernels], axis=-1),
        lambda kernels: np.stack(kernels, axis=-1).tolist(),
        fill,
    ],
)
def test_stacked_kernels_are_right_in_every_form(answer):
    assert_correct("06.2", answer)


def test_a_layer_with_the_stacked_kernels_gives_each_kernels_correlation():
    for (kernels,) in notebook_06.STACK_KERNELS.cases:
        image = np.random.default_rng(0).random((1, 6, 7, kernels[0].shape[2]))
        output = reference.conv2d(image, notebook_06.STACK_KERNELS.expected(kernels))
        for o, kernel in enumerate(kernels):
            alone = sum(reference.correlate(image[0, :, :, m], kernel[:, :, m]) for m in range(kernel.shape[2]))
            np.testing.assert_allclose(output[0, :, :, o], alone)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda kernels: np.array(kernels), "on the first axis"),
        (lambda kernels: np.array(kernels).reshape(*kernels[0].shape, len(kernels)), "the numbers are mixed"),
        (lambda kernels: np.stack(kernels, axis=-2), "before the input channels"),
        (lambda kernels: np.array(kernels).T, "reverses the order of all axes"),
        (lambda kernels: np.concatenate(kernels, axis=2), "joins the kernels along the input channels"),
        (lambda kernels: fill(kernels)[::-1, ::-1], "flips the kernels"),
        (lambda kernels: np.transpose(kernels, (2, 1, 3, 0)), "exchanges rows and columns"),
        (lambda kernels: fill(kernels)[..., ::-1], "in reverse order"),
        (lambda kernels: fill(kernels) * 2, "look again at which axis"),
        (lambda kernels: fill(kernels)[None], "expected an array of shape (3, 5, 2, 4)"),
        (lambda kernels: np.array(fill(kernels))[:, :, np.newaxis, :, :], "their axis of input channels already"),
        (lambda kernels: kernels.sort, "received a value of type builtin_function_or_method"),
        (fill(notebook_06.STACK_KERNELS.cases[0][0]), "expected the function itself"),
    ],
)
def test_stacked_kernels_name_the_mistake(answer, phrase):
    assert_wrong("06.2", answer, phrase)


def test_the_list_is_handed_over_anew_for_each_answer():
    def emptied(kernels):
        array = fill(kernels)
        kernels.clear()
        return array

    assert_correct("06.2", emptied)
    assert_correct("06.2", emptied)


# 06.3, strength and direction


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, y: (np.sqrt(x**2 + y**2), np.arctan2(y, x) * 180 / np.pi),
        lambda x, y: [np.abs(x + 1j * y), np.angle(x + 1j * y, deg=True)],
        lambda x, y: np.stack([np.hypot(x, y), np.degrees(np.arctan2(y, x))]),
        lambda x, y: (np.hypot(x, y).astype("float32"), np.degrees(np.arctan2(y, x)).astype("float32")),
        lambda x, y: (np.hypot(x, y), 180 - (180 - np.degrees(np.arctan2(y, x))) % 360),
        lambda x, y: (keras.ops.sqrt(keras.ops.array(x**2 + y**2)), np.rad2deg(np.arctan2(y, x))),
    ],
)
def test_strength_and_direction_are_right_in_every_form(answer):
    assert_correct("06.3", answer)


def quotient(x, y):
    return np.hypot(x, y), np.degrees(np.arctan(y / x))  # divides by zero, as students' code does


def arccos_and_sign(x, y):
    return np.hypot(x, y), np.sign(y) * np.degrees(np.arccos(x / np.hypot(x, y)))


def arctan_and_sign(x, y):
    return np.hypot(x, y), np.degrees(np.arctan(y / x)) + np.where(x < 0, np.sign(y) * 180, 0)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (quotient, "the angle needs both signs"),
        (lambda x, y: (np.hypot(x, y), np.degrees(np.arctan2(x, y))), "the vertical part comes first"),
        (lambda x, y: (np.hypot(x, y), np.arctan2(y, x)), "in radians"),
        (lambda x, y: (np.hypot(x, y), np.radians(np.arctan2(y, x))), "turns degrees into radians"),
        (lambda x, y: (np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 360), "from 0 to 360"),
        (lambda x, y: (np.hypot(x, y), np.degrees(np.arctan2(y, x)) % 180), "modulo 180"),
        (lambda x, y: (np.hypot(x, y), np.degrees(np.arctan2(-y, x))), "up and down are exchanged"),
        (lambda x, y: (np.abs(x) + np.abs(y), np.degrees(np.arctan2(y, x))), "sum of the magnitudes"),
        (lambda x, y: (x**2 + y**2, np.degrees(np.arctan2(y, x))), "square of the length"),
        (lambda x, y: (np.degrees(np.arctan2(y, x)), np.hypot(x, y)), "the angle comes first"),
        (arccos_and_sign, "where g_y is 0 its sign is 0"),
        (arctan_and_sign, "where g_y is 0 its sign is 0"),
        (lambda x, y: (np.hypot(x, y), (np.degrees(np.arctan2(y, x)) + 540) % 360 - 180), "-180 and 180 are one"),
        (lambda x, y: (np.hypot(x, y), (np.degrees(np.arctan2(y, x)) - 90) % 180), "the edge's orientation"),
        (lambda x, y: (np.hypot(x, y), np.rint(np.degrees(np.arctan2(y, x)))), "rounded to whole degrees"),
        (lambda x, y: (np.hypot(x, y), np.degrees(np.arctan2(y, x)) + 90), "look again at the gradient as a vector"),
        (lambda x, y: np.sqrt(x**2 + y**2), "the length alone: give two arrays (H, W)"),
        (lambda x, y: np.angle(x + 1j * y, deg=True), "the angle alone: give two arrays (H, W)"),
        (lambda x, y: np.hypot(x, y).max(), "expected an array of shape (2, 2, 3)"),
    ],
)
def test_strength_and_direction_name_the_mistake(answer, phrase):
    assert_wrong("06.3", answer, phrase)


# 06.4, orientation of edges from a bank


def fitted(maps, angles):
    """A better answer than the task asks for: the gradient by least squares from all channels."""
    design = np.column_stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))])
    (x, y), *_ = np.linalg.lstsq(design, maps.reshape(-1, len(angles)).T)
    return ((np.degrees(np.arctan2(y, x)) + 90) % 180).reshape(maps.shape[:2])


def summed(maps, angles):
    x, y = (maps * np.cos(np.radians(angles))).sum(-1), (maps * np.sin(np.radians(angles))).sum(-1)
    return (np.degrees(np.arctan2(y, x)) + 90) % 180


def with_loops(maps, angles):
    orientation = np.zeros(maps.shape[:2])
    for r, c in np.ndindex(*orientation.shape):
        strongest = max(range(len(angles)), key=lambda o: abs(maps[r, c, o]))
        orientation[r, c] = (angles[strongest] - 90) % 180
    return orientation


@pytest.mark.parametrize(
    "answer",
    [
        with_loops,
        lambda maps, angles: np.take((angles + 90) % 180, np.argmax(maps**2, axis=2)),
        lambda maps, angles: with_loops(maps, angles).tolist(),
        lambda maps, angles: keras.ops.convert_to_tensor(with_loops(maps, angles)),
        lambda maps, angles: with_loops(maps, angles).astype(int),
    ],
)
def test_orientations_are_right_in_every_form(answer):
    assert_correct("06.4", answer)


@pytest.mark.parametrize("tilt", [0, 40, 80, 120, 160])
def test_the_expected_orientation_is_that_of_a_drawn_edge(tilt):
    """An edge along `tilt`: a bank of 10 degrees' steps finds it, whichever side is bright."""
    y, x = np.mgrid[:21, :21] - 10
    across = np.radians(tilt + 90)
    edge = np.tanh(x * np.cos(across) + y * np.sin(across))
    angles = np.arange(0, 180, 10)
    gradient = np.stack(np.gradient(edge)[::-1])[:, 10, 10]  # x, y
    maps = np.cos(np.radians(angles)) * gradient[0] + np.sin(np.radians(angles)) * gradient[1]
    for sign in (1, -1):
        assert notebook_06.EDGE_ORIENTATION.expected(sign * maps[None, None], angles) == tilt


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda m, a: (a[m.argmax(-1)] + 90) % 180, "a strong negative one is the same edge"),
        (lambda m, a: a[np.abs(m).argmax(-1)] % 180, "the angle across the edge"),
        (lambda m, a: a[m.argmax(-1)] % 180, "look at two things"),
        (lambda m, a: (a[np.abs(m).argmax(-1)] + 90) % 360, "no front and no back"),
        (lambda m, a: a[np.abs(m).argmax(-1)] + 90, "even 360"),
        (lambda m, a: np.argmax(np.abs(m), axis=2), "numbers of the channels"),
        (lambda m, a: (a[np.abs(m).argmin(-1)] + 90) % 180, "the weakest answer"),
        (lambda m, a: np.abs(m).max(-1), "strengths of the answers"),
        (lambda m, a: (a[np.abs(m).argmax(-1)] + 45) % 180, "look again at which channel"),
        (lambda m, a: (a[np.abs(m).argmax(0)[..., 0] % len(a)] + 90) % 180, "expected an array of shape (2, 3)"),
        (lambda m, a: a[np.abs(m).argmax(-1)], "towards which the kernel rises"),
        (lambda m, a: (22.5 * np.abs(m).argmax(-1) - 90) % 180, "are given, look them up"),
        (lambda m, a: (a[np.abs(m).argmax(0)] + 90) % 180, "compares rows with each other"),
        (lambda m, a: (a[np.abs(m).argmax(1)] + 90) % 180, "compares columns with each other"),
        (fitted, "an angle between the channels"),
        (summed, "lets all channels take part"),
    ],
)
def test_orientations_name_the_mistake(answer, phrase):
    assert_wrong("06.4", answer, phrase)


def test_the_formula_of_the_parameters_is_that_of_the_package():
    assert notebook_06.SHAPE_AND_PARAMETERS.expected[3] == arithmetic.conv_parameters(5, 3, 12)
