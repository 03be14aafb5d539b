"""Which stripes does a strided layer see? Fine stripes, the pixels kept of them, and slow stripes through these."""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse import reference
from cnncourse.arguments import whole_number

from .images import show_image
from .style import BLUE, GREY, ORANGE

COLUMNS = 48  # of the picture
BLUR = np.array([1, 4, 6, 4, 1]) / 16


def show_sampled_stripes(period, stride, *, blurred=False, figure=None) -> dict:
    """Draw vertical stripes, the pixels that a stride keeps of them, and the stripes that these show.

    Column c of the image has the brightness 0.5 + 0.5 cos(2 pi c / period). The dots are the outputs of one strided
    convolution: with a 1x1 kernel of weight 1, or with the blur 1 4 6 4 1 along the row. The orange curve is the
    slowest wave that runs through all of them.

    Args:
        period: pixels from one bright stripe to the next, at least 2.
        stride: pixels from one output to the next.
        blurred: whether the kernel is the blur.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the three axes: "curve", "image", "output".

    Raises:
        TypeError: if the stride is not a whole number.
        ValueError: if the stride is smaller than 1 or larger than the picture, or the period is below 2.

    >>> show_sampled_stripes(3, 2)["curve"].get_title(loc="left")
    'Stripes of period 3, stride 2: they look like 6'
    """
    stride = whole_number("stride", stride)
    if stride > COLUMNS:
        raise ValueError(f"stride is {stride}; expected at most {COLUMNS}, the width of the picture in pixels.")
    if not (2 <= period < math.inf):
        raise ValueError(f"period is {period!r}; expected at least 2 pixels, one bright and one dark.")
    figure = plt.figure(figsize=(7.5, 3.4)) if figure is None else figure
    figure.clear()
    axes = figure.subplot_mosaic([["curve", "curve"], ["image", "output"]], height_ratios=(2, 1))
    columns, image, outputs = _sample(period, stride, blurred)
    apparent = _apparent_period(period, stride)
    ax, fine = axes["curve"], np.linspace(0, COLUMNS - 1, 40 * COLUMNS)
    ax.plot(fine, _brightness(fine, period), color=GREY, linewidth=1, label="image")
    contrast = 2 * outputs[0] - 1  # column 0 is the middle of a bright stripe
    slow = 0.5 + contrast * (_brightness(fine, apparent) - 0.5)
    ax.plot(fine, slow, color=ORANGE, linestyle="--", label="what the outputs show")
    ax.plot(columns, outputs, "o", color=BLUE, markersize=4, label="outputs")
    ax.set(xlabel="column (pixels)", ylabel="brightness", ylim=(-0.08, 1.08), xlim=(-1, COLUMNS))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    ax.set_title(f"Stripes of period {period:.4g}, stride {stride}: {_finding(period, apparent)}", loc="left")
    show_image(np.tile(image, (8, 1)), axes["image"], title="image")
    show_image(np.tile(outputs, (8, 1)), axes["output"], title="output, as wide as the image")
    axes["output"].images[0].set_extent((-0.5, COLUMNS - 0.5, 7.5, -0.5))
    for name in ("image", "output"):  # a frame, or white stripes at an end vanish on white paper
        axes[name].add_patch(Rectangle((-0.5, -0.5), COLUMNS, 8, fill=False, edgecolor=GREY, clip_on=False))
    return axes


def _brightness(columns, period) -> np.ndarray:
    return 0.5 + 0.5 * np.cos(2 * np.pi * np.asarray(columns) / period)


def _apparent_period(period, stride) -> float:
    """The period of the slowest wave through the kept pixels, in pixels of the image; infinite for none."""
    cycles = stride / period
    folded = abs(cycles - round(cycles))
    return stride / folded if folded > 1e-9 else math.inf


def _sample(period, stride, blurred) -> tuple:
    """Columns that are kept, the image's row, and the outputs; the stripes go on beyond the picture."""
    kernel = BLUR if blurred else np.ones(1)
    margin = len(kernel) // 2
    image = _brightness(np.arange(-margin, COLUMNS + margin), period)
    outputs = reference.conv2d(image.reshape(1, 1, -1, 1), kernel.reshape(1, -1, 1, 1), stride=stride).ravel()
    return np.arange(0, COLUMNS, stride), image[margin : margin + COLUMNS], outputs


def _finding(period, apparent) -> str:
    if math.isinf(apparent):
        return "they look even"
    if math.isclose(apparent, period):
        return "they look as they are"
    return f"they look like {apparent:.4g}"
