"""How wide is it where? A chain of layers as boxes, each as wide as the channels that it puts out."""

from matplotlib.patches import FancyArrowPatch, Rectangle

from .style import BLUE, GREY, ORANGE, new_axes

_NARROWEST, _WIDEST, _HALF_HEIGHT, _SIDE = 2.2, 3.6, 0.33, 2.5  # widths of boxes, and where the shortcut stands


def show_chain(layers, *, widths=None, shortcut=False, ends=("x", "y"), title=None, ax=None):
    """Draw layers from top to bottom, and the shortcut that adds the input of the chain to its output.

    Boxes of depthwise convolutions are orange, of other convolutions blue, others grey. Nothing follows the last box
    or the sum.

    Args:
        layers: the texts of the boxes, from the input on, for example ("3x3 depthwise conv", "BN").
        widths: relative number of channels that each layer puts out, positive; the widest box is drawn in full and
            none narrower than its text needs. None for equal boxes.
        shortcut: whether the input is added at the end.
        ends: the texts of the input and of the output.
        title: what the picture shows; None for how many boxes it has.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if layers is one text.
        ValueError: if there is no layer, or widths are not one positive number for each.

    >>> show_chain(["3x3 depthwise conv", "BN"], title="in space").get_title(loc="left")
    'in space'
    """
    if isinstance(layers, str):
        raise TypeError(f"layers is the text {layers!r}; expected one text for each box, for example ['3x3 conv'].")
    layers = list(layers)
    if not layers:
        raise ValueError("layers is empty; expected the texts of the boxes, for example ['3x3 conv', 'BN'].")
    widths = [1.0] * len(layers) if widths is None else list(widths)
    if len(widths) != len(layers) or min(widths) <= 0:
        raise ValueError(f"widths is {widths}; expected a positive number for each of the {len(layers)} layers.")
    ax = new_axes(ax, width=2.6, height=0.45 * len(layers) + 0.8)
    for place, (text, width) in enumerate(zip(layers, widths, strict=True), 1):
        _box(ax, place, text, _NARROWEST + (_WIDEST - _NARROWEST) * width / max(widths))
        _arrow(ax, (0, place - 1 + _HALF_HEIGHT), (0, place - _HALF_HEIGHT))
    last = len(layers) + 1
    _arrow(ax, (0, last - 1 + _HALF_HEIGHT), (0, last - _HALF_HEIGHT))
    if shortcut:
        ax.plot(0, last, marker="o", markersize=12, markerfacecolor="white", markeredgecolor=GREY)
        ax.text(0, last, "+", ha="center", va="center", fontsize=11)
        ax.plot([0, _SIDE, _SIDE], [0.5, 0.5, last], color=GREY, linewidth=1.3, zorder=0.5)
        _arrow(ax, (_SIDE, last), (0.3, last))
        _arrow(ax, (0, last + _HALF_HEIGHT), (0, last + 1 - _HALF_HEIGHT))
        last += 1
    for place, text in zip((0, last), ends, strict=True):
        ax.text(0, place, text, ha="center", va="center", fontsize=11, style="italic")
    ax.set_xlim(-_SIDE - 0.2, _SIDE + 0.2)
    ax.set_ylim(last + 0.5, -0.5)
    ax.set_axis_off()
    ax.set_title(f"{len(layers)} layers" if title is None else title, loc="left")
    return ax


def _box(ax, place, text, width):
    colour = ORANGE if "depthwise" in text else BLUE if "conv" in text else GREY
    corner = -width / 2, place - _HALF_HEIGHT
    ax.add_patch(Rectangle(corner, width, 2 * _HALF_HEIGHT, facecolor="white", edgecolor=colour, linewidth=1.5))
    ax.text(0, place, text, ha="center", va="center", fontsize=8)


def _arrow(ax, start, end):
    tip = {"arrowstyle": "-|>", "mutation_scale": 7, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, end, color=GREY, linewidth=1, **tip))
