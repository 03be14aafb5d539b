"""Exercises of notebook 11: partial connections, the 28 x 28 trap, dropout, local response normalisation."""

import numpy as np

from .engine import Exercise, Mistake
from .response_norm import RESPONSE_NORM

# The maps of S2 that each map of C3 reads: three or four neighbours on a ring of six, two pairs, all six.
CONNECTIONS = (
    *(tuple(sorted((first + step) % 6 for step in range(count))) for count in (3, 4) for first in range(6)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)


def _kernels(connections) -> int:
    return sum(len(read) for read in connections)


ALL_READ = "every output map reads every input map here: `connections` says which kernels are stored"
NO_BIAS = "the biases are missing: each output map adds one number at every place"
PARTIAL = Exercise(
    "11.1",
    title="Partial connections",
    stars=1,
    cases=(
        (CONNECTIONS, 5),
        (((0,), (0, 1), (2, 0, 1)), 3),
        (((0, 3), (1,), (2, 3), (0, 1, 2, 3)), 1),
        (((1,), (4,)), 7),
    ),
    expected=lambda connections, size: _kernels(connections) * size**2 + len(connections),
    mistakes=(
        Mistake(lambda connections, size: _kernels(connections) * size**2, NO_BIAS),
        Mistake(
            lambda connections, size: _kernels(connections) * (size**2 + 1),
            "there is a bias for each kernel here: how many sums does an output map have, and how many biases each?",
        ),
        Mistake(
            lambda connections, size: len(connections) * (size**2 * (1 + max(map(max, connections))) + 1),
            ALL_READ,
        ),
        Mistake(lambda connections, size: len(connections) * (size**2 * 6 + 1), ALL_READ),
        Mistake(
            lambda connections, size: _kernels(connections) * size**2 + 1,
            "there is one bias in the whole layer here: each output map has its own",
        ),
        Mistake(
            lambda connections, size: _kernels(connections) * size**2 + len(set().union(*connections)),
            "there is a bias for each input map here: it is the output maps that add one",
        ),
        Mistake(
            lambda connections, size: _kernels(connections) * 25 + len(connections),
            "kernel_size has no effect: a kernel of 5x5 has 25 weights, others have not",
        ),
        Mistake(
            lambda connections, size: _kernels(connections) * size**2 + 16,
            "there are always 16 biases here: how many output maps does `connections` have?",
        ),
        Mistake(
            lambda connections, size: _kernels(connections) * size + len(connections),
            "a kernel has a row of weights only: it has kernel_size rows of kernel_size weights",
        ),
        Mistake(
            lambda connections, size: len(connections) * (size**2 + 1),
            "there is one kernel for each output map here: an output map has one for each input map that it reads",
        ),
        Mistake(
            lambda connections, size: _kernels(connections),
            "this is the number of kernels: how many weights has each, and what does an output map add?",
        ),
    ),
    idea="what is stored: a kernel for each pair of connected maps, and a bias for each output map",
    hints=(
        "How many kernels has one output map? Add this up over all of them.",
        "Each kernel has kernel_size rows and as many columns of weights.",
        "An output map is one sum over all that it reads. How many biases does one sum need?",
    ),
)


def _lenet(
    side, padding, *, channels=16, bias=1, halve=lambda side: side // 2, c1=4, c3=4, classes=True, kernels=96, power=2
):
    if padding == "valid":
        side = side - c1
    side = halve(halve(side) - c3)
    convolutions = 25 * 6 + 6 + 25 * kernels + 16
    dense = (channels * side**power + bias) * 120 + (120 + bias) * 84
    return convolutions + dense + (84 + bias) * 10 * classes


ROUNDED = "where a side is odd, a 2x2 pool with stride 2 leaves the last row out: the side is rounded down"
TAKES_FIVE = "5x5 kernels take 5 from the side here: on 5 pixels a kernel of 5 still has one place"
TRAP = Exercise(
    "11.2",
    title="The 28 x 28 trap",
    stars=2,
    cases=((28, "same"), (28, "valid"), (32, "valid"), (33, "same"), (47, "valid"), (16, "same")),
    expected=_lenet,
    mistakes=(
        Mistake(
            lambda side, padding: 61_706,
            "400 numbers reach the first dense layer in two of these cases only: how many places has another side?",
        ),
        Mistake(
            lambda side, padding: _lenet(side, "same"),
            "the padding of C1 has no effect: without zeros at the border, how many places has a 5x5 kernel in a row?",
        ),
        Mistake(
            lambda side, padding: _lenet(side, "valid"),
            "the padding of C1 has no effect: with zeros around the image, how large is the output of stride 1?",
        ),
        Mistake(lambda side, padding: _lenet(side, padding, halve=lambda side: -(-side // 2)), ROUNDED),
        Mistake(lambda side, padding: _lenet(side, padding, halve=lambda side: side / 2), ROUNDED),
        Mistake(
            lambda side, padding: _lenet(side, padding, c3=0),
            "C3 keeps the size here: it has no padding, whatever C1 has",
        ),
        Mistake(lambda side, padding: _lenet(side, padding, c3=5), TAKES_FIVE),
        Mistake(lambda side, padding: _lenet(side, padding, c1=5, c3=5), TAKES_FIVE),
        Mistake(lambda side, padding: _lenet(side, padding, bias=0) - 22, "the biases are missing"),
        Mistake(lambda side, padding: _lenet(side, padding, bias=0), "the dense layers have biases, too"),
        Mistake(lambda side, padding: _lenet(side, padding) - 22, "the convolutions have biases, too"),
        Mistake(
            lambda side, padding: _lenet(side, padding, kernels=60),
            "C3 has the partial connections of 1998 here: today it reads all six maps",
        ),
        Mistake(
            lambda side, padding: _lenet(side, padding, power=1),
            "flattening counts one row of places here: a map has as many rows as columns",
        ),
        Mistake(
            lambda side, padding: _lenet(side, padding, channels=1),
            "flattening counts the places of one map here: how many maps has S4?",
        ),
        Mistake(
            lambda side, padding: _lenet(side, padding, kernels=16),
            "the kernels of C3 read one map here: how many does S2 have?",
        ),
        Mistake(
            lambda side, padding: _lenet(side, padding, classes=False),
            "the last layer is missing: ten logits, each from 84 inputs",
        ),
    ),
    idea="the side of the maps after C1, S2, C3 and S4, and how many numbers the first dense layer reads",
    hints=(
        "Follow the side through C1, S2, C3, S4. Only one layer's parameters depend on it.",
        "The convolutions have 156 and 2,416 parameters, whatever the image.",
        "The first dense layer reads all 16 maps of S4 at all places, and has 120 units.",
    ),
)


def _drop_cases():
    random = np.random.default_rng(11)
    for shape, rate, training in (
        ((5, 7), 0.5, True),
        ((4, 9), 0.2, True),
        ((3, 4, 5), 0.75, True),
        ((5, 7), 0.2, False),
    ):
        yield random.normal(2, 1, shape), rate, random.uniform(size=shape), training


def _drop(x, rate, random_numbers, training):
    return np.where(random_numbers < rate, 0, x / (1 - rate)) if training else x


def _in_training(change):
    """A mistake that shows in training alone."""
    return lambda x, rate, numbers, training: change(x, rate, numbers) if training else x


SCALE = "the numbers that stay are scaled by the wrong factor: which share of them stays, and what keeps the sum?"
DROPOUT = Exercise(
    "11.3",
    title="Dropout in NumPy",
    stars=2,
    cases=tuple(_drop_cases()),
    expected=_drop,
    mistakes=(
        Mistake(_in_training(lambda x, rate, numbers: np.where(numbers < rate, 0, x / rate)), SCALE),
        Mistake(_in_training(lambda x, rate, numbers: np.where(numbers < rate, 0, x * (1 - rate))), SCALE),
        Mistake(
            _in_training(lambda x, rate, numbers: np.where(numbers < rate, 0, 2 * x)),
            "the numbers that stay are doubled whatever the rate: 2 is right for a rate of 0.5 only",
        ),
        Mistake(
            _in_training(lambda x, rate, numbers: np.where(numbers < 1 - rate, x / (1 - rate), 0)),
            "as many numbers are dropped as should be, but others: those below the rate are to be dropped",
        ),
        Mistake(
            _in_training(lambda x, rate, numbers: np.where(numbers < rate, 0, x)),
            "the numbers that stay are not scaled: the mean in training is smaller than at test time",
        ),
        Mistake(
            lambda x, rate, numbers, training: np.where(numbers < rate, 0, x) if training else x * (1 - rate),
            "this is dropout as the paper of 2012 has it: Keras scales in training, and does nothing at test time",
        ),
        Mistake(
            lambda x, rate, numbers, training: _drop(x, rate, numbers, True),
            "numbers are dropped at test time as well: what does `training` say?",
        ),
        Mistake(
            lambda x, rate, numbers, training: _drop(x, rate, numbers, not training),
            "it drops at test time and rests in training: it is the other way round",
        ),
        Mistake(
            _in_training(lambda x, rate, numbers: np.where(numbers < rate, x / (1 - rate), 0)),
            "the numbers to be dropped stay, and the others are dropped",
        ),
        Mistake(
            _in_training(lambda x, rate, numbers: np.where(numbers < rate, x / rate, 0)),
            "the rate is the share that stays here: it is the share that is dropped",
        ),
        Mistake(
            lambda x, rate, numbers, training: _drop(x, rate, numbers, True) if training else x / (1 - rate),
            "at test time nothing is dropped, so nothing is to be scaled",
        ),
    ),
    idea="what happens in training to numbers that stay, and what at test time",
    hints=(
        "At test time the array comes back as it was.",
        "In training, np.where chooses between 0 and a scaled number, place by place.",
        "With a rate of 0.2, four numbers of five stay on average. By what must you divide them to keep the mean?",
    ),
)


EXERCISES = (PARTIAL, TRAP, DROPOUT, RESPONSE_NORM)
