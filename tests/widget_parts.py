"""The parts of a widget made by `knobs.with_sliders`."""

import io

import numpy as np
from PIL import Image


def parts(box) -> tuple:
    """All knobs in their order, then the picture."""
    knobs, picture = box.children
    return (*knobs.children, picture)


def controls(box) -> dict:
    """The knobs by the names that they show."""
    return {control.description: control for control in box.children[0].children}


def pixels(picture) -> np.ndarray:
    """The picture as an array (H, W, channels) of bytes."""
    return np.asarray(Image.open(io.BytesIO(picture.value)))
