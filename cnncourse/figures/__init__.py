"""What did it learn? Figures by theme; each function takes arrays and an optional `ax` and returns `ax`."""

from .convolution import show_kernel, show_kernel_step
from .growth import show_memory_growth, show_power_law_and_exponential
from .images import show_image, show_images
from .learning import show_accuracy_against_shift, show_learning_curves
from .style import BLUE, GREY, ORANGE, new_axes, use_style

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "new_axes",
    "show_accuracy_against_shift",
    "show_image",
    "show_images",
    "show_kernel",
    "show_kernel_step",
    "show_learning_curves",
    "show_memory_growth",
    "show_power_law_and_exponential",
    "use_style",
]
