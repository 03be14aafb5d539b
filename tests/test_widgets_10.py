"""The knobs of pooling: each reaches the figure, and every pool size and stride can be drawn."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, widgets
from tests.widget_parts import controls

IMAGE = np.random.default_rng(0).random((12, 14))


@pytest.fixture
def drawn(monkeypatch):
    """Pool size and stride with which the figure was drawn, call by call."""
    calls = []
    original = figures.show_pooled

    def show_pooled(image, pool_size, *, stride, figure):
        assert image is IMAGE
        calls.append((pool_size, stride))
        return original(image, pool_size, stride=stride, figure=figure)

    monkeypatch.setattr(figures, "show_pooled", show_pooled)
    return calls


@pytest.mark.usefixtures("watched")
def test_each_knob_changes_its_own_setting(drawn):
    box = widgets.pool_map(IMAGE, pool_size=3, stride=2)
    knobs = controls(box)
    knobs["pool size"].value = 5
    knobs["stride"].value = 7
    assert drawn == [(3, 2), (5, 2), (5, 7)]
    assert {(knob.min, knob.max) for knob in knobs.values()} == {(1, 12)}


def test_every_combination_can_be_drawn(drawn):
    for size, stride in itertools.product((1, 4, 12), (1, 4, 12)):
        widgets.pool_map(IMAGE, pool_size=size, stride=stride)
        plt.close("all")
    assert len(drawn) == 9


def test_an_unwatched_notebook_gets_a_still_picture(drawn):
    assert widgets.pool_map(IMAGE) is None
    assert drawn == [(4, 4)]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"image": IMAGE[:11]}, "at least 12 x 12"),
        ({"image": IMAGE, "stride": 13}, "stride starts at 13"),
        ({"image": IMAGE, "pool_size": 0}, "pool_size"),
        ({"image": np.stack([IMAGE] * 12)}, r"expected \(H, W\)"),
    ],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        widgets.pool_map(**arguments)
