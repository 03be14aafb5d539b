"""The filter that turns: with sliders for a watching person, still for everybody else."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, reference, training, widgets
from tests.widget_parts import parts, pixels

IMAGE = np.random.default_rng(0).random((14, 16))


def make_kernel(angle, sigma):
    y, x = np.mgrid[:5, :5] - 2
    towards = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
    return towards * np.exp(-(x**2 + y**2) / (2 * sigma**2))


@pytest.fixture
def unwatched(monkeypatch):
    monkeypatch.setattr(training, "is_watched", lambda: False)


@pytest.fixture
def drawn(monkeypatch):
    """The kernel, answer, titles and limit of each picture."""
    pictures = []
    original = figures.show_answer

    def show_answer(image, kernel, answer, **settings):
        pictures.append((kernel, answer, settings["titles"], settings["limit"]))
        return original(image, kernel, answer, **settings)

    monkeypatch.setattr(figures, "show_answer", show_answer)
    return pictures


@pytest.mark.usefixtures("watched")
def test_the_sliders_go_once_round_and_from_fine_to_coarse():
    angle, sigma, _ = parts(widgets.turn_filter(IMAGE, make_kernel, angle=30, sigma=1.25))
    assert (angle.description, angle.min, angle.value, angle.max) == ("angle", 0, 30, 360)
    assert (sigma.description, sigma.min, sigma.value, sigma.max) == ("sigma", 0.5, 1.25, 2.5)


@pytest.mark.usefixtures("watched")
def test_turning_a_knob_draws_that_kernel_and_its_answer(drawn):
    angle, sigma, picture = parts(widgets.turn_filter(IMAGE, make_kernel, angle=30))
    first = pixels(picture)
    angle.value = 90
    assert not np.array_equal(pixels(picture), first)
    sigma.value = 0.5
    for (kernel, answer, titles, _), (degrees, width) in zip(drawn, [(30, 1.5), (90, 1.5), (90, 0.5)], strict=True):
        np.testing.assert_allclose(kernel, make_kernel(degrees, width))
        np.testing.assert_allclose(answer, reference.correlate(IMAGE, kernel))
        assert (titles[1], titles[2]) == (f"kernel at {degrees}°", f"answer, sigma {width:g} pixels")


@pytest.mark.usefixtures("watched")
def test_all_answers_share_the_scale_of_the_first(drawn):
    angle, _, _ = parts(widgets.turn_filter(IMAGE, make_kernel, angle=30))
    angle.value = 120
    largest = np.abs(reference.correlate(IMAGE, make_kernel(30, 1.5))).max()
    assert [limit for *_, limit in drawn] == [largest, largest]


@pytest.mark.usefixtures("watched")
def test_no_figure_is_left_for_the_notebook_to_print():
    widgets.turn_filter(IMAGE, make_kernel)
    assert plt.get_fignums() == []


@pytest.mark.usefixtures("unwatched")
def test_nobody_watching_gets_the_still_figure_and_no_widget(monkeypatch, drawn):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_fignums()))
    assert widgets.turn_filter(IMAGE, make_kernel, angle=45) is None
    assert len(drawn) == len(shown) == 1


def test_a_kernel_that_answers_nothing_is_drawn_too():
    assert widgets.turn_filter(IMAGE, lambda angle, sigma: np.zeros((3, 3))) is None or training.is_watched()


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"make_kernel": np.ones((3, 3))}, TypeError, "make_kernel is a ndarray; expected a function"),
        ({"angle": 400}, ValueError, "angle starts at 400; expected 0 to 360"),
        ({"sigma": 9}, ValueError, "sigma starts at 9; expected 0.5 to 2.5"),
        ({"image": np.zeros((3, 3))}, ValueError, "5"),
        ({"image": np.zeros((9, 9, 3))}, ValueError, r"\(9, 9, 3\)"),
        ({"make_kernel": lambda angle, sigma: "sobel"}, TypeError, "kernel"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(
    monkeypatch, is_watched, arguments, error, words
):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(error, match=words):
        widgets.turn_filter(**{"image": IMAGE, "make_kernel": make_kernel} | arguments)
