"""The knobs of the stripes: each reaches the figure, and a still picture for everybody else."""

import pytest

from cnncourse import figures, widgets
from tests.widget_parts import controls


@pytest.fixture
def drawn(monkeypatch):
    """Period, stride and blur with which the figure was drawn."""
    calls = []
    original = figures.show_sampled_stripes

    def show_sampled_stripes(period, stride, *, blurred, figure):
        calls.append((period, stride, blurred))
        return original(period, stride, blurred=blurred, figure=figure)

    monkeypatch.setattr(figures, "show_sampled_stripes", show_sampled_stripes)
    return calls


@pytest.mark.usefixtures("watched")
def test_each_knob_changes_its_own_setting(drawn):
    box = widgets.sampled_stripes(period=2.25, stride=2)
    knobs, picture = controls(box), box.children[1]
    pictures = [picture.value]
    for name, value in {"period": 3.0, "stride": 4, "blur first": "yes"}.items():
        knobs[name].value = value
        pictures.append(picture.value)
    assert drawn == [(2.25, 2, False), (3.0, 2, False), (3.0, 4, False), (3.0, 4, True)]
    assert len(set(pictures)) == 4


@pytest.mark.usefixtures("watched")
def test_the_knobs_reach_from_two_pixels_on():
    knobs = controls(widgets.sampled_stripes())
    assert (knobs["period"].min, knobs["period"].max, knobs["period"].step) == (2, 12, 0.05)
    assert (knobs["stride"].min, knobs["stride"].max) == (1, 4)
    assert knobs["blur first"].options == ("no", "yes")


def test_an_unwatched_notebook_gets_a_still_picture_without_blur(drawn):
    assert widgets.sampled_stripes(period=3, stride=2) is None
    assert drawn == [(3, 2, False)]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"period": 1.5}, ValueError, "period is 1.5"),
        ({"period": 13}, ValueError, "period starts at 13; expected 2 to 12"),
        ({"stride": 5}, ValueError, "stride starts at 5; expected 1 to 4"),
        ({"stride": 2.5}, TypeError, "stride"),
    ],
)
def test_what_cannot_be_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        widgets.sampled_stripes(**arguments)
