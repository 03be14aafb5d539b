"""Fixtures that several test files share."""

import pytest

from cnncourse import training


@pytest.fixture
def watched(monkeypatch):
    """As if a person watched: widgets show their knobs in place of a still picture."""
    monkeypatch.setattr(training, "is_watched", lambda: True)
