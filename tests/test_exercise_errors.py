"""What a student's code raises is told in one line: for which arguments, what, and where."""

import linecache

import numpy as np
import pytest

from cnncourse.exercises import engine
from cnncourse.exercises.engine import Exercise, judge
from tests.verdicts import SCALE, message


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
