"""The command `python -m cnncourse record-throughput`: images a second, net after net, each kept as it ends."""

from pathlib import Path

from ..arguments import whole_number
from ..datasets import files
from . import logs, throughput
from .command import keras_backend
from .settings import PRECISIONS
from .tables import rows_that_stay


def add_to(commands) -> None:
    """Add the command to the command line's parser.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
    """
    parser = commands.add_parser(
        "record-throughput", help="measure images a second in training and prediction, and write a table to data/"
    )
    parser.add_argument("models", nargs="*", metavar="NAME", help=f"nets (all of {' '.join(throughput.NETS)})")
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--side", type=int, metavar="PIXELS", help="of the images (the paper's)")
    parser.add_argument("--steps", type=int, default=30, help="in one run (%(default)s)")
    parser.add_argument("--repeats", type=int, default=5, help="runs that count (%(default)s)")
    parser.add_argument("--precision", default=PRECISIONS[0], choices=PRECISIONS)
    parser.add_argument("--folder", metavar="FOLDER", help="for trials: write the table there and list it nowhere")
    parser.add_argument("--force", action="store_true", help="measure again what is recorded already")
    parser.set_defaults(command=run)


def run(choice) -> int:
    """Measure every net that is not in the table yet, and with --force every net asked for; return the exit code 0.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError, CannotWrite: with one sentence for the person at the terminal.
    """
    given = {name: whole_number(name, getattr(choice, name)) for name in ("batch_size", "steps", "repeats")}
    given["side"] = None if choice.side is None else whole_number("side", choice.side)
    folder = Path(choice.folder) if choice.folder else None
    path = throughput.path_of(keras_backend(), choice.precision, folder)
    command = _command(choice.precision, given)
    asked = list(dict.fromkeys(choice.models or throughput.NETS))
    rows = _rows(path, command, asked, choice.force)
    for name in asked:
        if name in rows and not choice.force:
            print(f"{name}: measured already in {path}")
            continue
        rows[name] = throughput.measure(name, **given, precision=choice.precision)
        table = _as_table(list(rows.values()), choice.precision, command)
        throughput.write(path, table)
        if folder is None:
            logs.list_checksum(str(path.relative_to(files.REPOSITORY_DATA)))
        print(str(table).splitlines()[1 + list(rows).index(name)])
    print(path)
    return 0


def _command(precision: str, given: dict) -> str:
    words = [f"--{name.replace('_', '-')} {value}" for name, value in given.items() if value is not None]
    start = f"KERAS_BACKEND={keras_backend()} " if keras_backend() != "tensorflow" else ""
    return f"{start}python -m cnncourse record-throughput --precision {precision} {' '.join(words)}"


def _rows(path: Path, command: str, asked: list, force: bool) -> dict:
    """The rows that the table keeps, by net; Keras starts only if something is to be measured."""
    if not path.is_file():
        return {}
    stored = throughput.read(path)
    rows, clash = {row["model"]: row for row in stored.rows}, None
    if stored.command != command:
        clash = f"times of `{stored.command}`, this is `{command}`"
    elif force or not rows.keys() >= set(asked):
        from .machine import made_here

        device = made_here()["device"]
        clash = f"times of {stored.device}, this is {device}" if stored.device != device else None
    return rows_that_stay(path, rows, asked, clash=clash, force=force)


def _as_table(rows: list, precision: str, command: str) -> throughput.Throughput:
    from .machine import made_here

    return throughput.Throughput(rows=rows, precision=precision, command=command, **made_here())
