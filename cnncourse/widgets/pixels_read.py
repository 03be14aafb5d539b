"""Kernel size, stride, dilation and padding as knobs, and the pixels that one output then reads."""

from .. import arithmetic, figures
from .knobs import with_sliders


def pixels_read(size=(7, 9), *, kernel_size=3, stride=2, dilation=1, row=1, column=2):
    """Turn the settings of a convolutional layer and see which input pixels one output reads.

    Call it in a cell's last line. Without a watching person the picture of the start values is drawn, with
    padding "same". A row or column beyond the output stands for its last one.

    Args:
        size: (H, W) of the input in pixels, each at least 7, so that every kernel fits.
        kernel_size: at the start, 1..3 pixels.
        stride: at the start, 1..3 pixels.
        dilation: at the start, 1..3 pixels.
        row: of the output pixel at the start, 0..H - 1.
        column: of the output pixel at the start, 0..W - 1.

    Returns:
        An ipywidgets box with six knobs and the picture; None for a still picture.

    Raises:
        TypeError: if a start value is not a whole number.
        ValueError: if size is too small, or a start value lies outside its range.

    >>> _ = pixels_read((7, 8), stride=1)
    """
    if min(size) < 7:
        raise ValueError(f"size is {size}; expected at least 7 x 7 pixels: a kernel of 3 with dilation 3 spans 7.")

    def draw(figure, kernel_size, stride, dilation, padding, row, column):
        settings = {"stride": stride, "dilation": dilation, "padding": padding}
        last_row, last_column = (arithmetic.output_size(pixels, kernel_size, **settings) - 1 for pixels in size)
        place = {"row": min(row, last_row), "column": min(column, last_column)}
        figures.show_input_and_output(size, kernel_size, **place, **settings, figure=figure)

    return with_sliders(
        draw,
        width=7.5,
        height=3.8,
        kernel_size=(kernel_size, 1, 3),
        stride=(stride, 1, 3),
        dilation=(dilation, 1, 3),
        padding=["same", "valid"],
        row=(row, 0, size[0] - 1),
        column=(column, 0, size[1] - 1),
    )
