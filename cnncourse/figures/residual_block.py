"""What does a block compute? Its layers from top to bottom, and the shortcut around them."""

from .layer_boxes import draw_box, draw_step, draw_sum, finish, texts_of
from .style import ORANGE, new_axes

_WIDTH, _SIDE = 2.5, 2.75  # of a box, and how far the shortcut stands from the middle


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
    layers = texts_of(layers)
    ax = new_axes(ax, width=3.0, height=3.6)
    for place, text in enumerate(layers, 1):
        draw_box(ax, (0, place), text, _WIDTH)
    last = len(layers) + 1
    if shortcut is not None:
        draw_sum(ax, last, _SIDE, color=ORANGE, linewidth=1.8)
        _name_shortcut(ax, shortcut, (_SIDE, (0.5 + last) / 2))
        ax.text(-0.4, last, "F(x) + x", ha="right", va="center", fontsize=8)
        last += 1
    draw_box(ax, (0, last), "ReLU", _WIDTH)
    for place in range(1, last + 2):
        draw_step(ax, place)
    title = f"{len(layers)} layers" if title is None else title
    finish(ax, ("x", "y"), last + 1, (-_WIDTH / 2 - 0.3, _SIDE + 1.1), title)
    return ax


def _name_shortcut(ax, text, centre):
    if text == "identity":
        ax.text(centre[0] + 0.1, centre[1], "x\nidentity", va="center", fontsize=8)
    else:
        draw_box(ax, centre, text, 0.8 * _WIDTH, ORANGE)
