"""The engine that judges answers: every status, every form of an answer, and no way past it."""

import linecache

import keras
import numpy as np
import pytest

from cnncourse import exercises
from cnncourse.exercises import engine
from cnncourse.exercises.comparison import difference, matches
from cnncourse.exercises.engine import Exercise, Mistake, Wrong, judge

SCALE = Exercise(
    id="90.1",
    title="Twice",
    stars=1,
    idea="doubling",
    hints=("add it", "to itself"),
    cases=((np.array([1.0, -2.0]),), (np.array([3.0]),)),
    expected=lambda x: 2 * x,
    mistakes=(
        Mistake(lambda x: x**2, "you squared; look again at doubling"),
        Mistake(lambda x: -2 * x, "the sign is flipped; look again at the sign"),
    ),
)
COUNT = Exercise(
    id="90.2",
    title="Count",
    stars=1,
    idea="counting",
    hints=("one", "two"),
    expected=784,
    mistakes=(Mistake(785, "you counted a bias"), Mistake(28, "one side only")),
)


def message(exercise, answer):
    return judge(exercise, answer).message


def blank_with_docstring(x):
    """Return twice x."""
    ...


def blank_bare(x, y=1, *rest): ...


@pytest.mark.parametrize("blank", [..., None, blank_with_docstring, blank_bare, lambda x: ...])
def test_a_blank_is_not_attempted(blank):
    verdict = judge(SCALE, blank)
    assert (verdict.status, verdict.message) == (engine.NOT_ATTEMPTED, "not attempted yet")
    assert str(verdict) == "Exercise 90.1: not attempted yet"


@pytest.mark.parametrize(
    "right",
    [
        lambda x: 2 * x,
        lambda x: (x + x).tolist(),
        lambda x: tuple(2 * x),
        lambda x: (2 * x).astype("float32"),
        lambda x: keras.ops.convert_to_tensor(2 * x),
        lambda x: keras.ops.cast(2 * x, "float32"),
    ],
)
def test_equivalent_answers_are_correct(right):
    assert judge(SCALE, right).status == engine.CORRECT


@pytest.mark.parametrize("right", [784, 784.0, np.int64(784), np.array(784), keras.ops.convert_to_tensor(784)])
def test_equivalent_values_are_correct(right):
    assert judge(COUNT, right).status == engine.CORRECT


def test_each_mistake_gets_its_own_message():
    assert "you squared" in message(SCALE, lambda x: x * x)
    assert "sign is flipped" in message(SCALE, lambda x: -x - x)
    assert "you counted a bias" in message(COUNT, 785)


def test_an_unknown_wrong_answer_names_received_expected_and_idea():
    text = message(SCALE, lambda x: 2 * x + 1)
    assert text == "not yet: for x=[1, -2] received 3 at [0], expected 2 there; look again at doubling"


def test_a_wrong_value_does_not_give_the_answer_away():
    text = message(COUNT, 700)
    assert text == "not yet: received 700, expected a larger number; look again at counting"
    assert "784" not in message(COUNT, 785) + message(COUNT, "x") + message(COUNT, [1])


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        (lambda x: print(x), "received None"),
        (
            lambda x: np.array([1.0, 2.0, 3.0]),
            "received an array of shape (3,), expected an array of shape (2,)",
        ),
        (lambda x: x * np.nan, "NaN"),
        (lambda x: "four", "received 'four', expected an array of shape (2,)"),
        (lambda x: [[1], [2, 3]], "a list of 2 entries"),
        (lambda x: 2j * x, "a value of type ndarray"),
        (lambda x: x > 0, "received True and False, expected numbers"),
        (np.array([2.0, -4.0]), "expected the function itself"),
    ],
)
def test_wrong_kinds_of_answer_are_named(answer, phrase):
    verdict = judge(SCALE, answer)
    assert verdict.status == engine.WRONG
    assert phrase in verdict.message


def test_forgetting_to_return_is_not_the_blank():
    def forgot(x):
        y = 2 * x  # noqa: F841

    assert "does every path end with `return`" in message(SCALE, forgot)


def test_a_function_where_a_value_is_expected():
    assert "call the function first" in message(COUNT, lambda: 784)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            lambda x: x.nothing,
            "for x=[1, -2] your code raised AttributeError: 'numpy.ndarray' object has no attribute 'nothing'",
        ),
        (lambda x: exit(3), "for x=[1, -2] your code raised SystemExit: 3"),
        (lambda: 1, "for ([1, -2]) your code raised TypeError: <lambda>() takes 0 positional arguments but 1"),
    ],
)
def test_what_the_code_raises_is_one_sentence(answer, text):
    verdict = judge(SCALE, answer)
    assert verdict.status == engine.ERROR
    assert verdict.message.startswith(text)
    assert "\n" not in verdict.message


def test_errors_are_one_line_without_addresses():
    def fails(x):
        raise ValueError(f"first {object()}\nsecond")

    assert "your code raised ValueError: first <object object>, at `raise ValueError(" in message(SCALE, fails)


@pytest.mark.parametrize(("kept", "place"), [(True, "at `return np.reshape(y, (7, 7))`"), (False, "in line 3")])
def test_an_error_is_told_with_the_line_of_the_students_own_code_that_led_to_it(kept, place, monkeypatch):
    source, filename, space = "def deep(x):\n    y = 2 * x\n    return np.reshape(y, (7, 7))\n", "<a cell>", {"np": np}
    if kept:  # as Jupyter keeps the source of a cell
        entry = len(source), None, source.splitlines(keepends=True), filename
        monkeypatch.setitem(linecache.cache, filename, entry)
    exec(compile(source, filename, "exec"), space)
    told = message(SCALE, space["deep"])  # raised two calls deeper, in NumPy's own code
    assert told.startswith("for x=[1, -2] your code raised ValueError: cannot reshape array")
    assert told.endswith(f", {place}")


def test_an_error_that_the_answer_has_no_line_for_is_told_without_one():
    told = message(SCALE, np.linalg.inv)  # all its lines are NumPy's
    assert told.startswith("for a=[1, -2] your code raised LinAlgError: 1-dimensional array given.")
    assert "`" not in told


def test_the_case_that_raised_is_named_and_not_the_first_one():
    two = Exercise(**vars(SCALE) | {"cases": ((1,), (0,)), "expected": lambda x: 1 / (x + 1), "mistakes": ()})
    assert message(two, lambda x: 1 / x).startswith("for x=0 your code raised ZeroDivisionError")


def test_what_raises_under_an_exercises_own_judge_has_its_line_too():
    judged = Exercise(**vars(SCALE) | {"judge": lambda answer: answer(0), "cases": None})
    assert message(judged, lambda x: 1 / x).startswith("your code raised ZeroDivisionError: division by zero, at `")


def test_nothing_else_reaches_the_screen(capfd):
    def noisy(x):
        print("noise")
        np.log(np.array(-1.0))
        return 2 * x

    assert judge(SCALE, noisy).status == engine.CORRECT
    assert capfd.readouterr() == ("", "")


def test_an_answer_that_changes_its_input_changes_only_a_copy():
    def greedy(x):
        x *= 2
        return x

    assert judge(SCALE, greedy).status == engine.CORRECT
    assert judge(SCALE, greedy).status == engine.CORRECT


def test_a_judge_decides_where_more_than_one_answer_is_right():
    def positive(answer):
        if answer <= 0:
            raise Wrong(f"received {answer}, expected a positive number; look again at signs")

    exercise = Exercise(id="90.3", title="t", stars=1, idea="i", hints=("a", "b"), judge=positive)
    assert judge(exercise, 3).status == engine.CORRECT
    assert judge(exercise, -3).message == "not yet: received -3, expected a positive number; look again at signs"
    assert judge(exercise, "x").status == engine.ERROR


def test_a_defect_of_the_check_is_said_and_does_not_raise():
    broken = Exercise(
        id="90.4", title="t", stars=1, idea="i", hints=("a", "b"), cases=((1,),), expected=lambda x: x / 0
    )
    assert "the check itself failed with ZeroDivisionError" in judge(broken, lambda x: x).message


@pytest.mark.parametrize(
    ("expected", "received", "equal"),
    [
        (1.0, 1.0 + 1e-7, True),
        (1.0, 1.0 + 1e-5, False),
        (1.0, np.float32(1.0 + 5e-6), True),
        (1.0, np.float32(1.0 + 5e-5), False),
        (3, 3.0, True),
        (3, 3.0000001, False),
        (2**60, 2**60 + 1, False),
        (np.zeros((2, 1)), np.zeros((1, 2)), False),
        (1, True, False),
        (True, np.True_, True),
        ("same", " Same", True),
        ("same", 1, False),
        ([np.inf], [np.inf], True),
        ([1.0], [np.inf], False),
    ],
)
def test_matches(expected, received, equal):
    with np.errstate(invalid="ignore"):
        assert matches(expected, received) is equal


def test_difference_points_at_the_first_value_that_is_really_off():
    expected = np.zeros((3, 3))
    received = expected + 1e-12
    received[1, 2] = 5
    assert difference(expected, received) == "received 5 at [1, 2], expected 0 there"


@pytest.fixture
def one_exercise(monkeypatch):
    monkeypatch.setattr(exercises, "_all_exercises", lambda: {"90.1": SCALE, "90.2": COUNT})


def test_check_prints_one_line_and_returns_none(one_exercise, capsys):
    for answer in (..., lambda x: 2 * x, lambda x: x, lambda x: x.nothing, object(), "text"):
        assert exercises.check("90.1", answer) is None
        assert capsys.readouterr().out.count("\n") == 1


def test_strict_mode_raises_for_everything_but_correct(one_exercise, monkeypatch):
    monkeypatch.setenv("CNNCOURSE_STRICT", "1")
    exercises.check("90.2", 784)
    for answer in (..., 1, lambda: 784, "x"):
        with pytest.raises(exercises.ExerciseNotSolved, match=r"Exercise 90\.2"):
            exercises.check("90.2", answer)
    with pytest.raises(exercises.ExerciseNotSolved, match=r"no exercise '90\.9'"):
        exercises.check("90.9", 1)


def test_hints(one_exercise, capsys):
    exercises.hint("90.1", 2)
    exercises.hint("90.1", 3)
    exercises.hint("80.1")
    assert capsys.readouterr().out.splitlines() == [
        "Hint 2 of 2: to itself",
        "Exercise 90.1 has hints 1 to 2; you asked for 3.",
        "there is no exercise '80.1' with a check (the last one of a notebook is open); expected one of 90.1, 90.2.",
    ]


def test_an_id_may_be_written_without_its_leading_zero(monkeypatch):
    monkeypatch.setattr(exercises, "_all_exercises", lambda: {"09.2": COUNT})
    assert exercises.find("9.2") is exercises.find("09.2") is COUNT


def test_names(one_exercise):
    assert exercises.names() == ("90.1", "90.2")


def test_a_right_number_in_brackets_is_told_apart_from_a_wrong_one():
    told = message(COUNT, np.array([784]))
    assert told.startswith("not yet: received [784], expected a whole number without brackets; ")
    assert told.endswith("the numbers are right, only their shape is not")
    assert message(COUNT, [783]).endswith("look again at counting")
    assert message(SCALE, lambda x: 2 * x[:, None]).endswith("the numbers are right, only their shape is not")
    assert message(SCALE, lambda x: 3 * x[:, None]).endswith("look again at doubling")
    assert difference(5.0, [[5.5]]) == "received [[5.5]], expected a number without brackets"


def test_numbers_for_truths_are_named():
    assert difference(np.array([True, False]), [1, 0]) == "received numbers, expected True and False"


def test_the_arguments_of_a_failing_case_stand_under_the_students_names():
    assert "for numbers=[1, -2] received" in message(SCALE, lambda numbers: numbers + 1)
    several = Exercise(**vars(SCALE) | {"cases": ((1, 2),), "expected": lambda a, b: a + b, "mistakes": ()})
    assert "for (1, 2) received" in message(several, lambda *numbers: 7)
    assert "for first=1, second=2 received" in message(several, lambda first, second: 7)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("in user code:\n\n    File x.py, line 1\n\n    ValueError: shapes differ\n", "ValueError: shapes differ"),
        ("{{function_node __wrapped__Add}} Incompatible shapes: [2] vs. [3] [Op:AddV2]", "Incompatible shapes: [2]"),
        ("first line\nsecond line", "first line"),
    ],
)
def test_an_error_is_told_by_the_line_that_says_what_is_wrong(text, told):
    def answer(x):
        raise RuntimeError(text)

    assert f" your code raised RuntimeError: {told}" in message(SCALE, answer)
