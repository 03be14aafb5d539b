"""Errors of notebook 11."""

from .errors import PlantedError, swap

LENET = "notebooks/11_lenet_and_alexnet.ipynb"
SOLVED = "notebooks/solutions/11_lenet_and_alexnet.ipynb"
EXERCISES = "cnncourse/exercises/notebook_11.py"

ERRORS = (
    PlantedError(
        "11",
        "a map of C3 that reads one map too few",
        "cnncourse/models/lenet.py",
        swap("(0, 2, 3, 5)),", "(0, 2, 3)),"),
        (LENET, "tests/test_exercises_11.py"),
        ("kernels:|1516",),
    ),
    PlantedError(
        "11",
        "connections of a pool without its bias",
        LENET,
        swap("count = 5 * np.prod(row.output_shape)", "count = 4 * np.prod(row.output_shape)"),
        (LENET,),
        ("340_908|340,908",),
    ),
    PlantedError(
        "11",
        "a frame of another shade than padding has",
        LENET,
        swap("for frame in (0, 0.1 / 1.275):", "for frame in (0, 0.1 / 1.175):"),
        (LENET,),
        ("same answers",),
    ),
    PlantedError(
        "11",
        "response normalisation over four channels",
        LENET,
        swap("x[..., max(m - 2, 0) : m + 3]", "x[..., max(m - 2, 0) : m + 2]"),
        (LENET,),
        ("layer equal to NumPy",),
    ),
    PlantedError(
        "11",
        "a LeNet that does not learn",
        LENET,
        swap("learning_rate=0.002):", "learning_rate=5.0):"),
        (LENET,),
        ("lenet_accuracy",),
    ),
    PlantedError(
        "11",
        "a solution that divides by the rate",
        SOLVED,
        swap("np.where(random_numbers < rate, 0, x / (1 - rate))", "np.where(random_numbers < rate, 0, x / rate)"),
        (SOLVED,),
        ("Exercise 11.3: not yet", "the wrong factor"),
    ),
    PlantedError(
        "11",
        "blocks whose fronts do not tell their sides",
        "cnncourse/figures/structure.py",
        swap("LARGEST_SIDE * math.sqrt(side / max(sides))", "LARGEST_SIDE * math.sqrt(max(sides) / max(sides))"),
        ("tests/test_figures_11.py",),
        ("test_a_front_grows_with_the_square_root_of_the_side",),
    ),
    PlantedError(
        "11",
        "a check of the trap that never tries an odd side",
        EXERCISES,
        swap('(33, "same"), (47, "valid"), (16, "same"))', '(32, "same"), (48, "valid"), (16, "same"))'),
        ("tests/test_exercises_11.py",),
        ("leaves the last row out",),
    ),
    PlantedError(
        "11",
        "a check of dropout that never asks for test time",
        EXERCISES,
        swap("        ((5, 7), 0.2, False),", "        ((5, 7), 0.2, True),"),
        ("tests/test_exercises_11.py",),
        ("dropped at test time as well|the_cases_of_dropout",),
    ),
)
