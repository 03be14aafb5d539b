"""The moving object: sliders and a menu for a watching person, a still picture for everybody else."""

import itertools
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, training, widgets
from tests.widget_parts import parts, pixels

KERNEL = np.array([[-4, -3, -2], [-1, 5, 1], [2, 3, 4]])
IMAGE = np.random.default_rng(0).random((6, 9))


@pytest.fixture
def drawn(monkeypatch):
    """The shifts and paddings with which the figure was drawn."""
    drawings = []
    original = figures.show_equivariance

    def show_equivariance(image, kernel, down, right, *, padding, **settings):
        drawings.append((down, right, padding))
        return original(image, kernel, down, right, padding=padding, **settings)

    monkeypatch.setattr(figures, "show_equivariance", show_equivariance)
    return drawings


@pytest.mark.usefixtures("watched")
def test_the_sliders_reach_half_the_image_each_way():
    down, right, padding, _ = parts(widgets.shift_object(IMAGE, KERNEL, down=1, right=-2))
    assert (down.description, down.min, down.value, down.max) == ("down", -3, 1, 3)
    assert (right.description, right.min, right.value, right.max) == ("right", -4, -2, 4)
    assert (padding.value, tuple(padding.options)) == ("zeros", ("zeros", "circular"))


@pytest.mark.usefixtures("watched")
def test_each_knob_draws_the_picture_anew(drawn):
    down, right, padding, picture = parts(widgets.shift_object(IMAGE, KERNEL, down=1))
    pictures = [pixels(picture)]
    for knob, value in ((down, 3), (right, -4), (padding, "circular")):
        knob.value = value
        pictures.append(pixels(picture))
    assert drawn == [(1, 0, "zeros"), (3, 0, "zeros"), (3, -4, "zeros"), (3, -4, "circular")]
    for before, after in itertools.pairwise(pictures):
        assert before.shape == after.shape
        assert not np.array_equal(before, after)


def test_nobody_watching_gets_the_still_figure_and_no_widget(monkeypatch, drawn):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_fignums()))
    assert widgets.shift_object(IMAGE, KERNEL, down=2, right=-3) is None
    assert drawn == [(2, -3, "zeros")]
    assert len(shown) == 1


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"down": 4}, ValueError, "down starts at 4; expected -3 to 3"),
        ({"down": 6}, ValueError, "down is 6; expected -5 to 5"),
        ({"right": 0.5}, TypeError, "right is 0.5; expected an integer"),
        ({"image": np.zeros((4, 4, 3))}, ValueError, "expected two dimensions"),
        ({"kernel": np.zeros((2, 2))}, ValueError, "odd side"),
        ({"kernel": "sobel"}, TypeError, "the kernel holds"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(
    monkeypatch, is_watched, arguments, error, words
):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(error, match=words):
        widgets.shift_object(**{"image": IMAGE, "kernel": KERNEL} | arguments)
