"""The command `python -m cnncourse record`: which nets, on what, how; then one log after the other."""

import ast
import os
import sys
from pathlib import Path

from ..datasets import files
from . import logs
from .settings import AUGMENTATIONS, PAPER_EPOCHS, PRECISIONS, SOURCES, Settings, find_source


def add_to(commands) -> None:
    """Add the command to the command line's parser.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
    """
    parser = commands.add_parser(
        "record", help="train nets at full size and write a log of each to data/recorded_runs/"
    )
    parser.add_argument("models", nargs="+", metavar="NAME", help="a net, for example plain20 resnet20")
    parser.add_argument("--dataset", required=True, metavar="DATASET", help=", ".join(SOURCES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=PAPER_EPOCHS, help="(the paper's 64,000 steps: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--weight-decay", type=float, default=1e-4)
    parser.add_argument("--warm-up-steps", type=int, default=0, help="first steps at rate 0.01 (resnet110: 400)")
    parser.add_argument("--augmentation", metavar="KIND", help=f"{', '.join(AUGMENTATIONS)} (cifar10: crop+flip)")
    parser.add_argument("--no-augmentation", dest="augmentation", action="store_const", const="none")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N training and N test images")
    parser.add_argument("--precision", default=PRECISIONS[0], metavar="KIND", help=", ".join(PRECISIONS))
    parser.add_argument("--options", nargs="+", default=[], metavar="NAME=VALUE", help="of the net, as width=0.5")
    parser.add_argument("--folder", metavar="FOLDER", help="for trials: write the logs there and list them nowhere")
    parser.add_argument("--force", action="store_true", help="train again what is recorded already")
    parser.set_defaults(command=run)


def run(choice) -> int:
    """Record every net that is not recorded yet, and return the exit code: 0, or 130 after Ctrl-C.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError, CannotWrite: with one sentence for the person at the terminal.
    """
    runs = [settings_of(choice, model) for model in dict.fromkeys(choice.models)]
    folder = Path(choice.folder) if choice.folder else None
    runs = [settings for settings in runs if choice.force or not _is_recorded(settings, folder)]
    if not runs:
        return 0
    from . import train  # only now Keras starts

    for settings in runs:
        train.check(settings)
    pictures, test = train.load_data(runs[0])
    try:
        for settings in runs:
            path = folder / settings.file_name if folder else None
            train.record_run(settings, pictures, test, path=path)
    except train.Stopped as stop:
        print(f"\ncnncourse: {stop}", file=sys.stderr)
        return 130
    return 0


def settings_of(choice, model: str) -> Settings:
    """The settings of one net.

    Args:
        choice: the parsed arguments.
        model: the net's name.

    Raises:
        ValueError: if a value is wrong.
    """
    names = ("dataset", "seed", "epochs", "batch_size", "learning_rate", "weight_decay", "warm_up_steps")
    given = {name: getattr(choice, name) for name in (*names, "augmentation", "limit", "precision")}
    options = dict(_option(text) for text in choice.options)
    return Settings(model, **given, options=options, backend=keras_backend())


def _option(text: str) -> tuple[str, object]:
    name, equals, value = text.partition("=")
    if not (name.isidentifier() and equals and value):
        raise ValueError(f"--options got {text!r}; expected NAME=VALUE without spaces, for example width=0.5.")
    try:
        number = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value  # a word, as in shortcut=A
    if not isinstance(number, bool | int | float | str | None):
        raise ValueError(f"--options got {text!r}; expected a number, a word, True, False or None for {name}.")
    return name, number


def keras_backend() -> str:
    """The backend that Keras will start with, told without starting it."""
    keras = sys.modules.get("keras")
    return keras.backend.backend() if keras else os.environ.get("KERAS_BACKEND") or "tensorflow"


def _is_recorded(settings: Settings, folder: Path | None) -> bool:
    path = (folder or files.REPOSITORY_DATA / logs.FOLDER) / settings.file_name
    if not path.is_file():
        return False
    if folder is None:
        name = f"{logs.FOLDER}/{settings.file_name}"
        if name in files.checksums():
            files.read_verified(name)
        else:  # the run was cut off between writing the log and listing it
            logs.read(path)
            logs.list_checksum(name)
    recorded = logs.read(path)
    if recorded.command != settings.command:
        raise ValueError(f"{path} holds another run ({recorded.command}); rename or delete it, or use --force.")
    print(
        f"{settings.model} on {find_source(settings.dataset).title}, seed {settings.seed}: recorded already in {path}"
    )
    return True
