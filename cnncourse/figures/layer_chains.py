"""How wide is it where? A chain of layers as boxes, each as wide as the channels that it puts out."""

from .layer_boxes import draw_box, draw_step, draw_sum, finish, texts_of
from .style import new_axes

_NARROWEST, _WIDEST, _SIDE = 2.2, 3.6, 2.5  # widths of boxes, and where the shortcut stands


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
    layers = texts_of(layers)
    widths = [1.0] * len(layers) if widths is None else list(widths)
    if len(widths) != len(layers) or min(widths) <= 0:
        raise ValueError(f"widths is {widths}; expected a positive number for each of the {len(layers)} layers.")
    ax = new_axes(ax, width=2.6, height=0.45 * len(layers) + 0.8)
    for place, (text, width) in enumerate(zip(layers, widths, strict=True), 1):
        draw_box(ax, (0, place), text, _NARROWEST + (_WIDEST - _NARROWEST) * width / max(widths))
    last = len(layers) + 1
    if shortcut:
        draw_sum(ax, last, _SIDE)
        last += 1
    for place in range(1, last + 1):
        draw_step(ax, place)
    title = f"{len(layers)} layers" if title is None else title
    finish(ax, ends, last, (-_SIDE - 0.2, _SIDE + 0.2), title)
    return ax
