"""Three channels mixed into one by a 1x1 kernel."""

from .. import figures
from .knobs import with_sliders


def mix_channels(image, *, red=1.0, green=0.0, blue=0.0, bias=0.0):
    """Turn the three weights and the bias of a 1x1 kernel, and see what it makes of a colour image.

    Call it in a cell's last line, where Jupyter displays what is returned. Without a watching person (see
    `training.is_watched`) the start values are drawn as a still picture.

    Args:
        image: (H, W, 3), in 0..1.
        red: its weight at the start, -1..1.
        green: its weight at the start, -1..1.
        blue: its weight at the start, -1..1.
        bias: at the start, -1..1.

    Returns:
        An ipywidgets box with four sliders and the picture; None for a still picture.

    Raises:
        ValueError: if the image does not have three channels, or a start value lies outside -1..1.

    >>> import numpy as np
    >>> _ = mix_channels(np.ones((2, 2, 3)), red=0.299, green=0.587, blue=0.114)
    """

    def draw(figure, red, green, blue, bias):
        figures.show_channel_mix(image, (red, green, blue), bias, figure=figure)

    starts = {"red": red, "green": green, "blue": blue, "bias": bias}
    knobs = {name: (start, -1.0, 1.0, 0.001) for name, start in starts.items()}
    return with_sliders(draw, width=7.0, height=3.4, **knobs)
