"""How fast does it grow? Memory against the side of an image, and a power law beside an exponential."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from cnncourse.arguments import float_array

from .style import BLUE, GREY, ORANGE, new_axes

BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
LOOKS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREY, "^", ":"))


def show_memory_growth(sides, sizes, *, limit=None, limit_name="memory", ax=None, title=None):
    """Draw memory against the side of a square image on log-log axes, with the slope of each curve.

    On these axes a power law is a straight line, and its slope is the exponent.

    Args:
        sides: (N,) sides in pixels, at least two different ones.
        sizes: dictionary of one to three names to (N,) sizes in bytes.
        limit: a size in bytes to draw as a horizontal line, for example this machine's memory, or None.
        limit_name: what the limit is.
        ax: matplotlib axes, or None for a new figure.
        title: what the figure shows.

    Returns:
        The matplotlib axes.

    Raises:
        TypeError: if a value is not a real number, or sizes is not a dictionary.
        ValueError: if the numbers of sides and sizes differ, or a value is not positive.

    >>> ax = show_memory_growth([10, 20], {"one feature": [1e4, 16e4]})
    >>> ax.get_legend_handles_labels()[1]
    ['one feature, slope 4.00']
    """
    sides = positive("sides", sides)
    curves = named_curves("sizes", sizes, sides, positive)
    if len(set(sides.tolist())) < 2:
        raise ValueError(f"sides is {sides.tolist()}; expected at least two different sides for a slope.")
    limits = [] if limit is None else positive("limit", [limit])
    ax = new_axes(ax, width=6.5, height=4.0)
    for (name, values), (colour, marker, line) in zip(curves.items(), LOOKS, strict=False):
        slope = np.polyfit(np.log(sides), np.log(values), 1)[0]
        ax.plot(sides, values, line, marker=marker, color=colour, label=f"{name}, slope {slope:.2f}")
    ax.set(xscale="log", yscale="log", xlabel="side of the image (pixels)", ylabel="memory of the weights")
    _mark_sides(ax, sides)
    _mark_binary_units(ax)
    for size in limits:
        ax.axhline(size, color=GREY, linewidth=1.2, label=f"{limit_name}: {format_bytes(size)}")
    ax.legend(loc="lower right")
    if title is not None:
        ax.set_title(title)
    return ax


def show_power_law_and_exponential(sides, power_law, exponential, *, quantity="number of weights", axes=None):
    """Draw two curves twice: on log-log axes, where the power law is straight, and on semilog axes.

    Args:
        sides: (N,) sides in pixels.
        power_law: (N,) values of the power law.
        exponential: (N,) values of the exponential.
        quantity: what the values are, with its unit.
        axes: two matplotlib axes, or None for a new figure.

    Returns:
        Array of the two axes, log-log and semilog.

    Raises:
        TypeError: if a value is not a real number.
        ValueError: if the numbers of values differ, a value is not positive, or there are not two axes.

    >>> axes = show_power_law_and_exponential([1, 2, 4], [1, 16, 256], [2, 4, 16])
    >>> [ax.get_xscale() for ax in axes]
    ['log', 'linear']
    """
    sides = positive("sides", sides)
    curves = {"power law": power_law, "exponential": exponential}
    curves = named_curves("curves", curves, sides, positive)
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(8.0, 3.4), sharey=True)[1]
    if np.shape(axes) != (2,):
        raise ValueError(f"axes has shape {np.shape(axes)}; expected two axes, as plt.subplots(1, 2)[1] gives.")
    for ax, scale, name, straight in zip(
        axes, ("log", "linear"), ("Log-log", "Semilog"), ("the power law", "the exponential"), strict=True
    ):
        for (label, values), (colour, marker, line) in zip(curves.items(), LOOKS, strict=False):
            ax.plot(sides, values, line, marker=marker, color=colour, label=label)
        ax.set(xscale=scale, yscale="log", xlabel=f"side of the image (pixels, {scale} scale)")
        ax.set_title(f"{name}: {straight} is straight")
    _mark_sides(axes[0], sides)
    axes[0].set_ylabel(f"{quantity} (log scale)")
    axes[0].legend()
    return np.asarray(axes)


def format_bytes(size: float) -> str:
    """A size in bytes with a binary unit, 1 KiB = 1,024 bytes.

    >>> [format_bytes(size) for size in (512, 2_458_624, 30_211_584_000)]
    ['512 B', '2.3 MiB', '28.1 GiB']
    """
    power = int(np.clip(np.floor(np.log2(max(size, 1)) / 10), 0, len(BINARY_UNITS) - 1))
    value = size / 1024**power
    return f"{value:.0f} {BINARY_UNITS[power]}" if power == 0 or value >= 100 else f"{value:.1f} {BINARY_UNITS[power]}"


def positive(name: str, values) -> np.ndarray:
    """The values as a one-dimensional array of positive finite numbers; `name` is for the error."""
    array = float_array(name, values, ("N",), "pass a plain list of numbers").astype(float)
    if not np.all(np.isfinite(array) & (array > 0)):
        raise ValueError(f"{name} holds a value that is not positive; a logarithmic axis needs numbers above 0.")
    return array


def finite(name: str, values) -> np.ndarray:
    """The values as a one-dimensional array of finite numbers; `name` is for the error."""
    array = float_array(name, values, ("N",), "pass a plain list of numbers").astype(float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} holds NaN or infinity; expected finite numbers.")
    return array


def named_curves(name: str, curves, places: np.ndarray, clean) -> dict[str, np.ndarray]:
    """One to three named curves, each with one value a place; `clean` checks the values."""
    if not isinstance(curves, dict):
        raise TypeError(f"{name} is of type {type(curves).__name__}; expected a dictionary of names to values.")
    if not 1 <= len(curves) <= len(LOOKS):
        raise ValueError(f"{name} holds {len(curves)} curves; expected 1 to {len(LOOKS)}, one for each colour.")
    cleaned = {label: clean(f"{name}[{label!r}]", values) for label, values in curves.items()}
    for label, values in cleaned.items():
        if len(values) != len(places):
            raise ValueError(f"{label!r} has {len(values)} values at {len(places)} places; expected one a place.")
    return cleaned


def _mark_sides(ax, sides: np.ndarray) -> None:
    """Ticks at the given sides, and nowhere else."""
    ax.xaxis.set_major_locator(FixedLocator(sides))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda side, _: f"{side:,.0f}"))


def _mark_binary_units(ax) -> None:
    """Ticks at 1 KiB, 1 MiB, ... that lie within the axis."""
    low, high = ax.get_ylim()
    ticks = [1024.0**power for power in range(len(BINARY_UNITS)) if low <= 1024.0**power <= high]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda size, _: format_bytes(size).replace(".0", "")))
