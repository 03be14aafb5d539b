"""Colour photographs, and their luminance."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..arguments import whole_number
from . import files


def photograph_names() -> tuple[str, ...]:
    """The names that `load_photograph` knows, in alphabetical order; chelsea is the cat.

    >>> photograph_names()
    ('astronaut', 'chelsea', 'coffee', 'rocket')
    """
    return tuple(sorted(Path(file).stem for file in files.checksums() if file.startswith("photographs/")))


def load_photograph(name: str, size: int | None = None) -> np.ndarray:
    """One colour photograph; data/README.md says who made it.

    Args:
        name: one of `photograph_names()`.
        size: side in pixels to which the largest square in the middle is scaled; None for the whole photograph.

    Returns:
        float32 (H, W, 3): red, green and blue in 0..1.

    Raises:
        TypeError, ValueError: if there is no such photograph or size, or if its file is missing or damaged.

    >>> load_photograph("chelsea").shape, load_photograph("chelsea", size=224).shape
    ((300, 451, 3), (224, 224, 3))
    """
    names = photograph_names()
    if not isinstance(name, str) or name not in names:
        wrong = ValueError if isinstance(name, str) else TypeError
        raise wrong(f"the photograph's name is {name!r}; expected one of {', '.join(map(repr, names))}.")
    if size is not None:
        size = whole_number("size", size)
    file = next(file for file in files.checksums() if file.startswith(f"photographs/{name}."))
    with Image.open(io.BytesIO(files.read_verified(file))) as image:
        image = image.convert("RGB")
        if size is not None:
            image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
        return np.asarray(image).astype(np.float32) / np.float32(255)


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
