"""What does a network look like? Its maps as blocks that become smaller and thicker, its vectors as bars."""

import math

from matplotlib.patches import Polygon, Rectangle

from cnncourse.arguments import whole_number

from .style import BLUE, GREY, ORANGE, new_axes

LARGEST_SIDE, SLANT = 0.62, 0.3  # of a block's front and of its depth; layers stand 1 apart


def show_structure(layers, *, title=None, ax=None):
    """Draw a network from left to right, one block for each layer with places, one bar for each vector.

    The side of a block's front grows with the square root of the pixels on a side, its depth with the logarithm of
    its channels, a bar's height with the logarithm of its units. The first layer, the image, is grey, the other
    blocks are blue, the bars orange.

    Args:
        layers: pairs (name, shape) in the order of computation; a shape is (H, W, C) or (units,).
        title: what the picture shows, or None.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a size is not a whole number.
        ValueError: if there is no layer, a shape has neither one nor three sizes, or a size is smaller than 1.

    >>> ax = show_structure([("image", (28, 28, 1)), ("flatten", (784,)), ("logits", (10,))])
    >>> [text.get_text() for text in ax.texts]
    ['image', '28 x 28\\n1', 'flatten', '784', 'logits', '10']
    """
    layers = [(name, _shape(name, shape)) for name, shape in layers]
    if not layers:
        raise ValueError("there are no layers to draw; pass a list of pairs (name, shape).")
    sides = [shape[0] for _, shape in layers if len(shape) == 3]
    lengths = [shape[0] for _, shape in layers if len(shape) == 1]
    most_channels = max((shape[2] for _, shape in layers if len(shape) == 3), default=1)
    ax = new_axes(ax, width=8.0, height=1.9)
    for place, (name, shape) in enumerate(layers):
        if len(shape) == 3:
            depth = SLANT * math.log(shape[2] + 1) / math.log(most_channels + 1)
            height, width = (LARGEST_SIDE * math.sqrt(side / max(sides)) for side in shape[:2])
            _draw_block(ax, place, height, width, depth, BLUE if place else GREY)
        else:
            height = (LARGEST_SIDE + SLANT) * math.log(shape[0] + 1) / math.log(max(lengths) + 1)
            ax.add_patch(Rectangle((place - 0.06, -height / 2), 0.12, height, facecolor=ORANGE, edgecolor="white"))
        ax.text(place, -0.58, name, ha="center", va="top", fontsize=9, fontweight="bold")
        size = " x ".join(map(str, shape[:2])) + f"\n{shape[2]}" if len(shape) == 3 else f"{shape[0]:,}"
        ax.text(place, -0.76, size, ha="center", va="top", fontsize=9)
    ax.set_xlim(-0.6, len(layers) - 0.4)
    ax.set_ylim(-1.15, 0.6)
    ax.set_axis_off()
    if title is not None:
        ax.set_title(title, loc="left")
    return ax


def _shape(name: str, shape) -> tuple[int, ...]:
    shape = tuple(shape)
    if len(shape) not in (1, 3):
        raise ValueError(f"the layer {name!r} has the shape {shape}; expected (height, width, channels) or (units,).")
    return tuple(whole_number(f"a size of {name!r}", size, smallest=1) for size in shape)


def _draw_block(ax, place: float, height: float, width: float, depth: float, colour: str) -> None:
    """A cuboid seen from the front left: its front, its top and its right side."""
    step = depth / math.sqrt(2)
    left, right = place - (width + step) / 2, place + (width - step) / 2
    bottom, top = -(height + step) / 2, (height - step) / 2
    front = Rectangle((left, bottom), width, height, facecolor=colour, edgecolor="white", linewidth=0.8)
    lid = [(left, top), (right, top), (right + step, top + step), (left + step, top + step)]
    side = [(right, bottom), (right, top), (right + step, top + step), (right + step, bottom + step)]
    for corners, opacity in ((lid, 0.55), (side, 0.75)):
        ax.add_patch(Polygon(corners, facecolor=colour, alpha=opacity, edgecolor="white", linewidth=0.8))
    ax.add_patch(front)
