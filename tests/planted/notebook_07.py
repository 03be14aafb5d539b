"""Errors of notebook 07."""

from .errors import PlantedError, swap

STRUCTURE = "notebooks/07_general_structure.ipynb"
SOLVED = "notebooks/solutions/07_general_structure.ipynb"
SOURCE = "notebooks/sources/07_general_structure.py"
EXERCISES = "cnncourse/exercises/notebook_07.py"
GENERAL_LAYER = ("tests/test_general_layer.py",)

ERRORS = (
    PlantedError(
        "07",
        "an odd zero of 'same' on top in place of the bottom",
        "cnncourse/arithmetic/sizes.py",
        swap("    return total // 2, total - total // 2\n", "    return total - total // 2, total // 2\n"),
        ("tests/test_arithmetic.py", *GENERAL_LAYER),
        ("same_padding", "test_the_general_layer_equals_keras"),
    ),
    PlantedError(
        "07",
        "a solution whose output channels take turns between the groups",
        SOURCE,
        swap("o // group_out * group_in\n", "o % groups * group_in\n"),
        GENERAL_LAYER,
        ("test_the_general_layer_equals_keras",),
    ),
    PlantedError(
        "07",
        "a solution without the bias",
        SOLVED,
        swap("np.zeros((len(images), *sizes, len(bias))) + bias", "np.zeros((len(images), *sizes, len(bias)))"),
        (SOLVED,),
        ("Exercise 7.3: not yet", "the bias is missing"),
    ),
    PlantedError(
        "07",
        "the formula of one output with rows and columns of the stride exchanged",
        STRUCTURE,
        swap("row = r * stride[0] + i * dilation[0]", "row = r * stride[1] + i * dilation[0]"),
        (STRUCTURE,),
        ("one_output|by_formula",),
    ),
    PlantedError(
        "07",
        "a table whose sizes forget the dilation",
        STRUCTURE,
        swap('\\"padding\\": padding, \\"dilation\\": dilation_rate}', '\\"padding\\": padding}'),
        (STRUCTURE,),
        ("table_row",),
    ),
    PlantedError(
        "07",
        "orange pixels without the dilation",
        "cnncourse/figures/pixels_read.py",
        swap("(first[0] + i * dilation[0],", "(first[0] + i,"),
        ("tests/test_figures_07.py",),
        ("test_orange_are_exactly_the_pixels",),
    ),
    PlantedError(
        "07",
        "centres of windows half a pixel too far to the right",
        "cnncourse/figures/windows_in_a_row.py",
        swap("centres = starts + (kernel_size - 1) / 2", "centres = starts + kernel_size / 2"),
        ("tests/test_figures_07.py",),
        ("test_windows_zeros_and_centres",),
    ),
    PlantedError(
        "07",
        "a check of the output shape that lets rounding pass",
        EXERCISES,
        swap('    (32, 27, (5, 4), (2, 3), "valid", (1, 1)),\n', ""),
        ("tests/test_exercises_07.py",),
        ("to the nearest number",),
    ),
    PlantedError(
        "07",
        "a knob for the stride that turns the dilation",
        "cnncourse/widgets/pixels_read.py",
        swap('{"stride": stride, "dilation": dilation,', '{"stride": dilation, "dilation": dilation,'),
        ("tests/test_widgets_07.py",),
        ("test_each_knob_changes_its_own_setting",),
    ),
    PlantedError(
        "07",
        "a check of the layer that never tries groups",
        "cnncourse/exercises/general_layer.py",
        swap("    cases=LAYER_CASES,", "    cases=LAYER_CASES[:4],"),
        ("tests/test_exercises_07_layer.py",),
        ("first group's input channels", "take turns"),
    ),
    PlantedError(
        "07",
        "a check that expects the odd zero before",
        EXERCISES,
        swap(
            "stride=stride, dilation=dilation)\n\n\ndef _total",
            "stride=stride, dilation=dilation)[::-1]\n\n\ndef _total",
        ),
        ("tests/test_exercises_07.py",),
        ("test_the_zeros_are_right", "extra zero before"),
    ),
)
