"""Layers as boxes from top to bottom: what the pictures of blocks and of chains share."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from .style import BLUE, GREY, ORANGE

HALF_HEIGHT = 0.32  # of a box; boxes stand 1 apart


def texts_of(layers) -> list[str]:
    """The texts of the boxes, as a list.

    Raises:
        TypeError: if layers is one text.
        ValueError: if there is no layer.

    >>> texts_of(("3x3 conv", "BN"))
    ['3x3 conv', 'BN']
    """
    if isinstance(layers, str):
        raise TypeError(f"layers is the text {layers!r}; expected one text for each box, for example ['3x3 conv'].")
    if not list(layers):
        raise ValueError("layers is empty; expected the texts of the boxes, for example ['3x3 conv', 'BN'].")
    return list(layers)


def draw_box(ax, centre, text, width, colour=None) -> None:
    """A box with its text: orange for a depthwise convolution, blue for another one, grey else, or as told.

    Args:
        ax: matplotlib axes.
        centre: (x, y).
        text: in the box.
        width: of the box.
        colour: of its edge, or None.
    """
    x, y = centre
    colour = colour or (ORANGE if "depthwise" in text else BLUE if "conv" in text else GREY)
    corner = x - width / 2, y - HALF_HEIGHT
    ax.add_patch(Rectangle(corner, width, 2 * HALF_HEIGHT, facecolor="white", edgecolor=colour, linewidth=1.4))
    ax.text(x, y, text, ha="center", va="center", fontsize=8)


def draw_arrow(ax, start, end, *, color=GREY, linewidth=1, zorder=1) -> None:
    """An arrow between two points (x, y)."""
    tip = {"arrowstyle": "-|>", "mutation_scale": 8, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, end, color=color, linewidth=linewidth, zorder=zorder, **tip))


def draw_step(ax, place) -> None:
    """The arrow from a box at x = 0 to the one below it, at `place`."""
    draw_arrow(ax, (0, place - 1 + HALF_HEIGHT), (0, place - HALF_HEIGHT))


def draw_sum(ax, place, side, *, color=GREY, linewidth=1.3) -> None:
    """The sum at `place`, and the shortcut that leads to it from below the input, around the boxes at x = `side`."""
    look = {"color": color, "linewidth": linewidth, "zorder": 0.5}
    ax.plot(0, place, marker="o", markersize=12, markerfacecolor="white", markeredgecolor=color)
    ax.text(0, place, "+", ha="center", va="center", fontsize=11)
    ax.plot([0, side, side], [0.5, 0.5, place], solid_joinstyle="round", **look)
    draw_arrow(ax, (side, place), (0.3, place), **look)


def finish(ax, ends, last, xlim, title) -> None:
    """Name input (at 0) and output (at `last`), leave the axes out, and set the title."""
    for place, text in zip((0, last), ends, strict=True):
        ax.text(0, place, text, ha="center", va="center", fontsize=11, style="italic")
    ax.set_xlim(*xlim)
    ax.set_ylim(last + 0.4, -0.4)
    ax.set_axis_off()
    ax.set_title(title, loc="left")
