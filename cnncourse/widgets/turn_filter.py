"""A filter that turns: its kernel, and which edges it finds."""

from .. import figures, reference
from .knobs import with_sliders


def turn_filter(image, make_kernel, *, angle=0, sigma=1.5):
    """Turn and scale a filter with two sliders, and see its kernel and its answer to an image.

    Call it in a cell's last line, where Jupyter displays what is returned. Without a watching person (see
    `training.is_watched`) the start is drawn as a still picture. All answers share the scale of the first.

    Args:
        image: (H, W), grey, in 0..1.
        make_kernel: called as `make_kernel(angle, sigma)`, returns a kernel (kh, kw); angle in degrees.
        angle: at the start, 0 to 360 degrees.
        sigma: width at the start, 0.5 to 2.5 pixels.

    Returns:
        An ipywidgets box with the two sliders and the picture; None for a still picture.

    Raises:
        TypeError: if image or kernel does not hold real numbers, or make_kernel is not a function.
        ValueError: if a start lies outside its range, or the kernel does not fit into the image.

    >>> import numpy as np
    >>> _ = turn_filter(np.eye(8), lambda angle, sigma: np.ones((3, 3)), angle=30)
    """
    if not callable(make_kernel):
        raise TypeError(f"make_kernel is a {type(make_kernel).__name__}; expected a function of angle and sigma.")
    limit = abs(reference.correlate(image, make_kernel(angle, sigma))).max() or None

    def draw(figure, angle, sigma):
        kernel = make_kernel(angle, sigma)
        answer = reference.correlate(image, kernel)
        titles = ("image", f"kernel at {angle:g}°", f"answer, sigma {sigma:g} pixels")
        figures.show_answer(image, kernel, answer, titles=titles, limit=limit, figure=figure)

    return with_sliders(draw, width=8, height=2.6, angle=(angle, 0, 360, 7.5), sigma=(sigma, 0.5, 2.5, 0.25))
