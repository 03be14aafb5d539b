"""The figure of notebook 16: a row for each input channel, a column for each output channel, lines between groups."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from cnncourse.figures import BLUE, GREY, show_channels_read

WEIGHTS = np.kron(np.eye(2), np.array([[2.0, 1.0, 4.0]]))  # two groups: 1 input, 3 outputs each


def places_of_lines(ax):
    """Where lines stand: across (the same y at both ends) and down (the same x)."""
    ends = [(np.array(line.get_xdata()), np.array(line.get_ydata())) for line in ax.lines]
    across = [float(y[0]) for x, y in ends if y[0] == y[1] and x[0] != x[1]]
    down = [float(x[0]) for x, y in ends if x[0] == x[1] and y[0] != y[1]]
    return across, down


def test_inputs_are_rows_and_outputs_are_columns():
    ax = show_channels_read(WEIGHTS, groups=2)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), WEIGHTS)
    assert image.origin == "upper"
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("input channel", "output channel")
    assert ax.get_title(loc="left") == "6 of 12 pairs"


def test_what_is_not_read_is_white_and_the_strongest_is_blue():
    (image,) = show_channels_read(WEIGHTS).images
    colours = image.to_rgba(image.get_array())
    np.testing.assert_allclose(colours[0, 3], to_rgba("white"), atol=0.01)
    np.testing.assert_allclose(colours[0, 2], to_rgba(BLUE), atol=0.01)
    assert colours[0, 2, 0] < colours[0, 0, 0] < colours[0, 1, 0] < 1  # the bluer the more


def test_lines_part_the_groups():
    ax = show_channels_read(WEIGHTS, groups=2)
    assert places_of_lines(ax) == ([0.5], [2.5])
    assert {line.get_color() for line in ax.lines} == {GREY}
    across, down = places_of_lines(show_channels_read(np.ones((8, 12)), groups=4))
    assert (across, down) == ([1.5, 3.5, 5.5], [2.5, 5.5, 8.5])
    assert not show_channels_read(WEIGHTS).lines


def test_nothing_read_at_all_is_all_white():
    (image,) = show_channels_read(np.zeros((2, 2))).images
    np.testing.assert_allclose(image.to_rgba(image.get_array()), 1)


def test_given_axes_and_titles_are_used():
    _, ax = plt.subplots()
    assert show_channels_read(WEIGHTS, title="two blocks", ax=ax) is ax
    assert ax.get_title(loc="left") == "two blocks"


@pytest.mark.parametrize(
    ("weights", "groups", "words"),
    [
        (np.ones(3), 1, r"shape \(3,\)"),
        (np.ones((2, 2, 2)), 1, r"expected a matrix \(C_in, C_out\)"),
        (np.ones((0, 2)), 1, r"shape \(0, 2\)"),
        (-WEIGHTS, 1, "numbers from 0 on: take norms"),
        (np.full((2, 2), np.nan), 1, "numbers from 0 on"),
        (WEIGHTS, 3, "groups=3 does not divide 2 input and 6 output channels"),
        (WEIGHTS, 0, "groups=0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(weights, groups, words):
    with pytest.raises(ValueError, match=words):
        show_channels_read(weights, groups=groups)
