"""What was recorded? Reading and writing the logs in data/recorded_runs/."""

import hashlib
import json
import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from ..datasets import files
from ..storage import write_text
from .settings import find_source

FOLDER = "recorded_runs"  # in data/
FORMAT = 1
CURVES = ("loss", "accuracy", "test_loss", "test_accuracy", "learning_rate")


@dataclass(frozen=True)
class RecordedRun:
    """One training at full size, as its log tells it.

    Training loss and accuracy are means over an epoch's augmented images while the net learns; the test set is
    evaluated after each epoch and decides nothing. Losses are cross-entropies without the term of the weight decay.

    Args:
        model: name of the net.
        options: of `models.build`, beside image shape and classes.
        dataset: name of the data set.
        seed: of weights, order, augmentation and dropout.
        images: {"train": ..., "test": ...}, numbers of images.
        epochs: how many times each training image was seen.
        batch_size: images in one step.
        recipe: how it was trained; "shortened" lists what is less than the paper's recipe.
        curves: for each of `CURVES` a list with one entry an epoch; accuracies in 0..1.
        test_error: share of wrong test images after the last epoch (not the best one), 0..1.
        parameters: learnable numbers.
        macs: multiply-accumulates for one image.
        seconds: of all epochs, evaluation included.
        training_seconds: of all epochs without evaluation.
        images_per_second: in training, of the epoch with the median time.
        interruptions: how often the run was stopped and taken up again.
        device: what it ran on.
        backend: of Keras.
        versions: of Python and the packages that matter.
        command: the line that records this run.
        date: when it ended, in UTC.
    """

    model: str
    options: dict
    dataset: str
    seed: int
    images: dict
    epochs: int
    batch_size: int
    recipe: dict
    curves: dict
    test_error: float
    parameters: int
    macs: int
    seconds: float
    training_seconds: float
    images_per_second: float
    interruptions: int
    device: str
    backend: str
    versions: dict
    command: str
    date: str

    @property
    def steps_per_epoch(self) -> int:
        """Steps of the optimizer in one epoch."""
        return -(-self.images["train"] // self.batch_size)


def find(models=None, dataset: str | None = None) -> list[RecordedRun]:
    """The recorded runs of some nets on a data set, each log held against its SHA-256.

    Args:
        models: names of nets, for example ("plain20", "plain56"); None takes all.
        dataset: name of a data set; None takes all.

    Returns:
        Runs by model (plain20 before plain110), seed and the rest of their names; empty where nothing is recorded.

    Raises:
        TypeError: if models is a single string.
        ValueError: if there is no such data set, or a log is damaged or incomplete.

    >>> find(models=("no such net",), dataset="cifar10")
    []
    """
    if isinstance(models, str):
        raise TypeError(f"models is {models!r}; expected several names, for example ({models!r},).")
    if dataset is not None:
        find_source(dataset)
    names = sorted(path.name for path in (files.REPOSITORY_DATA / FOLDER).glob("*.json"))
    runs = [_read_listed(name) for name in names]
    wanted = [r for r in runs if (models is None or r.model in models) and (dataset is None or r.dataset == dataset)]
    return sorted(wanted, key=lambda run: (_natural(run.model), run.seed))


def how_to_record(models, dataset: str) -> str:
    """What a cell prints where runs are missing: which they are, and the command that records them.

    Args:
        models: names of nets.
        dataset: name of a data set.

    >>> print(how_to_record(["no_such_net"], "cifar10"))
    No run of no_such_net on cifar10 is recorded in data/recorded_runs/ yet.
    With a GPU and CIFAR-10 at hand: python -m cnncourse record no_such_net --dataset cifar10
    """
    title = find_source(dataset).title
    recorded = {run.model for run in find(models, dataset)}
    missing = [name for name in models if name not in recorded]
    if not missing:
        return f"Runs of {', '.join(models)} on {dataset} are recorded in data/{FOLDER}/."
    return (
        f"No run of {', '.join(missing)} on {dataset} is recorded in data/{FOLDER}/ yet.\n"
        f"With a GPU and {title} at hand: python -m cnncourse record {' '.join(missing)} --dataset {dataset}"
    )


def read(path) -> RecordedRun:
    """One log of any folder, without a checksum.

    Args:
        path: of the .json file.

    Raises:
        ValueError: if it is missing, no JSON, or not whole.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the log {path} cannot be read ({error}); record the run again.") from error
    return _parse(text, str(path))


def write(path: Path, run: RecordedRun) -> None:
    """Write a log, whole or not at all, one line for each field and each curve.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    write_text(path, _as_text({"format": FORMAT, **asdict(run)}) + "\n")


def list_checksum(name: str) -> None:
    """Put the SHA-256 of a file in data/ into SHA256SUMS, in place of an older one; the lines stay sorted.

    Args:
        name: relative to data/.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    sums = files.checksums()
    sums[name] = hashlib.sha256((files.REPOSITORY_DATA / name).read_bytes()).hexdigest()
    lines = [f"{digest}  {file}\n" for file, digest in sorted(sums.items())]
    write_text(files.REPOSITORY_DATA / "SHA256SUMS", "".join(lines))


def is_of_kind(value, kind: type) -> bool:
    """Whether a value of a log is what its field wants: no true or false for a number, and a float is finite.

    Args:
        value: as JSON gave it.
        kind: type of the field; float takes whole numbers too.

    >>> is_of_kind(1, float), is_of_kind(True, int), is_of_kind("1", float), is_of_kind(float("nan"), float)
    (True, False, False, False)
    """
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf
    return isinstance(value, kind) and not isinstance(value, bool)


def _read_listed(file_name: str) -> RecordedRun:
    name = f"{FOLDER}/{file_name}"
    if name not in files.checksums():
        raise ValueError(
            f"data/{name} is not listed in data/SHA256SUMS; run its command again, which lists it, or delete it."
        )
    return _parse(files.read_verified(name).decode("utf-8"), f"data/{name}")


def _parse(text: str, file: str) -> RecordedRun:
    try:
        stored = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the log {file} is no JSON ({error}); record the run again.") from error
    kinds = RecordedRun.__annotations__
    if not isinstance(stored, dict) or stored.pop("format", None) != FORMAT:
        raise ValueError(f"{file} is no log of format {FORMAT}; record the run again, or update this project.")
    missing, strange = sorted(kinds.keys() - stored.keys()), sorted(stored.keys() - kinds.keys())
    if missing or strange:
        said = [f"{what} {', '.join(names)}" for what, names in (("lacks", missing), ("also holds", strange)) if names]
        raise ValueError(f"the log {file} {' and '.join(said)}; record the run again.")
    for name, kind in kinds.items():
        if not is_of_kind(stored[name], kind):
            raise ValueError(f"the log {file} has {name} {stored[name]!r}; expected {kind.__name__}.")
    curves, epochs = stored["curves"], stored["epochs"]
    lengths = {name: len(values) if isinstance(values, list) else None for name, values in curves.items()}
    if epochs < 1 or lengths != dict.fromkeys(CURVES, epochs):
        raise ValueError(f"the log {file} has curves of {lengths} values; expected {epochs} for each of {CURVES}.")
    if not all(is_of_kind(value, float) for values in curves.values() for value in values):
        raise ValueError(f"the log {file} has a curve with an entry that is no number; record the run again.")
    images = stored["images"]
    if set(images) != {"train", "test"} or not all(is_of_kind(n, int) and n > 0 for n in images.values()):
        raise ValueError(f"the log {file} has images {images}; expected numbers of train and test images.")
    if abs(1 - curves["test_accuracy"][-1] - stored["test_error"]) > 1e-4:
        raise ValueError(
            f"the log {file} has test_error {stored['test_error']}, but its last test_accuracy is "
            f"{curves['test_accuracy'][-1]}; expected a sum of 1."
        )
    return RecordedRun(**stored)


def _as_text(fields: dict, indent: str = "") -> str:
    lines = []
    for name, value in fields.items():
        inner = _as_text(value, indent + "  ") if name == "curves" else json.dumps(value, allow_nan=False)
        lines.append(f"{indent}  {json.dumps(name)}: {inner}")
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _natural(name: str) -> list:
    """plain20 before plain110: digits count as numbers."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
