"""What did it learn? Figures by theme; each function takes arrays and an optional `ax` and returns `ax`."""

from .activations import show_class_falls, show_output_activation, show_patches
from .channels import show_channel_mix, show_channel_sums
from .channels_read import show_channels_read
from .class_maps import show_class_map
from .colour_kernels import show_colour_kernels
from .convolution import show_kernel, show_kernel_step
from .depth import show_by_layer
from .equivariance import show_equivariance
from .few_images import show_few_images, show_photos
from .growth import show_memory_growth, show_power_law_and_exponential
from .images import show_image, show_images
from .layer_chains import show_chain
from .learning import show_accuracy_against_shift, show_learning_curves
from .orientation import angle_colours, show_angles, show_answer, show_wheel
from .pixels_read import show_input_and_output, show_pixels_read
from .pooling import show_pooled, show_pools
from .receptive_fields import show_field_growth, show_windows_over_marks
from .recorded_runs import plot_recorded_runs
from .residual_block import show_block
from .shares import show_shares
from .stripes import show_sampled_stripes
from .structure import show_structure
from .style import BLUE, GREY, ORANGE, new_axes, use_style
from .windows_in_a_row import show_windows_in_a_row

__all__ = [
    "BLUE",
    "GREY",
    "ORANGE",
    "angle_colours",
    "new_axes",
    "plot_recorded_runs",
    "show_accuracy_against_shift",
    "show_angles",
    "show_answer",
    "show_block",
    "show_by_layer",
    "show_chain",
    "show_channel_mix",
    "show_channel_sums",
    "show_channels_read",
    "show_class_falls",
    "show_class_map",
    "show_colour_kernels",
    "show_equivariance",
    "show_few_images",
    "show_field_growth",
    "show_image",
    "show_images",
    "show_input_and_output",
    "show_kernel",
    "show_kernel_step",
    "show_learning_curves",
    "show_memory_growth",
    "show_output_activation",
    "show_patches",
    "show_photos",
    "show_pixels_read",
    "show_pooled",
    "show_pools",
    "show_power_law_and_exponential",
    "show_sampled_stripes",
    "show_shares",
    "show_structure",
    "show_wheel",
    "show_windows_in_a_row",
    "show_windows_over_marks",
    "use_style",
]
