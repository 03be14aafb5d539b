"""Errors of notebook 08."""

from .errors import PlantedError, swap

CHAINING = "notebooks/08_chaining_convolutional_layers.ipynb"
SOLVED = "notebooks/solutions/08_chaining_convolutional_layers.ipynb"
EXERCISES = "cnncourse/exercises/notebook_08.py"
FIGURES = "cnncourse/figures/receptive_fields.py"
SIZE = "        size += (kernel_size - 1) * dilation * jump\n"
JUMP = "        jump *= stride\n"

ERRORS = (
    PlantedError(
        "08",
        "a jump that a layer's own stride widens",
        "cnncourse/arithmetic/fields.py",
        swap(
            SIZE + "        start -= padding * jump\n" + JUMP,
            JUMP + SIZE + "        start -= padding * jump\n",
        ),
        ("tests/test_receptive_fields.py", "tests/test_figures_08.py"),
        ("receptive_field", "test_the_orange_pixels_span_the_receptive_field"),
    ),
    PlantedError(
        "08",
        "marks that stop at a border in place of the ring",
        CHAINING,
        swap("(columns + separation) % COLUMNS] = 1", "np.minimum(columns + separation, COLUMNS - 1)] = 1"),
        (CHAINING,),
        ("bags|fewest marks",),
    ),
    PlantedError(
        "08",
        "windows that do not run over the ring",
        CHAINING,
        swap('(0, field - 1), (0, 0)], mode=\\"wrap\\")', "(0, field - 1), (0, 0)])"),
        (CHAINING,),
        ("bags",),
    ),
    PlantedError(
        "08",
        "a net that sees one pixel too few",
        CHAINING,
        swap("[3] * ((field - 1) // 2) + [2] * ((field - 1) % 2)", "[3] * ((field - 1) // 2)"),
        (CHAINING,),
        ("short_sighted|receptive_field",),
    ),
    PlantedError(
        "08",
        "a kernel composed without the zeros around it",
        CHAINING,
        swap(
            "reference.convolve(np.pad(first, size - 1), second)",
            "reference.convolve(np.pad(first, size - 2), second)",
        ),
        (CHAINING,),
        ("composed",),
    ),
    PlantedError(
        "08",
        "a solution that flips the second kernel",
        SOLVED,
        swap("+= first @ second[i, j]", "+= first @ second[-1 - i, -1 - j]"),
        (SOLVED,),
        ("Exercise 8.2: not yet", "the second kernel is flipped"),
    ),
    PlantedError(
        "08",
        "a window drawn as seeing both marks when it ends just before the second",
        FIGURES,
        swap("first <= mark < first + size", "first <= mark <= first + size"),
        ("tests/test_figures_08.py", "tests/test_widgets_08.py"),
        ("test_figures_08", "no window sees both"),
    ),
    PlantedError(
        "08",
        "lines that forget the dilation",
        FIGURES,
        swap("window.dilation * np.arange(window.kernel_size)", "np.arange(window.kernel_size)"),
        ("tests/test_figures_08.py",),
        ("test_the_orange_pixels_span_the_receptive_field",),
    ),
    PlantedError(
        "08",
        "a check of far sight that takes any jump",
        EXERCISES,
        swap("    if field.jump > LARGEST_JUMP:", "    if False:"),
        ("tests/test_exercises_08.py",),
        (r"08\.3|far_sight",),
    ),
    PlantedError(
        "08",
        "a check of the field that never tries a dilation",
        EXERCISES,
        swap(
            "    ([(2, 1, 3), (4, 3, 1), (1, 1, 1), (3, 1, 2)],),\n    ([(5, 1, 2)],),\n",
            "    ([(2, 1, 1), (4, 3, 1), (1, 1, 1), (3, 1, 1)],),\n    ([(5, 1, 1)],),\n",
        ),
        ("tests/test_exercises_08.py",),
        ("dilation has no effect",),
    ),
)
