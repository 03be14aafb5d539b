"""What the figures of notebook 05 draw: maps before and after the ReLU, patches of one scale, falls of classes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from cnncourse import reference
from cnncourse.figures.activations import show_class_falls, show_output_activation, show_patches

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.fixture
def image():
    return np.random.default_rng(0).random((6, 8))


def title(ax):
    return ax.get_title(loc="left")


def pixels(ax):
    (drawn,) = ax.images
    return np.asarray(drawn.get_array())


# the output activation


def test_the_bias_is_added_before_the_relu_and_what_is_negative_becomes_zero(image):
    axes = show_output_activation(image, SOBEL_X, bias=-0.5)
    sums = reference.correlate(image, SOBEL_X)
    np.testing.assert_array_equal(pixels(axes[0]), image)
    np.testing.assert_allclose(pixels(axes[1]), sums - 0.5)
    np.testing.assert_allclose(pixels(axes[2]), np.where(sums > 0.5, sums - 0.5, 0))


def test_both_maps_share_one_signed_scale(image):
    axes = show_output_activation(image, SOBEL_X, bias=1)
    largest = np.abs(reference.correlate(image, SOBEL_X) + 1).max()
    assert axes[1].images[0].get_clim() == axes[2].images[0].get_clim() == (-largest, largest)
    assert axes[1].images[0].get_cmap().name == "RdBu_r"
    fixed = show_output_activation(image, SOBEL_X, bias=1, limit=7)
    assert fixed[2].images[0].get_clim() == (-7, 7)


@pytest.mark.parametrize(
    ("bias", "words"), [(0, "after ReLU: 25 % above 0"), (2, "after ReLU: 100 % above 0"), (-1, "nothing left")]
)
def test_the_title_says_how_much_of_the_map_is_left(bias, words):
    image = np.zeros((2, 2))
    image[1, 1] = 1
    axes = show_output_activation(image, np.ones((1, 1)), bias)
    assert words in title(axes[2])
    assert title(axes[1]) == f"sums plus bias {bias}"


def test_the_map_is_computed_down_to_the_row_whose_stripe_is_framed(image):
    axes = show_output_activation(image, SOBEL_X, bias=0.5, row=2)
    for ax, whole in zip(axes[1:], (reference.correlate(image, SOBEL_X) + 0.5,) * 2, strict=True):
        computed = ax.images[0].get_array().filled(np.nan)
        assert computed.shape == (4, 6)
        assert np.isnan(computed[3:]).all()
        np.testing.assert_allclose(computed[:3], whole[:3] if ax is axes[1] else np.maximum(whole[:3], 0))
    (frame,) = axes[0].patches
    assert (frame.get_y(), frame.get_height()) == (1.5, 3)
    assert (frame.get_x(), frame.get_width()) == (-0.5, 8)
    above = (reference.correlate(image, SOBEL_X)[:3] > -0.5).mean()
    assert title(axes[2]) == f"after ReLU: {100 * above:.0f} % above 0"
    assert len(show_output_activation(image, SOBEL_X, bias=0.5)[0].patches) == 0
    with pytest.raises(ValueError, match="row is 4; expected a row of the map, 0 to 3"):
        show_output_activation(image, SOBEL_X, bias=0.5, row=4)


def test_a_given_figure_is_cleared_and_drawn_anew(image):
    figure = Figure()
    show_output_activation(image, SOBEL_X, 0, figure=figure)
    axes = show_output_activation(image, SOBEL_X, 1, figure=figure)
    assert list(figure.axes) == list(axes)
    assert plt.get_fignums() == []


def test_an_activation_of_what_is_no_grey_image_is_refused():
    with pytest.raises(ValueError, match=r"\(6, 8, 3\)"):
        show_output_activation(np.zeros((6, 8, 3)), SOBEL_X, 0)


# patches


def test_each_row_holds_its_patches_in_order_and_its_title(image):
    axes = show_patches([[image, image / 2], [image / 3]], ["map 3", "map 5"])
    assert axes.shape == (2, 2)
    np.testing.assert_array_equal(pixels(axes[0, 0]), image)
    np.testing.assert_array_equal(pixels(axes[0, 1]), image / 2)
    np.testing.assert_array_equal(pixels(axes[1, 0]), image / 3)
    assert len(axes[1, 1].images) == 0
    assert [title(row[0]) for row in axes] == ["map 3", "map 5"]


def test_patches_of_a_row_share_one_scale(image):
    axes = show_patches([[image, image[:3, :3]], [image[:2, :2]]], ["a", "b"])
    widths = [np.ptp(ax.get_xlim()) for ax in (*axes[0], axes[1, 0])]
    heights = [np.ptp(ax.get_ylim()) for ax in (*axes[0], axes[1, 0])]
    assert widths == heights == [8, 8, 2]
    assert axes[0, 0].get_ylim()[0] > axes[0, 0].get_ylim()[1]  # row 0 is at the top


def test_a_long_title_takes_no_room_from_the_patches_and_a_long_row_stays_on_the_page(image):
    axes = show_patches([[image] * 3, [image] * 3], ["a title that is far wider than its first patch", "b"])
    axes[0, 0].figure.draw_without_rendering()
    lefts = [ax.get_position().x0 for ax in axes[0]]
    assert lefts[1] - lefts[0] == pytest.approx(lefts[2] - lefts[1])
    boxes = [ax.get_tightbbox() for ax in (axes[0, 0], axes[1, 0])]
    assert boxes[1].y1 <= axes[0, 0].get_window_extent().y0  # the second row's title lies below the first row
    assert show_patches([[image] * 20], ["a"])[0, 0].figure.get_figwidth() <= 8


@pytest.mark.parametrize(
    ("rows", "titles", "words"), [([], [], "0 rows"), ([[]], ["a"], "1 rows"), ([[np.eye(2)]], [], "0 titles")]
)
def test_patches_without_titles_or_titles_without_patches_are_refused(rows, titles, words):
    with pytest.raises(ValueError, match=words):
        show_patches(rows, titles)


# falls of classes


def test_each_class_has_its_bar_from_the_top_and_each_group_its_point():
    falls, groups = [0.7, -0.2, 0.1], [0.2, 0.21, 0.19]
    ax = show_class_falls(falls, groups, ["coat", "bag", "shirt"], title="Three classes")
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], falls)
    np.testing.assert_allclose(ax.lines[0].get_xdata(), groups)
    assert [text.get_text() for text in ax.get_yticklabels()] == ["coat", "bag", "shirt"]
    centres = [bar.get_y() + bar.get_height() / 2 for bar in ax.patches]
    np.testing.assert_allclose(centres, [0, 1, 2], atol=1e-12)
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first class is at the top
    assert ax.get_xlim() == (-1, 1)
    assert title(ax) == "Three classes"


def test_falls_are_drawn_on_given_axes():
    given = Figure().subplots()
    assert show_class_falls([0.1], [0.1], ["bag"], given) is given
    assert plt.get_fignums() == []


def test_falls_without_a_name_are_refused():
    with pytest.raises(ValueError, match=r"shape \(2,\) and 1 names"):
        show_class_falls([0.1, 0.2], [0.1], ["bag"])
