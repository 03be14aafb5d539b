"""What the figures of notebook 04 draw: which channel where, which sums, which mixture in which colours."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from cnncourse import datasets
from cnncourse.figures import show_channel_mix, show_channel_sums

WINDOW = np.array([[[1, 0, 2], [2, 1, 0]], [[0, 1, 1], [3, 0, 1]]])
KERNEL = np.array([[[1, 0, -1], [0, 2, 0]], [[2, 1, 0], [-1, 0, 1]]])


@pytest.fixture
def image():
    return np.random.default_rng(0).random((4, 5, 3))


def title(ax):
    return ax.get_title(loc="left")


def pixels(ax):
    (drawn,) = ax.images
    return drawn.get_array()


# one sum over three channels


def test_each_row_holds_one_channel_of_window_kernel_and_products():
    axes = show_channel_sums(WINDOW, KERNEL, bias=1)
    assert axes.shape == (3, 3)
    for channel, row in enumerate(axes):
        for ax, values in zip(row, (WINDOW, KERNEL, WINDOW * KERNEL), strict=True):
            np.testing.assert_array_equal(pixels(ax), values[..., channel])


def test_the_titles_name_the_channels_and_their_sums():
    axes = show_channel_sums(WINDOW, KERNEL, bias=1)
    assert [title(ax) for ax in axes[:, 0]] == ["red window", "green window", "blue window"]
    assert [title(ax) for ax in axes[:, 2]] == ["= products, sum -2", "= products, sum 3", "= products, sum -1"]


@pytest.mark.parametrize(
    ("bias", "text"),
    [
        (1, "red (-2) + green 3 + blue (-1) + bias 1 = 1"),
        (0, "red (-2) + green 3 + blue (-1) + bias 0 = 0"),
        (-0.5, "red (-2) + green 3 + blue (-1) + bias (-0.50) = -0.50"),
    ],
)
def test_the_figure_adds_the_three_sums_and_one_bias(bias, text):
    assert show_channel_sums(WINDOW, KERNEL, bias)[0, 0].figure.get_suptitle() == text


def test_the_frames_have_the_colours_of_the_channels_and_the_cells_have_none():
    for channel, row in enumerate(show_channel_sums(WINDOW, KERNEL)):
        for ax in row:
            (frame,) = ax.patches
            assert np.argmax(frame.get_edgecolor()[:3]) == channel
            drawn = ax.images[0]
            cells = drawn.cmap(drawn.norm(drawn.get_array()))[..., :3]
            assert cells.min() > 0.95
            assert {text.get_color() for text in ax.texts} == {"black"}


@pytest.mark.parametrize(
    ("window", "kernel"),
    [
        (np.zeros((2, 2, 3)), np.zeros((2, 3, 3))),
        (np.zeros((2, 2)), np.zeros((2, 2))),
        (np.zeros((3, 2, 2)), np.zeros((3, 2, 2))),
        (np.zeros((2, 2, 3)), np.zeros((2, 2, 3, 1))),
    ],
)
def test_a_window_and_a_kernel_that_do_not_fit_are_refused(window, kernel):
    with pytest.raises(ValueError, match=r"expected \(kh, kw, 3\) for both"):
        show_channel_sums(window, kernel)


# three channels mixed into one


def test_a_mixture_is_weights_times_channels_and_the_bias(image):
    original, result = show_channel_mix(image, (1, -2, 0.5), bias=0.25)
    np.testing.assert_array_equal(pixels(original), image)
    expected = image[..., 0] - 2 * image[..., 1] + 0.5 * image[..., 2] + 0.25
    np.testing.assert_allclose(pixels(result), expected)
    assert title(result) == "1 red - 2 green + 0.5 blue + 0.25"


def test_the_weights_of_grey_give_the_grey_image_in_grey(image):
    result = show_channel_mix(image, (0.299, 0.587, 0.114))[1]
    np.testing.assert_allclose(pixels(result), datasets.to_grey(image))
    assert result.images[0].get_cmap().name == "gray"
    assert result.images[0].get_clim() == (0, 1)
    assert title(result) == "0.299 red + 0.587 green + 0.114 blue + 0"


@pytest.mark.parametrize(
    ("weights", "bias", "colours"),
    [((1, 0, -1), 0, "RdBu_r"), ((1, 1, 1), 0, "RdBu_r"), ((0, 0, 1), -0.5, "RdBu_r"), ((0, 0, -1), 1, "gray")],
)
def test_a_mixture_outside_0_to_1_is_signed(image, weights, bias, colours):
    assert show_channel_mix(image, weights, bias)[1].images[0].get_cmap().name == colours


def test_a_first_weight_below_zero_keeps_its_sign_in_the_title(image):
    assert title(show_channel_mix(image, (-1, 0, 0), bias=-0.125)[1]) == "- 1 red + 0 green + 0 blue - 0.125"


def test_the_scale_beside_a_mixture_is_that_of_the_result(image):
    axes = show_channel_mix(image, (2, 0, -2))
    _, result, scale = axes[0].figure.axes
    assert result is axes[1]
    assert scale.get_ylim() == result.images[0].get_clim()


@pytest.mark.parametrize(
    ("shape", "weights"), [((4, 5), (1, 0, 0)), ((3, 4, 5), (1, 0, 0)), ((4, 5, 3), (1, 0)), ((4, 5, 3), 1)]
)
def test_an_image_without_three_channels_or_other_weights_are_refused(shape, weights):
    with pytest.raises(ValueError, match=r"expected \(H, W, 3\) and three weights"):
        show_channel_mix(np.zeros(shape), weights)


@pytest.mark.parametrize("draw", [lambda f: show_channel_sums(WINDOW, KERNEL, figure=f), lambda f: mix(f)])
def test_a_given_figure_is_cleared_and_drawn_anew(draw):
    figure = Figure()
    draw(figure)
    axes = draw(figure)
    scales = [ax for ax in figure.axes if ax.get_label() == "<colorbar>"]
    assert set(figure.axes) == {*np.ravel(axes), *scales}
    assert len(scales) == (axes.shape == (2,))
    assert plt.get_fignums() == []


def mix(figure):
    return show_channel_mix(np.ones((4, 5, 3)), (1, 0, 0), figure=figure)
