"""What the figures of notebook 13 draw: each layer's number at its place, one look for each net."""

import matplotlib.pyplot as plt
import pytest

from cnncourse.figures import BLUE, GREY, ORANGE, show_by_layer

CURVES = {"shallow": [1.0, 2.0], "deep": [3.0, 0.3, 0.03, 0.003], "other": [1e-8, 1e-9, 1e-7]}


def test_each_net_has_its_values_from_the_first_layer_to_its_own_last():
    ax = show_by_layer(CURVES, quantity="spread")
    assert [line.get_label() for line in ax.lines] == list(CURVES)
    assert [list(line.get_ydata()) for line in ax.lines] == list(CURVES.values())
    assert [list(line.get_xdata()) for line in ax.lines] == [[1, 2], [1, 2, 3, 4], [1, 2, 3]]
    assert [line.get_color() for line in ax.lines] == [BLUE, ORANGE, GREY]
    assert len({line.get_linestyle() for line in ax.lines}) == 3
    assert (ax.get_yscale(), ax.get_ylabel()) == ("log", "spread")


def test_axes_title_and_legend_are_as_asked_for():
    _, ax = plt.subplots()
    assert show_by_layer({"net": [1.0, 0.5]}, title="a title", legend=False, ax=ax) is ax
    assert ax.get_title(loc="left") + ax.get_title() == "a title"
    assert ax.get_legend() is None
    assert [text.get_text() for text in show_by_layer({"net": [1.0]}).get_legend().get_texts()] == ["net"]


@pytest.mark.parametrize("values", [[1.0, 0.0], [1.0, -2.0], [1.0, float("nan")]])
def test_values_that_a_logarithm_does_not_take_are_refused(values):
    with pytest.raises(ValueError, match="not positive"):
        show_by_layer({"net": values})


@pytest.mark.parametrize("curves", [{}, {str(k): [1.0] for k in range(4)}])
def test_none_and_more_curves_than_looks_are_refused(curves):
    with pytest.raises(ValueError, match="expected 1 to 3"):
        show_by_layer(curves)


def test_a_list_is_refused():
    with pytest.raises(TypeError, match="expected a dictionary"):
        show_by_layer([1.0, 2.0])
