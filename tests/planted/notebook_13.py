"""Errors of notebook 13."""

from .errors import PlantedError, swap

DEPTH = "notebooks/13_the_problem_with_depth.ipynb"
SOLVED = "notebooks/solutions/13_the_problem_with_depth.ipynb"
SOURCE = "notebooks/sources/13_the_problem_with_depth.py"
EXERCISES = "cnncourse/exercises/notebook_13.py"

ERRORS = (
    PlantedError(
        "13",
        "a batch normalisation that takes the mean of each image by itself",
        DEPTH,
        swap("x.mean(axis=(0, 1, 2)), x.var(axis=(0, 1, 2))", "x.mean(axis=(1, 2)), x.var(axis=(1, 2))"),
        (DEPTH,),
        ("assert equal|AssertionError|could not be broadcast",),
    ),
    PlantedError(
        "13",
        "moving averages with their two shares exchanged",
        DEPTH,
        swap("0.9 * 0 + 0.1 * mean, 0.9 * 1 + 0.1 * variance", "0.1 * 0 + 0.9 * mean, 0.1 * 1 + 0.9 * variance"),
        (DEPTH,),
        ("moving_mean", "AssertionError"),
    ),
    PlantedError(
        "13",
        "a copying kernel with its 1 beside the centre",
        DEPTH,
        swap("kernel[1, 1] = np.eye", "kernel[1, 2] = np.eye"),
        (DEPTH,),
        ("same logits as plain 8", "assert same|AssertionError"),
    ),
    PlantedError(
        "13",
        "a VGG without the last convolution of its fourth stage",
        "cnncourse/models/vgg.py",
        swap(
            '"vgg16": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3))',
            '"vgg16": ((3, 3), (3, 3), (3, 3, 3), (3, 3), (3, 3, 3))',
        ),
        (DEPTH,),
        ("vgg-stages-of-3x3-convolutions",),
    ),
    PlantedError(
        "13",
        "layers that are counted from 0 in the figure",
        "cnncourse/figures/depth.py",
        swap("np.arange(1, len(values) + 1)", "np.arange(len(values))"),
        ("tests/test_figures_13.py",),
        ("test_each_net_has_its_values",),
    ),
    PlantedError(
        "13",
        "a check of channels first that does not notice a mean over places alone",
        EXERCISES,
        swap("def _normalise(axes=(0, 2, 3), root", "def _normalise(axes=(2, 3), root"),
        ("tests/test_exercises_13.py",),
        ("test_normalisation_is_right_in_every_form",),
    ),
    PlantedError(
        "13",
        "a check of moving averages that sees one batch only",
        EXERCISES,
        swap(
            "AVERAGE_CASES = ((_batches(1, 1), 0.9), (_batches(2, 3), 0.9), (_batches(3, 5, 2), 0.75))",
            "AVERAGE_CASES = ((_batches(1, 1), 0.9),)",
        ),
        ("tests/test_exercises_13.py",),
        ("opposite order|taken as the start",),
    ),
    PlantedError(
        "13",
        "a solution that forgets epsilon",
        SOLVED,
        swap("np.sqrt(moving_variance + epsilon), moving_mean", "np.sqrt(moving_variance), moving_mean"),
        (SOLVED,),
        ("Exercise 13.4: not yet", "epsilon has no effect"),
    ),
    PlantedError(
        "13",
        "a bound nearer to the mean than five seeds allow",
        SOURCE,
        swap("assert doublings_38 > 0.5  # bound", "assert doublings_38 > 1.2  # bound"),
        ("tests/test_bounds.py",),
        ("doublings_38",),
    ),
)
