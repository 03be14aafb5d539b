"""What the figure of recorded runs draws: the right curves, thin and bold, and published figures at the right edge."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from cnncourse.figures import BLUE, GREY, ORANGE, plot_recorded_runs

from .recording_parts import make_run


def curves(ax):
    return [line for line in ax.lines if len(line.get_xdata()) > 1]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_training_is_thin_and_test_is_bold():
    run = make_run(epochs=4)
    training, test = curves(plot_recorded_runs([run]))
    assert training.get_linewidth() < test.get_linewidth() / 2
    assert training.get_ydata() == pytest.approx(1 - np.array(run.curves["accuracy"]))
    assert test.get_ydata() == pytest.approx(1 - np.array(run.curves["test_accuracy"]))
    run.curves["test_accuracy"][1] = 0.0
    assert curves(plot_recorded_runs([run]))[1].get_ydata()[1] == 1


def test_loss_is_the_other_quantity():
    run = make_run()
    ax = plot_recorded_runs([run], "loss", title="deeper is worse")
    training, test = curves(ax)
    assert training.get_ydata().tolist() == run.curves["loss"]
    assert test.get_ydata().tolist() == run.curves["test_loss"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left") or ax.get_title()) == (
        "steps",
        "cross-entropy",
        "deeper is worse",
    )


@pytest.mark.parametrize(("against", "places"), [("steps", [8, 16, 24]), ("epochs", [1, 2, 3])])
def test_the_axis_counts_steps_or_epochs(against, places):
    ax = plot_recorded_runs([make_run(epochs=3)], against=against)
    assert all(line.get_xdata().tolist() == places for line in curves(ax))
    assert ax.get_xlabel() == against


def test_nets_differ_and_seeds_do_not():
    runs = [make_run("plain20", 1), make_run("plain20", 2), *(make_run(f"plain{depth}") for depth in (32, 44, 56))]
    ax = plot_recorded_runs([*runs, make_run("plain20", options={"width": 0.5})])
    looks = [(to_hex(line.get_color()).upper(), line.get_linestyle()) for line in curves(ax)]
    nets = [(BLUE, "-"), (BLUE, "-"), (ORANGE, "-"), (GREY, "-"), (BLUE, "--"), (ORANGE, "--")]
    assert looks == [look for look in nets for _ in ("training", "test")]
    assert legend(ax) == ["plain20", "plain32", "plain44", "plain56", "plain20, width 0.5", "training", "test"]


def test_published_errors_are_marked_at_the_right_edge_in_the_nets_colour():
    runs = [make_run("plain20"), make_run("plain32"), make_run("plain32", 2, options={"width": 0.5})]
    ax = plot_recorded_runs(runs, published={"plain32": 0.0751, "resnet56": 0.0697})
    marks = [line for line in ax.lines if len(line.get_xdata()) == 1]
    assert [float(line.get_ydata()[0]) for line in marks] == [0.0751, 0.0697]
    assert [to_hex(line.get_color()).upper() for line in marks] == [ORANGE, GREY]
    assert len({line.get_marker() for line in marks}) == 2
    last = max(line.get_xdata()[-1] for line in curves(ax))
    assert all(last < line.get_xdata()[0] < 1.1 * last for line in marks)
    assert legend(ax)[-2:] == ["plain32, He et al. 2015: 0.0751", "resnet56, He et al. 2015: 0.0697"]


def test_the_axis_ends_where_the_ends_can_be_told_apart():
    assert plot_recorded_runs([make_run(epochs=6)]).get_ylim() == pytest.approx((0, 4 * 0.025))
    low, high = plot_recorded_runs([make_run(epochs=2)]).get_ylim()
    assert (low, high > 0.8, high < 1.6) == (0, True, True)  # nothing is cut off here


def test_one_epoch_is_seen_as_a_point():
    ax = plot_recorded_runs([make_run(epochs=1)])
    assert [line.get_marker() for line in ax.lines] == [".", "."]


@pytest.mark.parametrize(
    ("runs", "options", "words"),
    [
        ([], {}, r"got no recorded runs; print recording\.how_to_record"),
        ([make_run(f"plain{depth}") for depth in range(10)], {}, "got runs of 10 nets; expected 9 at the most"),
        ([make_run()], {"quantity": "accuracy"}, "quantity is 'accuracy'; expected 'error' or 'loss'"),
        ([make_run()], {"against": "hours"}, "against is 'hours'; expected 'steps' or 'epochs'"),
        ([make_run()], {"published": {"resnet20": 8.75}}, "expected errors in 0..1, for example 0.0875 for 8.75 %"),
        (
            [make_run()],
            {"quantity": "loss", "published": {"resnet20": 0.0875}},
            "published holds errors, but quantity",
        ),
        ([make_run()], {"published": {str(k): 0.1 for k in range(10)}}, "published has 10 nets; expected 9"),
    ],
)
def test_what_cannot_be_drawn_is_refused(runs, options, words):
    with pytest.raises(ValueError, match=words):
        plot_recorded_runs(runs, **options)


def test_the_legend_hides_no_curve():
    ax = plot_recorded_runs([make_run()], published={"plain32": 0.0751})
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x0 > ax.get_window_extent().x1


def test_the_legend_says_which_width_is_which():
    ax = plot_recorded_runs([make_run()])
    training, test = ax.lines[:2]
    widths = {line.get_label(): line.get_linewidth() for line in ax.get_legend().get_lines()}
    assert (widths["training"], widths["test"]) == (training.get_linewidth(), test.get_linewidth())
