"""What if I turn this knob? Sliders around tested figures, and a still picture where nobody is watching."""

from .choose_bias import choose_bias
from .choose_class import choose_class
from .choose_groups import choose_groups
from .mix_channels import mix_channels
from .pixels_read import pixels_read
from .pool_map import pool_map
from .sampled_stripes import sampled_stripes
from .shift_object import shift_object
from .silence_map import silence_map
from .step_kernel import step_kernel
from .turn_filter import turn_filter
from .windows_over_marks import windows_over_marks

__all__ = [
    "choose_bias",
    "choose_class",
    "choose_groups",
    "mix_channels",
    "pixels_read",
    "pool_map",
    "sampled_stripes",
    "shift_object",
    "silence_map",
    "step_kernel",
    "turn_filter",
    "windows_over_marks",
]
