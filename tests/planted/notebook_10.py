"""Errors of notebook 10."""

from .errors import PlantedError, swap

POOLING = "notebooks/10_pooling_layers.ipynb"
SOLVED = "notebooks/solutions/10_pooling_layers.ipynb"
SOURCE = "notebooks/sources/10_pooling_layers.py"
EXERCISES = "cnncourse/exercises/notebook_10.py"

ERRORS = (
    PlantedError(
        "10",
        "an average that counts the padding",
        "cnncourse/reference.py",
        swap("    return total / count\n", "    return total / math.prod(pool_size)\n"),
        ("tests/test_reference.py",),
        ("pool",),
    ),
    PlantedError(
        "10",
        "a NumPy pooling that mixes the channels",
        POOLING,
        swap("stride[1]], axis=(4, 5))", "stride[1]], axis=(3, 4))"),
        (POOLING,),
        ("pool_valid|AxisError|AssertionError",),
    ),
    PlantedError(
        "10",
        "a solution that overwrites the gradient where pools overlap",
        SOLVED,
        swap("c * stride + j] += g[r, c]", "c * stride + j] = g[r, c]"),
        (SOLVED,),
        ("Exercise 10.3: not yet", "they add up"),
    ),
    PlantedError(
        "10",
        "orange on the pool's first pixel in place of its largest",
        "cnncourse/figures/pooling.py",
        swap("(int(top + i), int(left + j)) for i, j in", "(int(top), int(left)) for i, j in"),
        ("tests/test_figures_10.py",),
        ("test_on_orange_are_the_largest",),
    ),
    PlantedError(
        "10",
        "outlines that lie the size apart, whatever the stride",
        "cnncourse/figures/pooling.py",
        swap("top, left = r * stride[0], c * stride[1]", "top, left = r * pool_size[0], c * pool_size[1]"),
        ("tests/test_figures_10.py",),
        ("test_outlines_are_around",),
    ),
    PlantedError(
        "10",
        "a knob for the stride that is not passed on",
        "cnncourse/widgets/pool_map.py",
        swap("pool_size, stride=stride, figure=figure", "pool_size, stride=pool_size, figure=figure"),
        ("tests/test_widgets_10.py",),
        ("test_each_knob_changes_its_own_setting",),
    ),
    PlantedError(
        "10",
        "a check of max pooling without a stride that differs from the size",
        EXERCISES,
        swap("    cases=POOL_CASES,", "    cases=POOL_CASES[:1],"),
        ("tests/test_exercises_10.py",),
        ("side by side",),
    ),
    PlantedError(
        "10",
        "a check of max pooling whose images are positive",
        EXERCISES,
        swap("    return numbers - np.prod(shape) / 2 - np.prod(shape) * (", "    return numbers + 1 + 0 * ("),
        ("tests/test_exercises_10.py",),
        ("from_zero|negative maxima",),
    ),
    PlantedError(
        "10",
        "a check of the gradient without overlapping pools",
        EXERCISES,
        swap("    cases=GRADIENT_CASES,", "    cases=GRADIENT_CASES[::3],"),
        ("tests/test_exercises_10_gradient.py",),
        ("they add up",),
    ),
    PlantedError(
        "10",
        "a bound nearer to the mean than five seeds allow",
        SOURCE,
        swap("assert stride_over_max > 1.1  # bound", "assert stride_over_max > 1.5  # bound"),
        ("tests/test_bounds.py",),
        ("stride_over_max",),
    ),
)
