"""What the figures of notebook 01 draw: the given data, axes with units, slopes, and what they refuse."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color

from cnncourse.figures.growth import format_bytes, show_memory_growth, show_power_law_and_exponential
from cnncourse.figures.learning import show_accuracy_against_shift, show_learning_curves
from cnncourse.figures.style import BLUE, GREY, ORANGE

SIDES = np.array([28, 64, 224, 1000])
QUARTIC = 12.0 * SIDES**4


def labels(ax):
    return ax.get_legend_handles_labels()[1]


def title(ax):
    return ax.get_title(loc=plt.rcParams["axes.titlelocation"])


def assert_drawn(line, x, y):
    np.testing.assert_allclose(line.get_xdata(), x)
    np.testing.assert_allclose(line.get_ydata(), y)


# memory against the side


def test_memory_growth_draws_each_curve_with_its_slope():
    ax = show_memory_growth(SIDES, {"one": QUARTIC, "square": 5.0 * SIDES**2}, title="a finding")
    assert_drawn(ax.lines[0], SIDES, QUARTIC)
    assert_drawn(ax.lines[1], SIDES, 5.0 * SIDES**2)
    assert labels(ax) == ["one, slope 4.00", "square, slope 2.00"]
    assert [line.get_color() for line in ax.lines] == [BLUE, ORANGE]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert "pixels" in ax.get_xlabel()
    assert title(ax) == "a finding"


def test_memory_growth_is_a_straight_line_of_slope_4_on_the_page():
    ax = show_memory_growth(SIDES, {"one": QUARTIC})
    decades = ax.transScale.transform(np.column_stack([SIDES, QUARTIC]))
    np.testing.assert_allclose(np.diff(decades[:, 1]) / np.diff(decades[:, 0]), 4.0)


def test_memory_growth_marks_the_sides_and_binary_units():
    ax = show_memory_growth(SIDES, {"one": QUARTIC}, limit=16 * 2**30, limit_name="this machine")
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.get_xticklabels()] == ["28", "64", "224", "1,000"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1 GiB", "1 TiB"]
    assert labels(ax)[-1] == "this machine: 16.0 GiB"
    assert set(ax.lines[-1].get_ydata()) == {16 * 2**30}
    assert same_color(ax.lines[-1].get_color(), GREY)


def test_memory_growth_draws_into_given_axes():
    mine = plt.subplots()[1]
    assert show_memory_growth(SIDES, {"one": QUARTIC}, ax=mine) is mine


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (150 * 1024, "150 KiB"),
        (12 * 224**4, "28.1 GiB"),
        (2**60, "1024 PiB"),
    ],
)
def test_bytes_carry_the_largest_binary_unit(size, text):
    assert format_bytes(size) == text


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        ((SIDES, [QUARTIC]), {}, TypeError, "dictionary"),
        ((SIDES, {}), {}, ValueError, "1 to 3"),
        ((SIDES, dict.fromkeys("abcd", QUARTIC)), {}, ValueError, "1 to 3"),
        ((SIDES, {"one": QUARTIC[:3]}), {}, ValueError, "3 values at 4 places"),
        ((SIDES, {"one": -QUARTIC}), {}, ValueError, "not positive"),
        (([0, 28], {"one": [1, 2]}), {}, ValueError, "not positive"),
        (([28, np.nan], {"one": [1, 2]}), {}, ValueError, "not positive"),
        (([28, 28], {"one": [1, 2]}), {}, ValueError, "two different sides"),
        ((["a", "b"], {"one": [1, 2]}), {}, TypeError, "sides"),
        ((28, {"one": [1]}), {}, ValueError, "sides has shape ()"),
        (([], {"one": []}), {}, ValueError, "sides"),
        ((SIDES, {"one": QUARTIC}), {"limit": 0}, ValueError, "limit"),
    ],
)
def test_memory_growth_refuses_in_one_sentence(arguments, options, error, words):
    with pytest.raises(error) as refused:
        show_memory_growth(*arguments, **options)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not plt.get_fignums(), "a refused figure stays open"


# a power law and an exponential


def test_each_curve_is_straight_on_its_own_axes_only():
    sides = np.array([28, 56, 112, 224])
    power_law, exponential = 3.0 * sides**4, 2.0 ** (sides / 7)
    log_log, semilog = show_power_law_and_exponential(sides, power_law, exponential, quantity="weights")

    def bend(ax, line):
        points = ax.transScale.transform(line.get_xydata())
        slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
        return np.ptp(slopes) / slopes.mean()

    for ax in (log_log, semilog):
        assert_drawn(ax.lines[0], sides, power_law)
        assert_drawn(ax.lines[1], sides, exponential)
        assert "pixels" in ax.get_xlabel()
    assert (log_log.get_xscale(), semilog.get_xscale()) == ("log", "linear")
    assert log_log.get_yscale() == semilog.get_yscale() == "log"
    assert bend(log_log, log_log.lines[0]) < 1e-9 < bend(semilog, semilog.lines[0])
    assert bend(semilog, semilog.lines[1]) < 1e-9 < bend(log_log, log_log.lines[1])
    assert labels(log_log) == ["power law", "exponential"]
    assert "power law is straight" in title(log_log)
    assert "exponential is straight" in title(semilog)
    assert "weights" in log_log.get_ylabel()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2], [1, 2, 3], [1, 2]), "'power law' has 3 values at 2 places"),
        (([1, 2], [1, 2], [0, 2]), "not positive"),
        (([1, 2], [1, 2], [[1, 2]]), "exponential"),
    ],
)
def test_power_law_and_exponential_refuses(arguments, words):
    with pytest.raises(ValueError, match=r"expected|needs") as refused:
        show_power_law_and_exponential(*arguments)
    assert words in str(refused.value)
    assert not plt.get_fignums(), "a refused figure stays open"


def test_power_law_and_exponential_needs_two_axes():
    with pytest.raises(ValueError, match="expected two axes"):
        show_power_law_and_exponential([1, 2], [1, 2], [1, 2], axes=plt.subplots()[1])


# learning curves


def test_learning_curves_count_epochs_from_1_and_mark_the_lowest():
    training, test = [2.0, 1.0, 0.5, 0.1], [2.1, 1.5, 1.2, 1.4]
    ax = show_learning_curves(training, test, quantity="loss", mark_lowest=True, title="it overfits")
    assert_drawn(ax.lines[0], [1, 2, 3, 4], training)
    assert_drawn(ax.lines[1], [1, 2, 3, 4], test)
    assert_drawn(ax.lines[2], [3], [1.2])
    assert labels(ax) == ["training data", "test data", "lowest on test data: epoch 3"]
    assert (ax.get_xlabel(), ax.get_ylabel(), title(ax)) == ("epoch", "loss", "it overfits")
    assert ax.get_ylim()[0] == 0
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle(), "they differ in grey, too"


def test_learning_curves_mark_nothing_unless_asked_and_show_negative_values():
    ax = show_learning_curves([-1.0, -2.0], [0.0, -0.5])
    assert len(ax.lines) == 2
    assert ax.get_ylim()[0] < -2


@pytest.mark.parametrize(
    ("training", "test", "error", "words"),
    [
        ([1.0], [1.0, 2.0], ValueError, "1 training and 2 test"),
        ([1.0, np.nan], [1.0, 2.0], ValueError, "training holds NaN"),
        ([1.0, 2.0], [1.0, np.inf], ValueError, "test holds NaN or infinity"),
        ([], [], ValueError, "training"),
        (["a"], [1.0], TypeError, "training"),
    ],
)
def test_learning_curves_refuse(training, test, error, words):
    with pytest.raises(error) as refused:
        show_learning_curves(training, test)
    assert words in str(refused.value)


# accuracy against shift


def test_accuracy_against_shift_draws_each_net_and_chance():
    nets = {"MLP": [0.8, 0.5], "CNN": [0.9, 0.8]}
    ax = show_accuracy_against_shift([0, 4], nets, chance=0.1, title="it falls")
    assert_drawn(ax.lines[0], [0, 4], nets["MLP"])
    assert_drawn(ax.lines[1], [0, 4], nets["CNN"])
    assert set(ax.lines[2].get_ydata()) == {0.1}
    assert labels(ax) == ["MLP", "CNN"]
    assert ax.get_ylim() == (0, 1)
    assert ax.get_xlabel() == "shift (pixels)"
    assert "accuracy" in ax.get_ylabel()
    assert title(ax) == "it falls"
    assert len({(line.get_color(), line.get_marker(), line.get_linestyle()) for line in ax.lines[:2]}) == 2


def test_accuracy_against_shift_draws_no_chance_unless_given():
    assert len(show_accuracy_against_shift(range(3), {"MLP": [0.8, 0.5, 0.4]}).lines) == 1


@pytest.mark.parametrize(
    ("shifts", "nets", "chance", "words"),
    [
        ([0, 1], {"MLP": [80, 50]}, None, "expected accuracies in 0..1"),
        ([0, 1], {"MLP": [-0.1, 0.5]}, None, "expected accuracies in 0..1"),
        ([0, 1], {"MLP": [0.8]}, None, "1 values at 2 places"),
        ([0, 1], {"MLP": [0.8, np.nan]}, None, "NaN"),
        ([0, 1], {"MLP": [0.8, 0.7]}, 10, "chance"),
    ],
)
def test_accuracy_against_shift_refuses(shifts, nets, chance, words):
    with pytest.raises(ValueError, match="expected") as refused:
        show_accuracy_against_shift(shifts, nets, chance=chance)
    assert words in str(refused.value)
    assert not plt.get_fignums(), "a refused figure stays open"
