"""Learning from few images: photographs with their credit, and accuracy against the number of images."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np

from ..datasets import OBJECT_PHOTOS_CREDIT
from .images import show_images
from .style import BLUE, GREY, ORANGE

STYLES = ((BLUE, "-o"), (ORANGE, "--s"), (GREY, ":^"))


def show_photos(images, titles=None, columns=5):
    """Draw object photographs in a grid, with the credit that their licence asks for below them.

    Args:
        images: (N, H, W, 3) in 0..1.
        titles: N texts, or None.
        columns: photographs in a row.

    Returns:
        Array (N,) of matplotlib axes.

    >>> len(show_photos(np.ones((2, 8, 8, 3)), columns=2))
    2
    """
    axes = show_images(images, titles, columns)
    figure = axes[0].figure
    if titles is not None:
        for ax in axes:
            ax.set_title(ax.get_title(loc="left"), loc="left", fontsize=7)
    figure.set_size_inches(0.7 * figure.get_size_inches())  # photographs are large files
    line = textwrap.fill(OBJECT_PHOTOS_CREDIT, width=int(17 * figure.get_figwidth()))
    figure.text(0.01, -0.01, line, fontsize=7, va="top")
    return axes


def show_few_images(methods, *, guess: float, title=None, ax=None):
    """Draw balanced accuracy against the number of images a class: the mean of all draws, and all of them as a band.

    Args:
        methods: for each name, a dict from images a class to the accuracies of the draws, in 0..1; three at the most.
        guess: accuracy of a guess, in 0..1.
        title: what the picture shows.
        ax: matplotlib axes, or None for a new figure.

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if there is no method, or more than three.

    >>> ax = show_few_images({"frozen": {2: [0.6, 0.8], 4: [0.8]}}, guess=0.2)
    >>> [round(float(y), 3) for y in ax.lines[0].get_ydata()]
    [0.7, 0.8]
    """
    if not 1 <= len(methods) <= len(STYLES):
        raise ValueError(f"got {len(methods)} methods; expected 1 to {len(STYLES)}, a colour each.")
    if ax is None:
        ax = plt.subplots(figsize=(5.5, 3.0))[1]
    for (name, accuracies), (colour, style) in zip(methods.items(), STYLES, strict=False):
        counts = sorted(accuracies)
        values = [np.asarray(accuracies[count]) for count in counts]
        ax.plot(counts, [v.mean() for v in values], style, color=colour, label=name)
        ax.fill_between(
            counts, [v.min() for v in values], [v.max() for v in values], color=colour, alpha=0.2, linewidth=0
        )
    ax.axhline(guess, color=GREY, linewidth=1, linestyle="-.", label="a guess")
    every = sorted({count for accuracies in methods.values() for count in accuracies})
    ax.set_xscale("log", base=2)
    ax.set_xticks(every, [str(count) for count in every])
    ax.minorticks_off()
    ax.set(xlabel="training images of each class", ylabel="balanced accuracy", ylim=(0, 1))
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    if title is not None:
        ax.set_title(title, loc="left")
    return ax
