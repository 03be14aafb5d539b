"""Exercises of notebook 18: what is trained, which statistics BN uses, balanced accuracy, the range of the input."""

import numpy as np

from .comparison import describe, matches
from .engine import Exercise, Mistake, Wrong


def trained_numbers(frozen, kernel_weights, channels, features, classes):
    """The numbers of base and head that a gradient changes."""
    head = (features + 1) * classes
    base = {"base": 0, "bn": kernel_weights, "nothing": kernel_weights + 2 * channels}[frozen]
    return base + head


def _with(kernel=1, bn=2, bn_when_frozen=0, head_bias=1, head=1, base_frozen=0):
    """A student's count, with a mistake in one of its parts."""

    def count(frozen, kernel_weights, channels, features, classes):
        total = head * (features + head_bias) * classes
        if frozen == "base":
            return total + base_frozen * (kernel_weights + 2 * channels)
        return total + kernel * kernel_weights + (bn if frozen == "nothing" else bn_when_frozen) * channels

    return count


def _frozen_base_without_head(frozen, kernel_weights, channels, features, classes):
    return trained_numbers(frozen, kernel_weights, channels, features, classes) * (frozen != "base")


def _what_is_not_trained(frozen, kernel_weights, channels, features, classes):
    return {"base": kernel_weights + 2 * channels, "bn": 2 * channels, "nothing": 0}[frozen]


def _frozen_base_keeps_bn(frozen, kernel_weights, channels, features, classes):
    return trained_numbers(frozen, kernel_weights, channels, features, classes) + 2 * channels * (frozen == "base")


TRAINED = Exercise(
    "18.1",
    title="What is still trained",
    stars=1,
    cases=(
        ("base", 900, 20, 64, 5),
        ("bn", 900, 20, 64, 5),
        ("nothing", 900, 20, 64, 5),
        ("bn", 3_000, 128, 1280, 2),
        ("nothing", 3_000, 128, 1280, 2),
        ("base", 3_000, 128, 1280, 2),
    ),
    expected=trained_numbers,
    mistakes=(
        Mistake(_with(bn=4), "the moving mean and variance of BN are counted: does a gradient change them?"),
        Mistake(
            _with(bn_when_frozen=2),
            "frozen BN is counted as trained: what does trainable = False do to its scale and shift?",
        ),
        Mistake(
            _with(bn=4, bn_when_frozen=2),
            "freezing BN seems to stop its moving averages only: which numbers of BN does a gradient change?",
        ),
        Mistake(_with(bn=1), "one number for each channel of BN is missing: what does BN learn beside its scale?"),
        Mistake(_with(bn=0), "BN is never counted: which of its numbers are learned when nothing is frozen?"),
        Mistake(_with(head_bias=0), "the head's biases are missing"),
        Mistake(_with(head=0), "the head is missing: who trains it if not you?"),
        Mistake(
            _frozen_base_without_head,
            "the head is forgotten where the base is frozen: it is no part of the base and is trained in all three",
        ),
        Mistake(_what_is_not_trained, "these are the numbers that stay as they are: count what is changed"),
        Mistake(_with(base_frozen=1), "a frozen base still counts: what does frozen mean?"),
        Mistake(_frozen_base_keeps_bn, "the BN of a frozen base is counted: base.trainable = False means all layers"),
        Mistake(_with(kernel=0), "the kernels of the base are never counted: when are they trained?"),
    ),
    idea="which weights a gradient changes in each of the three settings: kernels, BN, head",
    hints=(
        "The head is trained in all three settings; count it first, with its biases.",
        "BN learns a scale and a shift for each channel, and only where it is not frozen.",
    ),
)


def uses_batch(trainable, written, called):
    """Whether a BN layer normalises by the batch."""
    mode = written if called is None else called
    return bool(mode) and trainable


MODES = (None, False, True)
SETTINGS = tuple((trainable, written, called) for trainable in (True, False) for written in MODES for called in MODES)
MODE_MISTAKES = (
    Mistake(
        lambda trainable, written, called: bool(called if written is None else written) and trainable,
        "what was written when the model was built wins over the call: what does fit do with it?",
    ),
    Mistake(
        lambda trainable, written, called: bool(written if called is None else called),
        "trainable has no effect: in which mode does a BN layer run that is not trainable?",
    ),
    Mistake(
        lambda trainable, written, called: trainable,
        "trainable alone decides: what does predict do with a trainable BN layer?",
    ),
    Mistake(
        lambda trainable, written, called: bool(called) and trainable,
        "what was written has no effect at all: which mode holds when the call gives none?",
    ),
    Mistake(
        lambda trainable, written, called: bool(written or called) and trainable,
        "one True is enough here: what if the call says False, as predict does?",
    ),
    Mistake(
        lambda trainable, written, called: (written if called is None else called) is not False and trainable,
        "None everywhere is taken for training mode",
    ),
    Mistake(
        lambda trainable, written, called: not uses_batch(trainable, written, called),
        "True and False are exchanged: the question is whether the batch's own statistics are used",
    ),
    Mistake(
        lambda trainable, written, called: trainable and bool(written) and bool(called),
        "both values of training must be True here: only one of them holds at a time",
    ),
)
IDEA_OF_MODES = "which of the two values of training holds, and what trainable = False does to BN whatever they are"


def _told(setting) -> str:
    return "for trainable={}, written={}, called={}".format(*setting)


def _judge_modes(answer) -> None:
    """Take whatever Python takes for True or False: truth values, 0 and 1, None for False."""
    if not callable(answer):
        raise Wrong(f"received {describe(answer)}, expected the function itself; pass it without calling it")
    results = [answer(*setting) for setting in SETTINGS]
    if all(result is None for result in results):
        raise Wrong("received None, expected a result; does every path end with `return`?")
    for setting, result in zip(SETTINGS, results, strict=True):
        if result is not None and not any(matches(truth, result) for truth in (True, False, 1, 0)):
            raise Wrong(f"{_told(setting)} received {describe(result)}, expected True or False")
    truths = [bool(result) for result in results]
    wrong = [k for k, setting in enumerate(SETTINGS) if truths[k] != uses_batch(*setting)]
    if not wrong:
        return
    none = results[wrong[0]] is None
    advice = "does every path end with `return`?" if none else f"look again at {IDEA_OF_MODES}"
    for mistake in MODE_MISTAKES:
        if [bool(mistake.answer(*setting)) for setting in SETTINGS] == truths:
            advice = mistake.message
    received = None if none else truths[wrong[0]]
    raise Wrong(f"{_told(SETTINGS[wrong[0]])} received {received}, expected {not truths[wrong[0]]}; {advice}")


STATISTICS = Exercise(
    "18.2",
    title="Which statistics does BN use?",
    stars=2,
    judge=_judge_modes,
    mistakes=MODE_MISTAKES,
    idea=IDEA_OF_MODES,
    hints=(
        "First find the mode that holds: the call's, and only where there is none the written one.",
        "Then ask whether the layer is trainable: if not, the mode does not matter.",
    ),
)

TABLES = (
    np.array([[8, 2], [1, 1]]),
    np.array([[5, 0, 0], [3, 6, 1], [0, 2, 2]]),
    np.array([[0, 4, 0], [1, 9, 0], [2, 0, 6]]),
    np.array([[90, 10, 0], [5, 5, 2], [1, 3, 1]]),
)


def balanced_from_table(table):
    """The mean over the rows of the share on the diagonal."""
    return float(np.mean(np.diag(table) / np.sum(table, axis=1)))


BALANCED = Exercise(
    "18.3",
    title="Balanced accuracy from a table",
    stars=2,
    cases=tuple((table,) for table in TABLES),
    expected=balanced_from_table,
    mistakes=(
        Mistake(
            lambda table: np.trace(table) / np.sum(table),
            "this is the plain accuracy: a class with more images counts more",
        ),
        Mistake(
            lambda table: np.mean(np.diag(table) / np.maximum(np.sum(table, axis=0), 1)),
            "the sums of the columns count how often an answer was given: what is shared out within a class?",
        ),
        Mistake(
            lambda table: np.sum(np.diag(table) / np.sum(table, axis=1)),
            "the shares are added up: their mean is asked for",
        ),
        Mistake(
            lambda table: 100 * balanced_from_table(table), "this is in per cent; the course gives accuracies in 0..1"
        ),
        Mistake(lambda table: 1 - balanced_from_table(table), "this is the error, the share of wrong answers"),
        Mistake(
            lambda table: np.mean(np.max(table, axis=1) / np.sum(table, axis=1)),
            "the largest number of a row need not be right: where do right answers stand?",
        ),
        Mistake(
            lambda table: np.median(np.diag(table) / np.sum(table, axis=1)),
            "this is the median of the shares: their mean is asked for",
        ),
        Mistake(
            lambda table: np.diag(table) / np.sum(table, axis=1),
            "these are the shares of the classes: one number is asked for",
        ),
    ),
    idea="where right answers stand in the table, and by which count each class is divided",
    hints=(
        "Right answers stand on the diagonal: class i got the answer i.",
        "Divide each by the number of images of its class before you take a mean.",
    ),
)


def unit_range_bias(kernel, bias, low, high):
    """The bias that takes up what the lower end of the range adds to every window."""
    return bias + low * kernel.sum(axis=(0, 1, 2))


def _range_cases():
    random = np.random.default_rng(18)
    for shape, low, high in (((3, 3, 3, 4), -1.0, 1.0), ((1, 2, 3, 2), -2.0, 3.0), ((5, 5, 1, 3), 10.0, 255.0)):
        yield random.normal(size=shape), random.normal(size=shape[-1]), low, high


RANGE = Exercise(
    "18.4",
    title="The range of the input",
    stars=3,
    cases=tuple(_range_cases()),
    expected=unit_range_bias,
    mistakes=(
        Mistake(lambda kernel, bias, low, high: bias, "the bias stays as it is: what does the lower end add?"),
        Mistake(
            lambda kernel, bias, low, high: bias - low * kernel.sum(axis=(0, 1, 2)),
            "the sign of the second part is wrong: multiply the bracket out",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + low,
            "low is added once: each product in the window has its own part",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + low * kernel.sum(),
            "the kernels of all output channels are added up: each channel has a sum of its own",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + low * kernel.sum(axis=(0, 1)).mean(axis=0),
            "this takes the mean over the input channels: a window is added up over them, too",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + low * kernel.mean(axis=(0, 1, 2)),
            "this takes the mean of the kernel: a convolution adds its products up",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + low * (high - low) * kernel.sum(axis=(0, 1, 2)),
            "the new kernel stands in the sum: low is multiplied by the old one",
        ),
        Mistake(
            lambda kernel, bias, low, high: (high - low) * bias + low * kernel.sum(axis=(0, 1, 2)),
            "the bias is multiplied by the width of the range: no image goes into it",
        ),
        Mistake(
            lambda kernel, bias, low, high: bias + high * kernel.sum(axis=(0, 1, 2)),
            "the upper end stands in place of the lower: which value does a black pixel, x = 0, need?",
        ),
        Mistake(
            lambda kernel, bias, low, high: low * kernel.sum(axis=(0, 1, 2)), "the old bias is gone: it stays as well"
        ),
    ),
    idea="the part of each product that does not depend on the image, added up over the window",
    hints=(
        "Write one product w (low + (high - low) x) as a part with x and a part without.",
        "The part without x is the same in every window; add it up over rows, columns and input channels.",
    ),
)

EXERCISES = (TRAINED, STATISTICS, BALANCED, RANGE)
