"""Errors of notebook 15."""

from .errors import PlantedError, swap

POOLING = "notebooks/15_global_average_pooling.ipynb"
SOLVED = "notebooks/solutions/15_global_average_pooling.ipynb"
EXERCISES = "cnncourse/exercises/notebook_15.py"
FIGURES = "cnncourse/figures/class_maps.py"
WIDGET = "cnncourse/widgets/choose_class.py"

ERRORS = (
    PlantedError(
        "15",
        "a pooled head of VGG-16 that is counted without its biases",
        POOLING,
        swap("arithmetic.dense_parameters(512, 1000)", "arithmetic.dense_parameters(512, 1000, bias=False)"),
        (POOLING,),
        ("513,000",),
    ),
    PlantedError(
        "15",
        "class activation maps whose mean lacks the bias of the logit",
        POOLING,
        swap("class_maps.mean(axis=(1, 2)) + bias", "class_maps.mean(axis=(1, 2))"),
        (POOLING,),
        ("by_maps",),
    ),
    PlantedError(
        "15",
        "a cover that lies over rows in place of columns",
        POOLING,
        swap("np.isin(np.arange(49), places).reshape(7, 7)", "np.isin(np.arange(49), places).reshape(7, 7).T"),
        (POOLING,),
        ("largest",),
    ),
    PlantedError(
        "15",
        "circular padding that is zeros",
        POOLING,
        swap('(1, 1), (1, 1), (0, 0)], mode=\\"wrap\\")', "(1, 1), (1, 1), (0, 0)])"),
        (POOLING,),
        ("output stays for shifts",),
    ),
    PlantedError(
        "15",
        "marks to be counted that stand in both halves in training",
        POOLING,
        swap("make_marks(np.zeros(TRAIN_IMAGES, int))", "make_marks(sides)"),
        (POOLING,),
        ("right_flattened",),
    ),
    PlantedError(
        "15",
        "a solution in which places run fastest",
        SOLVED,
        swap(
            "np.tile(weights, (height * width, 1)) / (height * width)",
            "np.repeat(weights, height * width, axis=0) / (height * width)",
        ),
        (SOLVED,),
        ("Exercise 15.4: not yet", "which axis runs fastest"),
    ),
    PlantedError(
        "15",
        "a map that is drawn upside down",
        FIGURES,
        swap(
            "        extent=ax.images[0].get_extent(),\n",
            '        extent=ax.images[0].get_extent(),\n        origin="lower",\n',
        ),
        ("tests/test_figures_15.py",),
        ("right_way_up|own_pixels",),
    ),
    PlantedError(
        "15",
        "a scale of a map whose middle is not zero",
        FIGURES,
        swap("        vmin=-limit,\n", "        vmin=values.min(),\n"),
        ("tests/test_figures_15.py",),
        ("zero_is_the_middle",),
    ),
    PlantedError(
        "15",
        "a difference of two maps that adds them",
        WIDGET,
        swap("by_name[map_of] - by_name.get(less, 0)", "by_name[map_of] + by_name.get(less, 0)"),
        ("tests/test_widgets_15.py",),
        ("test_the_menus_draw",),
    ),
    PlantedError(
        "15",
        "a check of the mean in whose batches every real place is positive",
        EXERCISES,
        swap("maps = np.maximum(0, _normal(seed, *shape))", "maps = np.abs(_normal(seed, *shape))"),
        ("tests/test_exercises_15.py",),
        (r"15\.3|real_zeros|real_places",),
    ),
    PlantedError(
        "15",
        "an expected flattened head with a bias for each place",
        EXERCISES,
        swap("    return (h * w * c + 1) * k\n", "    return h * w * (c + 1) * k\n"),
        ("tests/test_exercises_15.py",),
        ("test_the_parameters",),
    ),
)
