"""What a channel answers: its map before and after the ReLU, the patches that excite it, the classes that need it."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse import reference

from .images import show_image
from .style import BLUE, ORANGE

WIDEST = 8.0  # inches
TITLE = 0.27  # height of a row's title, in inches


def show_output_activation(image, kernel, bias, *, row=None, limit=None, figure=None):
    """Draw how bias and ReLU make a channel's output activation from a kernel's sums.

    From the left: the image, the kernel's sums plus bias (red above zero, blue below), and what the ReLU leaves of
    them. Both maps share one scale. The title of the last says which share of its values is above zero.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (kh, kw).
        bias: one number.
        row: the last row that is computed, when the kernel goes row by row from the top; its stripe of the image is
            framed. None for the whole map without a frame.
        limit: the value at the ends of the scale; None for the largest magnitude before the ReLU.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Array (3,) of matplotlib axes: image, before the ReLU, output activation.

    Raises:
        TypeError: if image or kernel does not hold real numbers.
        ValueError: if image or kernel does not have two dimensions, the kernel does not fit into the image, or there
            is no such row.

    >>> axes = show_output_activation(np.eye(3), np.ones((2, 2)), bias=-1.5)
    >>> axes[2].get_title(loc="left")
    'after ReLU: 50 % above 0'
    """
    before = reference.correlate(image, kernel) + bias
    after = np.maximum(before, 0)
    limit = limit or float(np.abs(before).max()) or 1.0
    if row is not None:
        if not 0 <= row < len(before):
            raise ValueError(f"row is {row}; expected a row of the map, 0 to {len(before) - 1}.")
        before[row + 1 :] = after[row + 1 :] = np.nan
    if figure is None:
        figure = plt.figure(figsize=(WIDEST, 2.3))
    figure.clear()
    axes = figure.subplots(1, 3)
    alive = float((after[: None if row is None else row + 1] > 0).mean())
    share = "nothing left" if alive == 0 else f"{100 * alive:.0f} % above 0"
    show_image(image, axes[0], title="image")
    if row is not None:
        stripe = Rectangle(
            (-0.5, row - 0.5), np.shape(image)[1], len(kernel), fill=False, edgecolor=ORANGE, linewidth=2
        )
        axes[0].add_patch(stripe)
    show_image(before, axes[1], title=f"sums plus bias {bias:g}", signed=True, limit=limit)
    show_image(after, axes[2], title=f"after ReLU: {share}", signed=True, limit=limit)
    return axes


def show_patches(rows, titles, *, size=0.8):
    """Draw patches of images, a row for each channel, the strongest first.

    Patches may differ in size; in one row they share one scale, so that those cut off at an image's rim look smaller.

    Args:
        rows: lists of images (h, w), (h, w, 1) or (h, w, 3) in 0..1, one list for each channel.
        titles: one text for each row.
        size: width of a patch with its margin, in inches; less where the row would be wider than a page.

    Returns:
        Array (rows, longest row) of matplotlib axes; those beyond the end of a row are empty.

    Raises:
        ValueError: if there is no patch, or there are not as many titles as rows.

    >>> axes = show_patches([[np.eye(3), np.eye(2)], [np.eye(4)]], ["map 0", "map 7"])
    >>> axes.shape, axes[1, 0].get_title(loc="left"), len(axes[1, 1].images)
    ((2, 2), 'map 7', 0)
    """
    longest = max((len(row) for row in rows), default=0)
    if not longest or len(titles) != len(rows):
        raise ValueError(f"got {len(rows)} rows of patches and {len(titles)} titles; expected a title for each row.")
    size = min(size, WIDEST / longest)
    figsize = (size * longest, (size + TITLE) * len(rows))
    # Not the style's layout engine: it would make the first column as wide as its titles.
    figure, axes = plt.subplots(len(rows), longest, figsize=figsize, squeeze=False, layout="none")
    figure.subplots_adjust(0, 0, 1, 1 - TITLE / figsize[1], wspace=0.08, hspace=TITLE / size)
    for ax in axes.flat:
        ax.set_axis_off()
    for row, patches, title in zip(axes, rows, titles, strict=True):
        side = max((extent for patch in patches for extent in np.shape(patch)[:2]), default=1)
        for ax, patch in zip(row, patches, strict=False):
            show_image(patch, ax)
            ax.set(xlim=(-0.5, side - 0.5), ylim=(side - 0.5, -0.5), anchor="S")
        row[0].set_title(title, loc="left")
    return axes


def show_class_falls(falls, group_falls, names, ax=None, *, title=None):
    """Draw how far the accuracy of each class falls, beside falls of groups that are drawn by chance.

    Args:
        falls: (classes,), accuracy before less accuracy after, in -1..1.
        group_falls: (groups,), the same for groups of images drawn by chance.
        names: of the classes.
        ax: matplotlib axes, or None for a new figure.
        title: the finding.

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if there is not one fall for each name.

    >>> ax = show_class_falls([0.5, -0.1], [0.2, 0.19], ["bag", "coat"])
    >>> [round(float(bar.get_width()), 1) for bar in ax.patches]
    [0.5, -0.1]
    """
    falls, group_falls = np.asarray(falls, dtype=float), np.asarray(group_falls, dtype=float)
    if falls.shape != (len(names),):
        raise ValueError(f"got falls of shape {falls.shape} and {len(names)} names; expected one fall for each class.")
    if ax is None:
        ax = plt.subplots(figsize=(6.5, 3.2))[1]
    ax.barh(range(len(falls)), falls, color=BLUE, height=0.7, label="images of one class")
    ax.plot(group_falls, np.linspace(0, len(falls) - 1, len(group_falls)), "D", color=ORANGE, label="groups by chance")
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(falls)), names)
    ax.invert_yaxis()
    ax.set(xlim=(-1, 1), xlabel="fall of the accuracy (negative: it rises)")
    ax.legend(loc="upper left")
    if title is not None:
        ax.set_title(title, loc="left")
    return ax
