"""Errors of notebook 05."""

from .errors import PlantedError, swap

ACTIVATION = "notebooks/05_output_activation.ipynb"
RULES = ("tests/test_notebook_rules.py",)

ERRORS = (
    PlantedError(
        "05",
        "a bias that is added after the ReLU",
        ACTIVATION,
        swap(
            "by_hand = np.maximum(0, reference.correlate(cat, sobel_x) + bias)",
            "by_hand = np.maximum(0, reference.correlate(cat, sobel_x)) + bias",
        ),
        (ACTIVATION,),
        ("by_hand",),
    ),
    PlantedError(
        "05",
        "a silenced map's mean taken from every logit, without the head's weights",
        ACTIVATION,
        swap("lost -= (logits - means[:, o : o + 1] * head[o])", "lost -= (logits - means[:, o : o + 1])"),
        (ACTIVATION,),
        ("class_excess",),
    ),
    PlantedError(
        "05",
        "a baseline whose groups are the classes themselves",
        ACTIVATION,
        swap("falls_of_accuracy(np.random.permutation(test.labels))", "falls_of_accuracy(test.labels)"),
        (ACTIVATION,),
        ("group_excess",),
    ),
    PlantedError(
        "05",
        "a layer of which every map but one is silenced",
        "cnncourse/inspection.py",
        swap('keep = np.ones(count, "float32")', 'keep = np.zeros(count, "float32")'),
        (ACTIVATION,),
        ("difference",),
    ),
    PlantedError(
        "05",
        "a figure whose ReLU folds negative values up",
        "cnncourse/figures/activations.py",
        swap("after = np.maximum(before, 0)", "after = np.abs(before)"),
        ("tests/test_figures_05.py",),
        ("test_figures_05",),
    ),
    PlantedError(
        "05",
        "a slider that shows the falls of the map before",
        "cnncourse/widgets/silence_map.py",
        swap("figures.show_class_falls(falls[channel],", "figures.show_class_falls(falls[channel - 1],"),
        ("tests/test_widgets_05.py",),
        ("test_every_map_can_be_silenced",),
    ),
    PlantedError(
        "05",
        "a map taken for dead that is silent on one image",
        "cnncourse/exercises/notebook_05.py",
        swap(
            "expected=lambda activations: activations.max(axis=(0, 1, 2)) <= 0",
            "expected=lambda activations: activations.max(axis=(1, 2)).min(axis=0) <= 0",
        ),
        ("tests/test_exercises_05.py", *RULES),
        (r"05\.3|dead_maps",),
    ),
    PlantedError(
        "05",
        "a bound closer to the measured values than their spread",
        "notebooks/sources/05_output_activation.py",
        swap("assert correlation > 0.5  # bound", "assert correlation > 0.7  # bound"),
        ("tests/test_bounds.py",),
        ("correlation",),
    ),
)
