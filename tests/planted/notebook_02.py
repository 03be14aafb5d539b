"""Errors of notebook 02."""

from .errors import PlantedError, swap

CONVOLUTION = "notebooks/02_convolution.ipynb"
RULES = ("tests/test_notebook_rules.py",)

ERRORS = (
    PlantedError(
        "02",
        "a convolution that flips one axis only",
        "cnncourse/reference.py",
        swap("return correlate(image, kernel[::-1, ::-1])", "return correlate(image, kernel[::-1])"),
        ("tests/test_reference.py", "tests/test_exercises_02.py"),
        ("convol",),
    ),
    PlantedError(
        "02",
        "loops that miss the last row of the output",
        CONVOLUTION,
        swap("np.zeros((height - kernel_height + 1, ", "np.zeros((height - kernel_height, "),
        (CONVOLUTION,),
        ("correlate_loops|edges",),
    ),
    PlantedError(
        "02",
        "a filter that is learned from another filter's outputs",
        CONVOLUTION,
        swap(
            "clothes_targets = reference.conv2d(clothes, sobel_x[",
            "clothes_targets = reference.conv2d(clothes, sobel_x.T[",
        ),
        (CONVOLUTION,),
        ("clothes_error",),
    ),
    PlantedError(
        "02",
        "the window marked one pixel too low",
        "cnncourse/figures/convolution.py",
        swap('axes["image"].add_patch(_frame(row, column,', 'axes["image"].add_patch(_frame(row + 1, column,'),
        ("tests/test_figures_02.py",),
        ("test_figures_02",),
    ),
    PlantedError(
        "02",
        "sliders that move nothing",
        "cnncourse/widgets/knobs.py",
        swap("        picture.value = _png(figure)\n", "        pass\n"),
        ("tests/test_widgets.py",),
        ("test_widgets",),
    ),
    PlantedError(
        "02",
        "a diagonal kernel of the wrong sign taken for right",
        "cnncourse/exercises/notebook_02.py",
        swap("    if this.max() <= zero:", "    if False:"),
        ("tests/test_exercises_02.py", *RULES),
        (r"02\.4|diagonal",),
    ),
)
