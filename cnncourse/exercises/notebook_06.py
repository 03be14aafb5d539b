"""Exercises of notebook 06: shape and parameters, stacking kernels, the gradient, orientations from a bank."""

import numpy as np

from .engine import Exercise, Mistake

SHAPE_AND_PARAMETERS = Exercise(
    "06.1",
    title="Shape and parameters of a layer",
    stars=1,
    expected=(28, 36, 12, 912),
    mistakes=(
        Mistake((28, 36, 36, 912), "this has a channel for each kernel and colour: each kernel adds over the colours"),
        Mistake((28, 36, 36, 2736), "this has a channel, and weights, for each colour: one kernel makes one channel"),
        Mistake((28, 36, 12, 900), "this leaves the biases out: how many biases has an output channel?"),
        Mistake((28, 36, 12, 901), "this has one bias for the whole layer: each output channel has its own"),
        Mistake((28, 36, 12, 936), "this has a bias for each kernel and colour: a sum over the colours has one bias"),
        Mistake((28, 36, 12, 312), "this counts kernels for grey images: how many weights lie on one colour pixel?"),
        Mistake((28, 36, 12, 76), "these are the parameters of one output channel"),
        Mistake((32, 40, 12, 912), "this is the output of a layer that pads: without padding, count the windows"),
        Mistake((27, 35, 12, 912), "one row and one column are missing: a kernel as large as the image fits once"),
        Mistake((36, 28, 12, 912), "this has height and width exchanged: an image of 32 x 40 has 32 rows"),
        Mistake((28, 36, 3, 912), "these are the channels of the input: how many maps does the layer make?"),
        Mistake((30, 38, 12, 912), "this is the output of 3x3 kernels: how many places has one of 5x5?"),
        Mistake((12, 28, 36, 912), "this has the channels first: in Keras they come after height and width"),
    ),
    idea="how many windows there are, how many weights one kernel has, and what an output channel is",
    hints=(
        "The windows: a kernel of 5 rows fits into 32 rows at how many heights? The same for 40 columns.",
        "One kernel lies on 5 x 5 pixels of three numbers each, makes one number, and adds one bias.",
        "Each kernel makes one output channel, and the layer has 12 kernels.",
    ),
)


def _kernels(seed: int, count: int, *shape: int) -> list:
    return list(np.random.default_rng(seed).integers(-9, 10, (count, *shape)).astype(float))


def _reshaped(kernels):
    stacked = np.stack(kernels)
    return stacked.reshape(*stacked.shape[1:], len(kernels))


# In the second case all axes are of one length, so that a wrong order has the right shape.
STACK_KERNELS = Exercise(
    "06.2",
    title="From a list of kernels to a kernel array",
    stars=2,
    cases=((_kernels(1, 4, 3, 5, 2),), (_kernels(2, 3, 3, 3, 3),), (_kernels(3, 1, 2, 3, 1),)),
    expected=lambda kernels: np.stack(kernels, axis=-1),
    mistakes=(
        Mistake(
            lambda kernels: np.stack(kernels), "this numbers the kernels on the first axis: Keras does on the last"
        ),
        Mistake(
            _reshaped,
            "the shape is right and the numbers are mixed: reshape cuts the numbers anew and moves no axis",
        ),
        Mistake(
            lambda kernels: np.stack(kernels, axis=-1)[:, :, None],
            "the kernels have their axis of input channels already: only the one of output channels is missing",
        ),
        Mistake(
            lambda kernels: np.stack(kernels, axis=2),
            "this numbers the kernels before the input channels: which of the two comes last?",
        ),
        Mistake(
            lambda kernels: np.stack(kernels).T,
            "this reverses the order of all axes: rows, columns and input channels keep theirs",
        ),
        Mistake(
            lambda kernels: np.concatenate(kernels, axis=-1),
            "this joins the kernels along the input channels: output channels need an axis of their own",
        ),
        Mistake(
            lambda kernels: np.stack([kernel[::-1, ::-1] for kernel in kernels], axis=-1),
            "this flips the kernels: a layer computes correlation, they go in as they are",
        ),
        Mistake(
            lambda kernels: np.stack([kernel.swapaxes(0, 1) for kernel in kernels], axis=-1),
            "this exchanges rows and columns of each kernel",
        ),
        Mistake(
            lambda kernels: np.stack(kernels[::-1], axis=-1),
            "the kernels come in reverse order: output channel 0 belongs to the first kernel of the list",
        ),
    ),
    idea="which axis of the kernel array numbers the output channels",
    hints=(
        "Write the two shapes: one kernel is (kh, kw, C_in), the array is (kh, kw, C_in, C_out). Which axis is new?",
        "np.stack joins arrays along a new axis and takes an argument that says which place it gets.",
    ),
)

# Gradients in all four quadrants, along both axes in both directions, where signs and quotients fail, and none.
GRADIENTS = (
    (np.array([[3.0, -3.0, 3.0], [-3.0, 1.0, -2.0]]), np.array([[4.0, 4.0, -4.0], [-4.0, 0.5, 1.0]])),
    (np.array([[0.0, 0.0, 2.0, -0.5, -1.0]]), np.array([[1.5, -2.5, 0.0, 0.25, 0.0]])),
    (np.array([[0.0, 1.0]]), np.array([[0.0, 0.0]])),
)


def _gradient(length=np.hypot, angle=np.arctan2, unit=np.degrees):
    return lambda g_x, g_y: (length(g_x, g_y), unit(angle(g_y, g_x)))


def _from_quotient(rise, run):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.arctan(rise / run)


def _sign_by_hand(rise, run):
    return _from_quotient(rise, run) + np.where(run < 0, np.sign(rise) * np.pi, 0)


STRENGTH_AND_DIRECTION = Exercise(
    "06.3",
    title="Strength and direction of the gradient",
    stars=2,
    cases=GRADIENTS,
    expected=_gradient(),
    mistakes=(
        Mistake(
            _gradient(angle=_from_quotient),
            "the quotient of the two is the same for opposite gradients: the angle needs both signs",
        ),
        Mistake(
            _gradient(angle=lambda rise, run: np.arctan2(run, rise)),
            "the angle counts from the downward axis: in arctan2 the vertical part comes first",
        ),
        Mistake(
            _gradient(angle=_sign_by_hand),
            "where g_y is 0 its sign is 0, too: a gradient to the left gets the angle of one to the right",
        ),
        Mistake(
            _gradient(unit=lambda angle: (np.degrees(angle) + 180) % 360 - 180),
            "-180 and 180 are one direction: the task asks for more than -180 and at most 180",
        ),
        Mistake(_gradient(unit=lambda angle: angle), "the angle is in radians: degrees were asked for"),
        Mistake(_gradient(unit=np.radians), "this turns degrees into radians: arctan2 gives radians"),
        Mistake(
            _gradient(unit=lambda angle: np.degrees(angle) % 360),
            "the angle runs from 0 to 360: it should run from -180 to 180",
        ),
        Mistake(
            _gradient(unit=lambda angle: np.degrees(angle) % 180),
            "the angle is taken modulo 180: a direction tells opposite gradients apart",
        ),
        Mistake(
            _gradient(unit=lambda angle: (np.degrees(angle) + 90) % 180),
            "this is the edge's orientation: the direction of the gradient was asked for",
        ),
        Mistake(_gradient(unit=lambda angle: np.degrees(angle).round()), "the angle is rounded to whole degrees"),
        Mistake(np.hypot, "this is the length alone: give two arrays (H, W), the length and the angle"),
        Mistake(
            lambda g_x, g_y: np.degrees(np.arctan2(g_y, g_x)),
            "this is the angle alone: give two arrays (H, W), the length and the angle",
        ),
        Mistake(
            _gradient(angle=lambda rise, run: np.arctan2(-rise, run)),
            "up and down are exchanged: rows count downwards, so 90 degrees is down",
        ),
        Mistake(
            _gradient(length=lambda g_x, g_y: abs(g_x) + abs(g_y)),
            "this is the sum of the magnitudes: the length of a vector has squares and a root",
        ),
        Mistake(_gradient(length=lambda g_x, g_y: g_x**2 + g_y**2), "this is the square of the length"),
        Mistake(
            lambda g_x, g_y: _gradient()(g_x, g_y)[::-1],
            "the angle comes first: the length was asked for first",
        ),
    ),
    idea="the gradient as a vector with a horizontal and a vertical part",
    hints=(
        "The length of a vector is the root of the sum of the squares of its parts; np.hypot computes it.",
        "np.arctan2 takes the vertical part, then the horizontal one, and gives radians; np.degrees turns them.",
    ),
)

# Both contrasts, the strongest in every channel; the second bank counts from another angle and in other steps.
ORIENTATION_CASES = (
    (
        np.array(
            [
                [[0.9, 0.1, -0.2, 0.3], [0.1, 0.8, 0.2, -0.9], [-0.1, 0.3, -0.7, 0.2]],
                [[-0.6, 0.5, 0.0, -0.4], [0.2, -0.9, 0.8, 0.1], [0.0, 0.1, 0.2, 0.4]],
            ]
        ),
        np.array([0.0, 45.0, 90.0, 135.0]),
    ),
    (np.array([[[0.2, -0.5, 0.4], [0.7, 0.1, -0.3]], [[-0.2, 0.1, 0.6], [-0.8, 0.4, 0.5]]]), np.array([10, 100, 350])),
)


def _orientation(strength=np.abs, turn=90, period=180, axis=-1):
    return lambda maps, angles: (angles[strength(maps).argmax(axis=axis)] + turn) % period


def _between_the_channels(maps, angles):
    """The orientation from the gradient that fits all channels best, by least squares."""
    bank = np.stack([np.cos(np.radians(angles)), np.sin(np.radians(angles))])
    g_x, g_y = np.moveaxis(maps @ np.linalg.pinv(bank), -1, 0)
    return (np.degrees(np.arctan2(g_y, g_x)) + 90) % 180


def _weighted_by_answers(maps, angles):
    g_x, g_y = maps @ np.cos(np.radians(angles)), maps @ np.sin(np.radians(angles))
    return (np.degrees(np.arctan2(g_y, g_x)) + 90) % 180


EDGE_ORIENTATION = Exercise(
    "06.4",
    title="Orientation of edges from a bank",
    stars=3,
    cases=ORIENTATION_CASES,
    expected=_orientation(),
    mistakes=(
        Mistake(
            _orientation(strength=np.asarray),
            "this takes the largest answer: a strong negative one is the same edge with dark and bright exchanged",
        ),
        Mistake(
            _orientation(turn=0),
            "this is the angle across the edge: the kernel rises at a right angle to the edge",
        ),
        Mistake(
            _orientation(strength=np.asarray, turn=0),
            "look at two things: what a strong negative answer means, and how the edge lies to the kernel's rise",
        ),
        Mistake(
            _orientation(turn=0, period=1e9),
            "this is the angle towards which the kernel rises, across the edge, and not modulo 180",
        ),
        Mistake(
            _orientation(period=360),
            "some angles are 180 or more: an edge has no front and no back, so take them modulo 180",
        ),
        Mistake(
            _orientation(period=1e9),
            "some angles are 180 or more, even 360: an edge has no front and no back, so take them modulo 180",
        ),
        Mistake(
            lambda maps, angles: np.abs(maps).argmax(axis=-1),
            "these are the numbers of the channels: look up the angle of each",
        ),
        Mistake(
            lambda maps, angles: (22.5 * np.abs(maps).argmax(axis=-1) + 90) % 180,
            "this counts in steps of 22.5 degrees from 0: the angles of the channels are given, look them up",
        ),
        Mistake(_orientation(axis=0), "this compares rows with each other: the last axis numbers the channels"),
        Mistake(_orientation(axis=1), "this compares columns with each other: the last axis numbers the channels"),
        Mistake(
            _between_the_channels,
            "this finds an angle between the channels, a good idea: here take the angle of the strongest channel",
        ),
        Mistake(
            _weighted_by_answers,
            "this lets all channels take part: here only the one with the strongest answer counts",
        ),
        Mistake(
            _orientation(strength=lambda maps: -np.abs(maps)),
            "this takes the weakest answer of each pixel",
        ),
        Mistake(
            lambda maps, angles: np.abs(maps).max(axis=-1),
            "these are the strengths of the answers: which channel gave them, and what is its angle?",
        ),
    ),
    idea="which channel fits best at a pixel, and how its angle, that of the gradient, lies to the edge",
    hints=(
        "What does a large negative answer of an edge filter mean? Decide what 'strongest' is before the argmax.",
        "argmax over the last axis gives the number of a channel for each pixel; index the array of angles with it.",
        "The angle is that of the rise, across the edge. Turn it by 90 degrees and bring it into 0 to 180.",
    ),
)

EXERCISES = (SHAPE_AND_PARAMETERS, STACK_KERNELS, STRENGTH_AND_DIRECTION, EDGE_ORIENTATION)
