"""Errors of notebook 06."""

from .errors import PlantedError, swap

CHANNELS = "notebooks/06_multiple_output_channels.ipynb"

ERRORS = (
    PlantedError(
        "06",
        "the two channels exchanged in the angle",
        CHANNELS,
        swap("np.arctan2(gradient[..., 1], gradient[..., 0])", "np.arctan2(gradient[..., 0], gradient[..., 1])"),
        (CHANNELS,),
        ("06_multiple_output_channels", r"off\.max\(\) < 1"),
    ),
    PlantedError(
        "06",
        "a layer that gets its kernels upside down",
        CHANNELS,
        swap("layer.set_weights([kernels])", "layer.set_weights([kernels[::-1]])"),
        (CHANNELS,),
        ("06_multiple_output_channels", "kernel 0 is"),
    ),
    PlantedError(
        "06",
        "orientations found without the magnitude of the answers",
        CHANNELS,
        swap("best = ANGLES[np.abs(ring_answers).argmax(axis=-1)]", "best = ANGLES[ring_answers.argmax(axis=-1)]"),
        (CHANNELS,),
        (r"11\.25 \+ 1",),
    ),
    PlantedError(
        "06",
        "cosine and sine exchanged in the 1x1 layer",
        CHANNELS,
        swap(
            "np.stack([np.cos(np.radians(ANGLES)), np.sin(np.radians(ANGLES))])",
            "np.stack([np.sin(np.radians(ANGLES)), np.cos(np.radians(ANGLES))])",
        ),
        (CHANNELS,),
        (r"relative_difference\(steered_maps",),
    ),
    PlantedError(
        "06",
        "grey measured along columns in place of colours",
        CHANNELS,
        swap("(kernels.mean(axis=2) ** 2).sum(axis=(0, 1))", "(kernels.mean(axis=1) ** 2).sum(axis=(0, 1))"),
        (CHANNELS,),
        ("06_multiple_output_channels", r"found\[name\]\.size > 10"),
    ),
    PlantedError(
        "06",
        "a wheel with up and down exchanged",
        "cnncourse/figures/orientation.py",
        swap("np.degrees(np.arctan2(y, x)) / WHEEL_STEP", "np.degrees(np.arctan2(-y, x)) / WHEEL_STEP"),
        ("tests/test_figures_06.py",),
        ("test_the_wheel_has_each_angles_colour",),
    ),
    PlantedError(
        "06",
        "kernels drawn as their negatives",
        "cnncourse/figures/colour_kernels.py",
        swap("0.5 + kernel / scale", "0.5 - kernel / scale"),
        ("tests/test_figures_06.py",),
        ("test_each_kernel_is_a_picture",),
    ),
    PlantedError(
        "06",
        "a slider for the width that changes nothing",
        "cnncourse/widgets/turn_filter.py",
        swap("        kernel = make_kernel(angle, sigma)", "        kernel = make_kernel(angle, 1.5)"),
        ("tests/test_widgets_06.py",),
        ("test_turning_a_knob",),
    ),
    PlantedError(
        "06",
        "the angle across the edge taken for the edge's own",
        "cnncourse/exercises/notebook_06.py",
        swap("def _orientation(strength=np.abs, turn=90, ", "def _orientation(strength=np.abs, turn=0, "),
        ("tests/test_exercises_06.py",),
        ("test_the_expected_orientation_is_that_of_a_drawn_edge",),
    ),
    PlantedError(
        "06",
        "a check that takes kernels stacked on the first axis for right",
        "cnncourse/exercises/notebook_06.py",
        swap(
            "expected=lambda kernels: np.stack(kernels, axis=-1)",
            "expected=lambda kernels: np.stack(kernels, axis=0)",
        ),
        ("tests/test_exercises_06.py",),
        ("test_stacked_kernels_are_right_in_every_form",),
    ),
)
