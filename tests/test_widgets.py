"""The stepping kernel: with sliders for a watching person, still for everybody else."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, training, widgets
from tests.widget_parts import parts, pixels

KERNEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
IMAGE = np.random.default_rng(0).random((6, 9))


@pytest.fixture
def drawn(monkeypatch):
    """The places (row, column) at which the figure was drawn."""
    places = []
    original = figures.show_kernel_step

    def show_kernel_step(image, kernel, row, column, **settings):
        places.append((row, column))
        return original(image, kernel, row, column, **settings)

    monkeypatch.setattr(figures, "show_kernel_step", show_kernel_step)
    return places


@pytest.mark.usefixtures("watched")
def test_a_slider_for_each_axis_reaches_every_place_and_no_other():
    rows, columns, _ = parts(widgets.step_kernel(IMAGE, KERNEL, row=1, column=2))
    assert (rows.description, rows.min, rows.value, rows.max) == ("row", 0, 1, 3)
    assert (columns.description, columns.min, columns.value, columns.max) == ("column", 0, 2, 6)


@pytest.mark.usefixtures("watched")
def test_moving_a_slider_draws_the_step_at_its_place(drawn):
    rows, columns, picture = parts(widgets.step_kernel(IMAGE, KERNEL, row=1, column=2))
    first = pixels(picture)
    rows.value = 3
    second = pixels(picture)
    columns.value = 6
    third = pixels(picture)
    assert drawn == [(1, 2), (3, 2), (3, 6)]
    assert first.shape == second.shape == third.shape
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    rows.value, columns.value = 1, 2
    np.testing.assert_array_equal(pixels(picture), first)


@pytest.mark.usefixtures("watched")
def test_the_widget_leaves_no_figure_behind_for_the_notebook_to_print(capsys):
    rows, _, _ = parts(widgets.step_kernel(IMAGE, KERNEL))
    rows.value = 1
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("watched")
def test_a_kernel_as_large_as_the_image_has_one_place():
    rows, columns, _ = parts(widgets.step_kernel(IMAGE, np.ones((6, 9))))
    assert (rows.max, columns.max) == (0, 0)


def test_nobody_watching_gets_the_still_figure_and_no_widget(monkeypatch, drawn):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_fignums()))
    assert widgets.step_kernel(IMAGE, KERNEL, row=2, column=3) is None
    assert drawn == [(2, 3)]
    assert len(shown) == 1


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"row": 4}, ValueError, "row is 4; expected 0 to 3"),
        ({"column": -1}, ValueError, "column is -1; expected 0 to 6"),
        ({"row": 0.5}, TypeError, "row is 0.5; expected an integer"),
        ({"image": np.zeros((4, 4, 3))}, ValueError, "expected two dimensions"),
        ({"kernel": np.zeros((7, 1))}, ValueError, "7"),
        ({"kernel": "sobel"}, TypeError, "the kernel holds"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(
    monkeypatch, is_watched, arguments, error, words
):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(error, match=words):
        widgets.step_kernel(**{"image": IMAGE, "kernel": KERNEL} | arguments)


def test_each_picture_begins_with_an_empty_figure(monkeypatch):
    monkeypatch.setattr(training, "is_watched", lambda: True)
    drawn = []

    def draw(figure, size):
        figure.subplots()
        drawn.append((size, len(figure.axes)))

    knob, _ = parts(widgets.knobs.with_sliders(draw, width=2, height=2, size=(1, 0, 3)))
    knob.value = 2
    assert drawn == [(1, 1), (2, 1)]
