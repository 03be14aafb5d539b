"""How did it go at full size? Training and test curves of recorded runs, with published figures beside them."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.ticker import StrMethodFormatter

from .style import BLUE, GREY, ORANGE, new_axes

COLOURS = (BLUE, ORANGE, GREY)
LINES = ("-", "--", ":")
MARKERS = "Ds^ovPX<>"
THIN, BOLD = 1.0, 2.4  # points: training and test
SOURCE = "He et al. 2015"
QUANTITIES = {
    "error": ("accuracy", "error (share of images)", lambda accuracies: 1 - accuracies),
    "loss": ("loss", "cross-entropy", lambda losses: losses),
}


def plot_recorded_runs(runs, quantity="error", *, against="steps", published=None, ax=None, title=None):
    """Draw the training curve (thin) and the test curve (bold) of recorded runs.

    Nets differ in colour, from the fourth on in the kind of line too; runs of one net with other seeds look alike.
    Early values of more than four times the highest last one lie above the axes, so that the ends can be told apart.

    Args:
        runs: of `cnncourse.recording.find`, of one to nine nets.
        quantity: "error" (share of wrong images) or "loss" (cross-entropy).
        against: "steps" of the optimizer or "epochs".
        published: dictionary of at most nine names of nets to errors of He et al. 2015 in 0..1, marked at the right
            edge; None for none.
        ax: matplotlib axes, or None for a new figure.
        title: what the figure shows.

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if there is no run, there are too many nets, or a word or a published error is none of those.

    >>> plot_recorded_runs([], "error")
    Traceback (most recent call last):
    ValueError: got no recorded runs; print recording.how_to_record(models, dataset) where nothing is recorded.
    """
    published = published or {}
    looks = _looks(runs)
    _refuse(quantity, against, published)
    curve, label, change = QUANTITIES[quantity]
    ax = new_axes(ax, width=7.5, height=3.8)
    for run in runs:
        look = looks[_name(run)]
        places = np.arange(1, run.epochs + 1) * (run.steps_per_epoch if against == "steps" else 1)
        marker = "." if run.epochs == 1 else None  # one point makes no line
        for name, width in ((curve, THIN), (f"test_{curve}", BOLD)):
            ax.plot(places, change(np.array(run.curves[name])), linewidth=width, marker=marker, **look)
    last = max(change(np.array(run.curves[f"test_{curve}"][-1])) for run in runs)
    ax.set(xlabel=against, ylabel=label, xlim=(0, None), ylim=(0, min(ax.get_ylim()[1], 4 * max(last, 0.02))))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    right = max(run.epochs * (run.steps_per_epoch if against == "steps" else 1) for run in runs)
    colours = {run.model: looks[_name(run)]["color"] for run in reversed(runs)}
    marks = []
    for (name, error), marker in zip(published.items(), MARKERS, strict=False):
        look = {"marker": marker, "color": colours.get(name, GREY), "linestyle": "", "clip_on": False}
        marks += ax.plot(right * 1.02, error, **look, label=f"{name}, {SOURCE}: {error:.4f}")
    # Beside the axes: a curve may run anywhere in them.
    ax.legend(handles=_legend(looks) + marks, loc="upper left", bbox_to_anchor=(1.04, 1), fontsize="small")
    if title is not None:
        ax.set_title(title)
    return ax


def _name(run) -> str:
    """A net with its options, as the legend tells it."""
    return ", ".join([run.model, *(f"{name} {value}" for name, value in sorted(run.options.items()))])


def _looks(runs) -> dict[str, dict]:
    names = list(dict.fromkeys(_name(run) for run in runs))
    if not names:
        raise ValueError(
            "got no recorded runs; print recording.how_to_record(models, dataset) where nothing is recorded."
        )
    if len(names) > len(COLOURS) * len(LINES):
        raise ValueError(f"got runs of {len(names)} nets; expected 9 at the most: draw them on several axes.")
    return {
        name: {"color": COLOURS[k % len(COLOURS)], "linestyle": LINES[k // len(COLOURS)]}
        for k, name in enumerate(names)
    }


def _refuse(quantity, against, published) -> None:
    for name, value, words in (("quantity", quantity, tuple(QUANTITIES)), ("against", against, ("steps", "epochs"))):
        if value not in words:
            raise ValueError(f"{name} is {value!r}; expected {words[0]!r} or {words[1]!r}.")
    if published and quantity != "error":
        raise ValueError(
            f"published holds errors, but quantity is {quantity!r}; leave published out, or draw the error."
        )
    if len(published) > len(MARKERS):
        raise ValueError(f"published has {len(published)} nets; expected {len(MARKERS)} at the most.")
    wrong = {name: error for name, error in published.items() if not 0 <= error <= 1}
    if wrong:
        raise ValueError(f"published has {wrong}; expected errors in 0..1, for example 0.0875 for 8.75 %.")


def _legend(looks: dict) -> list[Line2D]:
    nets = [Line2D([], [], linewidth=BOLD, label=name, **look) for name, look in looks.items()]
    kinds = [("training", THIN), ("test", BOLD)]
    return nets + [Line2D([], [], color="black", linewidth=width, label=name) for name, width in kinds]
