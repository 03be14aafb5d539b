"""The knobs of a layer: each reaches the figure, and no combination of them is refused."""

import itertools

import matplotlib.pyplot as plt
import pytest

from cnncourse import figures, widgets
from tests.widget_parts import controls


@pytest.fixture
def drawn(monkeypatch):
    """What the figure was called with, call by call."""
    calls = []
    original = figures.show_input_and_output

    def show_input_and_output(size, kernel_size, row, column, **settings):
        axes = original(size, kernel_size, row, column, **settings)
        settings.pop("figure")
        calls.append({"size": size, "kernel_size": kernel_size, "row": row, "column": column, **settings})
        return axes

    monkeypatch.setattr(figures, "show_input_and_output", show_input_and_output)
    return calls


@pytest.mark.usefixtures("watched")
def test_each_knob_changes_its_own_setting(drawn):
    knobs = controls(widgets.pixels_read((7, 9), stride=1, dilation=1))
    start = {"size": (7, 9), "kernel_size": 3, "stride": 1, "dilation": 1, "padding": "same", "row": 1, "column": 2}
    assert drawn == [start]
    changes = {"kernel size": 2, "stride": 2, "dilation": 3, "padding": "valid", "row": 0, "column": 1}
    for name, value in changes.items():
        before = drawn[-1]
        knobs[name].value = value
        assert drawn[-1] == before | {name.replace(" ", "_"): value}
    assert len(drawn) == 1 + len(changes)


def test_it_starts_with_settings_that_keras_has(drawn):
    widgets.pixels_read((7, 9))
    assert (drawn[0]["stride"], drawn[0]["dilation"]) == (2, 1)
    assert plt.gcf().get_suptitle() == "kernel 3 x 3, stride 2, dilation 1, padding 'same'"


@pytest.mark.usefixtures("watched")
def test_the_knobs_reach_every_pixel_and_no_size_that_cannot_be():
    knobs = controls(widgets.pixels_read((7, 9)))
    ranges = {name: (knob.min, knob.max) for name, knob in knobs.items() if name != "padding"}
    three = ("kernel size", "stride", "dilation")
    assert ranges == dict.fromkeys(three, (1, 3)) | {"row": (0, 6), "column": (0, 8)}
    assert knobs["padding"].options == ("same", "valid")


def test_every_combination_can_be_drawn_and_a_place_beyond_the_output_is_its_last(drawn):
    for kernel_size, stride, dilation in itertools.product((1, 3), (1, 3), (1, 3)):
        widgets.pixels_read((7, 8), kernel_size=kernel_size, stride=stride, dilation=dilation, row=6, column=7)
        plt.close("all")
    assert [(call["row"], call["column"]) for call in drawn] == [(6, 7), (6, 7), (2, 2), (2, 2)] * 2


@pytest.mark.usefixtures("watched")
def test_a_window_that_just_fits_has_one_place(drawn):
    knobs = controls(widgets.pixels_read((7, 7), stride=1, dilation=3, row=6, column=6))
    knobs["padding"].value = "valid"
    assert (drawn[-1]["row"], drawn[-1]["column"]) == (0, 0)


def test_an_unwatched_notebook_gets_a_still_picture(drawn):
    assert widgets.pixels_read((7, 9)) is None
    assert len(drawn) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [({"size": (6, 9)}, "at least 7 x 7"), ({"stride": 4}, "stride starts at 4"), ({"row": 7}, "row starts at 7")],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        widgets.pixels_read(**arguments)
