"""The command `python -m cnncourse record-transfer`: every way to learn few images, at each number of them."""

import json
import sys
import time
from pathlib import Path

from ..arguments import whole_number
from ..datasets import files
from . import logs, transfer_logs
from .machine import made_here
from .transfer_logs import COMMAND, FILE, Cell, RecordedGrid

SIZES = (2, 4, 8)  # training images of each class
SEEDS = 3
SMALL_RATE, LARGE_RATE = 3e-5, 1e-2
METHODS = {  # name: (way, augmented, learning rate)
    "frozen": ("frozen", False, None),
    "scratch": ("scratch", True, None),
    "scratch, not augmented": ("scratch", False, None),
    "fine-tuned": ("fine-tuned", True, SMALL_RATE),
    "fine-tuned, not augmented": ("fine-tuned", False, SMALL_RATE),
    "fine-tuned, rate too large": ("fine-tuned", True, LARGE_RATE),
}


def add_to(commands) -> None:
    """Add the command to the command line's parser.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
    """
    parser = commands.add_parser("record-transfer", help="train the grid of notebook 18 and write its log to data/")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="draws of images (%(default)s)")
    parser.add_argument("--folder", metavar="FOLDER", help="for trials: write the log there and list it nowhere")
    parser.set_defaults(command=run)


def run(choice) -> int:
    """Train what is missing, keep each cell as it ends, and return the exit code: 0, or 130 after Ctrl-C.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError, CannotWrite: with one sentence for the person at the terminal.
    """
    seeds = whole_number("seeds", choice.seeds)
    target = Path(choice.folder) / Path(FILE).name if choice.folder else files.REPOSITORY_DATA / FILE
    kept = target.parent / "kept" / target.name if choice.folder else state_path()
    wanted = [(name, count, seed) for seed in range(1, seeds + 1) for count in SIZES for name in METHODS]
    unfinished = _kept_cells(kept)
    most = max((seed for *_, seed in unfinished), default=0)
    if most > seeds:
        raise ValueError(f"{kept} holds cells of {most} seeds; go on with --seeds {most}, or delete it.")
    cells = unfinished or _kept_cells(target)
    missing = [key for key in wanted if key not in cells]
    if missing:
        from . import transfer  # only now Keras starts

        try:
            for key in missing:
                cells[key] = _train(transfer, *key)
                transfer_logs.write(kept, _as_grid(transfer, list(cells.values()), seeds))
                print(f"{len(cells)} of {len(wanted)}: {_line(cells[key])}")
        except KeyboardInterrupt:
            print(f"\ncnncourse: stopped: {len(cells)} cells are kept; the same command goes on.", file=sys.stderr)
            return 130
    if kept.is_file():
        transfer_logs.write(target, transfer_logs.read(kept))
    if not choice.folder:
        logs.list_checksum(FILE)
    kept.unlink(missing_ok=True)  # only now: until the target is whole, these are the only cells
    print(f"{target}: {len(cells)} cells, {sum(cell.seconds for cell in cells.values()):.0f} s")
    return 0


def state_path() -> Path:
    """Where the cells lie until the grid is whole, below build/recording/."""
    return files.REPOSITORY_DATA.parent / "build" / "recording" / "transfer" / "object_photos.json"


def recipe() -> dict:
    """How each way trains, for the log; a log with another recipe is not gone on with."""
    from . import transfer

    ways = {name: list(way) for name, way in METHODS.items()}
    return {
        "methods": {name: dict(zip(("way", "augmented", "rate"), way, strict=True)) for name, way in ways.items()},
        "steps": transfer.STEPS,
        "batch_size": transfer.BATCH_SIZE,
        "optimizer": "Adam",
        "scratch": {"rate": transfer.SCRATCH_RATE, "schedule": "cosine to 0", "filters": transfer.SCRATCH_FILTERS},
        "frozen": "weight decay 0.01 on standardised features; fine-tuning starts at this head",
        "batch_normalisation": "of the base frozen in fine-tuning",
        "evaluated": "once, after the last step",
    }


def _kept_cells(path: Path) -> dict[tuple, Cell]:
    if not path.is_file():
        return {}
    grid = transfer_logs.read(path)
    if grid.recipe != json.loads(json.dumps(recipe())):
        raise ValueError(f"{path} holds a grid of another recipe; rename or delete it to begin anew.")
    return {(cell.method, cell.per_class, cell.seed): cell for cell in grid.cells}


def _train(transfer, method: str, per_class: int, seed: int) -> Cell:
    way, augmented, rate = METHODS[method]
    train, test = transfer.draw(per_class, seed), transfer.load_object_photos("test", size=transfer.SIDE)
    start = time.perf_counter()
    if way == "scratch":
        net = transfer.train_from_scratch(train, seed=seed, augmented=augmented)
    elif way == "fine-tuned":
        net = transfer.fine_tune(transfer.load_base(), train, rate=rate, seed=seed, augmented=augmented)
    else:
        base = transfer.load_base()
        head = transfer.fit_head(transfer.pooled_features(base, train.images), train.labels)
        net = transfer.add_head(base, *head, augmented=False)
    seconds = time.perf_counter() - start
    scores = [
        transfer.balanced_accuracy(net.predict(data.images, batch_size=50, verbose=0).argmax(axis=1), data.labels)
        for data in (test, train)
    ]
    transfer.keras.utils.clear_session()  # else the graphs of all cells stay in memory
    return Cell(method, per_class, seed, *(round(score, 4) for score in scores), round(seconds, 2))


def _line(cell: Cell) -> str:
    return (
        f"{cell.method}, {cell.per_class} images a class, seed {cell.seed}: balanced accuracy "
        f"{cell.balanced_accuracy:.2f}, {cell.seconds:.1f} s"
    )


def _as_grid(transfer, cells: list[Cell], seeds: int) -> RecordedGrid:
    return RecordedGrid(
        base=transfer.BASE,
        side=transfer.SIDE,
        test_images=50,
        recipe=recipe(),
        cells=tuple(cells),
        seconds=round(sum(cell.seconds for cell in cells), 1),
        command=COMMAND + (f" --seeds {seeds}" if seeds != SEEDS else ""),
        **made_here(),
    )
