"""Errors of notebook 01."""

from .errors import PlantedError, swap

LIMITS = "notebooks/01_limits_of_fully_connected_layers.ipynb"

ERRORS = (
    PlantedError(
        "01",
        "the features of a dense layer are not counted",
        "cnncourse/arithmetic/counts.py",
        swap('(pixels * whole_number("features", features))', 'pixels + 0 * whole_number("features", features)'),
        ("tests/test_arithmetic.py", "cnncourse/arithmetic/counts.py"),
        ("dense_feature_weights",),
    ),
    PlantedError(
        "01",
        "images shifted along the wrong axis",
        LIMITS,
        swap(
            "padded[:, top : top + height, left : left + width]", "padded[:, left : left + height, top : top + width]"
        ),
        (LIMITS,),
        ("01_limits_of_fully_connected_layers", "down=1, right=-1"),
    ),
    PlantedError(
        "01",
        "the pooled head replaced by a flattened one",
        LIMITS,
        swap("layers.GlobalAveragePooling2D()", "layers.Flatten()"),
        (LIMITS,),
        ("max\\(parameters.values\\(\\)\\)",),
    ),
    PlantedError(
        "01",
        "memory drawn on linear axes",
        "cnncourse/figures/growth.py",
        lambda content: content.replace(b'"log"', b'"linear"'),
        ("tests/test_figures_01.py",),
        ("test_figures_01",),
    ),
    PlantedError(
        "01",
        "an exercise that takes a bias for each input for right",
        "cnncourse/exercises/notebook_01.py",
        swap("return sum((inputs + 1) * outputs for", "return sum(inputs * (outputs + 1) for"),
        ("tests/test_exercises_01.py",),
        ("test_exercises_01",),
    ),
    PlantedError(
        "01",
        "a bound closer to the measured values than their spread",
        "notebooks/sources/01_limits_of_fully_connected_layers.py",
        swap("assert pooled_drop < 0.2  # bound", "assert pooled_drop < 0.08  # bound"),
        ("tests/test_bounds.py",),
        ("pooled_drop",),
    ),
)
