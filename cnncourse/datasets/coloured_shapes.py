"""Which images need their colour? Orange and blue discs and plus signs, with the label shape XOR hue."""

from dataclasses import dataclass

import numpy as np

from ..arguments import whole_number
from .dataset import Dataset
from .photographs import to_grey

SHAPE_NAMES = ("disc", "plus")
HUE_NAMES = ("orange", "blue")
CLASS_NAMES = ("orange disc or blue plus", "orange plus or blue disc")

SIDE = 32  # pixels
MARGIN = 9  # pixels, at least, from a shape's centre to the border: more than the longest arm
FEWEST_PIXELS, MOST_PIXELS = 80, 150  # of a shape
ARM_WIDTH = 0.36  # of a plus sign, in lengths of its arm
BACKGROUND_LUMINANCE = 0.5
SHAPE_LUMINANCES = 0.38, 0.62  # of a dark and of a bright shape
LUMINANCE_JITTER = 0.05  # at most, added to each pixel
SATURATION = 0.22  # of a shape: how far its colour lies from grey
BACKGROUND_SATURATION = 0.06  # at most
COLOUR_JITTER = 0.03  # at most, added to each pixel along both axes of colour
HUE_SPREAD = 0.35  # radians, at most, to each side of the middle of orange and of blue


@dataclass(frozen=True, eq=False, repr=False)
class ColouredShapes(Dataset):
    """Images of coloured shapes with the two facts that make their labels.

    Args:
        shapes: int32 (N,), positions in `SHAPE_NAMES`.
        hues: int32 (N,), positions in `HUE_NAMES`.

    >>> drawn = make_coloured_shapes(8, seed=1)
    >>> bool((drawn.labels == drawn.shapes ^ drawn.hues).all())
    True
    """

    shapes: np.ndarray
    hues: np.ndarray

    def __repr__(self) -> str:
        return super().__repr__().replace("Dataset", "ColouredShapes", 1)

    def take(self, limit: int | None) -> "ColouredShapes":
        """The first `limit` images with their labels, shapes and hues, copied.

        Args:
            limit: number of images, from 1 to `len(dataset)`; None takes all.

        Raises:
            TypeError, ValueError: if the limit is no such number.

        >>> make_coloured_shapes(8, seed=1).take(4)
        ColouredShapes(4 images of (32, 32, 3), 2 classes)
        """
        first = super().take(limit)
        facts = (values[: len(first)].copy() for values in (self.shapes, self.hues))
        return ColouredShapes(first.images, first.labels, first.class_names, *facts)


def make_coloured_shapes(count: int, seed: int, *, luminance_gap: float = 0.0) -> ColouredShapes:
    """Draw one disc or plus sign an image, orange or blue, with the label shape XOR hue.

    The label needs both facts. Each block of four images holds the four combinations once, so shape alone and
    hue alone say nothing of it. Hues differ along axes of colour that `to_grey` maps to 0, so the grey image says
    nothing of the hue. A shape's number of pixels does not depend on which shape it is, and each pixel has its own
    jitter, so pixels without their places say nothing of the shape.

    Args:
        count: number of images.
        seed: of the random generator; the same seed gives the same images.
        luminance_gap: how much brighter blue shapes are than orange ones, 0..0.15. Above 0, grey betrays the hue.

    Returns:
        Images float32 (N, 32, 32, 3), red, green and blue in 0..1, with labels, shapes and hues.

    Raises:
        TypeError, ValueError: if an argument is no such number.

    >>> make_coloured_shapes(100, seed=1)
    ColouredShapes(100 images of (32, 32, 3), 2 classes)
    """
    count = whole_number("count", count)
    random = np.random.default_rng(whole_number("seed", seed, smallest=0))
    is_number = isinstance(luminance_gap, int | float | np.number) and not isinstance(luminance_gap, bool)
    if not is_number or not 0 <= luminance_gap <= 0.15:
        wrong = ValueError if is_number else TypeError
        raise wrong(f"luminance_gap is {luminance_gap!r}; expected a number from 0 to 0.15.")
    shapes, hues = _draw_facts(random, count)
    inside = _draw_masks(random, shapes)
    luminance = _draw_luminances(random, inside) + luminance_gap * (hues[:, None, None] - 0.5) * inside
    images = luminance[..., None] + _draw_colours(random, inside, hues)
    return ColouredShapes(images.astype(np.float32), shapes ^ hues, CLASS_NAMES, shapes, hues)


def colour_axes() -> np.ndarray:
    """Two directions of red, green and blue along which luminance stays: orange, and a purple at a right angle.

    >>> bool(np.allclose(to_grey(colour_axes()), 0, atol=1e-15))
    True
    """
    weights = to_grey(np.eye(3))
    red_minus_blue = np.array([1.0, 0.0, -1.0])
    orange = red_minus_blue - (red_minus_blue @ weights) / (weights @ weights) * weights
    axes = np.stack([orange, np.cross(orange, weights)])
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def _draw_facts(random, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Shapes and hues (N,), each block of four images with every combination once."""
    blocks = random.permuted(np.tile(np.arange(4, dtype=np.int32), (-(-count // 4), 1)), axis=1)
    combinations = blocks.ravel()[:count]
    return combinations // 2, combinations % 2


def _draw_masks(random, shapes: np.ndarray) -> np.ndarray:
    """Which pixels lie in the shape, (N, 32, 32): a number drawn for each image, of those nearest its centre."""
    count = len(shapes)
    row, column = random.uniform(MARGIN, SIDE - 1 - MARGIN, (2, count, 1, 1))
    angle = random.uniform(0, 2 * np.pi, (count, 1, 1))
    down, right = np.arange(SIDE)[:, None] - row, np.arange(SIDE) - column
    along = np.abs(np.cos(angle) * right + np.sin(angle) * down)
    across = np.abs(np.cos(angle) * down - np.sin(angle) * right)
    one_arm = np.maximum(along, across / ARM_WIDTH)
    other_arm = np.maximum(across, along / ARM_WIDTH)
    is_disc = shapes[:, None, None] == 0
    distance = np.where(is_disc, np.hypot(along, across), np.minimum(one_arm, other_arm))
    pixels = random.integers(FEWEST_PIXELS, MOST_PIXELS + 1, (count, 1))
    farthest = np.take_along_axis(np.sort(distance.reshape(count, -1), axis=1), pixels - 1, axis=1)
    return distance <= farthest[..., None]


def _draw_luminances(random, inside: np.ndarray) -> np.ndarray:
    """The luminance of each pixel, (N, 32, 32); no hue has a part in it."""
    of_shape = random.choice(SHAPE_LUMINANCES, (len(inside), 1, 1))
    jitter = random.uniform(-LUMINANCE_JITTER, LUMINANCE_JITTER, inside.shape)
    return np.where(inside, of_shape, BACKGROUND_LUMINANCE) + jitter


def _draw_colours(random, inside: np.ndarray, hues: np.ndarray) -> np.ndarray:
    """What distinguishes each pixel from grey, (N, 32, 32, 3), with luminance 0."""
    each = (len(hues), 1, 1)
    angle = np.pi * hues.reshape(each) + random.uniform(-HUE_SPREAD, HUE_SPREAD, each)
    background_angle = random.uniform(0, 2 * np.pi, each)
    background_saturation = random.uniform(0, BACKGROUND_SATURATION, each)
    colours = np.zeros((*inside.shape, 3))
    for axis, wave in zip(colour_axes(), (np.cos, np.sin), strict=True):
        along_axis = np.where(inside, SATURATION * wave(angle), background_saturation * wave(background_angle))
        along_axis += random.uniform(-COLOUR_JITTER, COLOUR_JITTER, inside.shape)
        colours += along_axis[..., None] * axis
    return colours
