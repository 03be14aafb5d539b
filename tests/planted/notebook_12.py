"""Errors of notebook 12."""

from .errors import PlantedError, swap

COUNTING = "notebooks/12_number_of_learnable_parameters.ipynb"
SOLVED = "notebooks/solutions/12_number_of_learnable_parameters.ipynb"
COUNTS = "cnncourse/exercises/network_counts.py"
FIGURES = "cnncourse/figures/shares.py"

ERRORS = (
    PlantedError(
        "12",
        "a bias that the groups divide",
        "cnncourse/arithmetic/counts.py",
        swap(
            '    return (weights + flag("bias", bias)) * whole_number("channels_out", channels_out)\n',
            '    return weights * channels_out + flag("bias", bias) * channels_out // groups\n',
        ),
        ("tests/test_arithmetic.py", COUNTING),
        ("conv_parameters|count",),
    ),
    PlantedError(
        "12",
        "a counter that takes averages for parameters",
        "cnncourse/costs.py",
        swap("(layer.center + layer.scale), 0", "(layer.center + layer.scale + 2), 0"),
        ("tests/test_costs.py", COUNTING),
        ("AssertionError",),
    ),
    PlantedError(
        "12",
        "a solution that reads all channels in a depthwise convolution",
        SOLVED,
        swap(
            '        weights = math.prod(settings[\\"kernel_size\\"])\\n',
            '        weights = math.prod(settings[\\"kernel_size\\"]) * channels\\n',
        ),
        (SOLVED,),
        ("Exercise 12.2: not yet", "read all channels here"),
    ),
    PlantedError(
        "12",
        "places that forget the columns",
        COUNTING,
        swap("places = math.prod(row.output_shape[:-1])", "places = math.prod(row.output_shape[:-2])"),
        (COUNTING,),
        ("row.macs == places",),
    ),
    PlantedError(
        "12",
        "an Adam that keeps one number for each parameter",
        COUNTING,
        swap("arithmetic.memory_bytes(2 * parameters)", "arithmetic.memory_bytes(parameters)"),
        (COUNTING,),
        (r"1,055\.6",),
    ),
    PlantedError(
        "12",
        "a solution that counts the work at the size of the input",
        SOLVED,
        swap(
            '        height, width = math.ceil(height / stride), math.ceil(width / stride)\\n",\n'
            '    "        macs += height * width * kernel_size**2 * channels // groups * channels_out\\n',
            '        macs += height * width * kernel_size**2 * channels // groups * channels_out\\n",\n'
            '    "        height, width = math.ceil(height / stride), math.ceil(width / stride)\\n',
        ),
        (SOLVED,),
        ("Exercise 12.3: not yet", "at the size of its input"),
    ),
    PlantedError(
        "12",
        "bars whose heights are shares of the largest",
        FIGURES,
        swap("100 * numbers / numbers.sum()", "100 * numbers / numbers.max()"),
        ("tests/test_figures_12.py",),
        ("test_each_bar_is_the_share_of_its_own_sum",),
    ),
    PlantedError(
        "12",
        "a check of networks that never tries groups",
        COUNTS,
        swap("_conv2d(96, 256, (5, 5), groups=2)", "_conv2d(96, 256, (5, 5))"),
        ("tests/test_exercises_12.py",),
        ("the groups have no effect",),
    ),
    PlantedError(
        "12",
        "a check of chains whose sizes are rounded down",
        COUNTS,
        swap("return -(-size // stride)", "return size // stride"),
        ("tests/test_exercises_12_costs.py",),
        (r"test_the_work_is_right_in_every_form|rounded down",),
    ),
)
