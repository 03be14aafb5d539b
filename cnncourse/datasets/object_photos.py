"""Photographs of single objects on white: few of them, so that what a net already knows decides."""

import functools
import io

import numpy as np
from PIL import Image

from ..arguments import whole_number
from . import files
from .dataset import Dataset

FILE = "object_photos.npz"
SIDE = 128  # pixels, of the images in the file
MOST_PER_CLASS = {"train": 8, "test": 10}
OBJECT_PHOTOS_CREDIT = (
    "Photographs: Tux Paint stamps (2022.06.04), copyright 2002-2022 by various contributors and Bill Kendrick, "
    "GPL-2 or later, scaled to 128x128 on white; data/LICENSES/object_photos.txt"
)


def load_object_photos(
    split: str = "train", per_class: int | None = None, *, seed: int | None = None, size: int = SIDE
) -> Dataset:
    """Colour photographs of a bird, a mammal, a flower, a fruit or a vegetable, each alone on white.

    Each block of five images holds every class once. A figure that shows them prints `OBJECT_PHOTOS_CREDIT`.

    Args:
        split: "train" or "test".
        per_class: number of images of each class, at most 8 for training and 10 for the test; None takes that many.
        seed: draws which images of the training pool are taken, and their order: a smaller per_class takes the
            first of a larger one. None takes the first in the file's order. The test set does not depend on it.
        size: side of the images in pixels.

    Returns:
        Images float32 (5 * per_class, size, size, 3): red, green and blue in 0..1.

    Raises:
        TypeError, ValueError: if an argument is wrong, or if the file is missing or damaged.

    >>> load_object_photos("train", 2), load_object_photos("test", size=64)
    (Dataset(10 images of (128, 128, 3), 5 classes), Dataset(50 images of (64, 64, 3), 5 classes))
    """
    if not isinstance(split, str) or split not in MOST_PER_CLASS:
        wrong = ValueError if isinstance(split, str) else TypeError
        raise wrong(f"split is {split!r}; expected 'train' or 'test' (a number of images is given as per_class=...).")
    most = MOST_PER_CLASS[split]
    count = most if per_class is None else whole_number("per_class", per_class)
    if count > most:
        raise ValueError(f"per_class is {count}; expected at most {most} images a class for {split}, or None for all.")
    if seed is not None:
        seed = whole_number("seed", seed, smallest=0)
    size = whole_number("size", size)
    arrays = _arrays()
    labels, class_names = arrays["labels"], tuple(arrays["class_names"].tolist())
    random = np.random.RandomState(seed) if seed is not None and split == "train" else None
    chosen = []
    for label in range(len(class_names)):
        pool = np.flatnonzero((labels == label) & (arrays["is_test"] == (split == "test")))
        chosen.append((pool if random is None else random.permutation(pool))[:count])
    order = np.stack(chosen, axis=1).ravel()
    images = np.stack([_decode(arrays, position, size) for position in order])
    return Dataset(images, labels[order].astype(np.int32), class_names)


@functools.lru_cache(maxsize=1)
def _unpack(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def _arrays() -> dict[str, np.ndarray]:
    return _unpack(files.read_verified(FILE))


def _decode(arrays: dict[str, np.ndarray], position: int, size: int) -> np.ndarray:
    """One image as float32 (size, size, 3) in 0..1."""
    start, stop = arrays["offsets"][position : position + 2]
    with Image.open(io.BytesIO(arrays["jpegs"][start:stop].tobytes())) as image:
        image = image.convert("RGB")
        if size != SIDE:
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        return np.asarray(image).astype(np.float32) / np.float32(255)
