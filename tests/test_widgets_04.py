"""The mixed channels: four sliders for a watching person, a still picture for everybody else."""

import itertools
import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import figures, training, widgets
from tests.widget_parts import pixels

IMAGE = np.random.default_rng(0).random((6, 9, 3))


@pytest.fixture
def drawn(monkeypatch):
    """The weights and biases with which the figure was drawn."""
    mixtures = []
    original = figures.show_channel_mix

    def show_channel_mix(image, weights, bias, **settings):
        mixtures.append((*weights, bias))
        return original(image, weights, bias, **settings)

    monkeypatch.setattr(figures, "show_channel_mix", show_channel_mix)
    return mixtures


@pytest.mark.usefixtures("watched")
def test_there_is_a_slider_for_each_weight_and_the_bias():
    knobs, _ = widgets.mix_channels(IMAGE, red=0.299, green=0.587, blue=0.114, bias=-0.5).children
    assert [knob.description for knob in knobs.children] == ["red", "green", "blue", "bias"]
    assert [knob.value for knob in knobs.children] == [0.299, 0.587, 0.114, -0.5]
    assert {(knob.min, knob.max, knob.step) for knob in knobs.children} == {(-1.0, 1.0, 0.001)}


@pytest.mark.usefixtures("watched")
def test_each_slider_draws_the_mixture_with_its_own_number_changed(drawn):
    knobs, picture = widgets.mix_channels(IMAGE).children
    pictures = [pixels(picture)]
    for knob, value in zip(knobs.children, (0.5, -0.25, 0.75, 0.125), strict=True):
        knob.value = value
        pictures.append(pixels(picture))
    assert drawn == [
        (1, 0, 0, 0),
        (0.5, 0, 0, 0),
        (0.5, -0.25, 0, 0),
        (0.5, -0.25, 0.75, 0),
        (0.5, -0.25, 0.75, 0.125),
    ]
    for before, after in itertools.pairwise(pictures):
        assert before.shape == after.shape
        assert not np.array_equal(before, after)


@pytest.mark.usefixtures("watched")
def test_the_widget_leaves_no_figure_behind_for_the_notebook_to_print(capsys):
    knobs, _ = widgets.mix_channels(IMAGE).children
    knobs.children[2].value = -1
    assert plt.get_fignums() == []
    assert capsys.readouterr() == ("", "")


def test_nobody_watching_gets_the_still_figure_and_no_widget(monkeypatch, drawn):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.extend(plt.get_fignums()))
    assert widgets.mix_channels(IMAGE, red=1, blue=-1) is None
    assert drawn == [(1, 0, -1, 0)]
    assert len(shown) == 1


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"image": np.zeros((4, 4))}, r"expected \(H, W, 3\)"),
        ({"image": np.zeros((3, 4, 4))}, r"expected \(H, W, 3\)"),
        ({"red": 2.0}, "red starts at 2.0; expected -1.0 to 1.0"),
        ({"bias": -1.5}, "bias starts at -1.5; expected -1.0 to 1.0"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(monkeypatch, is_watched, arguments, words):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(ValueError, match=words):
        widgets.mix_channels(**{"image": IMAGE} | arguments)
