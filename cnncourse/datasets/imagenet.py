"""The names of ImageNet's classes."""

import functools

from . import files


@functools.cache
def imagenet_class_names() -> tuple[str, ...]:
    """The 1,000 classes of ImageNet-1k in the order of their labels, each by its first name.

    Two classes are called crane, a bird (134) and a machine (517), and two maillot (638, 639), as in WordNet.

    Raises:
        ValueError: if the list is missing or damaged.

    >>> imagenet_class_names()[281]
    'tabby'
    """
    lines = files.read_verified("imagenet_classes.txt").decode("utf-8").splitlines()
    return tuple(line.split("\t")[1].split(", ")[0] for line in lines)
