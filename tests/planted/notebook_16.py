"""Errors of notebook 16."""

from .errors import PlantedError, swap

GROUPED = "notebooks/16_grouped_convolutions.ipynb"
SOLVED = "notebooks/solutions/16_grouped_convolutions.ipynb"
CHECKS = "cnncourse/exercises/notebook_16.py"
FIGURES = "cnncourse/figures/channels_read.py"
WIDGET = "cnncourse/widgets/choose_groups.py"

ERRORS = (
    PlantedError(
        "16",
        "a layer that is counted without its groups",
        "cnncourse/costs.py",
        swap(
            "return parameters, arithmetic.conv_macs(output_shape[1:3], *sizes, groups=groups)",
            "return parameters, arithmetic.conv_macs(output_shape[1:3], *sizes)",
        ),
        (GROUPED,),
        (r"assert macs \* groups ==",),
    ),
    PlantedError(
        "16",
        "a dense kernel whose blocks all read the first inputs",
        GROUPED,
        swap("dense[:, :, q * width_in : (q + 1) * width_in, written]", "dense[:, :, :width_in, written]"),
        (GROUPED,),
        ("relative_difference < 1e-5",),
    ),
    PlantedError(
        "16",
        "a shuffle that forgets to transpose",
        GROUPED,
        swap("keras.ops.reshape(keras.ops.swapaxes(x, 3, 4), ", "keras.ops.reshape(x, "),
        (GROUPED,),
        ("0, 4, 1, 5",),
    ),
    PlantedError(
        "16",
        "two nets of which none is shuffled",
        GROUPED,
        swap("x = channel_shuffle(x, 2)", "x = channel_shuffle(x, 16)"),
        (GROUPED,),
        ("assert shuffled_accuracy > 0.85",),
    ),
    PlantedError(
        "16",
        "a group width that is not the paper's",
        GROUPED,
        swap("8: 14, 32: 4", "8: 16, 32: 4"),
        (GROUPED,),
        ("assert 69_632 <= weights",),
    ),
    PlantedError(
        "16",
        "a solution that takes 32x4d for 4 groups of 32",
        SOLVED,
        swap("9 * group_width * width", "9 * cardinality * width"),
        (SOLVED,),
        ("Exercise 16.2: not yet", "are exchanged: 32x4d"),
    ),
    PlantedError(
        "16",
        "a check that finds the group by the width of the inputs",
        CHECKS,
        swap(
            "groups: output // (channels_out // groups))\n\n\ndef _as_wide",
            "groups: output // (channels_in // groups))\n\n\ndef _as_wide",
        ),
        ("tests/test_exercises_16.py",),
        ("test_the_inputs_are_right_in_every_form",),
    ),
    PlantedError(
        "16",
        "a check that expects the inverse shuffle",
        CHECKS,
        swap("groups, -1).swapaxes(-1, -2)", "-1, groups).swapaxes(-1, -2)"),
        ("tests/test_exercises_16.py",),
        ("test_the_layer_is_right_in_every_form",),
    ),
    PlantedError(
        "16",
        "lines that run through the middle of a channel",
        FIGURES,
        swap("draw(q * count / groups - 0.5,", "draw(q * count / groups,"),
        ("tests/test_figures_16.py",),
        ("test_lines_part_the_groups",),
    ),
    PlantedError(
        "16",
        "a widget without its shuffle",
        WIDGET,
        swap("reshape(groups, width).T.ravel()", "reshape(groups, width).ravel()"),
        ("tests/test_widgets_16.py",),
        ("test_the_menu_draws_what_layers_with_so_many_groups_see",),
    ),
)
