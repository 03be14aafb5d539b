"""Errors of notebook 18."""

from .errors import PlantedError, swap

TRANSFER = "notebooks/18_transfer_learning.ipynb"
SOLVED = "notebooks/solutions/18_transfer_learning.ipynb"
SOURCE = "notebooks/sources/18_transfer_learning.py"
EXERCISES = "cnncourse/exercises/notebook_18.py"
FIGURE = "cnncourse/figures/few_images.py"
RECORDED = "cnncourse/recording/transfer.py"

ERRORS = (
    PlantedError(
        "18",
        "batch normalisation that is not frozen before fine-tuning",
        RECORDED,
        swap("    freeze_batch_norm(base)  # after the line above, which unfreezes the layers of a frozen base\n", ""),
        ("tests/test_recording_transfer.py",),
        ("test_fine_tuning_moves_the_base_but_not_its_batch_norm",),
    ),
    PlantedError(
        "18",
        "a head whose bias forgets the mean of the features",
        RECORDED,
        swap("    return weights, bias - mean @ weights\n", "    return weights, bias\n"),
        ("tests/test_recording_transfer.py",),
        ("test_a_head_|test_the_net_with_a_head",),
    ),
    PlantedError(
        "18",
        "a balanced accuracy that is the plain one",
        RECORDED,
        swap(
            "return float(np.mean([np.mean(answers[labels == label] == label) for label in np.unique(labels)]))",
            "return float(np.mean(answers == labels))",
        ),
        ("tests/test_recording_transfer.py",),
        ("test_balanced_accuracy_counts_each_class_alike",),
    ),
    PlantedError(
        "18",
        "a trap in which BN is frozen by training=False alone",
        TRANSFER,
        swap("        bn.trainable = False  # after", "        bn.training = False  # after"),
        (TRANSFER,),
        ("AssertionError",),
    ),
    PlantedError(
        "18",
        "test features by moving averages where those of batches are meant",
        TRANSFER,
        swap("return self.net(images, training=True)", "return self.net(images, training=False)"),
        (TRANSFER,),
        ("fall_one",),
    ),
    PlantedError(
        "18",
        "marks that are not enlarged",
        TRANSFER,
        swap("marks_enlarged = by_frozen(any_size, 2)", "marks_enlarged = by_frozen(any_size, 1)"),
        (TRANSFER,),
        ("marks_enlarged",),
    ),
    PlantedError(
        "18",
        "a solution that lets the written mode win",
        SOLVED,
        swap("mode = written if called is None else called", "mode = called if written is None else written"),
        (SOLVED,),
        ("wins over the call",),
    ),
    PlantedError(
        "18",
        "a check of balanced accuracy whose classes are all of one size",
        EXERCISES,
        swap(
            "    cases=tuple((table,) for table in TABLES),",
            "    cases=tuple((np.eye(3, dtype=int) * k + 1,) for k in (1, 2, 5)),",
        ),
        ("tests/test_exercises_18.py",),
        ("this is the plain accuracy",),
    ),
    PlantedError(
        "18",
        "a band that leaves the lowest draw out",
        FIGURE,
        swap("[v.min() for v in values]", "[np.median(v) for v in values]"),
        ("tests/test_figures_18.py",),
        ("test_bands_hold",),
    ),
    PlantedError(
        "18",
        "a bound nearer to the mean than five seeds allow",
        SOURCE,
        swap("assert gain > 0.1  # bound", "assert gain > 0.35  # bound"),
        ("tests/test_bounds.py",),
        ("gain",),
    ),
)
