"""The widget of notebook 16: a menu of the numbers of groups, and what one and two layers then see."""

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import arithmetic, figures, reference, training, widgets
from tests.widget_parts import parts


def seen_by_reference(channels, groups, shuffle):
    """Which inputs reach which outputs of two layers of ones, one input channel at a time."""
    kernel = np.ones((1, 1, channels // groups, channels))
    images = np.eye(channels).reshape(channels, 1, 1, channels)
    hidden = reference.conv2d(images, kernel, groups=groups)
    if shuffle:
        hidden = hidden.reshape(channels, groups, -1).transpose(0, 2, 1).reshape(channels, 1, 1, channels)
    return (reference.conv2d(hidden, kernel, groups=groups)[:, 0, 0] > 0).astype(int)


@pytest.fixture
def drawn(monkeypatch):
    calls = []
    original = figures.show_channels_read

    def recorded(weights, **keywords):
        calls.append((weights, keywords["groups"], keywords["title"]))
        return original(weights, **keywords)

    monkeypatch.setattr(figures, "show_channels_read", recorded)
    return calls


@pytest.mark.usefixtures("watched")
def test_the_menu_draws_what_layers_with_so_many_groups_see(drawn):
    menu, picture = parts(widgets.choose_groups(12, groups=4))
    assert menu.description == "groups"
    assert list(menu.options) == ["4", "1", "2", "3", "6", "12"]
    for number in (4, 6, 12, 1):
        first = picture.value
        menu.value = str(number)
        assert number == 4 or picture.value != first
        one, two, shuffled = drawn[-3:]
        block = np.ones((12 // number, 12 // number), dtype=int)
        np.testing.assert_array_equal(one[0], np.kron(np.eye(number, dtype=int), block))
        np.testing.assert_array_equal(two[0], seen_by_reference(12, number, shuffle=False))
        np.testing.assert_array_equal(shuffled[0], seen_by_reference(12, number, shuffle=True))
        assert [call[1:] for call in (one, two, shuffled)] == [
            (number, "one layer"),
            (number, "two layers"),
            (number, "two, a shuffle between"),
        ]
    assert plt.get_fignums() == []


def test_nobody_watching_gets_a_still_figure_with_the_count(monkeypatch, drawn):
    monkeypatch.setenv("CNNCOURSE_UNATTENDED", "1")
    monkeypatch.setitem(sys.modules, "ipywidgets", None)  # importing it would raise
    titles = []
    monkeypatch.setattr(plt, "show", lambda: titles.append(plt.gcf().get_suptitle()))
    assert widgets.choose_groups(16, groups=8) is None
    weights = arithmetic.conv_parameters(3, 16, 16, bias=False) // 8
    assert titles == [f"8 groups of 2: {weights} weights in a 3x3 layer"]
    assert [groups for _, groups, _ in drawn] == [8, 8, 8]


@pytest.mark.parametrize("is_watched", [True, False])
@pytest.mark.parametrize(
    ("channels", "groups", "error", "words"),
    [
        (16, 3, ValueError, "groups=3 does not divide 16 channels"),
        (16, 0, ValueError, "groups=0 is too small"),
        (0, 1, ValueError, "channels=0 is too small"),
        (16.0, 2, TypeError, "channels=16.0 is of type float"),
    ],
)
def test_bad_input_is_refused_alike_with_and_without_a_watching_person(
    monkeypatch, is_watched, channels, groups, error, words
):
    monkeypatch.setattr(training, "is_watched", lambda: is_watched)
    with pytest.raises(error, match=words):
        widgets.choose_groups(channels, groups=groups)
