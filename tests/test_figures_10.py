"""What the figures of notebook 10 draw: outlines around the right pixels, winners on orange, the right numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from cnncourse import reference
from cnncourse.figures import BLUE, GREY, ORANGE, show_pooled, show_pools

GRID = np.array([[1, 3, 2, 0, 5], [0, 2, 8, 1, 1], [4, -6, 0, 6, 2], [7, 1, 3, 2, 9]])
SETTINGS = [(2, None), (3, 2), ((2, 3), (1, 2)), (1, 3), ((3, 1), None)]


def title(ax):
    return ax.get_title(loc="left")


def written(ax):
    """The numbers of a grid as they are written, row by row."""
    numbers = {(int(t.get_position()[1]), int(t.get_position()[0])): t.get_text() for t in ax.texts}
    rows, columns = (max(places) + 1 for places in zip(*numbers, strict=True))
    return [[numbers[r, c] for c in range(columns)] for r in range(rows)]


def marked(ax):
    cells = [p for p in ax.patches if p.get_fill() and p.get_facecolor() == to_rgba(ORANGE)]
    return {(round(p.get_y() + 0.5), round(p.get_x() + 0.5)) for p in cells}


def outlined(ax):
    """For each outline, in order, the pixels whose centres lie in it."""
    pools = []
    for frame in [p for p in ax.patches if not p.get_fill()]:
        left, top = frame.get_xy()
        rows = range(round(top + 0.5), round(top + frame.get_height() + 0.5))
        columns = range(round(left + 0.5), round(left + frame.get_width() + 0.5))
        pools.append({(r, c) for r in rows for c in columns})
    return pools


@pytest.mark.parametrize(("size", "stride"), SETTINGS, ids=str)
def test_outlines_are_around_exactly_the_pixels_on_which_an_output_depends(size, stride):
    axes = show_pools(GRID, size, stride=stride)
    changed = np.repeat(GRID[None].astype(float), GRID.size, axis=0)
    changed.reshape(GRID.size, GRID.size)[np.diag_indices(GRID.size)] += 100
    start = reference.pool2d(GRID[None, :, :, None], size, stride=stride, mode="average")[0, :, :, 0]
    differ = reference.pool2d(changed[..., None], size, stride=stride, mode="average")[..., 0] != start
    expected = [
        {np.unravel_index(k, GRID.shape) for k in np.flatnonzero(differ[:, r, c])} for r, c in np.ndindex(start.shape)
    ]
    assert outlined(axes["input"]) == [{(int(r), int(c)) for r, c in pool} for pool in expected]
    assert outlined(axes["max"]) == outlined(axes["average"]) == [{place} for place in np.ndindex(start.shape)]


@pytest.mark.parametrize(("size", "stride"), SETTINGS, ids=str)
def test_the_numbers_are_those_of_the_grid_and_of_its_pools(size, stride):
    axes = show_pools(GRID, size, stride=stride)
    assert written(axes["input"]) == GRID.astype(str).tolist()
    for mode in ("max", "average"):
        pooled = reference.pool2d(GRID[None, :, :, None], size, stride=stride, mode=mode)[0, :, :, 0]
        assert np.allclose(np.array(written(axes[mode]), float), pooled, atol=0.005)


def test_on_orange_are_the_largest_of_each_pool_and_ties_are_all_marked():
    assert marked(show_pools(GRID[:, :4], 2)["input"]) == {(0, 1), (1, 2), (3, 0), (2, 3)}
    axes = show_pools([[5, 5, 1], [0, 2, 5]], 2, stride=1)
    assert marked(axes["input"]) == {(0, 0), (0, 1), (1, 2)}
    assert marked(axes["max"]) == marked(axes["average"]) == set()


def test_neighbouring_outlines_differ_in_colour_and_line_and_never_lie_on_each_other():
    frames = [p for p in show_pools(np.arange(25).reshape(5, 5), 3, stride=2)["input"].patches if not p.get_fill()]
    assert [f.get_edgecolor() for f in frames] == [to_rgba(c) for c in (BLUE, GREY, GREY, BLUE)]
    assert [f.get_linestyle() for f in frames] == ["-", "--", "--", "-"]
    assert len({round(f.get_x() % 1, 3) for f in frames}) == 4


def test_titles_name_sizes_and_row_0_is_on_top():
    axes = show_pools(GRID, 2)
    assert [title(ax) for ax in axes.values()] == ["input: 4 x 5 pixels", "max", "average"]
    for ax in axes.values():
        bottom, top = ax.get_ylim()
        assert top < 0 < bottom


def test_pooled_shows_the_map_its_maxima_and_its_means():
    image = np.random.default_rng(1).random((12, 9))
    axes = show_pooled(image, (3, 2), stride=2)
    assert [title(ax) for ax in axes.values()] == [
        "input: 12 x 9 pixels",
        "max: 5 x 4 pixels",
        "average: 5 x 4 pixels",
    ]
    assert np.array_equal(axes["input"].images[0].get_array(), image)
    for mode in ("max", "average"):
        pooled = reference.pool2d(image[None, :, :, None], (3, 2), stride=2, mode=mode)[0, :, :, 0]
        assert np.allclose(axes[mode].images[0].get_array(), pooled)
        assert axes[mode].images[0].get_clim() == (0, 1)


@pytest.mark.parametrize("show", [show_pools, show_pooled])
def test_a_given_figure_is_cleared_and_drawn_anew(show):
    figure = Figure()
    show(np.eye(6), 2, figure=figure)
    axes = show(np.eye(6), 3, figure=figure)
    assert set(figure.axes) == set(axes.values())
    assert plt.get_fignums() == []


@pytest.mark.parametrize("show", [show_pools, show_pooled])
@pytest.mark.parametrize(
    ("values", "size", "error", "words"),
    [
        (np.zeros((4, 4, 1)), 2, ValueError, r"expected \(H, W\)"),
        (np.array([["a"]]), 1, TypeError, "expected real numbers"),
        (np.zeros((4, 4)), 5, ValueError, "does not fit"),
        (np.zeros((4, 4)), 0, ValueError, "pool_size"),
        (np.zeros((4, 4)), 1.5, TypeError, "pool_size"),
    ],
)
def test_what_cannot_be_is_refused(show, values, size, error, words):
    with pytest.raises(error, match=words):
        show(values, size)
