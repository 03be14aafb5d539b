"""The checks of notebook 18: right answers in every form, and each typical mistake with its own message."""

import keras
import numpy as np
import pytest

from cnncourse import exercises, reference
from cnncourse.exercises import notebook_18
from tests.verdicts import assert_correct, assert_wrong

IDS = ["18.1", "18.2", "18.3", "18.4"]


def blank_function(*arguments):
    """What an answer is before it is written."""
    ...


@pytest.mark.parametrize("exercise_id", IDS)
@pytest.mark.parametrize("blank", [..., blank_function])
def test_a_blank_is_not_attempted(exercise_id, blank):
    assert exercises.verdict(exercise_id, blank).status == "not attempted"


@pytest.mark.parametrize("exercise_id", IDS)
def test_a_function_without_return_is_told_so(exercise_id):
    assert_wrong(exercise_id, lambda *arguments: print(arguments), "does every path end with `return`")


# 18.1, what is still trained


def count_by_keras(frozen, kernel_weights, channels, features, classes):
    """A base of one convolution and one BN, with a head, counted by what Keras calls trainable."""
    conv = keras.layers.Conv1D(channels, kernel_weights // channels, use_bias=False)
    bn, head = keras.layers.BatchNormalization(), keras.layers.Dense(classes)
    conv.build((None, kernel_weights, 1))
    bn.build((None, kernel_weights, channels))
    head.build((None, features))
    conv.trainable = frozen != "base"
    bn.trainable = frozen == "nothing"
    shapes = [weight.shape for layer in (conv, bn, head) for weight in layer.trainable_weights]
    left_over = (kernel_weights % channels) * (frozen != "base")  # where the kernel does not divide evenly
    return sum(int(np.prod(shape)) for shape in shapes) + left_over


def count_by_cases(frozen, kernel_weights, channels, features, classes):
    total = features * classes + classes
    if frozen != "base":
        total += kernel_weights
    if frozen == "nothing":
        total += channels + channels
    return total


@pytest.mark.parametrize("answer", [count_by_keras, count_by_cases])
def test_trained_numbers_are_right_in_every_form(answer):
    assert_correct("18.1", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda f, k, c, i, o: (i + 1) * o + (f != "base") * k + 4 * c * (f == "nothing"), "moving mean and variance"),
        (lambda f, k, c, i, o: (i + 1) * o + (f != "base") * (k + 2 * c), "frozen BN is counted as trained"),
        (
            lambda f, k, c, i, o: (i + 1) * o + (f != "base") * (k + (4 if f == "nothing" else 2) * c),
            "its moving averages only",
        ),
        (lambda f, k, c, i, o: (i + 1) * o + (f != "base") * k + c * (f == "nothing"), "beside its scale"),
        (lambda f, k, c, i, o: (i + 1) * o + (f != "base") * k, "BN is never counted"),
        (lambda f, k, c, i, o: i * o + (f != "base") * k + 2 * c * (f == "nothing"), "biases are missing"),
        (lambda f, k, c, i, o: (f != "base") * k + 2 * c * (f == "nothing"), "the head is missing"),
        (lambda f, k, c, i, o: (f != "base") * ((i + 1) * o + k) + 2 * c * (f == "nothing"), "in all three"),
        (lambda f, k, c, i, o: {"base": k + 2 * c, "bn": 2 * c, "nothing": 0}[f], "stay as they are"),
        (lambda f, k, c, i, o: (i + 1) * o + k + 2 * c * (f != "bn"), "a frozen base still counts"),
        (lambda f, k, c, i, o: (i + 1) * o + (f != "base") * k + 2 * c * (f != "bn"), "the BN of a frozen base"),
        (lambda f, k, c, i, o: (i + 1) * o + 2 * c * (f == "nothing"), "kernels of the base are never counted"),
    ],
)
def test_a_wrong_count_has_its_message(answer, phrase):
    assert_wrong("18.1", answer, phrase)


# 18.2, which statistics BN uses


def seen_in_keras(trainable, written, called):
    """Ask a Functional model: does the output of one image change with the other image of its batch?"""
    bn = keras.layers.BatchNormalization()
    inner_input = keras.Input((3,))
    base = keras.Model(inner_input, bn(inner_input))
    bn.trainable = trainable
    inputs = keras.Input((3,))
    net = keras.Model(inputs, base(inputs, training=written) if written is not None else base(inputs))
    one, first, second = np.ones(3), np.zeros(3), np.full(3, 5.0)
    outputs = []
    for other in (first, second):
        batch = np.stack([one, other]).astype("float32")
        before = bn.get_weights()
        outputs.append(np.asarray(net(batch) if called is None else net(batch, training=called))[0])
        bn.set_weights(before)
    return not np.allclose(*outputs)


def test_keras_does_what_the_exercise_says():
    assert_correct("18.2", seen_in_keras)


@pytest.mark.parametrize(
    "answer",
    [
        lambda trainable, written, called: (
            trainable and (written if called is None else called)
        ),  # None for three None
        lambda trainable, written, called: int(bool(written if called is None else called) and trainable),
        lambda trainable, written, called: np.bool_(bool(written if called is None else called) and trainable),
        lambda trainable, written, called: 1.0 * ((written if called is None else called) is True) * trainable,
    ],
)
def test_what_python_takes_for_true_or_false_is_accepted(answer):
    assert_correct("18.2", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda t, w, c: "yes", "received 'yes', expected True or False"),
        (lambda t, w, c: 2, "received 2, expected True or False"),
        (lambda t, w, c: [True], "expected True or False"),
        (
            lambda t, w, c: None if w else t and bool(c),
            "written=True, called=None received None, expected True; does every path",
        ),
        (lambda t, w, c: np.ones(2), "expected True or False"),
        (True, "expected the function itself"),
    ],
)
def test_what_is_no_truth_value_is_told_so(answer, phrase):
    assert_wrong("18.2", answer, phrase)


def test_what_the_answer_raises_is_told():
    verdict = exercises.verdict("18.2", lambda trainable, written, called: missing)  # noqa: F821
    assert (verdict.status, "NameError" in verdict.message) == ("error", True)


def test_each_known_mode_gets_its_message():
    for mistake in notebook_18.STATISTICS.mistakes:
        assert_wrong("18.2", mistake.answer, mistake.message)


def test_the_mode_by_cases_is_right():
    def answer(trainable, written, called):
        if not trainable:
            return False
        return called if called is not None else written is True

    assert_correct("18.2", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda t, w, c: t and bool(c if w is None else w), "wins over the call"),
        (lambda t, w, c: t and w is not False and bool(w or c), "wins over the call"),
        (lambda t, w, c: bool(w if c is None else c), "trainable has no effect"),
        (lambda t, w, c: t, "trainable alone decides"),
        (lambda t, w, c: t and c is True, "what was written has no effect"),
        (lambda t, w, c: t and c, "what was written has no effect"),
        (lambda t, w, c: t and (w is True or c is True), "one True is enough"),
        (lambda t, w, c: t and (w if c is None else c) is not False, "None everywhere"),
        (lambda t, w, c: t and w is True and c is True, "both values of training"),
        (lambda t, w, c: False, "look again at which of the two"),
        (lambda t, w, c: not (t and bool(w if c is None else c)), "are exchanged"),
    ],
)
def test_a_wrong_mode_has_its_message(answer, phrase):
    assert_wrong("18.2", answer, phrase)


# 18.3, balanced accuracy


def by_loop(table):
    shares = []
    for label, row in enumerate(table):
        shares.append(row[label] / row.sum())
    return sum(shares) / len(shares)


def by_weights(table):
    """The mean over images, each weighted by one over the size of its class."""
    labels, answers = np.indices(table.shape)
    weights = np.repeat(1 / table.sum(axis=1), table.sum(axis=1))
    right = np.repeat((labels == answers).ravel(), table.ravel())
    return np.average(right, weights=weights)


@pytest.mark.parametrize("answer", [by_loop, by_weights])
def test_balanced_accuracy_is_right_in_every_form(answer):
    assert_correct("18.3", answer)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda t: np.diag(t).sum() / t.sum(), "this is the plain accuracy"),
        (lambda t: np.mean([t[k, k] / max(t[:, k].sum(), 1) for k in range(len(t))]), "sums of the columns"),
        (lambda t: sum(t[k, k] / t[k].sum() for k in range(len(t))), "added up"),
        (lambda t: 100 * by_loop(t), "in per cent"),
        (lambda t: 1 - by_loop(t), "this is the error"),
        (lambda t: np.mean([row.max() / row.sum() for row in t]), "need not be right"),
        (lambda t: np.median([t[k, k] / t[k].sum() for k in range(len(t))]), "the median"),
        (lambda t: [t[k, k] / t[k].sum() for k in range(len(t))], "one number is asked for"),
    ],
)
def test_a_wrong_balanced_accuracy_has_its_message(answer, phrase):
    assert_wrong("18.3", answer, phrase)


# 18.4, the range of the input


def measured_on_black(kernel, bias, low, high):
    """What the layer as it came gives for a window that is black in 0..1, that is, `low` in its own range."""
    window = np.full((1, *kernel.shape[:3]), low)
    return reference.conv2d(window, kernel, bias)[0, 0, 0]


def by_loops(kernel, bias, low, high):
    return [b + sum(low * w for w in kernel[..., k].ravel()) for k, b in enumerate(bias)]


@pytest.mark.parametrize("answer", [measured_on_black, by_loops])
def test_the_bias_is_right_in_every_form(answer):
    assert_correct("18.4", answer)


def test_the_new_layer_gives_the_outputs_of_the_old_one():
    for kernel, bias, low, high in exercises.find("18.4").cases:
        images = np.random.default_rng(1).random((2, 7, 7, kernel.shape[2]))
        old = reference.conv2d(low + (high - low) * images, kernel, bias)
        new = exercises.find("18.4").expected(kernel, bias, low, high)
        assert np.allclose(reference.conv2d(images, (high - low) * kernel, new), old)


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda w, b, low, high: b, "the bias stays as it is"),
        (lambda w, b, low, high: b - low * w.sum((0, 1, 2)), "the sign of the second part"),
        (lambda w, b, low, high: b + low, "low is added once"),
        (lambda w, b, low, high: b + low * w.sum(), "all output channels are added up"),
        (lambda w, b, low, high: b + low * w.mean(2).sum((0, 1)), "the mean over the input channels"),
        (lambda w, b, low, high: b + low * w.mean((0, 1, 2)), "the mean of the kernel"),
        (lambda w, b, low, high: b + low * ((high - low) * w).sum((0, 1, 2)), "the new kernel stands in the sum"),
        (lambda w, b, low, high: (high - low) * b + low * w.sum((0, 1, 2)), "the bias is multiplied"),
        (lambda w, b, low, high: b + high * w.sum((0, 1, 2)), "the upper end"),
        (lambda w, b, low, high: low * w.sum((0, 1, 2)), "the old bias is gone"),
    ],
)
def test_a_wrong_bias_has_its_message(answer, phrase):
    assert_wrong("18.4", answer, phrase)
