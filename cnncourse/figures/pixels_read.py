"""Which input pixels does one output read? The grid of the input with its padding, and the grid of the output."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse.arguments import pair
from cnncourse.arithmetic import output_size, same_padding

from .style import BLUE, GREY, ORANGE

HATCH = "////"  # padding, also where it is read


def show_pixels_read(
    size, kernel_size, row=0, column=0, *, stride=1, padding="valid", dilation=1, title=None, ax=None
):
    """Draw the grid of an input and mark the pixels that one output reads.

    Pixels are white, padding is hatched, what is read is orange and holds the index [i, j] of the kernel's element
    that lies on it.

    Args:
        size: (H, W) of the input in pixels.
        kernel_size: of the kernel in pixels, one number or (kh, kw).
        row: of the output pixel, 0..H' - 1.
        column: of the output pixel, 0..W' - 1.
        stride: pixels from one output to the next, one number or (rows, columns).
        padding: "valid", "same" (Keras' rule), or zeros on every side in pixels.
        dilation: pixels from one kernel element to the next, one number or (rows, columns).
        title: what the picture shows; None for the output pixel's indices.
        ax: matplotlib axes, or None for new ones.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a setting is not a whole number.
        ValueError: if the kernel does not fit, or the output has no such row or column.

    >>> ax = show_pixels_read((4, 5), (1, 2), row=1, column=3)
    >>> [text.get_text() for text in ax.texts], [text.get_position() for text in ax.texts]
    (['0,0', '0,1'], [(3, 1), (4, 1)])
    """
    (height, width), pads, kernel, stride, dilation, outputs = _settings(size, kernel_size, stride, padding, dilation)
    _refuse_outside((row, column), outputs)
    if ax is None:
        ax = plt.subplots(figsize=(3.2, 2.9))[1]
    rows = range(-pads[0][0], height + pads[0][1])
    columns = range(-pads[1][0], width + pads[1][1])
    first = row * stride[0] - pads[0][0], column * stride[1] - pads[1][0]
    read = {
        (first[0] + i * dilation[0], first[1] + j * dilation[1]): f"{i},{j}" for i, j in np.ndindex(*kernel)
    }  # pixel -> index of the kernel's element on it
    for r in rows:
        for c in columns:
            real = 0 <= r < height and 0 <= c < width
            _cell(ax, r, c, colour=ORANGE if (r, c) in read else "white", hatch=None if real else HATCH)
            if (r, c) in read:
                ax.text(c, r, read[r, c], ha="center", va="center", fontsize=7)
    _grid(ax, rows, columns, (height, width))
    ax.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor="black", linewidth=2))
    ax.set_title(f"output [{row}, {column}] reads" if title is None else title, loc="left")
    return ax


def show_input_and_output(
    size, kernel_size, row=0, column=0, *, stride=1, padding="valid", dilation=1, figure=None
) -> dict:
    """Draw beside each other what one output reads and where in the output it lies, under the settings' names.

    Args:
        size: as in `show_pixels_read`.
        kernel_size: as in `show_pixels_read`.
        row: as in `show_pixels_read`.
        column: as in `show_pixels_read`.
        stride: as in `show_pixels_read`.
        padding: as in `show_pixels_read`.
        dilation: as in `show_pixels_read`.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the two axes: "input", "output".

    Raises:
        TypeError: as in `show_pixels_read`.
        ValueError: as in `show_pixels_read`.

    >>> axes = show_input_and_output((7, 9), 3, stride=2)
    >>> axes["output"].get_title(loc="left"), axes["output"].get_figure().get_suptitle()
    ('output: 3 x 4 pixels', "kernel 3 x 3, stride 2, dilation 1, padding 'valid'")
    """
    settings = {"stride": stride, "padding": padding, "dilation": dilation}
    *_, outputs = _settings(size, kernel_size, **settings)
    _refuse_outside((row, column), outputs)
    if figure is None:
        figure = plt.figure(figsize=(7.5, 3.6))
    figure.clear()
    axes = figure.subplot_mosaic([["input", "output"]])
    title = f"input: what output [{row}, {column}] reads"
    show_pixels_read(size, kernel_size, row, column, **settings, title=title, ax=axes["input"])
    for r, c in np.ndindex(*outputs):
        _cell(axes["output"], r, c, colour=BLUE if (r, c) == (row, column) else "white")
    _grid(axes["output"], range(outputs[0]), range(outputs[1]), outputs)
    axes["output"].set_xlim(-0.6, np.ptp(axes["input"].get_xlim()) - 0.6)  # the output at the input's scale
    axes["output"].set_ylim(np.ptp(axes["input"].get_ylim()) - 0.6, -0.6)
    axes["output"].set_xlabel("column", loc="left")
    axes["output"].set_ylabel("row", loc="top")
    axes["output"].set_title("output: {} x {} pixels".format(*outputs), loc="left")
    figure.suptitle(_told(kernel_size, stride, dilation, padding), x=0.01, ha="left")
    return axes


def _told(kernel_size, stride, dilation, padding) -> str:
    """The settings as the picture's heading."""
    kernel = " x ".join(map(str, pair("kernel_size", kernel_size)))
    steps = [" x ".join(map(str, dict.fromkeys(pair("setting", value)))) for value in (stride, dilation)]
    return f"kernel {kernel}, stride {steps[0]}, dilation {steps[1]}, padding {padding!r}"


def _settings(size, kernel_size, stride, padding, dilation):
    """Size, padding ((top, bottom), (left, right)), kernel, stride, dilation and output size, each as pairs."""
    size, kernel = pair("size", size, parts="(H, W)"), pair("kernel_size", kernel_size)
    stride, dilation = pair("stride", stride), pair("dilation", dilation)
    pads, outputs = [], []
    for k in (0, 1):
        steps = {"stride": stride[k], "dilation": dilation[k]}
        outputs.append(output_size(size[k], kernel[k], padding=padding, **steps))
        if padding == "same":
            pads.append(same_padding(size[k], kernel[k], **steps))
        else:
            pads.append((0, 0) if padding == "valid" else pair("padding", padding, smallest=0))
    return size, pads, kernel, stride, dilation, tuple(outputs)


def _refuse_outside(position, outputs) -> None:
    for name, value, count in zip(("row", "column"), position, outputs, strict=True):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} is {value!r}; expected an integer from 0 to {count - 1}.")
        if not 0 <= value < count:
            raise ValueError(f"{name} is {value}; expected 0 to {count - 1}, a {name} of the output.")


def _cell(ax, row, column, *, colour, hatch=None) -> None:
    """One pixel: its centre has whole coordinates."""
    corner = (column - 0.5, row - 0.5)
    ax.add_patch(Rectangle(corner, 1, 1, facecolor=colour, edgecolor=GREY, linewidth=0.8, hatch=hatch))


def _grid(ax, rows, columns, size) -> None:
    """Limits around all cells, ticks at the real pixels, row 0 at the top."""
    ax.set_xlim(columns[0] - 0.6, columns[-1] + 0.6)
    ax.set_ylim(rows[-1] + 0.6, rows[0] - 0.6)
    ax.set_aspect("equal")
    ax.set_xticks(range(size[1]))
    ax.set_yticks(range(size[0]))
    ax.tick_params(length=0, labelsize=8, labeltop=True, labelbottom=False)
    ax.xaxis.set_label_position("top")
    ax.set(xlabel="column", ylabel="row")
    ax.spines[:].set_visible(False)
