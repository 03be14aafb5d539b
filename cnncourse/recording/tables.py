"""How does a log with rows look as text? One line for each field and each row, so that a change is easy to see."""

import json
from pathlib import Path

from ..storage import write_text


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
