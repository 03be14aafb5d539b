"""What the figure of notebook 17 draws: layers in order, widths that follow the channels, and the shortcut."""

import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle

from cnncourse.figures import BLUE, GREY, ORANGE, show_chain

LAYERS = ["1x1 conv", "BN", "3x3 depthwise conv", "1x1 conv", "BN"]


def boxes(ax):
    """Rectangles from the top."""
    return sorted((p for p in ax.patches if isinstance(p, Rectangle)), key=lambda box: box.get_y())


def texts_down(ax):
    texts = [text for text in ax.texts if text.get_position()[0] == 0]
    return [text.get_text() for text in sorted(texts, key=lambda text: text.get_position()[1])]


def test_layers_stand_in_their_order_and_nothing_follows():
    assert texts_down(show_chain(LAYERS)) == ["x", *LAYERS, "y"]
    assert texts_down(show_chain(LAYERS, shortcut=True)) == ["x", *LAYERS, "+", "y"]
    assert texts_down(show_chain(LAYERS, ends=("narrow", "again"))) == ["narrow", *LAYERS, "again"]


def test_each_text_stands_in_its_box():
    ax = show_chain(LAYERS)
    for box, text in zip(boxes(ax), LAYERS, strict=True):
        inside = [t.get_text() for t in ax.texts if box.get_y() < t.get_position()[1] < box.get_y() + box.get_height()]
        assert inside == [text]


def test_depthwise_is_orange_other_convolutions_blue_the_rest_grey():
    edges = [box.get_edgecolor() for box in boxes(show_chain(LAYERS))]
    assert edges == [to_rgba(colour) for colour in (BLUE, GREY, ORANGE, BLUE, GREY)]


def test_boxes_are_wide_where_there_are_many_channels():
    widths = [box.get_width() for box in boxes(show_chain(LAYERS, widths=[6, 6, 6, 1, 3]))]
    assert widths[0] == widths[1] == widths[2] > widths[4] > widths[3]
    assert len({box.get_width() for box in boxes(show_chain(LAYERS))}) == 1


def test_the_shortcut_leads_from_the_input_around_all_boxes_to_the_sum():
    ax = show_chain(LAYERS, shortcut=True)
    (line,) = [line for line in ax.lines if len(line.get_xdata()) == 3]
    plus = next(text.get_position()[1] for text in ax.texts if text.get_text() == "+")
    assert 0 < line.get_ydata()[0] < boxes(ax)[0].get_y()
    assert line.get_ydata()[-1] == plus > boxes(ax)[-1].get_y()
    assert line.get_xdata()[-1] > max(box.get_x() + box.get_width() for box in boxes(ax))
    assert not show_chain(LAYERS).lines


def test_every_part_is_in_sight_on_given_axes():
    ax = plt.subplots()[1]
    assert show_chain(LAYERS, shortcut=True, title="mine", ax=ax) is ax
    assert ax.get_title(loc="left") == "mine"
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    for box in boxes(ax):
        assert left < box.get_x() < box.get_x() + box.get_width() < right
        assert top < box.get_y() < box.get_y() + box.get_height() < bottom
    assert all(top < text.get_position()[1] < bottom for text in ax.texts)


def test_without_a_title_the_layers_are_counted():
    assert show_chain(["1x1 conv"] * 3).get_title(loc="left") == "3 layers"


@pytest.mark.parametrize(
    ("layers", "options", "error", "words"),
    [
        ([], {}, ValueError, "layers is empty; expected"),
        ("3x3 conv", {}, TypeError, "is the text '3x3 conv'; expected"),
        (LAYERS, {"widths": [1, 2]}, ValueError, "positive number for each of the 5 layers"),
        (["BN", "BN"], {"widths": [1, 0]}, ValueError, "positive number for each of the 2 layers"),
    ],
)
def test_what_cannot_be_is_refused(layers, options, error, words):
    with pytest.raises(error, match=words):
        show_chain(layers, **options)
