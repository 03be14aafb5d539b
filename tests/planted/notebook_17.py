"""Errors of notebook 17."""

from .errors import PlantedError, swap

SEPARABLE = "notebooks/17_depthwise_separable_convolutions.ipynb"
SOLVED = "notebooks/solutions/17_depthwise_separable_convolutions.ipynb"
SOURCE = "notebooks/sources/17_depthwise_separable_convolutions.py"
EXERCISES = "cnncourse/exercises/notebook_17.py"
FIGURE = "cnncourse/figures/layer_chains.py"
BLOCKS = "cnncourse/models/mobile_blocks.py"

ERRORS = (
    PlantedError(
        "17",
        "a block in full view whose 1x1 looks at 3x3 pixels",
        SEPARABLE,
        swap(
            "keras.layers.Conv2D(filters, 1, kernel_initializer", "keras.layers.Conv2D(filters, 3, kernel_initializer"
        ),
        (SEPARABLE,),
        ("ValueError|AssertionError",),
    ),
    PlantedError(
        "17",
        "a course's block without a ReLU after the depthwise convolution",
        BLOCKS,
        swap(
            'x = conv_bn(x, None, 3, stride=stride, padding=padding, name=f"{name}_depthwise")',
            'x = conv_bn(x, None, 3, stride=stride, padding=padding, relu=False, name=f"{name}_depthwise")',
        ),
        (SEPARABLE,),
        ("AssertionError",),
    ),
    PlantedError(
        "17",
        "a cost ratio with the input channels in place of the output channels",
        SEPARABLE,
        swap("Fraction(1, o) + Fraction(1, k * k)", "Fraction(1, i) + Fraction(1, k * k)"),
        (SEPARABLE,),
        ("AssertionError",),
    ),
    PlantedError(
        "17",
        "nets of equal cost that are of equal width",
        SEPARABLE,
        swap("small_net(True, 1.04)", "small_net(True, 0.375)"),
        (SEPARABLE,),
        ("AssertionError",),
    ),
    PlantedError(
        "17",
        "patterns of a factorised kernel that are taken from the smallest on",
        SEPARABLE,
        swap("[..., :patterns].transpose(1, 0, 2)", "[..., -patterns:].transpose(1, 0, 2)"),
        (SEPARABLE,),
        ("output differs from the stored one|AssertionError",),
    ),
    PlantedError(
        "17",
        "a solution that takes the maps of one pattern for neighbours",
        SOLVED,
        swap(
            "pointwise.reshape(channels_in, patterns, -1)",
            "pointwise.reshape(patterns, channels_in, -1).swapaxes(0, 1)",
        ),
        (SOLVED,),
        ("maps of one channel lie side by side",),
    ),
    PlantedError(
        "17",
        "a check of the composed kernel with one pattern only",
        EXERCISES,
        swap(
            "        _kernels((3, 3), 3, 2, 4, seed=2),\n        _kernels((5, 2), 2, 3, 6, seed=3),\n"
            "        _kernels((1, 3), 3, 3, 1, seed=4),\n",
            "        _kernels((5, 2), 2, 1, 6, seed=3),\n",
        ),
        ("tests/test_exercises_17.py",),
        ("test_a_composed_kernel_names_the_mistake",),
    ),
    PlantedError(
        "17",
        "a check of the narrower block whose widths need no rounding",
        EXERCISES,
        swap("        (28, 28, 30, 50, 0.25),\n        (56, 28, 128, 24, 1.4),\n", ""),
        ("tests/test_exercises_17.py",),
        ("are rounded up|are not rounded",),
    ),
    PlantedError(
        "17",
        "boxes that are narrow where there are many channels",
        FIGURE,
        swap("* width / max(widths))", "* min(widths) / width)"),
        ("tests/test_figures_17.py",),
        ("test_boxes_are_wide_where_there_are_many_channels",),
    ),
    PlantedError(
        "17",
        "a bound nearer to the mean than five seeds allow",
        SOURCE,
        swap("assert lost_by_separating > 0.03  # bound", "assert lost_by_separating > 0.075  # bound"),
        ("tests/test_bounds.py",),
        ("lost_by_separating",),
    ),
)
