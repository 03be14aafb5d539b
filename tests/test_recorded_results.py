"""What the README tells of recorded runs and of the full budget, held against their logs."""

import re
from pathlib import Path

import pytest

from cnncourse import recording
from cnncourse.course import bounds, source_runs, sources
from cnncourse.recording.settings import find_source

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PUBLISHED = {"resnet20": 8.75, "resnet32": 7.51, "resnet44": 7.17, "resnet56": 6.97}  # per cent; CIFAR-10, table 6
FULL = ROOT / "data" / "recorded_runs" / "sources" / "tensorflow_full.json"


def row(run) -> str:
    """The line of the README's table."""
    published = PUBLISHED.get(run.model) if run.dataset == "cifar10" else None
    cells = [
        run.model,
        find_source(run.dataset).title,
        f"{100 * run.test_error:.2f} %",
        f"{published} %" if published else "",
        f"{run.parameters:,}",
        f"{run.macs:,}",
        f"{run.device}, {run.backend} {run.versions[run.backend]}, keras {run.versions['keras']}",
        f"`{run.command}`",
    ]
    return "| " + " | ".join(cells) + " |"


def test_the_readme_has_a_line_for_every_recorded_run_and_no_other():
    shown = [line for line in README.splitlines() if "`python -m cnncourse record " in line]
    assert shown == [row(run) for run in recording.find()]


def test_with_the_full_budget_every_bound_was_held():
    table = source_runs.read(FULL)
    assert [line["notebook"] for line in table["rows"]] == [source.number for source in sources.find_sources()]
    assert all(line["passed"] for line in table["rows"])
    for source, line in zip(sources.find_sources(), table["rows"], strict=True):
        measured = {bound["quantity"]: bound["value"] for bound in line["bounds"]}
        for bound in bounds.find_bounds(source.path.read_text(encoding="utf-8")):
            value = measured[bound.quantity]
            assert value > bound.literal if bound.sign.startswith(">") else value < bound.literal, bound.quantity


def test_the_readme_tells_the_seconds_of_the_full_budget():
    seconds = {line["notebook"]: line["seconds"] for line in source_runs.read(FULL)["rows"]}
    told = re.findall(r"(\d\d) (?:takes )?(\d+) s", README.split("With the full budget")[1].split("\n\n")[0])
    assert len(told) == 6
    for number, value in told:
        assert float(value) == pytest.approx(seconds[number], abs=0.6)
