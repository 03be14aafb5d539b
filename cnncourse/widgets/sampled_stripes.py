"""Period, stride and blur as knobs, and the stripes that the outputs then show."""

from .. import figures
from .knobs import with_sliders


def sampled_stripes(*, period=2.25, stride=2):
    """Turn the period of stripes and the stride of a layer, and see which stripes come out.

    Call it in a cell's last line. Without a watching person the picture of the start values is drawn, without blur.

    Args:
        period: of the stripes at the start, 2..12 pixels.
        stride: of the layer at the start, 1..4 pixels.

    Returns:
        An ipywidgets box with three knobs and the picture; None for a still picture.

    Raises:
        TypeError: if the stride is not a whole number.
        ValueError: if a start value lies outside its range.

    >>> _ = sampled_stripes(period=3)
    """

    def draw(figure, period, stride, blur_first):
        figures.show_sampled_stripes(period, stride, blurred=blur_first == "yes", figure=figure)

    return with_sliders(
        draw,
        width=7.5,
        height=3.4,
        period=(period, 2, 12, 0.05),
        stride=(stride, 1, 4),
        blur_first=["no", "yes"],
    )
