"""Measure what the notebooks assert of trained nets, on five fresh seeds, and write tests/bounds.json.

    python tests/measure_bounds.py            all notebooks
    python tests/measure_bounds.py --only 01  one notebook; the others' values stay

A notebook trains with one seed. A line `assert quantity > 0.3  # bound` names a trained quantity; this script runs the
source as a plain script once for each fresh seed in place of the notebook's SEED, records the quantity instead of
asserting it, and stores values, mean, standard deviation and range. tests/test_bounds.py holds each literal
against them: at least max(3 sd, 1.5 range) from the mean, on the right side.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, Python sees its folder alone

from cnncourse.course.bounds import Bound, find_bounds, measuring  # noqa: E402

BOUNDS = ROOT / "tests" / "bounds.json"
FRESH_SEEDS = (101, 102, 103, 104, 105)
COMMAND = "python tests/measure_bounds.py"


def margin(values: list[float]) -> float:
    """How far from the mean a bound must stay: 3 standard deviations, or 1.5 times the range if that is more."""
    return max(3 * statistics.stdev(values), 1.5 * (max(values) - min(values)))


def keeps_margin(bound: Bound, values: list[float]) -> bool:
    """Whether the bound lies far enough from the mean of the values, on the side that lets them pass."""
    room = statistics.mean(values) - bound.literal
    return (room if bound.sign.startswith(">") else -room) >= margin(values)


def measure(path: Path, seed: int) -> list:
    """Run one source with one seed in a process of its own; return [quantity, value] pairs in order."""
    environment = {**os.environ, "MPLBACKEND": "Agg", "CNNCOURSE_UNATTENDED": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "ignore", __file__, "--measure", str(path), str(seed)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{path.name} with seed {seed} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _six_digits(value: float) -> float:
    return float(f"{value:.6g}")


def _run_measured(path: Path, seed: int) -> None:
    scope = {"__name__": "__main__", "__measured__": []}
    exec(compile(measuring(path.read_text(encoding="utf-8"), seed=seed), str(path), "exec"), scope)
    print(json.dumps(scope["__measured__"]))


def _measure_notebook(path: Path) -> dict:
    runs = []
    for seed in FRESH_SEEDS:
        started = time.monotonic()
        runs.append(measure(path, seed))
        print(f"{path.stem[:2]}  seed {seed}  {time.monotonic() - started:5.1f} s", flush=True)
    found = {}
    for place, bound in enumerate(find_bounds(path.read_text(encoding="utf-8"))):
        values = [_six_digits(run[place][1]) for run in runs]
        found[bound.quantity] = {
            "asserted": f"{bound.sign} {bound.literal:g}",
            "values": values,
            "mean": _six_digits(statistics.mean(values)),
            "sd": _six_digits(statistics.stdev(values)),
            "range": _six_digits(max(values) - min(values)),
            "nearest allowed": _six_digits(
                statistics.mean(values) + margin(values) * (-1 if ">" in bound.sign else 1)
            ),
        }
        print(f"    {bound.quantity} {found[bound.quantity]['asserted']}: {found[bound.quantity]}", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="NN")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.measure:
        return _run_measured(Path(choice.measure[0]), int(choice.measure[1]))
    paths = sorted((ROOT / "notebooks" / "sources").glob(f"{choice.only or '[0-9][0-9]'}_*.py"))
    measured = {path.stem[:2]: _measure_notebook(path) for path in paths}
    stored = json.loads(BOUNDS.read_text()) if BOUNDS.exists() else {}  # read now: another run may have written
    notebooks = stored.get("notebooks", {}) | measured
    record = {"command": COMMAND, "seeds": FRESH_SEEDS, "notebooks": dict(sorted(notebooks.items()))}
    BOUNDS.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
