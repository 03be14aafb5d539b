"""How well did it learn? Learning curves over the epochs, and accuracy on shifted images."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .growth import LOOKS, finite, named_curves
from .style import BLUE, GREY, ORANGE, new_axes


def show_learning_curves(training, test, *, quantity="loss", mark_lowest=False, ax=None, title=None):
    """Draw one quantity after each epoch, on the training data and on the test data.

    Args:
        training: (E,) values on the training data, the first after epoch 1.
        test: (E,) values on the test data.
        quantity: what the values are, with its unit if it has one.
        mark_lowest: whether to mark the epoch with the lowest test value.
        ax: matplotlib axes, or None for a new figure.
        title: what the figure shows.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a value is not a real number.
        ValueError: if the numbers of values differ, or a value is NaN or infinite.

    >>> ax = show_learning_curves([1.0, 0.5], [1.1, 0.9])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('epoch', 'loss')
    """
    training, test = finite("training", training), finite("test", test)
    if len(training) != len(test):
        raise ValueError(f"got {len(training)} training and {len(test)} test values; expected one each an epoch.")
    ax = new_axes(ax)
    epochs = np.arange(1, len(training) + 1)
    ax.plot(epochs, training, color=BLUE, label="training data")
    ax.plot(epochs, test, "--", color=ORANGE, label="test data")
    if mark_lowest:
        lowest = int(np.argmin(test))
        ax.plot(epochs[lowest], test[lowest], "o", color=GREY, label=f"lowest on test data: epoch {epochs[lowest]}")
    ax.set(xlabel="epoch", ylabel=quantity)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if min(training.min(), test.min()) >= 0:
        ax.set_ylim(bottom=0)
    ax.legend()
    if title is not None:
        ax.set_title(title)
    return ax


def show_accuracy_against_shift(shifts, accuracies, *, chance=None, ax=None, title=None):
    """Draw the accuracy of up to three nets on images that are shifted further and further.

    Args:
        shifts: (N,) shifts in pixels.
        accuracies: dictionary of one to three names to (N,) accuracies in 0..1.
        chance: the accuracy of a guess in 0..1, drawn as a thin line, or None.
        ax: matplotlib axes, or None for a new figure.
        title: what the figure shows.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a value is not a real number, or accuracies is not a dictionary.
        ValueError: if the numbers of shifts and accuracies differ, or an accuracy is outside 0..1.

    >>> ax = show_accuracy_against_shift([0, 1], {"dense net": [0.9, 0.7]})
    >>> ax.get_legend_handles_labels()[1]
    ['dense net']
    """
    shifts = finite("shifts", shifts)
    curves = named_curves("accuracies", accuracies, shifts, _share)
    chances = [] if chance is None else _share("chance", [chance])
    ax = new_axes(ax, width=6.0, height=3.8)
    for (name, values), (colour, marker, line) in zip(curves.items(), LOOKS, strict=False):
        ax.plot(shifts, values, line, marker=marker, color=colour, label=name)
    for height in chances:
        ax.axhline(height, color=GREY, linewidth=0.8)
        ax.annotate("chance", (shifts.min(), height), (0, 3), textcoords="offset points", color=GREY)
    ax.set(xlabel="shift (pixels)", ylabel="accuracy on test images", ylim=(0, 1))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(loc="lower left", bbox_to_anchor=(0, 0.13))
    if title is not None:
        ax.set_title(title)
    return ax


def _share(name: str, values) -> np.ndarray:
    array = finite(name, values)
    if not np.all((array >= 0) & (array <= 1)):
        raise ValueError(f"{name} goes from {array.min():g} to {array.max():g}; expected accuracies in 0..1.")
    return array
