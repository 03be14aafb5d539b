"""What is it built of? Layers that Keras does not have; each knows its own cost.

layers.LocalResponseNormalization(name="norm1")
"""

from .counted import CountedLayer
from .lenet import PartialConv2D, SquaredDistances, TrainableSubsampling
from .normalization import LocalResponseNormalization
from .shortcuts import PaddedShortcut

__all__ = [
    "CountedLayer",
    "LocalResponseNormalization",
    "PaddedShortcut",
    "PartialConv2D",
    "SquaredDistances",
    "TrainableSubsampling",
]
