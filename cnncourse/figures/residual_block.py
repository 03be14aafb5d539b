"""What does a block compute? Its layers from top to bottom, and the shortcut around them."""

import itertools

from matplotlib.patches import FancyArrowPatch, Rectangle

from .style import BLUE, GREY, ORANGE, new_axes

_HALF_WIDTH, _HALF_HEIGHT, _SIDE = 1.25, 0.32, 2.75  # of a box, and how far the shortcut stands from the middle


def show_block(layers, *, shortcut="identity", title=None, ax=None):
    """Draw a block as the paper does: the input above, layers in boxes, the sum, the last ReLU.

    Boxes of convolutions are blue, others grey; the shortcut is orange. Without one, the block is plain.

    Args:
        layers: the texts of the boxes of F, from the input on, for example ("3x3 conv, 64", "BN").
        shortcut: what the shortcut does, "identity" or the text of its box; None for a plain block.
        title: what the picture shows; None for how many boxes it has.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if layers is one text.
        ValueError: if there is no layer.

    >>> show_block(["3x3 conv, 64", "BN"], title="a block").get_title(loc="left")
    'a block'
    """
    if isinstance(layers, str):
        raise TypeError(f"layers is the text {layers!r}; expected one text for each box, for example ['3x3 conv'].")
    layers = list(layers)
    if not layers:
        raise ValueError("layers is empty; expected the texts of the boxes, for example ['3x3 conv', 'BN'].")
    ax = new_axes(ax, width=3.0, height=3.6)
    places = list(range(1, len(layers) + 1))
    steps = [0, *places]  # from the input's place down; at each the height of an arrow's end
    for place, text in zip(places, layers, strict=True):
        _box(ax, 0, place, text)
    last = places[-1] + 1
    if shortcut is not None:
        ax.plot(0, last, marker="o", markersize=13, markerfacecolor="white", markeredgecolor=ORANGE)
        ax.text(0, last, "+", ha="center", va="center", fontsize=11)
        steps.append(last)
        _draw_shortcut(ax, shortcut, last)
        ax.text(-0.4, last, "F(x) + x", ha="right", va="center", fontsize=8)
        last += 1
    _box(ax, 0, last, "ReLU")
    steps += [last, last + 1]
    for start, end in itertools.pairwise(steps):
        _arrow(ax, start + _HALF_HEIGHT, end - _HALF_HEIGHT)
    for place, text in ((0, "x"), (last + 1, "y")):
        ax.text(0, place, text, ha="center", va="center", fontsize=11, style="italic")
    ax.set_xlim(-_HALF_WIDTH - 0.3, _SIDE + 1.1)
    ax.set_ylim(last + 1.4, -0.4)
    ax.set_axis_off()
    ax.set_title(f"{len(layers)} layers" if title is None else title, loc="left")
    return ax


def _box(ax, middle, place, text, colour=None):
    colour = colour or (BLUE if "conv" in text else GREY)
    corner = middle - _HALF_WIDTH * (0.8 if middle else 1), place - _HALF_HEIGHT
    width = 2 * (middle - corner[0])
    ax.add_patch(Rectangle(corner, width, 2 * _HALF_HEIGHT, facecolor="white", edgecolor=colour, linewidth=1.3))
    ax.text(middle, place, text, ha="center", va="center", fontsize=8)


def _arrow(ax, start, end):
    ax.add_patch(FancyArrowPatch((0, start), (0, end), arrowstyle="-|>", mutation_scale=7, color=GREY, linewidth=1))


def _draw_shortcut(ax, text, end):
    """From below the input around the boxes to the sum."""
    start, look = 0.5, {"color": ORANGE, "linewidth": 1.8, "zorder": 0.5}
    ax.plot([0, _SIDE, _SIDE], [start, start, end], solid_joinstyle="round", **look)
    tip = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch((_SIDE, end), (0.3, end), **tip, **look))
    middle = (start + end) / 2
    if text == "identity":
        ax.text(_SIDE + 0.1, middle, "x\nidentity", va="center", fontsize=8)
    else:
        _box(ax, _SIDE, middle, text, ORANGE)
