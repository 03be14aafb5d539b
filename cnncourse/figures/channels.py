"""What a kernel makes of colour: one sum over three channels, and three channels mixed into one."""

import matplotlib.pyplot as plt
import numpy as np

from .convolution import format_value, show_kernel
from .images import show_image

CHANNELS = ("red", "green", "blue")
FRAMES = ("#C00000", "#007A33", "#0050C0")  # the channels' own colours, dark enough for text on white


def show_channel_sums(window, kernel, bias=0.0, *, figure=None):
    """Draw how a window and a kernel of three channels give one number.

    A row for each channel, framed in its colour: window times kernel = products, with their sum. The cells stay
    white, since red and blue stand for channels here, not for signs. The figure's title adds the three sums and
    the bias.

    Args:
        window: (kh, kw, 3), in 0..1 or small whole numbers.
        kernel: (kh, kw, 3).
        bias: one number.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Array (3, 3) of matplotlib axes: a row for each channel; window, kernel, products.

    Raises:
        ValueError: if window and kernel do not both have the shape (kh, kw, 3).

    >>> axes = show_channel_sums(np.ones((2, 2, 3)), np.ones((2, 2, 3)), bias=1)
    >>> axes[0, 0].figure.get_suptitle()
    'red 4 + green 4 + blue 4 + bias 1 = 13'
    """
    window, kernel = np.asarray(window), np.asarray(kernel)
    if window.shape != kernel.shape or window.ndim != 3 or window.shape[2] != 3:
        raise ValueError(
            f"the window has shape {window.shape}, the kernel {kernel.shape}; expected (kh, kw, 3) for both."
        )
    if figure is None:
        figure = plt.figure(figsize=(6.0, 5.0))
    figure.clear()
    axes = figure.subplots(3, 3)
    products = window * kernel
    limit = 1e6 * (float(max(np.abs(values).max() for values in (window, kernel, products))) or 1.0)
    sums = products.sum(axis=(0, 1))
    for channel, (name, row) in enumerate(zip(CHANNELS, axes, strict=True)):
        show_kernel(window[..., channel], row[0], title=f"{name} window", limit=limit)
        show_kernel(kernel[..., channel], row[1], title="× kernel", limit=limit)
        title = f"= products, sum {format_value(sums[channel])}"
        show_kernel(products[..., channel], row[2], title=title, limit=limit)
        for ax in row:
            ax.patches[0].set(edgecolor=FRAMES[channel], linewidth=2.5)
        row[0].set_title(row[0].get_title(loc="left"), loc="left", color=FRAMES[channel])
    terms = zip((*CHANNELS, "bias"), (*sums, bias), strict=True)
    text = " + ".join(f"{name} {_signed(value)}" for name, value in terms)
    figure.suptitle(f"{text} = {format_value(sums.sum() + bias)}")
    return axes


def show_channel_mix(image, weights, bias=0.0, *, figure=None):
    """Draw a colour image and what a 1x1 kernel makes of it: three weights, one bias, one number a pixel.

    The result is drawn in grey where all of it lies in 0..1, else signed: red above zero, blue below. Its scale
    stands beside it.

    Args:
        image: (H, W, 3), in 0..1.
        weights: three numbers, those of red, green and blue.
        bias: one number.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Array (2,) of matplotlib axes: the image, the result.

    Raises:
        ValueError: if the image does not have three channels, or the weights are not three numbers.

    >>> _, result = show_channel_mix(np.ones((2, 2, 3)), (1, 0, -1), bias=0.25)
    >>> result.get_title(loc="left"), float(result.images[0].get_array()[0, 0])
    ('1 red + 0 green - 1 blue + 0.25', 0.25)
    """
    image, weights = np.asarray(image), np.asarray(weights)
    if image.ndim != 3 or image.shape[2] != 3 or weights.shape != (3,):
        raise ValueError(
            f"the image has shape {image.shape}, the weights {weights.shape}; expected (H, W, 3) and three weights."
        )
    if figure is None:
        figure = plt.figure(figsize=(7.0, 3.4))
    figure.clear()
    axes = figure.subplots(1, 2)
    result = image @ weights + bias
    title = " ".join(_term(weight, name) for weight, name in zip(weights, CHANNELS, strict=True))
    title = f"{title} {_term(bias)}".removeprefix("+ ")
    show_image(image, axes[0], title="image")
    is_signed = bool(result.min() < -1e-6 or result.max() > 1 + 1e-6)
    show_image(result, axes[1], title=title, signed=is_signed)
    figure.colorbar(axes[1].images[0], ax=axes, shrink=0.8)
    return axes


def _signed(value: float) -> str:
    """A number as a term of a sum; negative ones stand in brackets."""
    return format_value(value) if value >= 0 else f"({format_value(value)})"


def _term(value: float, name: str = "") -> str:
    return f"{'-' if value < 0 else '+'} {abs(value):.3g} {name}".rstrip()
