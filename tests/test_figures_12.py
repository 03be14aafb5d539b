"""The figure of notebook 12: each bar is a layer's share of its own sum."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse.figures import BLUE, GREY, ORANGE, show_shares

LAYERS = ["conv", "fc1", "fc2"]
COUNTS = {"parameters": [1, 6, 3], "MACs": [90, 6, 4]}


def heights(ax, number):
    return [bar.get_height() for bar in ax.containers[number]]


def test_each_bar_is_the_share_of_its_own_sum():
    ax = show_shares(LAYERS, COUNTS)
    np.testing.assert_allclose(heights(ax, 0), [10, 60, 30])
    np.testing.assert_allclose(heights(ax, 1), [90, 6, 4])
    assert ax.get_ylabel() == "share (%)"


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_bars_of_a_layer_stand_side_by_side_around_its_name(number):
    ax = show_shares(LAYERS, {str(k): [1, 2, 3] for k in range(number)})
    assert [text.get_text() for text in ax.get_xticklabels()] == LAYERS
    for place in range(len(LAYERS)):
        bars = [container[place] for container in ax.containers]
        middles = [bar.get_x() + bar.get_width() / 2 for bar in bars]
        assert np.isclose(np.mean(middles), ax.get_xticks()[place])
        for one, other in itertools.pairwise(bars):
            assert np.isclose(one.get_x() + one.get_width(), other.get_x())
        assert bars[-1].get_x() + bars[-1].get_width() - bars[0].get_x() < 1


def test_each_count_has_its_colour_and_its_name():
    ax = show_shares(LAYERS, {**COUNTS, "outputs": [0, 1, 0]}, title="They lie apart")
    colours = [container[0].get_facecolor() for container in ax.containers]
    assert colours == [plt.matplotlib.colors.to_rgba(colour) for colour in (BLUE, ORANGE, GREY)]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["parameters", "MACs", "outputs"]
    assert "They lie apart" in (ax.get_title(), ax.get_title(loc="left"))


def test_given_axes_are_drawn_on():
    _, ax = plt.subplots()
    assert show_shares(LAYERS, COUNTS, ax=ax) is ax


@pytest.mark.parametrize(
    ("counts", "error", "words"),
    [
        ({"MACs": [1, -1, 2]}, ValueError, "expected numbers from 0 on"),
        ({"MACs": [0, 0, 0]}, ValueError, "not all of them 0"),
        ({"MACs": [1, 2]}, ValueError, "2 values at 3 places"),
        ({"MACs": [1, 2, float("nan")]}, ValueError, "NaN or infinity"),
        ({}, ValueError, "expected 1 to 3"),
        ([1, 2, 3], TypeError, "expected a dictionary"),
    ],
)
def test_what_cannot_be_drawn_is_refused(counts, error, words):
    with pytest.raises(error, match=words):
        show_shares(LAYERS, counts)
