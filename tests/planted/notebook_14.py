"""Errors of notebook 14."""

from .errors import PlantedError, swap

RESIDUAL = "notebooks/14_residual_learning.ipynb"
SOLVED = "notebooks/solutions/14_residual_learning.ipynb"
SOURCE = "notebooks/sources/14_residual_learning.py"
EXERCISES = "cnncourse/exercises/notebook_14.py"
FIGURE = "cnncourse/figures/layer_boxes.py"

ERRORS = (
    PlantedError(
        "14",
        "a block in full view with ReLU before the sum",
        RESIDUAL,
        swap('\\"_add\\")([x, residual])', '\\"_add\\")([x, keras.ops.relu(residual)])'),
        (RESIDUAL,),
        ("AssertionError",),
    ),
    PlantedError(
        "14",
        "a course's block whose sum comes after the last ReLU",
        "cnncourse/models/residual_blocks.py",
        swap(
            '        y = layers.Add(name=f"{name}_add")([x, y])\n    return layers.ReLU(name=f"{name}_relu")(y)\n',
            '        y = layers.Add(name=f"{name}_add")([x, layers.ReLU(name=f"{name}_relu")(y)])\n        return y\n'
            '    return layers.ReLU(name=f"{name}_relu")(y)\n',
        ),
        ("tests/test_exercises_14.py",),
        ("test_the_course_s_block_does_the_same",),
    ),
    PlantedError(
        "14",
        "a comparison of shortcuts that builds the same net three times",
        RESIDUAL,
        swap('outline(\\"resnet34\\", shortcut=option)', 'outline(\\"resnet34\\")'),
        (RESIDUAL,),
        ("AssertionError|output differs from the stored one",),
    ),
    PlantedError(
        "14",
        "nets called residual that are built without shortcuts",
        RESIDUAL,
        swap("small_net(depth, residual) for name", "small_net(depth, False) for name"),
        (RESIDUAL,),
        ("residual_spread",),
    ),
    PlantedError(
        "14",
        "a solution that asks for the channels alone",
        SOLVED,
        swap("if stride > 1 or channels_in != channels_out:", "if channels_in != channels_out:"),
        (SOLVED,),
        ("strides with equal channels",),
    ),
    PlantedError(
        "14",
        "a check of the block's parameters in which a stride always comes with new channels",
        EXERCISES,
        swap(
            "BLOCK_CASES = ((64, 64, 1), (64, 128, 2), (16, 32, 2), (64, 64, 2), (16, 24, 1))",
            "BLOCK_CASES = ((64, 64, 1), (64, 128, 2), (16, 32, 2))",
        ),
        ("tests/test_exercises_14.py",),
        ("strides with equal channels",),
    ),
    PlantedError(
        "14",
        "a check of the NumPy block whose residuals are never negative",
        EXERCISES,
        swap(
            "    return x, kernels[0], biases[0], kernels[1], biases[1]",
            "    return x, abs(kernels[0]), abs(biases[0]), abs(kernels[1]), abs(biases[1])",
        ),
        ("tests/test_exercises_14.py",),
        ("ReLU comes before the sum|the last ReLU",),
    ),
    PlantedError(
        "14",
        "a shortcut that ends at the last layer, before the sum",
        FIGURE,
        swap("[0.5, 0.5, place]", "[0.5, 0.5, place - 1]"),
        ("tests/test_figures_14.py",),
        ("test_the_shortcut_leads",),
    ),
    PlantedError(
        "14",
        "a bound nearer to the mean than five seeds allow",
        SOURCE,
        swap("assert residual_kept > 0.8  # bound", "assert residual_kept > 0.95  # bound"),
        ("tests/test_bounds.py",),
        ("residual_kept",),
    ),
)
