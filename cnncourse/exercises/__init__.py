"""Am I right? `check` answers in one line, `hint` gives one step, `verdict` returns an object for graders.

    exercises.check("02.1", correlate)    Exercise 2.1: not attempted yet
    exercises.hint("02.1", 1)             Hint 1 of 2: ...

With CNNCOURSE_STRICT=1 in the environment, `check` raises unless the answer is correct.
"""

import functools
import importlib
import os
import pkgutil

from . import engine
from .engine import Exercise, Verdict

__all__ = ["ExerciseNotSolved", "check", "find", "hint", "names", "verdict"]


class ExerciseNotSolved(AssertionError):
    """Raised by `check` in strict mode for every verdict but correct."""


@functools.cache
def _all_exercises() -> dict[str, Exercise]:
    modules = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name.startswith("notebook_"))
    found = [e for name in modules for e in importlib.import_module(f"{__name__}.{name}").EXERCISES]
    return {exercise.id: exercise for exercise in found}


def names() -> tuple[str, ...]:
    """The ids of all exercises that are checked, in order.

    >>> "01.1" in names()
    True
    """
    return tuple(sorted(_all_exercises()))


def find(exercise_id: str) -> Exercise:
    """The exercise with this id.

    Raises:
        ValueError: if there is none; the sentence names those of the same notebook.
    """
    exercises = _all_exercises()
    exercise_id = f"{exercise_id:0>4}" if isinstance(exercise_id, str) else exercise_id  # "1.2" is "01.2"
    if not isinstance(exercise_id, str) or exercise_id not in exercises:
        notebook = str(exercise_id)[:2]
        near = [name for name in names() if name.startswith(notebook)] or list(names())
        raise ValueError(
            f"there is no exercise {exercise_id!r} with a check (the last one of a notebook is open); "
            f"expected one of {', '.join(near)}."
        )
    return exercises[exercise_id]


def verdict(exercise_id: str, answer) -> Verdict:
    """Judge an answer: `.status` is 'correct', 'wrong', 'not attempted' or 'error', `.message` says why.

    Args:
        exercise_id: notebook and number, "02.1".
        answer: what the student wrote: a function, a number, a list, an array or a Keras tensor.

    >>> verdict("01.1", ...).status
    'not attempted'
    """
    try:
        exercise = find(exercise_id)
    except ValueError as error:
        return Verdict(f"Exercise {exercise_id}", engine.ERROR, str(error))
    return engine.judge(exercise, answer)


def check(exercise_id: str, answer) -> None:
    """Print one line: correct, not attempted yet, not yet (and why), or what your code raised.

    Args:
        exercise_id: notebook and number, "02.1".
        answer: what you wrote: a function, a number, a list, an array or a Keras tensor.

    Raises:
        ExerciseNotSolved: only with CNNCOURSE_STRICT=1, unless the answer is correct.

    >>> check("01.1", ...)
    Exercise 1.1: not attempted yet
    """
    result = verdict(exercise_id, answer)
    print(result)
    if os.environ.get("CNNCOURSE_STRICT") == "1" and result.status != engine.CORRECT:
        raise ExerciseNotSolved(str(result))


def hint(exercise_id: str, step: int = 1) -> None:
    """Print one step towards the answer; the answer itself is in notebooks/solutions/.

    Args:
        exercise_id: notebook and number, "02.1".
        step: 1 for the first hint.
    """
    try:
        hints = find(exercise_id).hints
    except ValueError as error:
        print(error)
        return
    if isinstance(step, int) and 1 <= step <= len(hints):
        print(f"Hint {step} of {len(hints)}: {hints[step - 1]}")
    else:
        print(f"Exercise {exercise_id} has hints 1 to {len(hints)}; you asked for {step!r}.")
