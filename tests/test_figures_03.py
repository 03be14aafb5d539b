"""What the figure of notebook 03 draws: the shifted image, its map, the map moved back, and where the two differ."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from cnncourse import reference
from cnncourse.figures.equivariance import MISSING, show_equivariance

KERNEL = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, -9.0]])
MAPS = ("map at start", "map", "back", "difference")


@pytest.fixture
def image():
    return np.random.default_rng(0).random((6, 8))


@pytest.fixture
def framed():
    """An object with two pixels of room on each side, and one more for the kernel."""
    return np.pad(np.random.default_rng(1).random((4, 5)) + 0.1, 3)


def title(ax):
    return ax.get_title(loc="left")


def pixels(ax):
    (drawn,) = ax.images
    return np.ma.filled(drawn.get_array(), np.nan)


def same(image, kernel=KERNEL):
    return reference.conv2d(image[None, :, :, None], kernel[:, :, None, None], padding="same")[0, :, :, 0]


@pytest.mark.parametrize(
    ("down", "right", "rows", "columns", "rows_before", "columns_before"),
    [
        (2, 3, slice(2, 6), slice(3, 8), slice(0, 4), slice(0, 5)),
        (-1, 0, slice(0, 5), slice(0, 8), slice(1, 6), slice(0, 8)),
        (0, -4, slice(0, 6), slice(0, 4), slice(0, 6), slice(4, 8)),
    ],
)
def test_the_image_moves_down_and_to_the_right_and_zeros_come_in(
    image, down, right, rows, columns, rows_before, columns_before
):
    moved = pixels(show_equivariance(image, KERNEL, down, right)["image"])
    expected = np.zeros_like(image)
    expected[rows, columns] = image[rows_before, columns_before]
    np.testing.assert_array_equal(moved, expected)


def test_the_map_is_that_of_the_moved_image_and_moves_back_with_nothing_where_nothing_is_known(image):
    axes = show_equivariance(image, KERNEL, down=2, right=-1)
    feature_map = pixels(axes["map"])
    np.testing.assert_allclose(feature_map, same(pixels(axes["image"])))
    back = pixels(axes["back"])
    np.testing.assert_allclose(back[:4, 1:], feature_map[2:, :-1])
    assert np.isnan(back[4:]).all()
    assert np.isnan(back[:, 0]).all()


@pytest.mark.parametrize("shift", [(0, 0), (2, -1)])
def test_image_and_map_at_the_start_stand_still(image, shift):
    axes = show_equivariance(image, KERNEL, *shift)
    np.testing.assert_array_equal(pixels(axes["image at start"]), image)
    np.testing.assert_allclose(pixels(axes["map at start"]), same(image))
    rows = [ax.get_subplotspec().rowspan.start for ax in (axes["map at start"], axes["back"], axes["difference"])]
    assert rows == [0, 0, 1]  # what is compared stands side by side


def test_the_difference_is_the_map_moved_back_minus_the_map_at_the_start(image):
    axes = show_equivariance(image, KERNEL, down=1, right=2)
    difference, back = pixels(axes["difference"]), pixels(axes["back"])
    np.testing.assert_allclose(difference, back - same(image))
    assert np.array_equal(np.isnan(difference), np.isnan(back))


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (-3, 3), (2, -3)])
def test_a_framed_object_leaves_no_difference_until_it_leaves_the_frame(framed, down, right):
    axes = show_equivariance(framed, KERNEL, down, right)
    assert title(axes["difference"]).startswith("difference: 0 of ")
    assert title(show_equivariance(framed, KERNEL, 4, 0)["difference"]) != "difference: 0 of 66 pixels"


def test_the_border_that_the_image_moves_towards_breaks_one_row_and_one_column(image):
    difference = pixels(show_equivariance(image, KERNEL, down=2, right=3)["difference"])
    rows, columns = np.nonzero(np.nan_to_num(np.abs(difference)) > 1e-9)
    assert set(rows[columns < 4]) == {3}  # the last of the rows 0 to 3 that are known
    assert set(columns[rows < 3]) == {4}
    expected = f"difference: {4 + 5 - 1} of {4 * 5} pixels"
    assert title(show_equivariance(image, KERNEL, down=2, right=3)["difference"]) == expected


@pytest.mark.parametrize(("down", "right"), [(1, 0), (-2, 5), (5, -7)])
def test_on_a_torus_nothing_is_lost_and_nothing_differs(image, down, right):
    axes = show_equivariance(image, KERNEL, down, right, padding="circular")
    np.testing.assert_array_equal(pixels(axes["image"]), np.roll(image, (down, right), axis=(0, 1)))
    assert title(axes["difference"]) == "difference: 0 of 48 pixels"
    padded = np.pad(pixels(axes["image"]), 1, mode="wrap")
    np.testing.assert_allclose(pixels(axes["map"]), reference.correlate(padded, KERNEL))


def test_titles_say_the_shift_and_all_maps_share_one_scale(image):
    axes = show_equivariance(image, KERNEL, down=-2, right=3)
    assert title(axes["image"]) == "-2 down, 3 to the right"
    assert title(axes["image at start"]) == "image, padding: zeros"
    circular = show_equivariance(image, KERNEL, padding="circular")
    assert title(circular["image at start"]) == "image, padding: circular"
    limit = np.abs(same(image)).max()
    assert {axes[name].images[0].get_clim() for name in MAPS} == {(-limit, limit)}
    for name in ("image", "image at start"):
        assert axes[name].images[0].get_clim() == (0.0, 1.0)


def test_what_cannot_be_compared_is_grey_and_not_white(image):
    axes = show_equivariance(image, KERNEL, down=1)
    for name in ("back", "difference"):
        (frame,) = axes[name].patches
        assert frame.get_facecolor() == to_rgba(MISSING)
        assert (frame.get_width(), frame.get_height()) == (8, 6)
        assert frame.get_zorder() < axes[name].images[0].get_zorder()


def test_a_given_figure_is_cleared_and_drawn_anew(image):
    figure = Figure()
    show_equivariance(image, KERNEL, figure=figure)
    axes = show_equivariance(image, KERNEL, down=1, figure=figure)
    assert set(figure.axes) == set(axes.values())
    assert plt.get_fignums() == []


def test_an_image_of_zeros_has_a_scale(image):
    assert show_equivariance(0 * image, KERNEL, down=1)["map"].images[0].get_clim() == (-1.0, 1.0)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"image": np.zeros((6, 8, 1))}, ValueError, r"the image has shape \(6, 8, 1\); expected two dimensions"),
        ({"image": [["a"]]}, TypeError, "the image holds"),
        ({"kernel": np.zeros(3)}, ValueError, r"the kernel has shape \(3,\)"),
        ({"kernel": np.zeros((2, 2))}, ValueError, "expected a square with an odd side"),
        ({"kernel": np.zeros((3, 5))}, ValueError, "expected a square with an odd side"),
        ({"down": 6}, ValueError, "down is 6; expected -5 to 5"),
        ({"right": -8}, ValueError, "right is -8; expected -7 to 7"),
        ({"down": 1.0}, TypeError, "down is 1.0; expected an integer"),
        ({"right": True}, TypeError, "right is True; expected an integer"),
        ({"padding": "same"}, ValueError, "padding is 'same'; expected 'zeros' or 'circular'"),
    ],
)
def test_what_cannot_be_shifted_is_refused(image, arguments, error, words):
    with pytest.raises(error, match=words):
        show_equivariance(**{"image": image, "kernel": KERNEL} | arguments)
