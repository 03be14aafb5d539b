"""What the figure of notebook 09 draws: the kept pixels, the slow stripes through them, and the blur."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from cnncourse import reference
from cnncourse.figures import show_sampled_stripes

WIDTH = 48


def title(ax):
    return ax.get_title(loc="left")


def line(ax, label):
    (found,) = [drawn for drawn in ax.lines if drawn.get_label() == label]
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def brightness(columns, period):
    return (1 + np.cos(2 * np.pi * columns / period)) / 2


@pytest.mark.parametrize(("period", "stride"), [(2.25, 2), (3, 2), (12, 4), (7.5, 3), (2, 1)])
def test_the_dots_are_every_s_th_pixel_of_the_image(period, stride):
    axes = show_sampled_stripes(period, stride)
    columns, outputs = line(axes["curve"], "outputs")
    assert columns.tolist() == list(range(0, WIDTH, stride))
    assert np.allclose(outputs, brightness(columns, period))
    image, output = (axes[name].images[0].get_array() for name in ("image", "output"))
    assert np.allclose(image[0], brightness(np.arange(WIDTH), period))
    assert np.allclose(output[0], image[0][::stride])
    assert np.ptp(image, axis=0).max() == 0


@pytest.mark.parametrize("blurred", [False, True])
@pytest.mark.parametrize(("period", "stride"), [(2.25, 2), (3, 2), (2.4, 4), (12, 4), (2, 2), (3, 3), (2, 1)])
def test_the_slow_stripes_run_through_all_dots(period, stride, blurred):
    axes = show_sampled_stripes(period, stride, blurred=blurred)
    dots = line(axes["curve"], "outputs")
    slow = line(axes["curve"], "what the outputs show")
    assert np.allclose(np.interp(dots[0], *slow), dots[1], atol=2e-3)


@pytest.mark.parametrize("period", [2, 3, 5.5, 12])
def test_the_blur_is_the_binomial_one_of_the_row(period):
    outputs = line(show_sampled_stripes(period, 2, blurred=True)["curve"], "outputs")[1]
    image = brightness(np.arange(-2, WIDTH + 2), period)[None]
    expected = reference.correlate(image, np.array([[1, 4, 6, 4, 1]]) / 16)[0, ::2]
    assert np.allclose(outputs, expected)
    assert np.isclose(outputs[0], 0.5 + 0.5 * np.cos(np.pi / period) ** 4)


@pytest.mark.parametrize(
    ("period", "stride", "finding"),
    [
        (2.25, 2, "they look like 18"),
        (3, 2, "they look like 6"),
        (2, 2, "they look even"),
        (3, 3, "they look even"),
        (4, 2, "they look as they are"),
        (12, 4, "they look as they are"),
        (2, 1, "they look as they are"),
        (5, 3, "they look like 7.5"),
    ],
)
def test_the_title_says_what_the_outputs_look_like(period, stride, finding):
    axes = show_sampled_stripes(period, stride)
    assert title(axes["curve"]) == f"Stripes of period {period:.4g}, stride {stride}: {finding}"


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_what_is_at_least_twice_the_stride_is_shown_as_it_is(stride):
    figure = Figure()
    for period in (2, 2.5, 3, 3.95, 4, 4.5, 5.95, 6, 7, 12):
        axes = show_sampled_stripes(period, stride, figure=figure)
        finding = title(axes["curve"]).split(": ")[1]
        assert (finding == "they look as they are") == (period >= 2 * stride), period


def test_the_output_is_as_wide_as_the_image_and_the_axes_have_units():
    axes = show_sampled_stripes(3, 4)
    assert axes["output"].images[0].get_extent()[:2] == axes["image"].images[0].get_extent()[:2]
    assert axes["curve"].get_xlabel() == "column (pixels)"
    assert axes["curve"].get_ylabel() == "brightness"
    assert (title(axes["image"]), title(axes["output"])) == ("image", "output, as wide as the image")


@pytest.mark.parametrize("stride", [1, 2, 5])
def test_both_strips_have_a_frame_of_their_own_size(stride):
    axes = show_sampled_stripes(3, stride)
    for name in ("image", "output"):
        (frame,) = axes[name].patches
        left, right, bottom, top = axes[name].images[0].get_extent()
        assert frame.get_bbox().extents.tolist() == [left, top, right, bottom]
        assert not frame.get_fill()


def test_a_given_figure_is_cleared_and_drawn_anew():
    figure = Figure()
    show_sampled_stripes(3, 2, figure=figure)
    axes = show_sampled_stripes(5, 3, figure=figure)
    assert set(figure.axes) == set(axes.values())
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((1.9, 2), ValueError, "period is 1.9; expected at least 2"),
        ((float("nan"), 2), ValueError, "period is nan"),
        ((float("inf"), 2), ValueError, "period is inf"),
        ((3, 0), ValueError, "stride"),
        ((3, 49), ValueError, "stride is 49; expected at most 48"),
        ((3, 1.5), TypeError, "stride"),
        ((3, True), TypeError, "stride"),
    ],
)
def test_what_cannot_be_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        show_sampled_stripes(*arguments)
