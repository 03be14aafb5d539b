"""What the figures of notebook 08 draw: which pixels are seen, and which windows see which marks."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba

from cnncourse.arithmetic import Window, receptive_field
from cnncourse.figures import BLUE, ORANGE, show_field_growth, show_windows_over_marks


def title(ax):
    return ax.get_title(loc="left")


def units(ax, depth):
    """The places of a layer's units, and which of them are orange."""
    dots = ax.collections[len(ax.collections) - 1 - depth]  # drawn from the output down
    places = dots.get_offsets()
    assert set(places[:, 1]) == {depth}
    colours = np.broadcast_to(dots.get_facecolors(), (len(places), 4))
    return places[:, 0], np.all(colours == to_rgba(ORANGE), axis=1)


STACKS = [[3], [3, 3, 3], [(3, 2), 3, 3], [3, (2, 2), (5, 1, 0, 2)], [Window(4, 3), 1, 2]]


@pytest.mark.parametrize("windows", STACKS, ids=str)
def test_the_orange_pixels_span_the_receptive_field(windows):
    ax = show_field_growth(windows)
    pixels, orange = units(ax, 0)
    field = receptive_field(windows)
    assert np.ptp(pixels[orange]) + 1 == field.size
    assert list(pixels) == list(range(len(pixels)))
    assert pixels[orange][0] == 2 * field.jump + field.start
    assert title(ax) == f"an output sees {field.size} pixels"


@pytest.mark.parametrize("windows", STACKS, ids=str)
def test_each_orange_unit_reads_its_kernel_elements_and_nothing_else_is_joined(windows):
    ax = show_field_growth(windows)
    joined = {tuple(map(tuple, line.get_xydata())) for line in ax.lines}
    kernel_sizes = [Window(*np.atleast_1d(window)).kernel_size for window in windows]
    for depth, kernel_size in enumerate(kernel_sizes, start=1):
        upper, seen = units(ax, depth)
        lower, read = units(ax, depth - 1)
        ends = [(a, b) for a, b in joined if a[1] == depth]
        assert len(ends) == kernel_size * seen.sum()
        assert {a[0] for a, _ in ends} == set(upper[seen])
        assert {b[0] for _, b in ends} == set(lower[read])


def test_a_unit_stands_over_the_middle_of_the_pixels_that_it_sees():
    ax = show_field_growth([2, (3, 2)], title="a title")
    assert list(units(ax, 1)[0][:3]) == [0.5, 1.5, 2.5]
    assert list(units(ax, 2)[0]) == [1.5, 3.5, 5.5, 7.5, 9.5]
    assert list(units(ax, 2)[1]) == [False, False, True, False, False]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["pixels", "layer 1", "layer 2"]
    assert (ax.get_xlabel(), title(ax)) == ("column (pixels)", "a title")


@pytest.mark.parametrize(("separation", "field"), [(1, 1), (3, 3), (3, 4), (5, 2), (5, 8), (2, 9)])
def test_a_window_is_orange_if_and_only_if_both_marks_lie_in_it(separation, field):
    ax = show_windows_over_marks(separation, field)
    orange = [patch.get_x() + 0.5 for patch in ax.patches if patch.get_facecolor() == to_rgba(ORANGE)]
    assert orange == [0, separation]
    drawn = {}
    for line in ax.lines:
        start, end = line.get_xdata()
        first, last = round(start + 0.4), round(end - 0.4)
        assert last - first + 1 == field
        drawn[first] = sum(first <= mark <= last for mark in (0, separation)), line.get_color()
    assert {colour for sees, colour in drawn.values() if sees == 1} <= {BLUE}
    assert {colour for sees, colour in drawn.values() if sees == 2} <= {ORANGE}
    assert {sees for sees, _ in drawn.values()} <= {1, 2}
    assert sum(sees for sees, _ in drawn.values()) == 2 * field  # each mark is seen by `field` windows, all drawn
    assert len({line.get_ydata()[0] for line in ax.lines}) == len(ax.lines)


@pytest.mark.parametrize(
    ("separation", "field", "words"),
    [(5, 5, "no window sees both"), (5, 6, "1 window sees both"), (5, 8, "3 windows see both")],
)
def test_the_title_counts_the_windows_that_see_both(separation, field, words):
    assert title(show_windows_over_marks(separation, field)) == f"separation {separation}, field {field}: {words}"
    assert title(show_windows_over_marks(separation, field, title="mine")) == "mine"


def test_given_axes_are_used_and_every_pixel_and_window_is_in_sight():
    ax = plt.subplots()[1]
    assert show_windows_over_marks(4, 6, ax=ax) is ax
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    assert left <= min(p.get_x() for p in ax.patches) + 0.5
    assert right >= max(p.get_x() for p in ax.patches) + 0.5
    assert bottom > max(line.get_ydata()[0] for line in ax.lines) > top
    assert show_field_growth([3], ax=plt.subplots()[1]) is plt.gca()


@pytest.mark.parametrize(
    ("show", "arguments", "error", "words"),
    [
        (show_field_growth, ([],), ValueError, "expected at least one"),
        (show_field_growth, ([(3, 1, 1)],), ValueError, "none with padding"),
        (show_field_growth, ([0],), ValueError, "kernel_size of window 0"),
        (show_field_growth, ([2.5],), TypeError, "kernel_size of window 0"),
        (show_windows_over_marks, (0, 3), ValueError, "separation=0 is too small"),
        (show_windows_over_marks, (3, 0), ValueError, "receptive_field=0 is too small"),
        (show_windows_over_marks, (3, 2.0), TypeError, "receptive_field=2.0"),
        (show_windows_over_marks, (True, 2), TypeError, "separation=True"),
    ],
)
def test_what_cannot_be_is_refused(show, arguments, error, words):
    with pytest.raises(error, match=words):
        show(*arguments)
