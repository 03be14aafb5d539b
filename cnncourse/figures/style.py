"""The look of every figure: three colours that differ for colour-blind readers and in grey, modest size."""

from pathlib import Path

import matplotlib.pyplot as plt

# Okabe and Ito, "Color Universal Design" (2008).
BLUE = "#0072B2"
ORANGE = "#E69F00"
GREY = "#595959"


def use_style() -> None:
    """Draw all further figures of this session in the course's style.

    >>> use_style()
    >>> plt.rcParams["figure.dpi"]
    80.0
    """
    plt.style.use(Path(__file__).with_name("course.mplstyle"))


def new_axes(ax=None, *, width: float = 5.5, height: float = 3.5):
    """The axes that were given, or those of a new figure.

    Args:
        ax: matplotlib axes, or None.
        width: of the new figure, in inches.
        height: of the new figure, in inches.

    >>> float(new_axes().get_figure().get_figwidth())
    5.5
    """
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax
