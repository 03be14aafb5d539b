"""Plant one error at a time in a copy of this checkout, and show that the tests name the culprit.

    python tests/planted/plant.py                 all of them, about a quarter of an hour
    python tests/planted/plant.py --only 02       those of one notebook ("house", "models": those of no notebook)

Each error is a text that is replaced in one file (or a change made to a notebook's or a data file's content), the
tests of `make test` that must catch it, and what they must print. The same tests pass in the copy before anything is
planted. The exit code is 1 if an error got through or an error's own text is not found any more.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run as a script, Python sees its folder alone

from tests.planted import ERRORS, PlantedError  # noqa: E402


@dataclass(frozen=True)
class Outcome:
    """What the tests said of one planted error."""

    error: PlantedError
    caught: bool
    why: str
    seconds: float


def copy_checkout(target: Path) -> None:
    """Copy what git tracks or would track, as it stands, without the environment and build/."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def run_tests(copy: Path, tests: tuple[str, ...]) -> tuple[int, str]:
    """Run some of the tests in the copy, as `make test` would; return the exit code and what was printed."""
    command = [sys.executable, "-m", "pytest", "--color=no", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def try_error(copy: Path, error: PlantedError) -> Outcome:
    """Plant one error, run its tests, take the error out again."""
    started = time.monotonic()
    path = copy / error.file
    before = path.read_bytes()
    try:
        path.write_bytes(error.plant(before))
        code, printed = run_tests(copy, error.tests)
    finally:
        path.write_bytes(before)
    missing = [text for text in error.culprit if not re.search(text, printed)]
    why = ""
    if code != 1:
        why = f"pytest ended with {code} where 1, a failed test, is expected:\n{printed[-2000:]}"
    elif missing:
        why = f"the tests fail and do not print {missing}:\n{printed[-4000:]}"
    return Outcome(error, not why, why, time.monotonic() - started)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NN", help="a notebook's number, 'house' or 'models'")
    choice = parser.parse_args()
    chosen = [error for error in ERRORS if choice.only in (None, error.where)]
    if not chosen:
        parser.error(f"no error is planted for {choice.only!r}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "planted"
        copy_checkout(copy)
        for tests in dict.fromkeys(error.tests for error in chosen):
            code, printed = run_tests(copy, tests)
            if code:
                print(f"nothing is planted yet, and {' '.join(tests)} fails:\n{printed[-4000:]}")
                return 1
        print(f"nothing planted: all {len({e.tests for e in chosen})} sets of tests pass", flush=True)
        outcomes = []
        for error in chosen:
            outcome = try_error(copy, error)
            verdict = "caught" if outcome.caught else "GOT THROUGH"
            print(f"{verdict:12} {outcome.seconds:5.1f} s  {error.where:5}  {error.what}", flush=True)
            if outcome.why:
                print(outcome.why)
            outcomes.append(outcome)
    caught = sum(outcome.caught for outcome in outcomes)
    print(f"{caught} of {len(outcomes)} planted errors caught, each with its culprit named")
    return 0 if caught == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
