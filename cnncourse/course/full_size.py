"""The command `python -m cnncourse record-full-size`: all that a GPU is needed for, shortest first.

Each step is a command of its own in a process of its own, which skips what is recorded and goes on where it was cut
off; so the plan may be stopped at any time and started again. A step that fails does not keep the others from running.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ..arguments import whole_number
from ..recording.settings import PRECISIONS
from ..storage import CannotWrite

DEPTHS = (20, 32, 44, 56)
DESIGNS = {  # nets of the papers' shapes at 32x32, with the settings that differ from the recipe: all learn one way
    "lenet5": ("--learning-rate", "0.01"),  # no normalisation: 0.1 is too large
    "alexnet_one_tower": ("--learning-rate", "0.01", "--options", "stem=small", "width=0.5"),
    "vgg16": ("--options", "batch_norm=True", "fc_units=512"),
    "resnext20": (),
    "mobilenet_v1_small": (),
    "mobilenet_v2_small": (),
}
NO_SMALL_IMAGES = ("vgg16",)  # five pools need 32 pixels, a trial's images have 28
EPOCHS = 30
PAPER_NET = "resnet20"  # is trained for all 64,000 steps too
SMALL = {"--limit": "64", "--epochs": "1", "--batch-size": "32"}  # of a trial


@dataclass(frozen=True)
class Step:
    """One command of the plan.

    Args:
        part: which question it answers.
        words: of the command, after `python -m cnncourse`.
    """

    part: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.part:10} python -m cnncourse {' '.join(self.words)}"


def plan(precision: str = PRECISIONS[1], folder: str | None = None) -> list[Step]:
    """The steps in their order.

    Args:
        precision: of what layers compute in steps that allow it; the notebooks' sources choose for themselves.
        folder: of a trial, at small size, whose logs go there; None for the real thing.

    >>> plan()[1].words[:4]
    ('record', 'plain20', '--dataset', 'cifar10')
    """
    trial = () if folder is None else ("--folder", folder)
    images = ("--side", "32", "--batch-size", "2", "--steps", "1", "--repeats", "1") if folder else ()
    nets = ("resnet50", "mobilenet_v1") if folder else ()  # AlexNet cannot take small images

    def train(part, net, seed=1, epochs=EPOCHS, further=()):
        settings = {"--dataset": "cifar10", "--seed": str(seed), "--epochs": str(epochs), "--precision": precision}
        if folder:
            settings |= {"--dataset": "fashion_mnist", **SMALL}
        return Step(part, ("record", net, *(word for pair in settings.items() for word in pair), *further, *trial))

    designs = {name: further for name, further in DESIGNS.items() if not (folder and name in NO_SMALL_IMAGES)}
    pairs = [f"{kind}{depth}" for depth in DEPTHS for kind in ("plain", "resnet")]
    ends = [name for name in pairs if name.endswith((str(DEPTHS[0]), str(DEPTHS[-1])))]
    sources = ("record-sources", "--budget", "full") if folder is None else ("record-sources", "--budget", "quick")
    return [
        Step("speed", ("record-throughput", *nets, "--precision", precision, *images, *trial)),
        *(train("depth", name) for name in pairs),
        *(train("designs", name, further=further) for name, further in designs.items()),
        *(train("seeds", name, seed) for seed in (2, 3) for name in ends),
        Step("notebooks", (*sources, *(("--only", "03") if folder else ()), *trial)),
        train("paper", PAPER_NET, epochs=164),
    ]


def add_to(commands) -> None:
    """Add the command to the command line's parser.

    Args:
        commands: what `argparse.ArgumentParser.add_subparsers` gave.
    """
    parser = commands.add_parser("record-full-size", help="record all that a GPU is needed for, shortest first")
    parser.add_argument("--list", action="store_true", help="print the steps and run none")
    parser.add_argument("--minutes", type=int, metavar="N", help="begin no step after so many minutes")
    parser.add_argument("--part", metavar="NAME", help="only the steps of one part, as --list names them")
    parser.add_argument("--precision", default=PRECISIONS[1], choices=PRECISIONS)
    parser.add_argument("--trial", metavar="FOLDER", help="every step at small size, logs go to FOLDER; for a CPU")
    parser.set_defaults(command=run)


def run(choice) -> int:
    """Run the steps, and return the exit code: 1 if one failed, 130 after Ctrl-C, else 0.

    Args:
        choice: the parsed arguments.

    Raises:
        ValueError: if there is no such part, or a number is wrong.
    """
    steps = plan(choice.precision, choice.trial)
    parts = tuple(dict.fromkeys(step.part for step in steps))
    if choice.part not in (None, *parts):
        raise ValueError(f"there is no part {choice.part!r}; expected one of {', '.join(parts)}.")
    if choice.minutes is not None:
        whole_number("minutes", choice.minutes)
    steps = [step for step in steps if choice.part in (None, step.part)]
    if choice.list:
        print("\n".join(map(str, steps)))
        return 0
    return _run_all(steps, choice.minutes)


def _run_all(steps: list[Step], minutes: int | None) -> int:
    # Two nets of one kind compile to one program: kept on disk, it is compiled once.
    cache = {"JAX_COMPILATION_CACHE_DIR": str(Path("build") / "compiled")}
    failed, start = [], time.monotonic()
    for number, step in enumerate(steps, 1):
        if minutes is not None and time.monotonic() - start > 60 * minutes:
            print(f"{minutes} minutes are over: {len(steps) - number + 1} steps are left; the same command goes on.")
            break
        print(f"{number} of {len(steps)}: {step}")
        began = time.monotonic()
        command = [sys.executable, "-m", "cnncourse", *step.words]
        try:
            code = subprocess.run(command, env=cache | os.environ, check=False).returncode
        except OSError as error:
            raise CannotWrite(f"{step} could not be started: {error}.") from error
        if code == 130:  # Ctrl-C; what was stopped has said so
            return 130
        failed += [step] if code else []
        print(f"{'failed' if code else 'done'} after {time.monotonic() - began:.0f} s")
    for step in failed:
        print(f"failed: {step}")
    return 1 if failed else 0
