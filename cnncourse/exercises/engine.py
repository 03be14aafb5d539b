"""Am I right? How one exercise is described, and how one answer to it is judged.

An exercise names its cases, what is expected, and the mistakes that students really make, each as a wrong
answer with the message that it deserves. The engine runs the student's answer, compares, and says one sentence.
"""

import contextlib
import copy
import inspect
import io
import linecache
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .comparison import cannot_compare, describe, difference, matches, only_the_shape_differs

CORRECT, WRONG, NOT_ATTEMPTED, ERROR = "correct", "wrong", "not attempted", "error"
LONGEST_LINE = 100  # characters of a line of code in a message


class Wrong(Exception):
    """Raised by an exercise's own judge; its text says what was received, expected, and what to look at."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students really give.

    Args:
        answer: the wrong function (or value) itself.
        message: what it looks like they did, and which idea to look at again.
    """

    answer: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """One task with its check.

    Args:
        id: notebook and number, "02.1".
        title: as in the notebook's heading.
        stars: difficulty, 1 to 3.
        idea: what to look at again when a wrong answer is not one of the known mistakes.
        hints: at least two steps towards the answer, never the answer itself.
        cases: argument tuples for an answer that is a function; None for an answer that is a value.
        expected: the right function, or the right value.
        mistakes: known wrong answers.
        judge: in place of `expected`, where more than one answer is right: takes the answer, raises `Wrong`.
        tolerance: allowed difference, relative to the largest expected magnitude.
    """

    id: str
    title: str
    stars: int
    idea: str
    hints: tuple[str, ...]
    cases: tuple[tuple, ...] | None = None
    expected: Any = None
    mistakes: tuple[Mistake, ...] = ()
    judge: Callable[[Any], None] | None = None
    tolerance: float = 1e-6

    @property
    def label(self) -> str:
        notebook, number = self.id.split(".")
        return f"Exercise {int(notebook)}.{number}"


@dataclass(frozen=True)
class Verdict:
    """What the check says of one answer: `status` is correct, wrong, not attempted or error."""

    label: str
    status: str
    message: str

    def __str__(self) -> str:
        return f"{self.label}: {self.message}"


class _StudentError(Exception):
    """Something that the student's code raised; holds the sentence for it."""


def judge(exercise: Exercise, answer) -> Verdict:
    """Judge one answer to one exercise. Never raises and never prints, whatever the answer is.

    Args:
        exercise: the exercise.
        answer: what the student wrote: a function, a number, a list, an array, a Keras tensor.
    """
    try:
        status, message = _judge(exercise, answer)
    except _StudentError as error:
        status, message = ERROR, str(error)
    except Exception as error:  # a defect of the check, not of the answer; the check must not raise
        status, message = ERROR, f"the check itself failed with {_one_line(error)}; please report it"
    return Verdict(exercise.label, status, message)


def _judge(exercise: Exercise, answer) -> tuple[str, str]:
    if _is_blank(answer):
        return NOT_ATTEMPTED, "not attempted yet"
    if exercise.judge is not None:
        try:
            _run(answer, exercise.judge, answer)
        except Wrong as wrong:
            return WRONG, f"not yet: {wrong}"
        return CORRECT, "correct"
    if exercise.cases is None:
        return _judge_value(exercise, answer)
    return _judge_function(exercise, answer)


def _judge_value(exercise: Exercise, answer) -> tuple[str, str]:
    if callable(answer):
        return WRONG, "not yet: received a function, expected its result; call the function first"
    if matches(exercise.expected, answer, exercise.tolerance):
        return CORRECT, "correct"
    reason = difference(exercise.expected, answer, reveal=False)
    for mistake in exercise.mistakes:
        if matches(mistake.answer, answer, exercise.tolerance):
            return WRONG, f"not yet: {reason}; {mistake.message}"
    return WRONG, f"not yet: {reason}; {_advice(exercise, exercise.expected, answer)}"


def _judge_function(exercise: Exercise, answer) -> tuple[str, str]:
    if not callable(answer):
        received = describe(answer)
        return (
            WRONG,
            f"not yet: received {received}, expected the function itself; pass it without calling it",
        )
    received = []
    for case in exercise.cases:
        try:
            result = _run(answer, answer, *copy.deepcopy(case))
        except _StudentError as error:
            raise _StudentError(f"for {_arguments(answer, case)} {error}") from error
        if result is Ellipsis:
            return NOT_ATTEMPTED, "not attempted yet"
        if result is None:
            return WRONG, "not yet: received None, expected a result; does every path end with `return`?"
        received.append(result)
    expected = [exercise.expected(*copy.deepcopy(case)) for case in exercise.cases]
    wrong = [
        k
        for k, (right, mine) in enumerate(zip(expected, received, strict=True))
        if not matches(right, mine, exercise.tolerance)
    ]
    if not wrong:
        return CORRECT, "correct"
    reason = f"for {_arguments(answer, exercise.cases[wrong[0]])} {difference(expected[wrong[0]], received[wrong[0]])}"
    for mistake in exercise.mistakes:
        if _same_as_mistake(exercise, mistake, received):
            return WRONG, f"not yet: {reason}; {mistake.message}"
    return WRONG, f"not yet: {reason}; {_advice(exercise, expected[wrong[0]], received[wrong[0]])}"


def _advice(exercise: Exercise, expected, received) -> str:
    """What to look at again, where the answer is no known mistake."""
    if only_the_shape_differs(expected, received, exercise.tolerance):
        return "the numbers are right, only their shape is not"
    return f"look again at {exercise.idea}"


def _arguments(answer, case: tuple) -> str:
    """The arguments of a call under the names that the student's function gives them."""
    values = [describe(argument) for argument in case]
    try:
        names = list(inspect.signature(answer).parameters)
    except (TypeError, ValueError):  # some functions written in C tell no names
        names = []
    if len(names) != len(values):
        return f"({', '.join(values)})"
    return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))


def _same_as_mistake(exercise: Exercise, mistake: Mistake, received: list) -> bool:
    """Whether the received results are those of the mistake, case by case."""
    for case, mine in zip(exercise.cases, received, strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = mistake.answer(*copy.deepcopy(case))
        if cannot_compare(result) or not matches(result, mine, exercise.tolerance):
            return False
    return True


def _run(answer, function, *arguments):
    """Call a function that runs the student's answer, and put what that raises into one sentence.

    Nothing reaches the screen.
    """
    silence = io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(silence),
            contextlib.redirect_stderr(silence),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return function(*arguments)
    except Wrong:
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a student's exit() must not end the kernel
        raise _StudentError(f"your code raised {_one_line(error)}{_place(answer, error)}") from error


def _place(answer, error: BaseException) -> str:
    """The line of the answer's own source that the error came through last, where there is one."""
    code = getattr(answer, "__code__", None)
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        if code is not None and frame.f_code.co_filename == code.co_filename:
            line = linecache.getline(code.co_filename, number, frame.f_globals).strip()
            return f", at `{line[:LONGEST_LINE]}`" if line else f", in line {number}"
    return ""


def _one_line(error: BaseException) -> str:
    """The error's type and the line of its text that says what is wrong, the same on every run."""
    lines = str(error).strip().splitlines() or [""]
    told = lines[-1].strip() if lines[0].startswith("in user code") else lines[0]  # Keras puts a traceback in between
    text = re.sub(r" at 0x[0-9a-fA-F]+|^\{\{.*?\}\} ?", "", told)[:200]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _blank_without_docstring(): ...


def _blank_with_docstring():
    """Stand for a given docstring."""
    ...


def _fingerprint(code) -> tuple:
    """What a function does, without its names: the instructions and the kinds of its constants."""
    return code.co_code, tuple(map(type, code.co_consts))


_BLANKS = {_fingerprint(f.__code__) for f in (_blank_without_docstring, _blank_with_docstring)}


def _is_blank(answer) -> bool:
    """Whether the answer is still what was handed out: `...`, or a function whose body is `...`."""
    if answer is Ellipsis or answer is None:
        return True
    code = getattr(answer, "__code__", None)
    if code is not None:
        return _fingerprint(code) in _BLANKS
    return isinstance(answer, list | tuple) and any(part is Ellipsis for part in answer)
