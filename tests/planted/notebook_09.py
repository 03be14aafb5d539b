"""Errors of notebook 09."""

from .errors import PlantedError, swap

STRIDED = "notebooks/09_strided_convolution.ipynb"
FIGURE = "cnncourse/figures/stripes.py"
EXERCISES = "cnncourse/exercises/notebook_09.py"

ERRORS = (
    PlantedError(
        "09",
        "strides of rows and columns exchanged",
        STRIDED,
        swap("strides=(down, right))", "strides=(right, down))"),
        (STRIDED,),
        (r"strided\.shape",),
    ),
    PlantedError(
        "09",
        "an offset from the zeros after the image",
        STRIDED,
        swap(
            "    return before - arithmetic.same_padding(size, kernel_size, stride=stride)[0]",
            "    return before - arithmetic.same_padding(size, kernel_size, stride=stride)[1]",
        ),
        (STRIDED,),
        (r"offset\(size",),
    ),
    PlantedError(
        "09",
        "a blur whose weights do not add up to 1",
        STRIDED,
        swap("row = np.convolve(row, [0.5, 0.5])", "row = np.convolve(row, [0.5, 1.0])"),
        (STRIDED,),
        ("contrast",),
    ),
    PlantedError(
        "09",
        "a pooling net with the stride as well",
        STRIDED,
        swap("strides = 1 if pooling else 2", "strides = 2"),
        (STRIDED,),
        ("count_parameters",),
    ),
    PlantedError(
        "09",
        "a net with stride 1 that keeps every second output from the first on",
        STRIDED,
        swap("features = everything[:, 1::2, 1::2]", "features = everything[:, ::2, ::2]"),
        (STRIDED,),
        ("logits",),
    ),
    PlantedError(
        "09",
        "a learning rate a thousand times too large",
        STRIDED,
        swap("keras.optimizers.Adam(2e-3)", "keras.optimizers.Adam(2)"),
        (STRIDED,),
        ("stride_accuracy",),
    ),
    PlantedError(
        "09",
        "a frequency that is not folded",
        FIGURE,
        swap("    folded = abs(cycles - round(cycles))\n", "    folded = cycles - int(cycles)\n"),
        ("tests/test_figures_09.py",),
        ("test_the_title_says_what_the_outputs_look_like",),
    ),
    PlantedError(
        "09",
        "dots of the stride at the columns of the output",
        FIGURE,
        swap("    return np.arange(0, COLUMNS, stride), image[", "    return np.arange(len(outputs)), image["),
        ("tests/test_figures_09.py",),
        ("test_the_dots_are_every_s_th_pixel",),
    ),
    PlantedError(
        "09",
        "a knob for the blur that does nothing",
        "cnncourse/widgets/sampled_stripes.py",
        swap('blurred=blur_first == "yes"', "blurred=False"),
        ("tests/test_widgets_09.py",),
        ("test_each_knob_changes_its_own_setting",),
    ),
    PlantedError(
        "09",
        "a check of two layers that never tries a stride",
        EXERCISES,
        swap("    cases=KERNEL_CASES,", "    cases=KERNEL_CASES[::3],"),
        ("tests/test_exercises_09.py",),
        ("right for stride 1 only",),
    ),
    PlantedError(
        "09",
        "a check that expects the negative offset",
        EXERCISES,
        swap(
            "    return _zeros(size, kernel_size, 1)[0] - _zeros(size, kernel_size, stride)[0]",
            "    return _zeros(size, kernel_size, stride)[0] - _zeros(size, kernel_size, 1)[0]",
        ),
        ("tests/test_exercises_09.py",),
        ("test_the_offset_is_right_in_every_form",),
    ),
)
