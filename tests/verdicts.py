"""What the tests of every notebook's exercises say of an answer."""

from cnncourse import exercises


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
