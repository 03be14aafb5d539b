"""What the figure of notebook 14 draws: the layers in their order, and a shortcut that leads around all of them."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgba

from cnncourse.figures import BLUE, ORANGE, show_block

LAYERS = ["3x3 conv", "BN", "ReLU", "3x3 conv", "BN"]


def texts_down(ax):
    """The texts on the middle line, from the top."""
    texts = [text for text in ax.texts if text.get_position()[0] == 0]
    return [text.get_text() for text in sorted(texts, key=lambda text: text.get_position()[1])]


def height_of(ax, word):
    return next(text.get_position()[1] for text in ax.texts if text.get_text() == word)


def shortcut_lines(ax):
    return [line for line in ax.lines if line.get_color() == ORANGE and len(line.get_xdata()) == 3]


def box_edges(ax):
    return [(patch.get_edgecolor(), patch.get_x()) for patch in ax.patches if hasattr(patch, "get_x")]


def test_a_plain_block_has_its_layers_and_the_last_relu_in_order():
    ax = show_block(LAYERS, shortcut=None)
    assert texts_down(ax) == ["x", *LAYERS, "ReLU", "y"]
    assert not shortcut_lines(ax)
    assert ORANGE not in [line.get_markeredgecolor() for line in ax.lines]


def test_the_sum_stands_between_the_last_layer_and_the_last_relu():
    ax = show_block(LAYERS)
    assert texts_down(ax) == ["x", *LAYERS, "+", "ReLU", "y"]
    assert height_of(ax, "x") == 0
    assert height_of(ax, "+") == len(LAYERS) + 1
    assert height_of(ax, "ReLU") != height_of(ax, "+")
    assert "F(x) + x" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("shortcut", ["identity", "1x1 conv, BN"])
def test_the_shortcut_leads_from_the_input_around_all_boxes_to_the_sum(shortcut):
    ax = show_block(LAYERS, shortcut=shortcut)
    (line,) = shortcut_lines(ax)
    start, end = line.get_ydata()[0], line.get_ydata()[-1]
    assert 0 < start < 1  # after the input, before the first box
    assert end == height_of(ax, "+")
    assert line.get_xdata()[0] == 0
    right_edges = [p.get_x() + p.get_width() for p in ax.patches if hasattr(p, "get_x") and p.get_x() < 0]
    assert line.get_xdata()[1] > max(right_edges)


def test_convolutions_are_blue_and_a_projection_is_orange():
    edges = [edge for edge, _ in box_edges(show_block(LAYERS))]
    assert edges.count(to_rgba(BLUE)) == 2
    assert to_rgba(ORANGE) not in edges
    assert len(edges) == len(LAYERS) + 1
    projected = box_edges(show_block(LAYERS, shortcut="1x1 conv, BN"))
    assert [x > 0 for edge, x in projected if edge == to_rgba(ORANGE)] == [True]
    assert len(projected) == len(LAYERS) + 2


def test_every_part_is_in_sight_on_given_axes():
    ax = plt.subplots()[1]
    assert show_block(LAYERS, shortcut="1x1 conv, BN", title="mine", ax=ax) is ax
    assert ax.get_title(loc="left") == "mine"
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for patch in ax.patches:
        if hasattr(patch, "get_x"):
            assert left < patch.get_x() < patch.get_x() + patch.get_width() < right
            assert top < patch.get_y() < patch.get_y() + patch.get_height() < bottom
    assert all(top < text.get_position()[1] < bottom for text in ax.texts)


def test_without_a_title_the_layers_are_counted():
    assert show_block(["1x1 conv"] * 3).get_title(loc="left") == "3 layers"


@pytest.mark.parametrize(
    ("layers", "error", "words"),
    [([], ValueError, "layers is empty; expected"), ("3x3 conv", TypeError, "is the text '3x3 conv'; expected")],
)
def test_what_cannot_be_is_refused(layers, error, words):
    with pytest.raises(error, match=words):
        show_block(layers)
