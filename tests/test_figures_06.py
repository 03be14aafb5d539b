"""What the figures of notebook 06 draw: angles as colours with their wheel, kernels as small colour pictures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from cnncourse import figures
from cnncourse.figures.colour_kernels import show_colour_kernels
from cnncourse.figures.orientation import angle_colours, show_angles, show_answer, show_wheel


def title(ax):
    return ax.get_title(loc="left")


def pixels(ax):
    (drawn,) = ax.images
    return np.asarray(drawn.get_array())


# angles as colours


def test_colours_go_round_without_a_jump():
    colours = angle_colours(np.arange(0, 361))
    np.testing.assert_array_equal(colours[0], colours[360])
    assert np.abs(np.diff(colours, axis=0)).max() < 0.05


def test_opposite_directions_differ_and_opposite_orientations_do_not():
    angles = np.arange(0, 360, 10)
    apart = np.linalg.norm(angle_colours(angles) - angle_colours(angles + 180), axis=-1)
    assert apart.min() > 0.3
    np.testing.assert_array_equal(angle_colours(angles, 180), angle_colours(angles + 180, 180))
    across = np.linalg.norm(angle_colours(angles, 180) - angle_colours(angles + 90, 180), axis=-1)
    assert across.min() > 0.3


def test_angles_a_turn_apart_or_negative_have_one_colour():
    np.testing.assert_array_equal(angle_colours(-90), angle_colours(270))
    np.testing.assert_array_equal(angle_colours(450), angle_colours(90))


def test_no_angle_has_the_colour_of_the_background():
    distance = np.linalg.norm(angle_colours(np.arange(360)) - 0.5, axis=-1)
    assert distance.min() > 0.1


@pytest.mark.parametrize("period", [90, 0, None, "180", 2 * np.pi])
def test_another_period_is_refused(period):
    with pytest.raises(ValueError, match="expected 360, or 180 if opposite directions are the same"):
        angle_colours(10, period)


# the map


def test_a_strong_pixel_has_its_angles_colour_and_a_weak_one_fades_into_grey():
    ax = show_angles([[30.0, 30.0, 200.0, 200.0]], [[2.0, 1.1, 0.2, 0.0]], title="edges")
    colour = angle_colours(30)
    np.testing.assert_allclose(pixels(ax)[0], [colour, 0.5 * colour + 0.25, [0.5] * 3, [0.5] * 3])
    assert title(ax) == "edges"


def test_the_period_and_the_full_strength_are_passed_on():
    drawn = pixels(show_angles([[210.0, 30.0]], [[1.1, 5.0]], period=180, full=2))
    np.testing.assert_allclose(drawn[0, 1], angle_colours(30, 180))
    np.testing.assert_allclose(drawn[0, 0], 0.5 * angle_colours(30, 180) + 0.25)


def test_a_map_without_any_edge_is_grey():
    assert np.all(pixels(show_angles(np.zeros((2, 2)), np.zeros((2, 2)))) == 0.5)


def test_a_map_is_drawn_into_given_axes():
    ax = plt.subplots()[1]
    assert show_angles(np.zeros((2, 2)), np.ones((2, 2)), ax) is ax


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"angles": np.zeros((2, 2, 1))}, ValueError, r"angles has shape \(2, 2, 1\); expected \(H, W\)"),
        ({"strength": np.ones(4)}, ValueError, r"strength has shape \(4,\)"),
        ({"strength": np.ones((2, 3))}, ValueError, r"angles have shape \(2, 2\), strength \(2, 3\)"),
        ({"strength": -np.ones((2, 2))}, ValueError, "take np.abs"),
        ({"angles": [["up"]]}, TypeError, "angles holds"),
        ({"strength": np.ones((2, 2), complex)}, TypeError, "complex128"),
        ({"period": 90}, ValueError, "period is 90"),
    ],
)
def test_what_is_not_a_map_of_angles_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        show_angles(**{"angles": np.zeros((2, 2)), "strength": np.ones((2, 2))} | arguments)


# the legend


@pytest.mark.parametrize("period", [360, 180])
@pytest.mark.parametrize(
    ("angle", "down", "right"), [(0, 0, 1), (90, 1, 0), (180, 0, -1), (270, -1, 0), (45, 0.7, 0.7)]
)
def test_the_wheel_has_each_angles_colour_in_its_direction(period, angle, down, right):
    drawn = pixels(show_wheel(period=period))
    middle = len(drawn) // 2
    colour = drawn[round(middle + 0.8 * middle * down), round(middle + 0.8 * middle * right)]
    np.testing.assert_allclose(colour, angle_colours(angle, period), atol=0.03)


@pytest.mark.parametrize(("angle", "down", "right"), [(0, 0, 1), (90, 1, 0), (45, 0.7, 0.7), (135, 0.7, -0.7)])
def test_the_wheel_of_edges_has_the_colour_of_the_gradient_across_each_edge(angle, down, right):
    drawn = pixels(show_wheel(period=180, edges=True))
    middle = len(drawn) // 2
    colour = drawn[round(middle + 0.8 * middle * down), round(middle + 0.8 * middle * right)]
    np.testing.assert_allclose(colour, angle_colours(angle + 90, 180), atol=0.03)
    assert np.linalg.norm(colour - angle_colours(angle, 180)) > 0.3


def test_a_wheel_of_edges_that_have_a_direction_is_refused():
    with pytest.raises(ValueError, match="edges have an orientation, no direction, and period is 360"):
        show_wheel(edges=True)


def test_the_wheel_names_its_angles_where_they_are():
    texts = show_wheel(title="gradient").texts
    places = {text.get_text(): text.get_position() for text in texts}
    assert places["0°"][0] > places["180°"][0]
    assert places["90°"][1] > places["270°"][1]  # below, as rows count
    assert sorted(text.get_text() for text in show_wheel(period=180).texts) == ["0°", "0°", "90°", "90°"]


def test_the_wheel_is_white_outside_and_inside():
    drawn = pixels(show_wheel())
    assert np.all(drawn[0, 0] == 1)
    assert np.all(drawn[len(drawn) // 2, len(drawn) // 2] == 1)


# image, kernel, answer


def test_an_answer_stands_beside_its_image_and_kernel():
    image, kernel, answer = np.eye(8), np.ones((7, 7)), np.array([[1.0, -2.0], [0.5, 0.0]])
    axes = show_answer(image, kernel, answer, titles=("a", "b", "c"))
    for ax, values, name in zip(axes, (image, kernel, answer), "abc", strict=True):
        np.testing.assert_array_equal(pixels(ax), values)
        assert title(ax) == name
    assert axes[0].images[0].get_clim() == (0, 1)
    assert axes[2].images[0].get_clim() == (-2, 2)
    assert show_answer(image, kernel, answer, limit=5)[2].images[0].get_clim() == (-5, 5)


def test_a_small_kernel_shows_its_weights():
    assert len(show_answer(np.eye(8), np.ones((3, 3)), np.eye(6))[1].texts) == 9
    assert len(show_answer(np.eye(8), np.ones((7, 7)), np.eye(2))[1].texts) == 0


def test_a_given_figure_is_cleared_and_drawn_anew():
    figure = Figure()
    show_answer(np.eye(8), np.ones((3, 3)), np.eye(6), figure=figure)
    axes = show_answer(np.eye(8), np.ones((3, 3)), np.eye(6), figure=figure)
    assert list(figure.axes) == list(axes)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"image": np.zeros(3)}, ValueError, r"expected \(H, W\)"),
        ({"kernel": np.zeros((3, 3, 1))}, ValueError, "two dimensions"),
        ({"answer": np.zeros((2, 4, 4, 1))}, ValueError, r"images\[0\]"),
        ({"answer": [["a"]]}, TypeError, "expected real numbers"),
    ],
)
def test_what_cannot_be_shown_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        show_answer(**{"image": np.eye(8), "kernel": np.ones((3, 3)), "answer": np.eye(6)} | arguments)


# kernels in colour


def test_each_kernel_is_a_picture_with_zero_as_grey_and_a_scale_of_its_own():
    kernels = np.zeros((2, 2, 3, 3))
    kernels[0, 1, 0, 0], kernels[1, 0, 2, 0] = 4.0, -2.0
    kernels[1, 1, 1, 1] = -0.01
    kernels[..., 2] = 1e-7
    axes = figures.show_colour_kernels(kernels)
    first, second, third = (pixels(ax) for ax in axes)
    np.testing.assert_allclose(first[0, 1], [1.0, 0.5, 0.5])
    np.testing.assert_allclose(first[1, 0], [0.5, 0.5, 0.25])
    np.testing.assert_allclose(second[1, 1], [0.5, 0.0, 0.5])
    assert np.all(third == 0.5)
    assert [title(ax) for ax in axes] == ["0", "1", "2"]


def test_kernels_stand_in_rows_under_their_titles_and_leave_no_empty_axes():
    axes = show_colour_kernels(np.ones((3, 3, 3, 10)), list("abcdefghij"), columns=4)
    assert [title(ax) for ax in axes] == list("abcdefghij")
    assert len(axes[0].figure.axes) == 10
    place = axes[9].get_subplotspec()
    assert (place.rowspan.start, place.colspan.start) == (2, 1)
    assert axes[0].figure.get_figwidth() <= 8


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kernels": np.ones((3, 3, 1, 2))}, ValueError, r"\(3, 3, 1, 2\); expected \(kh, kw, 3, C_out\)"),
        ({"kernels": np.ones((3, 3, 3))}, ValueError, "output channels last"),
        ({"kernels": np.ones((3, 3, 3, 0))}, ValueError, "output channels last"),
        ({"kernels": [["a"]]}, TypeError, "expected real numbers"),
        ({"titles": ["one"]}, ValueError, "got 2 kernels and 1 titles"),
        ({"columns": 0}, ValueError, "columns is 0; expected"),
    ],
)
def test_what_is_not_a_layer_on_colour_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        show_colour_kernels(**{"kernels": np.ones((3, 3, 3, 2))} | arguments)
