"""What came of each way to learn few images? The recorded grid of notebook 18: reading and writing its log."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_origin

from ..datasets import files
from ..storage import write_text
from . import logs

FILE = f"{logs.FOLDER}/transfer/object_photos.json"  # in data/
FORMAT = 1
COMMAND = "python -m cnncourse record-transfer"


@dataclass(frozen=True)
class Cell:
    """One training of the grid.

    Args:
        method: how the images were learned, one of `METHODS` in transfer_command.py.
        per_class: training images of each class.
        seed: of the draw of images, the weights, the order and the augmentation.
        balanced_accuracy: on the fixed test set, in 0..1.
        training_accuracy: on the training images as they are, in 0..1.
        seconds: of the training, with the loading of the base.
    """

    method: str
    per_class: int
    seed: int
    balanced_accuracy: float
    training_accuracy: float
    seconds: float


@dataclass(frozen=True)
class RecordedGrid:
    """All trainings of the grid that are recorded.

    Args:
        base: name of the net that was trained before.
        side: of the images in pixels.
        test_images: of the fixed test set.
        recipe: how it was trained, for each method.
        cells: the trainings.
        seconds: of all cells.
        device: what it ran on.
        backend: of Keras.
        versions: of Python and the packages that matter.
        command: the line that records this grid.
        date: when the last cell ended, in UTC.
    """

    base: str
    side: int
    test_images: int
    recipe: dict
    cells: tuple[Cell, ...]
    seconds: float
    device: str
    backend: str
    versions: dict
    command: str
    date: str

    def accuracies(self, method: str) -> dict[int, list[float]]:
        """For each number of images a class, the balanced accuracies of all seeds."""
        found = {}
        for cell in self.cells:
            if cell.method == method:
                found.setdefault(cell.per_class, []).append(cell.balanced_accuracy)
        return found


def find() -> RecordedGrid | None:
    """The recorded grid, held against its SHA-256, or None where nothing is recorded.

    Raises:
        ValueError: if the log is damaged, incomplete or not listed.

    >>> grid = find()
    >>> grid is None or grid.test_images == 50
    True
    """
    if not (files.REPOSITORY_DATA / FILE).is_file():
        return None
    if FILE not in files.checksums():
        raise ValueError(f"data/{FILE} is not listed in data/SHA256SUMS; run {COMMAND} again, which lists it.")
    return parse(files.read_verified(FILE).decode("utf-8"), f"data/{FILE}")


def how_to_record() -> str:
    """What a cell prints where the grid is missing.

    >>> print(how_to_record())
    The grid is not recorded in data/recorded_runs/transfer/ yet.
    On a CPU, in some minutes: python -m cnncourse record-transfer
    """
    return f"The grid is not recorded in data/{Path(FILE).parent}/ yet.\nOn a CPU, in some minutes: {COMMAND}"


def write(path: Path, grid: RecordedGrid) -> None:
    """Write a log, whole or not at all, one line for each field and each cell.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    stored = {"format": FORMAT, **asdict(grid)}
    cells = stored.pop("cells")
    lines = [f"  {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in stored.items()]
    rows = ",\n".join(f"    {json.dumps(cell, allow_nan=False)}" for cell in cells)
    write_text(path, "{\n" + ",\n".join([*lines, f'  "cells": [\n{rows}\n  ]']) + "\n}\n")


def read(path: Path) -> RecordedGrid:
    """One log of any folder, without a checksum.

    Raises:
        ValueError: if it cannot be read or is not whole.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the log {path} cannot be read ({error}); record the grid again.") from error
    return parse(text, str(path))


def parse(text: str, file: str) -> RecordedGrid:
    """A log from its text.

    Raises:
        ValueError: if it is no log of this form; the sentence names the file.
    """
    try:
        stored = json.loads(text)
        if stored.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        cells = tuple(Cell(**cell) for cell in stored.pop("cells"))
        grid = RecordedGrid(cells=cells, **stored)
        for part in (grid, *cells):
            _refuse_wrong_kinds(part)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the log {file} is not whole ({error}); record the grid again.") from error
    if not all(0 <= share <= 1 for cell in cells for share in (cell.balanced_accuracy, cell.training_accuracy)):
        raise ValueError(f"the log {file} has an accuracy outside 0..1; record the grid again.")
    return grid


def _refuse_wrong_kinds(part: RecordedGrid | Cell) -> None:
    for field in fields(part):
        value, kind = getattr(part, field.name), get_origin(field.type) or field.type
        if not logs.is_of_kind(value, kind):
            raise ValueError(f"{field.name} is {value!r}, expected {kind.__name__}")
