"""From settings to a log: one epoch after the other, each kept, so that an interrupted run goes on where it stood.

On a CPU a continued run has the curves of one that was never stopped, number for number; a GPU may add in another
order and differ in the last digits, stopped or not.
"""

import math
import statistics
import time
from pathlib import Path

import numpy as np

from .. import backend, costs, models, training
from ..datasets import Dataset, files
from . import compiled_epochs, logs, recipe, state
from .batches import EpochBatches
from .machine import made_here
from .settings import PRECISIONS, Settings, find_source
from .state import Progress

NUM_CLASSES = 10  # of every data set here


class Stopped(KeyboardInterrupt):
    """A person stopped a run; its text is one sentence that says what is kept."""


def load_data(settings: Settings) -> tuple[Dataset, Dataset]:
    """Training and test images of a run.

    Raises:
        ValueError: if the data are missing or damaged, or the limit is too large; the sentence says what to do.
    """
    source = find_source(settings.dataset)
    test = source.load("test")
    return source.load("train", settings.limit), test.take(min(settings.limit or len(test), len(test)))


def check(settings: Settings) -> None:
    """Build the net of a run without numbers in its weights, so that a wrong option shows before hours of work.

    Raises:
        ValueError: if there is no such net, or an option is wrong.
    """
    _build(settings, models.outline)


def _build(settings: Settings, build):
    shape = find_source(settings.dataset).shape
    try:
        return build(settings.model, input_shape=shape, num_classes=NUM_CLASSES, **settings.options)
    except TypeError as error:
        raise ValueError(
            f"{settings.model} cannot be built with {settings.options}: {error}; mend --options."
        ) from error


def record_run(settings: Settings, train: Dataset, test: Dataset, *, path: Path | None = None, say=print) -> Path:
    """Train one net, or go on with it, and write its log.

    Args:
        settings: the run.
        train: training images, as `load_data` gives them.
        test: test images.
        path: of the log; None stands for data/recorded_runs/, where it is listed in data/SHA256SUMS too.
        say: takes one line after each epoch.

    Returns:
        The path of the log.

    Raises:
        ValueError: if the training diverges, or the state is that of another run.
        CannotWrite: if the disk is full or a folder cannot be written.
        Stopped: at Ctrl-C.
    """
    kept = state.path_of(settings)
    model, progress = train_model(settings, train, test, kept, say)
    run = _as_run(settings, model, progress, train, test)
    target = path or files.REPOSITORY_DATA / logs.FOLDER / settings.file_name
    logs.write(target, run)
    if path is None:
        logs.list_checksum(f"{logs.FOLDER}/{settings.file_name}")
    state.remove(kept)
    say(f"{target}: test error {run.test_error:.4f} after the last epoch, {run.seconds:.0f} s")
    return target


@backend.same_precision_afterwards()
def train_model(settings: Settings, train: Dataset, test: Dataset, kept: Path, say) -> tuple[object, Progress]:
    """Train until the last epoch, from the first one or from the state that is kept.

    Args, Raises: as `record_run`; `kept` is the path of the state.

    Returns:
        The model, and its curves unrounded.
    """
    training.setup(settings.seed, mixed_precision=settings.precision == "mixed_bfloat16")
    model = _build(settings, models.build)
    recipe.compile_model(model, settings, len(train))
    progress = _take_up(kept, settings, model, say)
    mean = train.images.mean(axis=0, dtype=np.float64).astype(np.float32)
    images, test_images = train.images - mean, test.images - mean
    try:
        for epoch in range(progress.epochs, settings.epochs):
            batches = EpochBatches(
                images,
                train.labels,
                batch_size=settings.batch_size,
                augmentation=settings.augmentation,
                seed=settings.seed,
                epoch=epoch,
            )
            _one_epoch(settings, model, progress, batches, (test_images, test.labels))
            state.save(kept, settings, model, progress)
            say(_line(settings, progress))
    except KeyboardInterrupt:
        whole = f"{progress.epochs} of {settings.epochs} epochs of {settings.model} are kept"
        raise Stopped(f"stopped: {whole}; the same command goes on from there.") from None
    return model, progress


def _take_up(kept: Path, settings: Settings, model, say) -> Progress:
    progress = Progress()
    if kept.is_file():
        try:
            progress = state.load(kept, settings, model)
            progress.interruptions += 1
            say(f"{settings.model} on {settings.dataset}: goes on after epoch {progress.epochs} of {settings.epochs}")
        except state.DamagedState as error:
            say(f"{error} {settings.model} begins anew.")
    if backend.device_name() not in progress.devices:
        progress.devices.append(backend.device_name())
    return progress


def _one_epoch(settings: Settings, model, progress: Progress, batches: EpochBatches, test) -> None:
    start = time.perf_counter()
    seen = compiled_epochs.train(model, batches) or model.fit(batches, shuffle=False, verbose=0).history
    trained = time.perf_counter()
    tested = model.evaluate(*test, batch_size=settings.batch_size, verbose=0, return_dict=True)
    ended = time.perf_counter()
    last_step = settings.steps_per_epoch(len(batches.images)) * (progress.epochs + 1) - 1
    measured = {
        "loss": seen["cross_entropy"][0],
        "accuracy": seen["accuracy"][0],
        "test_loss": tested["cross_entropy"],
        "test_accuracy": tested["accuracy"],
        "learning_rate": recipe.learning_rates(settings, len(batches.images))(last_step),
    }
    if not all(math.isfinite(value) for value in measured.values()):
        precision = "" if settings.precision == PRECISIONS[0] else f"--precision {PRECISIONS[0]}, "
        raise ValueError(
            f"the training of {settings.model} diverged in epoch {progress.epochs + 1}: its loss is no finite number; "
            f"try {precision}--warm-up-steps 400 or a smaller --learning-rate."
        )
    for name, value in measured.items():
        progress.curves[name].append(float(value))
    progress.training_seconds.append(trained - start)
    progress.evaluation_seconds.append(ended - trained)


def _line(settings: Settings, progress: Progress) -> str:
    last = {name: values[-1] for name, values in progress.curves.items()}
    seconds = progress.training_seconds[-1] + progress.evaluation_seconds[-1]
    return (
        f"{settings.model} on {settings.dataset}, seed {settings.seed}, epoch {progress.epochs} of {settings.epochs}: "
        f"loss {last['loss']:.3f}, error {1 - last['accuracy']:.3f}, test error {1 - last['test_accuracy']:.3f}, "
        f"rate {last['learning_rate']:g}, {seconds:.1f} s"
    )


def _as_run(settings: Settings, model, progress: Progress, train: Dataset, test: Dataset) -> logs.RecordedRun:
    numbers = {
        "test_error": 1 - progress.curves["test_accuracy"][-1],
        "seconds": sum(progress.training_seconds) + sum(progress.evaluation_seconds),
        "training_seconds": sum(progress.training_seconds),
        "images_per_second": len(train) / statistics.median(progress.training_seconds),
    }
    return logs.RecordedRun(
        model=settings.model,
        options=settings.options,
        dataset=settings.dataset,
        seed=settings.seed,
        images={"train": len(train), "test": len(test)},
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        recipe=recipe.as_fields(settings, len(train)),
        curves={name: [_rounded(value) for value in values] for name, values in progress.curves.items()},
        parameters=costs.count_parameters(model),
        macs=costs.count_macs(model),
        interruptions=progress.interruptions,
        command=settings.command,
        **made_here() | {"device": ", then ".join(progress.devices)},
        **{name: _rounded(value) for name, value in numbers.items()},
    )


def _rounded(value: float) -> float:
    """Five digits that count."""
    return float(f"{value:.5g}")
