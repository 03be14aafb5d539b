"""What do I train on? Images as float32 (N, H, W, C) in 0..1, labels as int32 (N,).

A file is looked for in the repository's data/, then in the folder that the environment variable CNNCOURSE_DATA
names; the published data sets are then downloaded once, through Keras. Shipped files are held against
data/SHA256SUMS at each load, downloads against checksums of their own, and nothing is ever unpickled.
"""

from .coloured_shapes import ColouredShapes, make_coloured_shapes
from .dataset import Dataset
from .imagenet import imagenet_class_names
from .object_photos import OBJECT_PHOTOS_CREDIT, load_object_photos
from .photographs import load_photograph, photograph_names, to_grey
from .published import load_cifar10, load_fashion_mnist, load_mnist

__all__ = [
    "OBJECT_PHOTOS_CREDIT",
    "ColouredShapes",
    "Dataset",
    "imagenet_class_names",
    "load_cifar10",
    "load_fashion_mnist",
    "load_mnist",
    "load_object_photos",
    "load_photograph",
    "make_coloured_shapes",
    "photograph_names",
    "to_grey",
]
