"""What tests of exercises say of an answer, and an exercise to try the engine on."""

import numpy as np

from cnncourse import exercises
from cnncourse.exercises.engine import Exercise, Mistake, judge

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


def assert_correct(exercise_id, answer):
    """The answer is correct."""
    assert str(exercises.verdict(exercise_id, answer)).endswith(": correct")


def assert_wrong(exercise_id, answer, phrase):
    """The answer is wrong, and the one line that says so holds the phrase."""
    verdict = exercises.verdict(exercise_id, answer)
    assert verdict.status == "wrong"
    assert verdict.message.startswith("not yet: ")
    assert phrase in verdict.message
    assert "\n" not in verdict.message


def message(exercise, answer):
    """What the engine says of the answer to an exercise."""
    return judge(exercise, answer).message
