"""What do I train on? Images as float32 (N, H, W, C) in 0..1, labels as int32 (N,).

A file is looked for in the repository's data/, then in the folder that the environment variable CNNCOURSE_DATA
names; the published data sets are then downloaded once, through Keras. Shipped files are held against
data/SHA256SUMS at each load, downloads against the checksums below, and nothing is ever unpickled.
"""

import hashlib
import io
import os
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY_DATA = Path(__file__).resolve().parent.parent / "data"
FASHION_MNIST_SHA256 = {  # of the published images followed by their labels, without the files' headers
    "train": "16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157",
    "test": "9f1ec356a747bfe4ebab3cfb722d3694c9ca737e2570f6f90cf31d7b6fd689d4",
}
MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
CIFAR10_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
CIFAR10_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Images with their labels; every `load_*` function returns one.

    Args:
        images: float32 (N, H, W, C), values in 0..1.
        labels: int32 (N,), positions in `class_names`.
        class_names: the name of each class.

    >>> Dataset(np.zeros((2, 8, 8, 1), np.float32), np.array([0, 1], np.int32), ("cat", "dog"))
    Dataset(2 images of (8, 8, 1), 2 classes)
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return f"Dataset({len(self)} images of {self.images.shape[1:]}, {len(self.class_names)} classes)"

    def take(self, limit: int | None) -> "Dataset":
        """The first `limit` images with their labels, copied, so that the rest can be freed.

        Args:
            limit: number of images, from 1 to `len(dataset)`; None takes all.

        Raises:
            TypeError, ValueError: if the limit is no such number.

        >>> load_fashion_mnist("test", 50).take(20)
        Dataset(20 images of (28, 28, 1), 10 classes)
        """
        count = _check_limit(limit, len(self))
        return Dataset(self.images[:count].copy(), self.labels[:count].copy(), self.class_names)


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


def photograph_names() -> tuple[str, ...]:
    """The names that `load_photograph` knows, in alphabetical order; chelsea is the cat.

    >>> photograph_names()
    ('astronaut', 'chelsea', 'coffee', 'rocket')
    """
    return tuple(sorted(Path(file).stem for file in _checksums() if file.startswith("photographs/")))


def load_photograph(name: str) -> np.ndarray:
    """One colour photograph; data/README.md says who made it.

    Args:
        name: one of `photograph_names()`.

    Returns:
        float32 (H, W, 3): red, green and blue in 0..1.

    Raises:
        TypeError, ValueError: if there is no such photograph, or if its file is missing or damaged.

    >>> load_photograph("chelsea").shape
    (300, 451, 3)
    """
    names = photograph_names()
    if not isinstance(name, str) or name not in names:
        wrong = ValueError if isinstance(name, str) else TypeError
        raise wrong(f"the photograph's name is {name!r}; expected one of {', '.join(map(repr, names))}.")
    file = next(file for file in _checksums() if file.startswith(f"photographs/{name}."))
    with Image.open(io.BytesIO(_read_verified(file))) as image:
        return np.asarray(image.convert("RGB")).astype(np.float32) / np.float32(255)


def to_grey(images: np.ndarray) -> np.ndarray:
    """Luminance of colour images: 0.299 red + 0.587 green + 0.114 blue.

    Args:
        images: floating-point (..., 3), for example (H, W, 3) or (N, H, W, 3).

    Returns:
        The same dtype, (...): the channel axis is gone.

    Raises:
        TypeError, ValueError: if the values are no floats, or if the last axis does not hold three channels.

    >>> to_grey(np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    array([0.587, 0.114])
    """
    images = np.asarray(images)
    if images.dtype.kind != "f":
        raise TypeError(f"to_grey got dtype {images.dtype}; expected floats in 0..1 (divide bytes by 255).")
    if images.shape[-1:] != (3,):
        raise ValueError(f"to_grey got shape {images.shape}; expected red, green, blue on the last axis.")
    return images[..., 0] * 0.299 + images[..., 1] * 0.587 + images[..., 2] * 0.114


def _check_limit(limit: int | None, available: int) -> int:
    if limit is None:
        return available
    is_whole = isinstance(limit, int | np.integer) and not isinstance(limit, bool)
    if not is_whole or not 1 <= limit <= available:
        wrong = ValueError if is_whole else TypeError
        raise wrong(f"limit is {limit!r}; expected a whole number of images from 1 to {available}, or None for all.")
    return int(limit)


def _find(name: str) -> Path | None:
    if (REPOSITORY_DATA / name).is_file():
        return REPOSITORY_DATA / name
    if not os.environ.get("CNNCOURSE_DATA"):
        return None
    folder = Path(os.environ["CNNCOURSE_DATA"]).expanduser()
    if not folder.is_dir():
        raise ValueError(f"CNNCOURSE_DATA is '{folder}', which is no folder; set it to one, or unset it.")
    return folder / name if (folder / name).is_file() else None


def _find_shipped(name: str) -> Path:
    path = _find(name)
    if path is None:
        raise ValueError(
            f"{name} is neither in {REPOSITORY_DATA} nor in the folder that CNNCOURSE_DATA names; restore it with "
            f"`git checkout -- data/{name}`, or set CNNCOURSE_DATA to a copy of the repository's data folder."
        )
    return path


def _checksums() -> dict[str, str]:
    lines = _find_shipped("SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _read_verified(name: str) -> bytes:
    path = _find_shipped(name)
    content = path.read_bytes()
    received, expected = hashlib.sha256(content).hexdigest(), _checksums().get(name, "(not listed)")
    if received != expected:
        raise ValueError(
            f"{path} is damaged: its SHA-256 begins with {received[:12]}, expected {expected[:12]} as in SHA256SUMS; "
            f"restore both with `git checkout -- data/{name} data/SHA256SUMS`."
        )
    return content


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
    count = _check_limit(limit, source.counts[split])
    path = _find_shipped(source.file) if source is _FASHION_MNIST else _find(source.file)
    images, labels = _read_npz(path, source, split) if path else _download(source, split)
    pixels = images[:count].reshape(count, *source.image_shape[:2], -1).astype(np.float32, order="C")
    pixels /= 255
    return Dataset(pixels, labels[:count].astype(np.int32), source.class_names)


def _read_npz(path: Path, source: _Source, split: str) -> tuple[np.ndarray, np.ndarray]:
    file = io.BytesIO(_read_verified(source.file)) if source is _FASHION_MNIST else path
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
    from . import backend  # only a download has to wait until TensorFlow has started

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
