"""The widget of notebook 15: two menus that choose a class and another to subtract."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, training, widgets
from tests.widget_parts import parts

PHOTOGRAPH = np.random.default_rng(0).random((12, 18, 3)).astype("float32")
CLASS_MAPS = np.arange(18.0).reshape(2, 3, 3) - 5
NAMES = np.array(["bag", "coat", "shirt"])


@pytest.mark.usefixtures("watched")
def test_the_menus_draw_the_map_of_a_class_less_that_of_another_on_one_scale(monkeypatch):
    calls = []
    original = figures.show_class_map

    def recorded(*arguments, **keywords):
        calls.append((arguments, keywords))
        return original(*arguments, **keywords)

    monkeypatch.setattr(figures, "show_class_map", recorded)
    map_of, less, picture = parts(widgets.choose_class(PHOTOGRAPH, CLASS_MAPS, NAMES))
    assert (map_of.description, list(map_of.options)) == ("map of", ["bag", "coat", "shirt"])
    assert (less.description, list(less.options)) == ("less", ["nothing", "bag", "coat", "shirt"])
    first = picture.value
    map_of.value = "shirt"
    less.value = "coat"
    assert picture.value != first
    expected = [CLASS_MAPS[..., 0], CLASS_MAPS[..., 2], CLASS_MAPS[..., 2] - CLASS_MAPS[..., 1]]
    titles = ["bag: mean 2.5", "shirt: mean 4.5", "shirt\nless coat: mean 1.0"]
    for (arguments, keywords), drawn, title in zip(calls, expected, titles, strict=True):
        np.testing.assert_array_equal(arguments[0], PHOTOGRAPH)
        np.testing.assert_array_equal(arguments[1], drawn)
        assert keywords == {"title": title, "limit": 12}
    assert plt.get_fignums() == []


def test_nobody_watching_gets_a_still_figure_and_no_widget(monkeypatch):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    assert widgets.choose_class(PHOTOGRAPH, CLASS_MAPS, NAMES) is None
    assert len(shown) == 1


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("class_maps", "names", "words"),
    [
        (CLASS_MAPS, ["a", "b"], r"\(2, 3, 3\) and there are 2 names; expected \(H', W', names\)"),
        (CLASS_MAPS[..., 0], ["a", "b", "c"], r"shape \(2, 3\) and there are 3 names"),
        (CLASS_MAPS, ["a", "b", "a"], "two of the names a, b, a are equal"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(
    monkeypatch, is_watched, class_maps, names, words
):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(ValueError, match=words):
        widgets.choose_class(PHOTOGRAPH, class_maps, names)


def test_the_scale_reaches_the_largest_magnitude_of_either_sign(monkeypatch):
    limits, show = [], figures.show_class_map
    monkeypatch.setattr(figures, "show_class_map", lambda *a, **k: limits.append(k["limit"]) or show(*a, **k))
    maps = np.stack([np.full((2, 2), -9.0), np.ones((2, 2))], axis=-1)
    widgets.choose_class(np.zeros((4, 4)), maps, ["a", "b"])
    assert limits == [9.0]
