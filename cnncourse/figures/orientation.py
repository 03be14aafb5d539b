"""Which way do gradients point? Angles as colours of a circle, with the wheel that explains them."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from .convolution import show_kernel
from .images import show_image
from .style import new_axes

CIRCLE = "twilight"  # light and dark on one axis, blue and red on the other: readable for colour-blind people
BACKGROUND = 0.5  # grey that no angle has
NOTHING = 0.1  # of the full strength
WHEEL_SIDE = 101  # pixels
WHEEL_STEP = 15  # degrees
WHEEL_HOLE = 0.64  # of the radius: room for the numbers


def show_angles(angles, strength, ax=None, *, period=360, title=None, full=None):
    """Draw a map of angles: the angle is a colour of the circle, weak answers fade into grey.

    What is weaker than a tenth of the full strength, noise mostly, is grey altogether.

    Args:
        angles: (H, W), in degrees; 0 points right, 90 down, as rows count.
        strength: (H, W), not negative: how far a pixel's colour stands out from the grey.
        ax: matplotlib axes, or None for a new figure.
        period: 360 if opposite directions differ, 180 if they count as the same.
        title: what the picture shows.
        full: the strength from which on a colour is full; None for the largest.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if angles or strength does not hold real numbers.
        ValueError: if the shapes differ or are not (H, W), a strength is negative, or the period is another.

    >>> ax = show_angles([[0, 90, 180]], [[1, 1, 0]])
    >>> ax.images[0].get_array()[0, 2].tolist()
    [0.5, 0.5, 0.5]
    """
    angles, strength = _map(angles, "angles"), _map(strength, "strength")
    if angles.shape != strength.shape:
        raise ValueError(
            f"angles have shape {angles.shape}, strength {strength.shape}; expected one of each per pixel."
        )
    if strength.size and strength.min() < 0:
        raise ValueError(f"the strength goes down to {strength.min():g}; expected no negative one: take np.abs.")
    full = strength.max(initial=0.0) if full is None else full
    share = np.clip((strength / (full or 1.0) - NOTHING) / (1 - NOTHING), 0, 1)[..., None]
    pixels = share * angle_colours(angles, period) + (1 - share) * BACKGROUND
    return show_image(pixels, new_axes(ax), title=title)


def show_wheel(ax=None, *, period=360, edges=False, title=None):
    """Draw the legend of `show_angles`: seen from the centre, each angle's colour lies in its own direction.

    Args:
        ax: matplotlib axes, or None for a new figure.
        period: 360, or 180 where opposite directions have one colour.
        edges: False if the wheel's angles are those of the map; True if the map holds the angles of gradients and
            the wheel says along which angle the edges run, at a right angle to them.
        title: what the angle is, such as "brightness rises towards".

    Returns:
        The matplotlib axes.

    Raises:
        ValueError: if the period is neither 360 nor 180, or 360 for edges, which have no direction.

    >>> sorted(text.get_text() for text in show_wheel().texts)
    ['0°', '180°', '270°', '90°']
    """
    if edges and period != 180:
        raise ValueError(f"edges have an orientation, no direction, and period is {period!r}; expected period=180.")
    y, x = np.mgrid[:WHEEL_SIDE, :WHEEL_SIDE] - WHEEL_SIDE // 2
    radius = np.hypot(x, y) / (WHEEL_SIDE // 2)
    angles = np.rint(np.degrees(np.arctan2(y, x)) / WHEEL_STEP) * WHEEL_STEP
    colours = angle_colours(angles + 90 if edges else angles, period)
    colours[(radius < WHEEL_HOLE) | (radius > 1)] = 1.0
    ax = show_image(colours, new_axes(ax, width=2, height=2), title=title)
    middle = WHEEL_SIDE // 2
    for angle in (0, 90, 180, 270):
        column, row = (middle + 0.34 * middle * f(np.radians(angle)) for f in (np.cos, np.sin))
        ax.text(column, row, f"{angle % period}°", ha="center", va="center", fontsize=7)
    return ax


def angle_colours(angles, period=360) -> np.ndarray:
    """The colour of each angle.

    Args:
        angles: any shape, in degrees.
        period: 360 or 180 degrees, after which the colours come again.

    Returns:
        Array (..., 3) of red, green and blue in 0..1.

    Raises:
        ValueError: if the period is neither 360 nor 180.

    >>> bool((angle_colours(30, 180) == angle_colours(210, 180)).all())
    True
    """
    if period not in (180, 360):
        raise ValueError(f"period is {period!r}; expected 360, or 180 if opposite directions are the same.")
    turns = np.asarray(angles, dtype=float) % period / period
    return np.asarray(matplotlib.colormaps[CIRCLE](turns))[..., :3]


def show_answer(image, kernel, answer, *, titles=("image", "kernel", "answer"), limit=None, figure=None):
    """Draw side by side an image, a kernel, and the signed map that the kernel makes of the image.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (kh, kw).
        answer: (H', W'), the kernel's answer to the image.
        titles: three texts.
        limit: the value at the ends of the answer's scale; None for its largest magnitude.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Array (3,) of matplotlib axes.

    Raises:
        TypeError: if one of the three does not hold real numbers.
        ValueError: if the kernel does not have two dimensions, or image or answer is not one image.

    >>> axes = show_answer(np.eye(4), np.ones((2, 2)), np.eye(3))
    >>> [ax.get_title(loc="left") for ax in axes]
    ['image', 'kernel', 'answer']
    """
    figure = plt.figure(figsize=(8, 2.6)) if figure is None else figure
    figure.clear()
    axes = figure.subplots(1, 3, width_ratios=(3, 2, 3))
    show_image(image, axes[0], title=titles[0])
    if max(np.shape(kernel)) <= 5:
        show_kernel(kernel, axes[1], title=titles[1])
    else:
        show_image(kernel, axes[1], title=titles[1], signed=True)
    show_image(answer, axes[2], title=titles[2], signed=True, limit=limit)
    return axes


def _map(values, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {array.dtype}; expected real numbers.")
    if array.ndim != 2:
        raise ValueError(f"{name} has shape {array.shape}; expected (H, W), one number for each pixel.")
    return array.astype(float)
