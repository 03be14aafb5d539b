"""Errors of notebook 04."""

from .errors import PlantedError, swap

COLOUR = "notebooks/04_colour_images_as_inputs.ipynb"
# Those that train nothing: they are the quick ones, and each of these errors breaks one of them.
SHAPES_TESTS = tuple(
    f"tests/test_coloured_shapes.py::{name}"
    for name in (
        "test_shape_and_hue_together_are_the_label_and_each_alone_leaves_it_open",
        "test_the_other_hue_gives_the_same_grey_image",
        "test_the_other_shape_has_as_many_pixels",
        "test_the_axes_of_colour_have_no_luminance_and_stand_at_right_angles",
    )
)

ERRORS = (
    PlantedError(
        "04",
        "hues whose luminance is not the one that grey is made with",
        "cnncourse/datasets/coloured_shapes.py",
        swap("    weights = to_grey(np.eye(3))\n", "    weights = np.full(3, 1 / 3)\n"),
        SHAPES_TESTS,
        ("test_the_other_hue_gives_the_same_grey_image", "test_the_axes_of_colour_have_no_luminance"),
    ),
    PlantedError(
        "04",
        "a plus sign as long as the disc is wide, which makes it smaller",
        "cnncourse/datasets/coloured_shapes.py",
        swap(
            "    return distance <= farthest[..., None]\n",
            "    return distance <= np.sqrt(pixels / np.pi)[..., None]\n",
        ),
        SHAPES_TESTS,
        ("test_the_other_shape_has_as_many_pixels",),
    ),
    PlantedError(
        "04",
        "a label that one fact gives away",
        "cnncourse/datasets/coloured_shapes.py",
        swap("shapes ^ hues, CLASS_NAMES", "shapes & hues, CLASS_NAMES"),
        SHAPES_TESTS,
        ("test_shape_and_hue_together_are_the_label",),
    ),
    PlantedError(
        "04",
        "a bias added in every channel",
        COLOUR,
        swap(
            "np.allclose(by_hand, sum(by_channel) + bias))",
            "np.allclose(by_hand, sum(map_ + bias for map_ in by_channel)))",
        ),
        (COLOUR,),
        ("04_colour_images_as_inputs", "sum of three correlations and one bias: False"),
    ),
    PlantedError(
        "04",
        "red and blue swapped where the channels are named",
        COLOUR,
        swap("suit[..., channel].mean()", "suit[..., 2 - channel].mean()"),
        (COLOUR,),
        ("04_colour_images_as_inputs", "of the suit"),
    ),
    PlantedError(
        "04",
        "a shuffled view in which the pixels stay where they were",
        COLOUR,
        swap("order[..., np.newaxis], axis=1", "np.sort(order)[..., np.newaxis], axis=1"),
        (COLOUR,),
        ("cnn",),
    ),
    PlantedError(
        "04",
        "a colour convolution that takes the channels in opposite order for right",
        "cnncourse/exercises/notebook_04.py",
        swap(
            "    return np.stack([reference.correlate(image[..., m], kernel[..., m])",
            "    return np.stack([reference.correlate(image[..., m], kernel[..., -1 - m])",
        ),
        ("tests/test_exercises_04.py",),
        (r"test_colour_is_right_in_every_form",),
    ),
    PlantedError(
        "04",
        "a kernel for red that may have a bias",
        "cnncourse/exercises/notebook_04.py",
        swap("    if abs(float(bias)) > zero:", "    if False:"),
        ("tests/test_exercises_04.py",),
        (r"04\.3|0 to black",),
    ),
    PlantedError(
        "04",
        "the row of blue drawn with the kernel of green",
        "cnncourse/figures/channels.py",
        swap("show_kernel(kernel[..., channel], row[1]", "show_kernel(kernel[..., min(channel, 1)], row[1]"),
        ("tests/test_figures_04.py",),
        ("test_each_row_holds_one_channel",),
    ),
    PlantedError(
        "04",
        "a slider of blue that moves green",
        "cnncourse/widgets/mix_channels.py",
        swap(
            "figures.show_channel_mix(image, (red, green, blue),",
            "figures.show_channel_mix(image, (red, blue, green),",
        ),
        ("tests/test_widgets_04.py",),
        ("test_each_slider_draws",),
    ),
)
