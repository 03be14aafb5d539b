"""What did it learn? Figures by theme; each function takes arrays and an optional `ax` and returns `ax`."""

from .style import BLUE, GREY, ORANGE, new_axes, use_style

__all__ = ["BLUE", "GREY", "ORANGE", "new_axes", "use_style"]
