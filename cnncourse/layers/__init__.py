"""What is it built of? Layers that Keras does not have; each knows its own cost.

layers.LocalResponseNormalization(name="norm1")
"""

from .counted import CountedLayer
from .grouped import GroupedConv2D
from .lenet import PartialConv2D, SquaredDistances, TrainableSubsampling
from .normalization import LocalResponseNormalization
from .shortcuts import PaddedShortcut

__all__ = [
    "CountedLayer",
    "GroupedConv2D",
    "LocalResponseNormalization",
    "PaddedShortcut",
    "PartialConv2D",
    "SquaredDistances",
    "TrainableSubsampling",
]
