"""Logs with rows: which rows stay, and how they look as text: one line a field and a row, so that changes are seen."""

import json
from pathlib import Path

from ..storage import write_text


def rows_that_stay(path: Path, rows: dict, asked: list, *, clash: str | None, force: bool) -> dict:
    """The rows of a log that new ones may join or replace; a log never mixes rows of two devices or settings.

    Args:
        path: of the log, for the sentence.
        rows: what it holds, by name.
        asked: names of the rows that are asked for now.
        clash: what the log holds and what this is, if the two differ; else None.
        force: whether what is asked for is made anew, recorded or not.

    Returns:
        `rows`, or nothing where all of them are made anew because of a clash.

    Raises:
        ValueError: if there is a clash, and a row would stay.

    >>> rows_that_stay(Path("log.json"), {"a": 1, "b": 2}, ["b"], clash=None, force=True)
    {'a': 1, 'b': 2}
    """
    if clash is None:
        return dict(rows)
    if not force or not rows.keys() <= set(asked):
        every = f" for all of {' '.join(rows)}" if rows else ""
        raise ValueError(f"{path} holds {clash}; use --force{every} to make it anew, or --folder FOLDER.")
    return {}


def write_table(path: Path, fields: dict) -> None:
    """Write fields to a JSON file, whole or not at all; its folder is made if need be.

    Args:
        path: of the file.
        fields: its content; "rows" holds a list and comes last.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in fields.items() if name != "rows"]
    rows = ",\n".join(f"    {json.dumps(row)}" for row in fields["rows"])
    write_text(path, "{\n" + ",\n".join([*lines, f'  "rows": [\n{rows}\n  ]']) + "\n}\n")
