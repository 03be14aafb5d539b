"""What the figures of notebook 02 draw: which pixels, in which colours, where the window lies, which numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnncourse import reference
from cnncourse.figures.convolution import show_kernel, show_kernel_step
from cnncourse.figures.images import show_image, show_images
from cnncourse.figures.style import ORANGE

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.fixture
def image():
    return np.random.default_rng(0).random((6, 8))


def title(ax):
    return ax.get_title(loc="left")


def pixels(ax):
    (drawn,) = ax.images
    return drawn.get_array()


def written(ax):
    """The texts in their pixels, as {(row, column): text}."""
    return {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in ax.texts}


def orange_frame(ax):
    """Row, column, height and width in pixels of the one orange frame."""
    frames = [p for p in ax.patches if isinstance(p, Rectangle) and p.get_edgecolor() == to_rgba(ORANGE)]
    (frame,) = frames
    return (frame.get_y() + 0.5, frame.get_x() + 0.5, frame.get_height(), frame.get_width())


# one image


def test_a_grey_image_runs_from_black_at_0_to_white_at_1_whatever_its_values(image):
    ax = show_image(0.5 * image, title="dim")
    np.testing.assert_array_equal(pixels(ax), 0.5 * image)
    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert ax.images[0].get_cmap().name == "gray"
    assert title(ax) == "dim"
    assert not ax.axison


@pytest.mark.parametrize(("values", "limit"), [([[-3.0, 1.0]], 3.0), ([[0.0, 2.0]], 2.0), ([[0.0, 0.0]], 1.0)])
def test_a_signed_map_has_zero_in_the_middle_of_its_scale(values, limit):
    ax = show_image(values, signed=True)
    assert ax.images[0].get_clim() == (-limit, limit)
    assert ax.images[0].get_cmap().name == "RdBu_r"


def test_red_is_positive_and_blue_negative():
    drawn = show_image([[-1.0, 0.0, 1.0]], signed=True).images[0]
    negative, zero, positive = drawn.cmap(drawn.norm(np.array([-1.0, 0.0, 1.0])))
    assert positive[0] > positive[2]
    assert negative[2] > negative[0]
    assert min(zero[:3]) > 0.95


def test_a_given_limit_sets_the_signed_scale_and_nan_pixels_do_not():
    assert show_image([[-3.0, 1.0]], signed=True, limit=1.5).images[0].get_clim() == (-1.5, 1.5)
    assert show_image([[np.nan, 0.5]], signed=True).images[0].get_clim() == (-0.5, 0.5)


def test_one_channel_is_grey_and_three_are_colour(image):
    assert pixels(show_image(image[..., None])).shape == (6, 8)
    colour = np.stack([image, image, 2 * image], axis=-1)
    np.testing.assert_array_equal(pixels(show_image(colour)), np.clip(colour, 0, 1))


def test_an_image_is_drawn_into_given_axes_with_a_scale_only_if_asked(image):
    figure, ax = plt.subplots()
    assert show_image(image, ax) is ax
    assert len(figure.axes) == 1
    show_image(image, ax, colourbar=True)
    assert len(figure.axes) == 2


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (np.zeros(3), ValueError, r"shape \(3,\); expected \(H, W\)"),
        (np.zeros((2, 4, 4, 1)), ValueError, r"images\[0\]"),
        (np.zeros((4, 4, 2)), ValueError, r"image\[..., 0\]"),
        (np.zeros((0, 4)), ValueError, "no pixel"),
        (np.full((2, 2), 255, np.uint8), ValueError, "up to 255; expected 0..1: divide by 255"),
        ([["a", "b"]], TypeError, "expected real numbers"),
        (np.zeros((2, 2), complex), TypeError, "complex128"),
    ],
)
def test_what_is_not_an_image_is_refused(bad, error, words):
    with pytest.raises(error, match=words):
        show_image(bad)


def test_a_signed_colour_image_and_an_empty_scale_are_refused(image):
    with pytest.raises(ValueError, match="colour image cannot be signed"):
        show_image(np.zeros((2, 2, 3)), signed=True)
    with pytest.raises(ValueError, match="limit is -1; expected the positive value"):
        show_image(image, signed=True, limit=-1)


# a grid of images


def test_a_grid_shows_every_image_once_in_order_and_no_empty_axes(image):
    axes = show_images([image * k / 5 for k in range(5)], [str(k) for k in range(5)], columns=3)
    assert [title(ax) for ax in axes] == list("01234")
    for k, ax in enumerate(axes):
        np.testing.assert_array_equal(pixels(ax), image * k / 5)
    assert len(axes[0].figure.axes) == 5
    places = [ax.get_subplotspec() for ax in axes]
    assert [(p.rowspan.start, p.colspan.start) for p in places] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (3, 3), (4, 4), (9, 4)])
def test_a_row_holds_four_images_unless_told_otherwise(image, count, columns):
    axes = show_images(np.stack([image] * count))
    assert axes[0].get_subplotspec().get_gridspec().ncols == columns


def test_signed_images_of_a_grid_share_one_scale_and_grey_ones_keep_theirs(image):
    axes = show_images([image, image - 3, image + 1], signed=[False, True, True])
    limit = np.abs(image - 3).max()
    assert axes[0].images[0].get_clim() == (0.0, 1.0)
    assert axes[1].images[0].get_clim() == axes[2].images[0].get_clim() == (-limit, limit)
    fixed = show_images([image, image], signed=True, limit=2)
    assert fixed[0].images[0].get_clim() == (-2, 2)


def test_images_of_a_grid_may_differ_in_size_and_a_figure_stays_on_the_page(image):
    axes = show_images([image, image[1:, 2:]] * 5, columns=10)
    assert [pixels(ax).shape for ax in axes[:2]] == [(6, 8), (5, 6)]
    assert axes[0].figure.get_figwidth() <= 8


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"images": []}, "no images to show"),
        ({"images": 3}, "no images to show"),
        ({"titles": ["one"]}, "got 2 images and 1 titles"),
        ({"signed": [True]}, "got 2 images and 1 signed"),
        ({"columns": 0}, "columns is 0"),
        ({"columns": True}, "columns is True"),
        ({"columns": 1.5}, "columns is 1.5"),
    ],
)
def test_a_grid_that_does_not_fit_together_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        show_images(**{"images": np.zeros((2, 4, 4))} | arguments)


# a kernel, and its steps


def test_a_kernel_has_each_weight_written_where_it_is():
    ax = show_kernel(SOBEL_X / 4, title="Sobel / 4")
    assert written(ax)[1, 0] == "-0.50"
    assert written(ax)[0, 2] == "0.25"
    assert written(ax)[1, 1] == "0"
    assert len(written(ax)) == 9
    assert ax.images[0].get_clim() == (-0.5, 0.5)
    assert title(ax) == "Sobel / 4"


def test_numbers_are_light_on_dark_and_dark_on_light():
    ax = show_kernel([[0.0, 1.0]], signed=False)
    assert [text.get_color() for text in ax.texts] == ["white", "black"]


@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 3), (3, 5)])
def test_a_step_marks_the_window_and_the_pixel_that_it_gives(image, row, column):
    axes = show_kernel_step(image, SOBEL_X, row, column)
    np.testing.assert_array_equal(pixels(axes["image"]), image)
    assert orange_frame(axes["image"]) == (row, column, 3, 3)
    assert orange_frame(axes["output"]) == (row, column, 1, 1)
    assert title(axes["image"]) == f"image 6 x 8, window at [{row}, {column}]"


def test_a_step_fills_the_output_row_by_row_up_to_its_pixel(image):
    computed = pixels(show_kernel_step(image, SOBEL_X, row=2, column=3)["output"]).filled(np.nan)
    output = reference.correlate(image, SOBEL_X)
    assert computed.shape == (4, 6)
    np.testing.assert_allclose(computed[:2], output[:2])
    np.testing.assert_allclose(computed[2, :4], output[2, :4])
    assert np.isnan(computed[2, 4:]).all()
    assert np.isnan(computed[3:]).all()


def test_a_step_shows_window_times_kernel_and_the_sum_of_the_products(image):
    axes = show_kernel_step(image, SOBEL_X, row=1, column=4)
    window = image[1:4, 4:7]
    np.testing.assert_array_equal(pixels(axes["window"]), window)
    np.testing.assert_array_equal(pixels(axes["kernel"]), SOBEL_X)
    np.testing.assert_array_equal(pixels(axes["products"]), window * SOBEL_X)
    total = f"{(window * SOBEL_X).sum():.2f}"
    assert title(axes["products"]) == f"= products, sum {total}"
    assert title(axes["output"]) == f"output (4 x 6): pixel [1, 4] = {total}"


@pytest.mark.parametrize(
    ("kernel", "colours"), [(np.full((3, 3), 1 / 9), "gray"), (np.ones((3, 3)), "RdBu_r"), (SOBEL_X, "RdBu_r")]
)
def test_an_output_is_grey_only_if_all_of_it_lies_between_0_and_1(image, kernel, colours):
    assert show_kernel_step(image, kernel)["output"].images[0].get_cmap().name == colours


def test_all_steps_share_one_scale(image):
    largest = np.abs(reference.correlate(image, SOBEL_X)).max()
    limits = {show_kernel_step(image, SOBEL_X, 0, c)["output"].images[0].get_clim() for c in range(6)}
    assert limits == {(-largest, largest)}


def test_the_output_has_the_images_scale_so_that_the_lost_border_is_seen(image):
    axes = show_kernel_step(image, np.ones((3, 5)))
    for limits in ("get_xlim", "get_ylim"):
        of_image, of_output = (np.ptp(getattr(axes[name], limits)()) for name in ("image", "output"))
        assert of_image == of_output


def test_small_images_have_their_values_written_into_them_and_large_ones_do_not(image):
    axes = show_kernel_step(image, SOBEL_X, row=1, column=0)
    assert len(axes["image"].texts) == 48
    assert len(axes["output"].texts) == 6 + 1
    assert len(show_kernel_step(np.zeros((11, 4)), SOBEL_X)["image"].texts) == 0


def test_a_given_figure_is_cleared_and_drawn_anew(image):
    figure = Figure()
    show_kernel_step(image, SOBEL_X, figure=figure)
    axes = show_kernel_step(image, SOBEL_X, row=1, figure=figure)
    assert set(figure.axes) == set(axes.values())
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"image": np.zeros((6, 8, 3))}, ValueError, r"the image has shape \(6, 8, 3\); expected two dimensions"),
        ({"kernel": np.zeros(3)}, ValueError, r"the kernel has shape \(3,\)"),
        ({"kernel": [["a"]]}, TypeError, "the kernel holds"),
        ({"kernel": np.zeros((7, 3))}, ValueError, "7"),
        ({"row": 4}, ValueError, "row is 4; expected 0 to 3"),
        ({"row": -1}, ValueError, "row is -1; expected 0 to 3"),
        ({"column": 6}, ValueError, "column is 6; expected 0 to 5"),
        ({"column": 1.0}, TypeError, "column is 1.0; expected an integer"),
        ({"row": True}, TypeError, "row is True; expected an integer"),
    ],
)
def test_a_step_that_cannot_be_is_refused(image, arguments, error, words):
    with pytest.raises(error, match=words):
        show_kernel_step(**{"image": image, "kernel": SOBEL_X} | arguments)
