"""The engine that judges answers: every status, every form of an answer, and no way past it."""

import keras
import numpy as np
import pytest

from cnncourse import exercises
from cnncourse.exercises import engine
from cnncourse.exercises.comparison import difference, matches
from cnncourse.exercises.engine import Exercise, Mistake, Wrong, judge
from tests.verdicts import SCALE, message

COUNT = Exercise(
    id="90.2",
    title="Count",
    stars=1,
    idea="counting",
    hints=("one", "two"),
    expected=784,
    mistakes=(Mistake(785, "you counted a bias"), Mistake(28, "one side only")),
)


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
        (29, 0.29 * 100, True),
        (0, 1e-16, True),
        (138_357_544, 138_357_545.0, False),
        (7, np.nan, False),
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


@pytest.mark.parametrize("step", [0, -1, 99])
def test_a_hint_that_there_is_not_is_said_to_be_none(capsys, step):
    exercises.hint("02.1", step)
    assert capsys.readouterr().out.startswith("Exercise 02.1 has hints 1 to ")
