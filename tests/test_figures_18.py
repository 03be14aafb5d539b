"""What the figures of notebook 18 draw: the credit of the photographs, means and bands of draws."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse.datasets import OBJECT_PHOTOS_CREDIT
from cnncourse.figures import BLUE, ORANGE, show_few_images, show_photos

DRAWS = {"frozen": {8: [0.9, 0.7], 2: [0.5, 0.6, 0.7]}, "scratch": {2: [0.2, 0.4], 8: [0.5]}}


def test_the_credit_stands_whole_below_the_photographs():
    axes = show_photos(np.full((6, 8, 8, 3), 0.5), list("abcdef"), columns=3)
    figure = axes[0].figure
    (text,) = figure.texts
    assert text.get_text().replace("\n", " ") == OBJECT_PHOTOS_CREDIT
    assert text.get_position()[1] <= 0
    assert text.get_verticalalignment() == "top"
    figure.canvas.draw()
    box = text.get_window_extent()
    assert box.x1 <= figure.bbox.x1
    assert box.y1 <= min(ax.get_window_extent().y0 for ax in axes)


def test_photographs_keep_their_order_and_titles():
    images = np.arange(4, dtype=float)[:, None, None, None] / 4 * np.ones((4, 8, 8, 3))
    axes = show_photos(images, list("abcd"), columns=2)
    assert [ax.get_title(loc="left") for ax in axes] == list("abcd")
    assert [float(ax.images[0].get_array()[0, 0, 0]) for ax in axes] == [0, 0.25, 0.5, 0.75]


def test_lines_are_means_in_order_of_the_number_of_images():
    ax = show_few_images(DRAWS, guess=0.2)
    frozen, scratch, guess = ax.lines
    assert frozen.get_xdata().tolist() == [2, 8]
    assert frozen.get_ydata() == pytest.approx([0.6, 0.8])
    assert scratch.get_ydata() == pytest.approx([0.3, 0.5])
    assert set(guess.get_ydata()) == {0.2}
    assert [frozen.get_color(), scratch.get_color()] == [BLUE, ORANGE]
    assert frozen.get_linestyle() != scratch.get_linestyle()


def test_bands_hold_the_lowest_and_the_highest_draw():
    ax = show_few_images(DRAWS, guess=0.2)
    for band, lows, highs in zip(ax.collections, ([0.5, 0.7], [0.2, 0.5]), ([0.7, 0.9], [0.4, 0.5]), strict=True):
        points = band.get_paths()[0].vertices
        for count, low, high in zip((2, 8), lows, highs, strict=True):
            heights = points[points[:, 0] == count, 1]
            assert (heights.min(), heights.max()) == pytest.approx((low, high))


def test_axes_ticks_and_legend_say_what_is_drawn():
    given = plt.subplots()[1]
    ax = show_few_images(DRAWS, guess=0.2, title="mine", ax=given)
    assert ax is given
    assert ax.get_title(loc="left") == "mine"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2", "8"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["frozen", "scratch", "a guess"]
    assert ax.get_ylim() == (0, 1)


@pytest.mark.parametrize("count", [0, 4])
def test_no_method_or_too_many_are_refused(count):
    with pytest.raises(ValueError, match=f"got {count} methods; expected 1 to 3"):
        show_few_images({str(k): {2: [0.5]} for k in range(count)}, guess=0.2)
