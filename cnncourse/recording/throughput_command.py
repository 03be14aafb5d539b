"""The command `python -m cnncourse record-throughput`: images a second, net after net, each kept as it ends."""

from pathlib import Path

from ..arguments import whole_number
from ..datasets import files
from . import logs, throughput
from .command import keras_backend
from .settings import PRECISIONS


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
    """Measure every net that is not in the table yet, and return the exit code 0.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError, CannotWrite: with one sentence for the person at the terminal.
    """
    given = {name: whole_number(name, getattr(choice, name)) for name in ("batch_size", "steps", "repeats")}
    given["side"] = None if choice.side is None else whole_number("side", choice.side)
    folder = Path(choice.folder) if choice.folder else None
    path = throughput.path_of(keras_backend(), choice.precision, folder)
    rows = {} if choice.force or not path.is_file() else {row["model"]: row for row in throughput.read(path).rows}
    for name in dict.fromkeys(choice.models or throughput.NETS):
        if name in rows:
            print(f"{name}: measured already in {path}")
            continue
        rows[name] = throughput.measure(name, **given, precision=choice.precision)
        table = _as_table(list(rows.values()), choice, given, path)
        throughput.write(path, table)
        if folder is None:
            logs.list_checksum(str(path.relative_to(files.REPOSITORY_DATA)))
        print(str(table).splitlines()[-1])
    print(path)
    return 0


def _as_table(rows: list, choice, given: dict, path: Path) -> throughput.Throughput:
    from .machine import made_here

    here = made_here()
    if path.is_file() and not choice.force and throughput.read(path).device != here["device"]:
        raise ValueError(
            f"{path} holds times of {throughput.read(path).device}, this is {here['device']}; use --force to measure "
            "all nets anew, or --folder FOLDER."
        )
    words = [f"--{name.replace('_', '-')} {value}" for name, value in given.items() if value is not None]
    start = f"KERAS_BACKEND={here['backend']} " if here["backend"] != "tensorflow" else ""
    command = f"{start}python -m cnncourse record-throughput --precision {choice.precision} {' '.join(words)}"
    return throughput.Throughput(rows=rows, precision=choice.precision, command=command, **here)
