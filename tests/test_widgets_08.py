"""The sliders over two marks: each reaches the figure, and every combination can be drawn."""

import pytest

from cnncourse import figures, widgets
from tests.widget_parts import controls


@pytest.fixture
def titles(monkeypatch):
    """The title of each picture that was drawn."""
    drawn = []
    original = figures.show_windows_over_marks

    def show_windows_over_marks(separation, receptive_field, **settings):
        ax = original(separation, receptive_field, **settings)
        drawn.append(ax.get_title(loc="left"))
        return ax

    monkeypatch.setattr(figures, "show_windows_over_marks", show_windows_over_marks)
    return drawn


@pytest.mark.usefixtures("watched")
def test_one_more_pixel_of_field_and_a_window_sees_both(titles):
    box = widgets.windows_over_marks(separation=5, receptive_field=5)
    knobs = controls(box)
    knobs["receptive field"].value = 6
    knobs["separation"].value = 6
    assert titles == [
        "separation 5, field 5: no window sees both",
        "separation 5, field 6: 1 window sees both",
        "separation 6, field 6: no window sees both",
    ]


@pytest.mark.usefixtures("watched")
def test_the_sliders_reach_far_enough_and_their_ends_can_be_drawn(titles):
    box = widgets.windows_over_marks()
    for control in box.children[0].children:
        assert (control.min, control.max) == (1, 16)
        control.value = control.max
    for control in box.children[0].children:
        control.value = control.min
    assert titles[-1] == "separation 1, field 1: no window sees both"


def test_an_unwatched_notebook_gets_a_still_picture(titles):
    assert widgets.windows_over_marks(3, 4) is None
    assert titles == ["separation 3, field 4: 1 window sees both"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"separation": 17}, "separation starts at 17"),
        ({"receptive_field": 17}, "receptive_field starts at 17"),
        ({"separation": 0}, "too small"),
    ],
)
def test_what_cannot_be_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        widgets.windows_over_marks(**arguments)
