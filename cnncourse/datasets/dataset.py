"""Images with their labels: what every `load_*` function returns."""

from dataclasses import dataclass

import numpy as np


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

        >>> dots = Dataset(np.zeros((50, 8, 8, 1), np.float32), np.zeros(50, np.int32), ("dot",))
        >>> dots.take(20)
        Dataset(20 images of (8, 8, 1), 1 classes)
        """
        count = check_limit(limit, len(self))
        return Dataset(self.images[:count].copy(), self.labels[:count].copy(), self.class_names)


def check_limit(limit: int | None, available: int) -> int:
    """How many of the available images a limit leaves; None leaves all.

    Raises:
        TypeError, ValueError: if the limit is no whole number from 1 to `available`.
    """
    if limit is None:
        return available
    is_whole = isinstance(limit, int | np.integer) and not isinstance(limit, bool)
    if not is_whole or not 1 <= limit <= available:
        wrong = ValueError if is_whole else TypeError
        raise wrong(f"limit is {limit!r}; expected a whole number of images from 1 to {available}, or None for all.")
    return int(limit)
