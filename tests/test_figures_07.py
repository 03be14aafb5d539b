"""What the figures of notebook 07 draw: which cells are read, which are padding, which weight lies where."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from cnncourse import reference
from cnncourse.figures import BLUE, ORANGE, show_input_and_output, show_pixels_read, show_windows_in_a_row


def title(ax):
    return ax.get_title(loc="left")


def cells(ax):
    """The unit cells of a grid, as {(row, column): patch}."""
    squares = [p for p in ax.patches if p.get_fill()]
    return {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)): p for p in squares}


def coloured(ax, colour):
    return {place for place, cell in cells(ax).items() if cell.get_facecolor() == to_rgba(colour)}


def hatched(ax):
    return {place for place, cell in cells(ax).items() if cell.get_hatch()}


def written(ax):
    return {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in ax.texts}


def frame(ax):
    (real,) = [p for p in ax.patches if not p.get_fill()]
    return real.get_y(), real.get_x(), real.get_height(), real.get_width()


SETTINGS = [
    {},
    {"stride": (2, 3)},
    {"dilation": (2, 1)},
    {"padding": "same"},
    {"padding": 2, "stride": 2},
    {"padding": "same", "stride": (3, 2), "dilation": (1, 2)},
]


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_orange_are_exactly_the_pixels_on_which_the_output_depends(setting):
    """An image that is 1 at one pixel changes the output if and only if that pixel is drawn as read."""
    size, kernel = (8, 9), np.ones((3, 2, 1, 1))
    outputs = reference.conv2d(np.zeros((1, *size, 1)), kernel, **setting).shape[1:3]
    for row, column in [(0, 0), (1, 1), (outputs[0] - 1, outputs[1] - 1)]:
        ax = show_pixels_read(size, (3, 2), row, column, **setting)
        read = {
            pixel
            for pixel in np.ndindex(*size)
            if reference.conv2d(np.eye(72)[np.ravel_multi_index(pixel, size)].reshape(1, 8, 9, 1), kernel, **setting)[
                0, row, column, 0
            ]
        }
        assert coloured(ax, ORANGE) - hatched(ax) == read
        assert len(coloured(ax, ORANGE)) == 6


def test_hatched_is_the_padding_and_the_frame_is_around_the_image():
    ax = show_pixels_read((4, 6), 3, padding="same", stride=(1, 2))  # rows 1 + 1, columns 0 + 1
    rows, columns = range(-1, 5), range(0, 7)
    assert set(cells(ax)) == {(r, c) for r in rows for c in columns}
    assert hatched(ax) == {(r, c) for r in rows for c in columns if r in (-1, 4) or c == 6}
    assert frame(ax) == (-0.5, -0.5, 4, 6)
    assert hatched(show_pixels_read((4, 6), 3)) == set()


def test_each_pixel_read_carries_the_index_of_its_weight():
    ax = show_pixels_read((6, 7), (2, 3), row=1, column=2, stride=(3, 1), dilation=(2, 2))
    assert written(ax) == {(3, 2): "0,0", (3, 4): "0,1", (3, 6): "0,2", (5, 2): "1,0", (5, 4): "1,1", (5, 6): "1,2"}


def test_row_0_is_on_top_and_the_axes_count_the_real_pixels():
    ax = show_pixels_read((4, 5), 2, padding=1, title="a title")
    bottom, top = ax.get_ylim()
    assert top < -1 < 4 < bottom
    assert list(ax.get_xticks()) == [0, 1, 2, 3, 4]
    assert list(ax.get_yticks()) == [0, 1, 2, 3]
    assert (ax.get_xlabel(), ax.get_ylabel(), title(ax)) == ("column", "row", "a title")
    assert title(show_pixels_read((4, 5), 2, 1, 2)) == "output [1, 2] reads"


def test_input_and_output_stand_side_by_side_at_one_scale():
    axes = show_input_and_output((7, 9), 3, 1, 2, stride=2, dilation=2, padding="same")
    assert coloured(axes["output"], BLUE) == {(1, 2)}
    assert set(cells(axes["output"])) == set(np.ndindex(4, 5))
    assert title(axes["output"]) == "output: 4 x 5 pixels"
    assert title(axes["input"]) == "input: what output [1, 2] reads"
    assert coloured(axes["input"], ORANGE) == {(r, c) for r in (0, 2, 4) for c in (2, 4, 6)}
    for limits in ("get_xlim", "get_ylim"):
        spans = {round(float(np.ptp(getattr(ax, limits)())), 6) for ax in axes.values()}
        assert len(spans) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "kernel 3 x 3, stride 1, dilation 1, padding 'valid'"),
        ({"stride": 2, "padding": "same"}, "kernel 3 x 3, stride 2, dilation 1, padding 'same'"),
        ({"kernel_size": (3, 2), "dilation": (1, 2)}, "kernel 3 x 2, stride 1, dilation 1 x 2, padding 'valid'"),
        ({"stride": (3, 1), "padding": 1}, "kernel 3 x 3, stride 3 x 1, dilation 1, padding 1"),
    ],
)
def test_the_heading_names_the_settings(settings, words):
    axes = show_input_and_output((7, 9), **{"kernel_size": 3} | settings)
    assert axes["input"].get_figure().get_suptitle() == words


def test_a_given_figure_is_cleared_and_drawn_anew():
    figure = Figure()
    show_input_and_output((7, 9), 3, figure=figure)
    axes = show_input_and_output((7, 9), 2, figure=figure)
    assert set(figure.axes) == set(axes.values())
    assert plt.get_fignums() == []


@pytest.mark.parametrize("show", [show_pixels_read, show_input_and_output])
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"row": 5}, ValueError, "row is 5; expected 0 to 4"),
        ({"row": -1}, ValueError, "row is -1; expected 0 to 4"),
        ({"column": 7}, ValueError, "column is 7; expected 0 to 6"),
        ({"column": 1.0}, TypeError, "column is 1.0; expected an integer"),
        ({"row": True}, TypeError, "row is True; expected an integer"),
        ({"kernel_size": 8}, ValueError, "does not fit"),
        ({"stride": 0}, ValueError, "stride=0|stride"),
        ({"padding": "full"}, ValueError, "padding='full' is unknown"),
        ({"dilation": 1.5}, TypeError, "dilation"),
    ],
)
def test_what_cannot_be_is_refused(show, arguments, error, words):
    with pytest.raises(error, match=words):
        show(**{"size": (7, 9), "kernel_size": 3} | arguments)


def bars(ax):
    """The windows as [(first, last) pixel], from bars that end 0.4 pixels beyond their outer pixels' centres."""
    ends = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2 and line.get_color() == BLUE]
    return [(round(float(left) + 0.4), round(float(right) - 0.4)) for left, right in ends]


def marks(ax, marker):
    return [float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == marker]


ROWS = [
    # pixels, kernel, settings, windows, zeros, mean of the centres, title
    (8, 3, {"stride": 2}, [(0, 2), (2, 4), (4, 6), (6, 8)], {8}, 4.0, "zeros (0, 1), shift +0.5"),
    (8, 3, {"stride": 2, "padding": 1}, [(-1, 1), (1, 3), (3, 5), (5, 7)], {-1, 8}, 3.0, "zeros (1, 1), shift -0.5"),
    (10, 3, {"stride": 4}, [(0, 2), (4, 6), (8, 10)], {10}, 5.0, "zeros (0, 1), shift +0.5"),
    (5, 3, {"stride": 2, "padding": "valid"}, [(0, 2), (2, 4)], set(), 2.0, "zeros (0, 0), shift 0"),
    (4, 1, {"stride": 2}, [(0, 0), (2, 2)], set(), 1.0, "zeros (0, 0), shift -0.5"),
    (4, 2, {"padding": (2, 0)}, [(-2, -1), (-1, 0), (0, 1), (1, 2), (2, 3)], {-2, -1}, 0.5, "zeros (2, 0), shift -1"),
]


@pytest.mark.parametrize(("pixels", "kernel", "settings", "windows", "zeros", "mean", "words"), ROWS)
def test_windows_zeros_and_centres_lie_where_they_are(pixels, kernel, settings, windows, zeros, mean, words):
    ax = show_windows_in_a_row(pixels, kernel, **settings)
    assert bars(ax) == windows
    assert {column for _, column in hatched(ax)} == zeros
    assert {column for _, column in cells(ax)} == set(range(pixels)) | zeros
    assert marks(ax, "o") == [(first + last) / 2 for first, last in windows]
    assert marks(ax, "^") == [mean]
    assert [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"] == [(pixels - 1) / 2]
    assert written(ax) == {(0, column): str(column + 1) for column in range(pixels)}
    assert title(ax) == words


def test_windows_that_overlap_lie_on_different_lines():
    ax = show_windows_in_a_row(9, 5, stride=2, title="five wide")
    lines = [line.get_ydata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert len(set(lines[:3])) == 3
    assert lines[3] == lines[0]
    assert title(ax) == "five wide"


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"kernel_size": 9, "padding": "valid"}, ValueError, "does not fit"),
        ({"padding": "full"}, ValueError, "padding='full' is unknown"),
        ({"stride": 1.0}, TypeError, "stride"),
        ({"pixels": 0}, ValueError, "size"),
    ],
)
def test_a_row_that_cannot_be_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        show_windows_in_a_row(**{"pixels": 8, "kernel_size": 3} | arguments)
