"""What does the net see? The training images of one epoch, in their order, cut and mirrored; all by seed and epoch."""

import math

import numpy as np

from .. import backend

PAD = 4  # pixels of zeros on each side; the images have zero mean, so zero is the mean image


class EpochBatches(backend.keras.utils.PyDataset):
    """The batches of one epoch; seed and epoch alone decide them, so that an interrupted run goes on with the same.

    Args:
        images: float32 (N, H, W, C), the mean subtracted.
        labels: int32 (N,).
        batch_size: images in a batch; the last one may be smaller.
        augmentation: "none", "crop" or "crop+flip".
        seed: of the run.
        epoch: from 0.

    >>> one = EpochBatches(np.ones((5, 8, 8, 1), "float32"), np.arange(5), batch_size=2, seed=1, epoch=0)
    >>> len(one), [len(labels) for _, labels in (one[k] for k in range(3))]
    (3, [2, 2, 1])
    """

    def __init__(self, images, labels, *, batch_size: int, augmentation: str = "none", seed: int, epoch: int):
        super().__init__()
        self.images, self.labels, self.batch_size = images, labels, batch_size
        random = np.random.default_rng((seed, epoch))
        self.order = random.permutation(len(images))
        self.corners = random.integers(0, 2 * PAD + 1, (len(images), 2))  # row and column in the padded image
        self.mirrored = random.random(len(images)) < 0.5
        self.crop, self.flip = augmentation != "none", augmentation == "crop+flip"

    def __len__(self) -> int:
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, batch: int):
        chosen = self.order[batch * self.batch_size : (batch + 1) * self.batch_size]
        images = self.images[chosen]
        if self.crop:
            images = crop(images, self.corners[chosen])
        if self.flip:
            images[self.mirrored[chosen]] = images[self.mirrored[chosen], :, ::-1]
        return images, self.labels[chosen]


def crop(images: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Put `PAD` pixels of zeros around each image and cut a piece of the old size out.

    Args:
        images: (N, H, W, C).
        corners: (N, 2) row and column of each piece's first pixel in the padded image, 0..2 * PAD; at (PAD, PAD) the
            piece is the image itself.

    Returns:
        A new array (N, H, W, C).

    >>> image = np.arange(1, 10).reshape(1, 3, 3, 1)
    >>> crop(image, np.array([[PAD + 1, PAD]]))[0, :, :, 0].tolist()
    [[4, 5, 6], [7, 8, 9], [0, 0, 0]]
    """
    height, width = images.shape[1:3]
    padded = np.pad(images, ((0, 0), (PAD, PAD), (PAD, PAD), (0, 0)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    cut = pieces[np.arange(len(images)), corners[:, 0], corners[:, 1]]  # (N, C, H, W)
    return np.ascontiguousarray(cut.transpose(0, 2, 3, 1))
