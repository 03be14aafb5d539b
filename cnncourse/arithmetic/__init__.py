"""What does a layer cost? Pure functions of shapes: output sizes, parameters, multiply-accumulates, memory.

Sizes are whole numbers of pixels, channels or units. 1 MAC (multiply-accumulate) is one multiplication and one
addition; biases, activations and normalisation are not counted as MACs. Results are Python integers, so they are
exact at any size.
"""

from .counts import (
    activation_bytes,
    conv_macs,
    conv_parameters,
    dense_feature_weights,
    dense_macs,
    dense_parameters,
    memory_bytes,
)
from .fields import ReceptiveField, Window, receptive_field
from .sizes import output_shape, output_size, same_padding

__all__ = [
    "ReceptiveField",
    "Window",
    "activation_bytes",
    "conv_macs",
    "conv_parameters",
    "dense_feature_weights",
    "dense_macs",
    "dense_parameters",
    "memory_bytes",
    "output_shape",
    "output_size",
    "receptive_field",
    "same_padding",
]
