"""The command `python -m cnncourse record-sources`: every source as a plain script, with its seconds and bounds.

Sources need no Jupyter that way, so that a bare machine with a GPU can run the course. Each one's row is kept as it
ends; a run that was cut off goes on with the next.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..datasets import files
from ..recording import logs
from ..recording.tables import rows_that_stay, write_table
from .bounds import find_bounds

ROOT = Path(__file__).resolve().parents[2]
FOLDER = f"{logs.FOLDER}/sources"  # in data/
FORMAT = 1


def add_to(commands) -> None:
    """Add the command to the command line's parser.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
    """
    parser = commands.add_parser(
        "record-sources", help="run every notebook's source as a script; write seconds and asserted results to data/"
    )
    parser.add_argument("--only", metavar="NN", nargs="+", help="numbers of notebooks (all)")
    parser.add_argument("--budget", choices=("quick", "full"), help="(full where there is a GPU)")
    parser.add_argument("--folder", metavar="FOLDER", help="for trials: write the log there and list it nowhere")
    parser.add_argument("--force", action="store_true", help="run again what is recorded already")
    parser.set_defaults(command=run)


def run(choice) -> int:
    """Run every source that has not passed yet, and with --force every source asked for.

    Returns the exit code: 1 if one in the log failed, else 0.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError, CannotWrite: with one sentence for the person at the terminal.
    """
    from .. import training
    from ..recording.machine import made_here

    here = made_here()
    budget = choice.budget or training.budget(quick="quick", full="full")
    folder = Path(choice.folder) if choice.folder else files.REPOSITORY_DATA / FOLDER
    path = folder / f"{here['backend']}_{budget}.json"
    sources = _sources(choice.only)
    rows = _rows(path, [source.stem[:2] for source in sources], budget, here["device"], choice.force)
    for source in sources:
        if rows.get(source.stem[:2], {}).get("passed") and not choice.force:
            print(f"{source.stem[:2]}  recorded already in {path}")
            continue
        row = run_source(source, budget)
        rows[row["notebook"]] = row
        start = f"KERAS_BACKEND={here['backend']} " if here["backend"] != "tensorflow" else ""
        fields = {"format": FORMAT, "budget": budget, **here}
        fields["command"] = f"{start}python -m cnncourse record-sources --budget {budget}"
        write_table(path, fields | {"rows": [rows[number] for number in sorted(rows)]})
        if not choice.folder:
            logs.list_checksum(str(path.relative_to(files.REPOSITORY_DATA)))
        print(f"{row['notebook']}  {row['seconds']:7.1f} s  {'passed' if row['passed'] else row['error']}")
    print(path)
    return 0 if all(row["passed"] for row in rows.values()) else 1


def _rows(path: Path, asked: list[str], budget: str, device: str, force: bool) -> dict:
    """The rows that the log keeps, by number of notebook."""
    if not path.is_file():
        return {}
    stored = read(path)
    clash = None
    if (stored["budget"], stored["device"]) != (budget, device):
        clash = f"a run on {stored['device']} with budget {stored['budget']}, this is {device} with budget {budget}"
    return rows_that_stay(path, {row["notebook"]: row for row in stored["rows"]}, asked, clash=clash, force=force)


def run_source(path: Path, budget: str) -> dict:
    """Run one source as a plain script in a process of its own, with its bounds asserted.

    Args:
        path: of the source.
        budget: "quick" or "full".

    Returns:
        {"notebook", "seconds", "passed", "error", "bounds"}: the error is the last line of what was raised, or None;
        a bound is {"quantity", "asserted", "value"}, its value None where the script did not come so far.
    """
    environment = os.environ | {"CNNCOURSE_BUDGET": budget, "CNNCOURSE_UNATTENDED": "1", "MPLBACKEND": "Agg"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "measured.json"
        command = [sys.executable, "-m", "cnncourse.course.bounds", str(path), str(target)]
        start = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        measured = json.loads(target.read_text(encoding="utf-8")) if target.is_file() else []
    values = [value for _, value in measured] + [None] * 99
    asserted = find_bounds(path.read_text(encoding="utf-8"))
    error = done.stderr.strip().splitlines()[-1] if done.returncode and done.stderr.strip() else None
    return {
        "notebook": path.stem[:2],
        "seconds": round(seconds, 1),
        "passed": done.returncode == 0,
        "error": error or (f"exit code {done.returncode}" if done.returncode else None),
        "bounds": [
            {"quantity": b.quantity, "asserted": f"{b.sign} {b.literal:g}", "value": _five_digits(value)}
            for b, value in zip(asserted, values, strict=False)
        ],
    }


def read(path: Path) -> dict:
    """A log of any folder, without a checksum.

    Args:
        path: of the .json file.

    Raises:
        ValueError: if it is missing or not whole.
    """
    try:
        stored = json.loads(Path(path).read_text(encoding="utf-8"))
        whole = stored["format"] == FORMAT and all(isinstance(stored[name], str) for name in ("device", "budget"))
        if not whole or not all({"notebook", "seconds", "passed", "bounds"} <= row.keys() for row in stored["rows"]):
            raise ValueError(f"expected format {FORMAT} with rows")
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"the log {path} cannot be read ({error}); delete it and record again.") from error
    return stored


def _sources(numbers) -> list[Path]:
    found = sorted((ROOT / "notebooks" / "sources").glob("[0-9][0-9]_*.py"))
    known = [path.stem[:2] for path in found]
    for number in numbers or []:
        if number not in known:
            raise ValueError(f"there is no notebook {number!r}; expected numbers from {known[0]} to {known[-1]}.")
    return [path for path in found if not numbers or path.stem[:2] in numbers]


def _five_digits(value):
    return None if value is None else float(f"{value:.5g}")
