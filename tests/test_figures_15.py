"""What the figures of notebook 15 draw: a map that covers the photograph, in colours that say for or against."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnncourse import datasets
from cnncourse.figures import show_class_map

PHOTOGRAPH = np.random.default_rng(0).random((12, 18, 3)).astype("float32")
CLASS_MAP = np.array([[1.0, -4.0, 0.0], [2.0, 3.0, -1.0]])


def title(ax):
    return ax.get_title(loc="left")


@pytest.mark.parametrize("smooth", [True, False])
def test_the_map_lies_over_the_whole_photograph_the_right_way_up(smooth):
    ax = show_class_map(PHOTOGRAPH, CLASS_MAP, smooth=smooth)
    below, above = ax.images
    assert below.get_extent() == above.get_extent()
    assert sorted(above.get_extent()[:2]) == [-0.5, 17.5]
    assert sorted(above.get_extent()[2:]) == [-0.5, 11.5]
    assert below.origin == above.origin == "upper"
    np.testing.assert_array_equal(above.get_array(), CLASS_MAP)
    assert above.get_interpolation() == ("bilinear" if smooth else "nearest")
    assert 0 < above.get_alpha() < 1


def test_each_place_is_one_block_over_its_own_pixels():
    class_map = np.zeros((2, 3))
    class_map[0, 2] = 1
    figure, ax = plt.subplots(figsize=(1.8, 1.2), dpi=100)
    ax.set_position((0, 0, 1, 1))
    show_class_map(np.full((12, 18), 0.5), class_map, ax, smooth=False)
    figure.canvas.draw()
    drawn = np.asarray(figure.canvas.buffer_rgba())[:, :, :3].astype(int)
    redder = drawn[..., 0] - drawn[..., 2] > 20
    rows, columns = np.nonzero(redder)
    height, width = redder.shape
    assert rows.max() < 0.52 * height
    assert columns.min() > 0.64 * width
    assert redder.mean() == pytest.approx(1 / 6, abs=0.02)


def test_the_photograph_is_pale_grey_so_that_the_colours_are_the_maps():
    below = show_class_map(PHOTOGRAPH, CLASS_MAP).images[0]
    np.testing.assert_allclose(below.get_array(), 0.45 + 0.55 * datasets.to_grey(PHOTOGRAPH), rtol=1e-6)
    assert below.get_cmap().name == "gray"
    grey = PHOTOGRAPH[..., 0]
    np.testing.assert_allclose(show_class_map(grey, CLASS_MAP).images[0].get_array(), 0.45 + 0.55 * grey, rtol=1e-6)


@pytest.mark.parametrize(("limit", "ends"), [(None, (-4, 4)), (10, (-10, 10))])
def test_zero_is_the_middle_of_the_scale_and_red_is_for_the_class(limit, ends):
    above = show_class_map(PHOTOGRAPH, CLASS_MAP, limit=limit).images[1]
    assert above.get_clim() == ends
    red, _, blue, _ = above.cmap(above.norm(ends[1]))
    assert red > blue
    red, _, blue, _ = above.cmap(above.norm(ends[0]))
    assert red < blue


def test_a_map_of_zeros_has_a_scale_and_given_axes_and_titles_are_used():
    ax = plt.subplots()[1]
    assert show_class_map(PHOTOGRAPH, np.zeros((2, 2)), ax, title="a title") is ax
    assert title(ax) == "a title"
    assert ax.images[1].get_clim() == (-1, 1)


@pytest.mark.parametrize(
    ("photograph", "class_map", "limit", "words"),
    [
        (PHOTOGRAPH, np.zeros((7, 7, 4)), None, r"shape \(7, 7, 4\); expected \(H', W'\)"),
        (PHOTOGRAPH, np.zeros((0, 7)), None, r"shape \(0, 7\)"),
        (PHOTOGRAPH, CLASS_MAP, 0, "limit is 0; expected the positive value"),
        (PHOTOGRAPH, CLASS_MAP, -1, "limit is -1"),
        (np.zeros((2, 3, 4, 3)), CLASS_MAP, None, r"shape \(2, 3, 4, 3\)"),
        (PHOTOGRAPH[:, :, :2], CLASS_MAP, None, r"shape \(12, 18, 2\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(photograph, class_map, limit, words):
    with pytest.raises(ValueError, match=words):
        show_class_map(photograph, class_map, limit=limit)
    assert plt.get_fignums() == []
