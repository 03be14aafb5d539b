"""How quick is a grouped layer? Recorded times of each way to compute it: writing, reading, and the table."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..datasets import files
from . import logs
from .tables import write_table

FOLDER = f"{logs.FOLDER}/speed"  # in data/
FORMAT = 1
NAMES = ("grouped_tensorflow", "grouped_tensorflow_without_onednn", "grouped_jax")


@dataclass(frozen=True)
class GroupedSpeed:
    """Times of grouped 3x3 layers of as many channels in as out, and of the dense layer.

    Printed, it is a table of ms, forward / training step.

    Args:
        setting: {"batch", "side", "repeats"}: images, their side in pixels, and how often each was run.
        rows: for each number of channels and of groups {"channels", "groups", and for each way [forward, step]}, the
            medians in ms of runs in random order; a step computes the gradients by images and kernel. "ideal" is the
            time of the dense layer divided by the groups, as its work is.
        device: what it ran on.
        backend: of Keras.
        versions: of Python and the packages that matter.
        command: the line that measures it again.
        date: when, in UTC.
    """

    setting: dict
    rows: list
    device: str
    backend: str
    versions: dict
    command: str
    date: str

    def __str__(self) -> str:
        ways = [name for name in self.rows[0] if name not in ("channels", "groups")]
        lines = ["channels groups" + "".join(f"{way:>17}" for way in ways)]
        for row in self.rows:
            times = "".join(f"{'{:.2f} / {:.2f}'.format(*row[way]):>17}" for way in ways)
            lines.append(f"{row['channels']:8} {row['groups']:6}{times}")
        return "\n".join(lines)


def read_grouped_speed(name: str = NAMES[0]) -> GroupedSpeed | None:
    """The recorded times, held against their SHA-256, or None where there are none.

    Args:
        name: one of `NAMES`.

    Raises:
        ValueError: if there is no such name, or the file is damaged or not whole.

    >>> speed = read_grouped_speed()
    >>> speed is None or speed.rows[0]["channels"]
    64
    """
    if name not in NAMES:
        raise ValueError(f"there are no times named {name!r}; expected one of {', '.join(NAMES)}.")
    file = f"{FOLDER}/{name}.json"
    if not (files.REPOSITORY_DATA / file).is_file():
        return None
    try:
        stored = json.loads(files.read_verified(file).decode("utf-8"))
        if stored.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}")
        speed = GroupedSpeed(**stored)
        str(speed)
    except (TypeError, KeyError, IndexError, json.JSONDecodeError) as error:
        raise ValueError(f"data/{file} is not whole ({error}); measure again.") from error
    return speed


def write_grouped_speed(speed: GroupedSpeed, name: str) -> Path:
    """Write and list the times, whole or not at all.

    Args:
        speed: the times.
        name: one of `NAMES`.

    Returns:
        The file.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    path = files.REPOSITORY_DATA / FOLDER / f"{name}.json"
    write_table(path, {"format": FORMAT, **asdict(speed)})
    logs.list_checksum(f"{FOLDER}/{name}.json")
    return path
