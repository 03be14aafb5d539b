"""The widgets of notebook 05: a bias that decides what is kept, a map that is silenced."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, training, widgets
from tests.widget_parts import parts

KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
IMAGE = np.random.default_rng(0).random((6, 9))
STEP = np.pad(np.ones((5, 3)), ((0, 0), (3, 0)))
FALLS = np.array([[0.5, 0.0], [0.1, 0.3], [-0.2, 0.6]])
GROUPS = np.array([[0.2, 0.3], [0.2, 0.2], [0.2, 0.1]])


def record(monkeypatch, name):
    """The calls (arguments, keywords) of one figure."""
    calls = []
    original = getattr(figures, name)

    def recorded(*arguments, **keywords):
        calls.append((arguments, keywords))
        return original(*arguments, **keywords)

    monkeypatch.setattr(figures, name, recorded)
    return calls


@pytest.mark.usefixtures("watched")
def test_the_sliders_draw_the_map_of_their_bias_down_to_their_row(monkeypatch):
    calls = record(monkeypatch, "show_output_activation")
    bias, row, picture = parts(widgets.choose_bias(STEP, KERNEL, bias=-1, row=1))
    assert (bias.description, bias.min, bias.value) == ("bias", -4, -1)
    assert (row.description, row.min, row.value, row.max) == ("row", 0, 1, 2)
    first = picture.value
    bias.value = bias.min
    row.value = 2
    assert [(arguments[2], keywords["row"]) for arguments, keywords in calls] == [(-1, 1), (-4, 1), (-4, 2)]
    assert len({keywords["limit"] for _, keywords in calls}) == 1
    assert first != picture.value
    assert plt.get_fignums() == []


@pytest.mark.parametrize("image", [IMAGE, STEP, 1 - STEP])
@pytest.mark.usefixtures("watched")
def test_the_ends_of_the_bias_leave_nothing_and_everything(image, monkeypatch):
    drawn = []
    original = figures.show_output_activation
    monkeypatch.setattr(figures, "show_output_activation", lambda *a, **k: drawn.append(original(*a, **k)))
    slider, rows, _ = parts(widgets.choose_bias(image, KERNEL))
    rows.value = rows.max
    slider.value = slider.max
    assert "100 % above 0" in drawn[-1][2].get_title(loc="left")
    slider.value = slider.min
    if slider.min < 0:
        assert "nothing left" in drawn[-1][2].get_title(loc="left")


@pytest.mark.usefixtures("watched")
def test_every_map_can_be_silenced_and_its_own_falls_are_drawn(monkeypatch):
    calls = record(monkeypatch, "show_class_falls")
    slider, picture = parts(widgets.silence_map(FALLS, GROUPS, ["bag", "coat"], channel=1))
    assert (slider.description, slider.min, slider.value, slider.max) == ("channel", 0, 1, 2)
    first = picture.value
    slider.value = 2
    assert picture.value != first
    for (arguments, keywords), channel in zip(calls, (1, 2), strict=True):
        np.testing.assert_array_equal(arguments[0], FALLS[channel])
        np.testing.assert_array_equal(arguments[1], GROUPS[channel])
        assert keywords["title"] == f"Without map {channel}: mean fall 0.20"


def test_nobody_watching_gets_still_figures_and_no_widget(monkeypatch):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    assert widgets.choose_bias(IMAGE, KERNEL) is None
    assert widgets.silence_map(FALLS, GROUPS, ["bag", "coat"]) is None
    assert len(shown) == 2


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: widgets.choose_bias(np.zeros((4, 4, 3)), KERNEL), ValueError, r"\(4, 4, 3\)"),
        (lambda: widgets.choose_bias(IMAGE, KERNEL, bias=-50), ValueError, "bias starts at -50"),
        (lambda: widgets.choose_bias(IMAGE, KERNEL, row=4), ValueError, "row is 4; expected a row of the map, 0 to 3"),
        (lambda: widgets.silence_map(FALLS, GROUPS[:2], ["a", "b"]), ValueError, r"\(3, 2\) and \(2, 2\)"),
        (lambda: widgets.silence_map(FALLS[0], GROUPS[0], ["a", "b"]), ValueError, r"expected \(maps, classes\)"),
        (lambda: widgets.silence_map(FALLS, GROUPS, ["a", "b"], channel=3), ValueError, "channel is 3; .* 0 to 2"),
        (lambda: widgets.silence_map(FALLS, GROUPS, ["a"]), ValueError, "1 names"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(monkeypatch, is_watched, call, error, words):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(error, match=words):
        call()
