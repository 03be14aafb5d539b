"""How a kernel works: its weights as a grid of numbers, and one step of its way over an image."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from cnncourse import reference

from .images import show_image
from .style import ORANGE

WRITABLE = 10  # pixels on a side: the values of images up to this size are written into them


def show_kernel(kernel, ax=None, *, title=None, signed=True, limit=None):
    """Draw a small array as a grid with its values written into it.

    Args:
        kernel: (kh, kw), also a window of an image or the products of the two.
        ax: matplotlib axes, or None for a new figure.
        title: what the grid holds.
        signed: red above zero, white at zero, blue below; False for grey from 0 (black) to 1 (white).
        limit: the value at the ends of a signed scale; None for the largest magnitude.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if the kernel does not hold real numbers.
        ValueError: if the kernel does not have two dimensions.

    >>> ax = show_kernel([[1, 0, -1]], title="a difference")
    >>> [text.get_text() for text in ax.texts]
    ['1', '0', '-1']
    """
    values = _two_dimensional(kernel, "kernel")
    if ax is None:
        ax = plt.subplots(figsize=(0.6 * values.shape[1] + 0.4, 0.6 * values.shape[0] + 0.7))[1]
    show_image(values.astype(float), ax, title=title, signed=signed, limit=limit)
    _write_values(ax, values, points=36)
    ax.add_patch(_frame(0, 0, values.shape, edgecolor="black", linewidth=1))
    return ax


def show_kernel_step(image, kernel, row=0, column=0, *, figure=None):
    """Draw one step of a kernel on its way over an image.

    Above: the image with the window marked, and the output as far as it is computed when the kernel goes row
    by row from the top left. Below: window times kernel = products, whose sum is the marked output pixel.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (kh, kw), at most as large as the image.
        row: of the window's top left pixel, 0..H - kh; the output pixel has the same row.
        column: of the window's top left pixel, 0..W - kw.
        figure: a matplotlib figure that is cleared and drawn anew, or None for a new one.

    Returns:
        Dictionary of the five axes: "image", "output", "window", "kernel", "products".

    Raises:
        TypeError: if image or kernel does not hold real numbers, or row or column is not an integer.
        ValueError: if image or kernel does not have two dimensions, or the window leaves the image.

    >>> axes = show_kernel_step(np.eye(4), np.ones((2, 2)), row=1, column=1)
    >>> axes["output"].get_title(loc="left")
    'output (3 x 3): pixel [1, 1] = 2'
    """
    image, kernel = _two_dimensional(image, "image"), _two_dimensional(kernel, "kernel")
    image, kernel = image.astype(float), kernel.astype(float)
    output = reference.correlate(image, kernel)
    for name, value, size in (("row", row, len(output)), ("column", column, output.shape[1])):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise TypeError(f"{name} is {value!r}; expected an integer from 0 to {size - 1}.")
        if not 0 <= value < size:
            raise ValueError(f"{name} is {value}; expected 0 to {size - 1}, so that the window stays in the image.")
    if figure is None:
        figure = plt.figure(figsize=(7.5, 5.6))
    figure.clear()
    axes = figure.subplot_mosaic(
        [["image"] * 3 + ["output"] * 3, ["window"] * 2 + ["kernel"] * 2 + ["products"] * 2],
        height_ratios=(3, 2),
    )
    _draw_way(axes, image, kernel, output, row, column)
    _draw_sum(axes, image[row : row + len(kernel), column : column + kernel.shape[1]], kernel)
    return axes


def _draw_way(axes, image, kernel, output, row, column) -> None:
    """The upper row: where the window is, and what is computed so far."""
    show_image(image, axes["image"], title="image {} x {}, window at [{}, {}]".format(*image.shape, row, column))
    axes["image"].add_patch(_frame(0, 0, image.shape, edgecolor="black", linewidth=1))
    axes["image"].add_patch(_frame(row, column, kernel.shape))
    computed = output.copy()
    computed.flat[row * output.shape[1] + column + 1 :] = np.nan
    signed = bool(output.min() < 0 or output.max() > 1)
    limit = float(np.abs(output).max()) if signed else None
    value = format_value(output[row, column])
    title = "output ({} x {}): pixel [{}, {}] = {}".format(*output.shape, row, column, value)
    show_image(computed, axes["output"], title=title, signed=signed, limit=limit)
    axes["output"].add_patch(_frame(0, 0, output.shape, edgecolor="black", linewidth=1))
    axes["output"].add_patch(_frame(row, column, (1, 1)))
    margin_rows, margin_columns = kernel.shape[0] / 2, kernel.shape[1] / 2  # the output at the image's scale
    axes["output"].set_xlim(-margin_columns, output.shape[1] - 1 + margin_columns)
    axes["output"].set_ylim(len(output) - 1 + margin_rows, -margin_rows)
    for name, values in (("image", image), ("output", computed)):
        if max(image.shape) <= WRITABLE:
            _write_values(axes[name], values, points=60)


def _draw_sum(axes, window, kernel) -> None:
    """The lower row: window times kernel = products."""
    products = window * kernel
    limit = max(np.abs(kernel).max(), np.abs(products).max()) or 1.0
    show_kernel(window, axes["window"], title="window", signed=False)
    show_kernel(kernel, axes["kernel"], title="× kernel", limit=limit)
    show_kernel(products, axes["products"], title=f"= products, sum {format_value(products.sum())}", limit=limit)
    axes["window"].add_patch(_frame(0, 0, window.shape))


def format_value(value: float) -> str:
    """A number as it is written into a grid: whole if it is whole, else with two decimals.

    >>> [format_value(value) for value in (2.0, -0.25, 1 / 9, -1e-9)]
    ['2', '-0.25', '0.11', '0.00']
    """
    if float(value).is_integer():
        return str(int(value))
    return f"{round(float(value), 2) + 0.0:.2f}"


def _frame(row, column, shape, *, edgecolor=ORANGE, linewidth=2.5) -> Rectangle:
    """A frame around pixels: a pixel's centre has whole coordinates."""
    corner = (column - 0.5, row - 0.5)
    return Rectangle(corner, shape[1], shape[0], fill=False, edgecolor=edgecolor, linewidth=linewidth, clip_on=False)


def _write_values(ax, values: np.ndarray, points: float) -> None:
    """Write each finite value into its pixel, light on dark and dark on light; `points` share a side."""
    drawn = ax.images[0]
    size = float(np.clip(points / max(values.shape), 5, 10))
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            red, green, blue, _ = drawn.cmap(drawn.norm(value))
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            colour = "black" if light else "white"
            ax.text(column, row, format_value(value), ha="center", va="center", color=colour, fontsize=size)


def _two_dimensional(values, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"the {name} holds {array.dtype}; expected real numbers.")
    if array.ndim != 2:
        raise ValueError(
            f"the {name} has shape {array.shape}; expected two dimensions, (rows, columns): take one channel "
            "of it, for example array[..., 0]."
        )
    return array
