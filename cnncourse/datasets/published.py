"""The published data sets: Fashion-MNIST (a part of which is shipped), MNIST and CIFAR-10."""

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from . import files
from .dataset import Dataset, check_limit

FASHION_MNIST_SHA256 = {  # of the published images followed by their labels, without the files' headers
    "train": "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
    "test": "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4",
}
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
CIFAR10_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR10_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


def load_fashion_mnist(split: str = "train", limit: int | None = None, *, full: bool = False) -> Dataset:
    """Fashion-MNIST: grey pictures of clothes, 28x28 pixels, ten classes.

    The shipped part has 20,000 training and 5,000 test images of the published splits. Each block of ten images
    holds every class once, so the first `limit` images are balanced to within one image a class.

    Args:
        split: "train" or "test".
        limit: number of images, counted from the first; None takes all.
        full: take the published 60,000 and 10,000 images in their published order (a download).

    Raises:
        TypeError, ValueError: if an argument is wrong, or if the data are missing or damaged.

    >>> load_fashion_mnist("test", limit=100)
    Dataset(100 images of (28, 28, 1), 10 classes)
    """
    if not isinstance(full, bool):
        raise TypeError(f"full is of type {type(full).__name__}; expected True or False.")
    return _load(_FASHION_MNIST_FULL if full else _FASHION_MNIST, split, limit)


def load_mnist(split: str = "train", limit: int | None = None) -> Dataset:
    """MNIST: handwritten digits, 28x28 grey pixels, 60,000 training and 10,000 test images (a download).

    Args, Raises: as `load_fashion_mnist`.

    >>> load_mnist("train", limit=60_001)
    Traceback (most recent call last):
    ValueError: limit is 60001; expected a whole number of images from 1 to 60000, or None for all.
    """
    return _load(_MNIST, split, limit)


def load_cifar10(split: str = "train", limit: int | None = None) -> Dataset:
    """CIFAR-10: colour photographs of 32x32 pixels, 50,000 training and 10,000 test images (a download).

    Args, Raises: as `load_fashion_mnist`.

    >>> load_cifar10("validation")
    Traceback (most recent call last):
    ValueError: split is 'validation'; expected 'train' or 'test' (a number of images is given as limit=...).
    """
    return _load(_CIFAR10, split, limit)


@dataclass(frozen=True)
class _Source:
    """A data set: the .npz file that it may lie in, and what must be in there."""

    file: str
    image_shape: tuple[int, ...]
    counts: dict[str, int]
    class_names: tuple[str, ...]

    def __str__(self) -> str:
        arrays = (f"x_{split} {(n, *self.image_shape)}, y_{split} {(n,)}" for split, n in self.counts.items())
        return f"{self.file} with the uint8 arrays {', '.join(arrays)}"


_CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
_THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_PUBLISHED = {"train": 60_000, "test": 10_000}
_FASHION_MNIST = _Source("fashion_mnist.npz", (28, 28), {"train": 20_000, "test": 5_000}, _CLOTHES)
_FASHION_MNIST_FULL = _Source("fashion_mnist_full.npz", (28, 28), _PUBLISHED, _CLOTHES)
_MNIST = _Source("mnist.npz", (28, 28), _PUBLISHED, tuple("0123456789"))
_CIFAR10 = _Source("cifar10.npz", (32, 32, 3), {"train": 50_000, "test": 10_000}, _THINGS)


def _load(source: _Source, split: str, limit: int | None) -> Dataset:
    if not isinstance(split, str) or split not in source.counts:
        wrong = ValueError if isinstance(split, str) else TypeError
        raise wrong(f"split is {split!r}; expected 'train' or 'test' (a number of images is given as limit=...).")
    count = check_limit(limit, source.counts[split])
    path = files.find_shipped(source.file) if source is _FASHION_MNIST else files.find(source.file)
    images, labels = _read_npz(path, source, split) if path else _download(source, split)
    pixels = images[:count].reshape(count, *source.image_shape[:2], -1).astype(np.float32, order="C")
    pixels /= 255
    return Dataset(pixels, labels[:count].astype(np.int32), source.class_names)


def _read_npz(path: Path, source: _Source, split: str) -> tuple[np.ndarray, np.ndarray]:
    file = io.BytesIO(files.read_verified(source.file)) if source is _FASHION_MNIST else path
    try:
        with np.load(file, allow_pickle=False) as arrays:
            images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
    except Exception as error:  # NumPy, zipfile and zlib raise a dozen kinds on a broken file
        raise ValueError(f"{path} cannot be read ({error}); expected {source}; nothing is unpickled.") from error
    count = source.counts[split]
    right_images = images.dtype == np.uint8 and images.shape == (count, *source.image_shape)
    right_labels = labels.dtype.kind in "iu" and labels.shape in ((count,), (count, 1))
    if not (right_images and right_labels and labels.min() >= 0 and labels.max() <= 9):
        raise ValueError(
            f"{path} has x_{split} {images.dtype} {images.shape} and y_{split} {labels.dtype} {labels.shape}; "
            f"expected {source}, labels from 0 to 9."
        )
    return images, labels.ravel()


def _download(source: _Source, split: str) -> tuple[np.ndarray, np.ndarray]:
    from .. import backend  # only a download has to wait until TensorFlow has started

    keras = backend.keras
    try:
        if source is _MNIST:
            archive = keras.utils.get_file("mnist.npz", MNIST_URL, file_hash=MNIST_SHA256)
            return _read_npz(Path(archive), source, split)
        if source is _CIFAR10:  # Keras' own loader takes the edition that has to be unpickled
            archive = keras.utils.get_file("cifar-10-binary.tar.gz", CIFAR10_URL, file_hash=CIFAR10_SHA256)
            return _read_cifar10(archive, split)
        images, labels = keras.datasets.fashion_mnist.load_data()[("train", "test").index(split)]
        if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != FASHION_MNIST_SHA256[split]:
            raise ValueError("its checksum is wrong: delete datasets/fashion-mnist in Keras' cache")
    except Exception as error:  # Keras raises plain Exception where the network fails
        raise ValueError(
            f"{source.file} is not in the folder that CNNCOURSE_DATA names, and the download failed ({error}); "
            f"connect to the internet once, or set CNNCOURSE_DATA to a folder that holds {source}."
        ) from error
    return images, labels


def _read_cifar10(archive: str, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the binary edition in memory: records of a label byte and three planes of 32x32 bytes."""
    names = ["test_batch"] if split == "test" else [f"data_batch_{number}" for number in range(1, 6)]
    with tarfile.open(archive) as members:
        parts = [members.extractfile(f"cifar-10-batches-bin/{name}.bin").read() for name in names]
    records = np.frombuffer(b"".join(parts), np.uint8).reshape(-1, 1 + 3 * 32 * 32)
    return records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), records[:, 0]
