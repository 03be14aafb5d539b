"""A kernel that slides, and a bias that decides what its map keeps."""

import numpy as np

from .. import figures, reference
from .knobs import with_sliders


def choose_bias(image, kernel, *, bias=0.0, row=0):
    """Slide a kernel down an image, choose its bias, and see its map before and after the ReLU.

    The bias reaches from one that leaves nothing of the map to one that leaves all of it. Call it in a cell's last
    line, where Jupyter displays what is returned. Without a watching person (see `training.is_watched`) the start is
    drawn as a still picture.

    Args:
        image: (H, W), grey, in 0..1.
        kernel: (kh, kw).
        bias: at the start.
        row: up to which the map is computed at the start, 0..H - kh.

    Returns:
        An ipywidgets box with the two sliders and the picture; None for a still picture.

    Raises:
        TypeError: if image or kernel does not hold real numbers.
        ValueError: if the shapes do not fit, or the bias or the row lies outside its slider's range.

    >>> _ = choose_bias(np.eye(5), np.ones((2, 2)), bias=-1)
    """
    sums = reference.correlate(image, kernel)
    step = 0.25
    lowest, highest = -step * np.ceil(max(sums.max(), 0) / step), step * (np.floor(max(-sums.min(), 0) / step) + 1)
    limit = float(np.abs(sums).max()) or 1.0

    def draw(figure, bias, row):
        figures.show_output_activation(image, kernel, bias, row=row, limit=limit, figure=figure)

    bias_knob, row_knob = (bias, float(lowest), float(highest), step), (row, 0, len(sums) - 1)
    return with_sliders(draw, width=8, height=2.3, bias=bias_knob, row=row_knob)
