"""Recorded runs: logs are read whole or refused, found by net and data set, and held against their checksums."""

import dataclasses
import datetime
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnncourse import recording
from cnncourse.datasets import files
from cnncourse.recording import logs
from cnncourse.recording.machine import made_here

from .recording_parts import house, make_run  # noqa: F401

ROOT = Path(__file__).resolve().parents[1]
NAN = float("nan")


def add_log(house, run):  # noqa: F811
    """Write a log into data/recorded_runs/ and list it."""
    name = f"{run.model}_seed{run.seed}.json"
    logs.write(house.logs / name, run)
    logs.list_checksum(f"recorded_runs/{name}")
    return house.logs / name


def test_a_log_is_read_as_it_was_written(house):  # noqa: F811
    run = make_run(options={"width": 0.5}, epochs=2)
    path = add_log(house, run)
    assert recording.read(path) == run
    assert recording.find() == [run]
    text = path.read_text()
    assert len(text.splitlines()) == 2 + len(dataclasses.fields(run)) + 1 + 6  # one line a field, one a curve
    assert run.steps_per_epoch == 8  # 1,000 images, 128 a step


def test_runs_are_found_by_model_and_data_set_and_sorted(house):  # noqa: F811
    for model, seed, dataset in [
        ("plain110", 1, "cifar10"),
        ("plain20", 2, "cifar10"),
        ("plain20", 1, "cifar10"),
        ("resnet20", 1, "mnist"),
    ]:
        add_log(house, make_run(model, seed, dataset=dataset))
    names = [(run.model, run.seed) for run in recording.find()]
    assert names == [("plain20", 1), ("plain20", 2), ("plain110", 1), ("resnet20", 1)]
    assert [run.seed for run in recording.find(("plain20", "resnet20"), "cifar10")] == [1, 2]
    assert recording.find(["plain56"]) == []
    with pytest.raises(TypeError, match="models is 'plain20'; expected several names"):
        recording.find("plain20")
    with pytest.raises(ValueError, match="no data set 'cifar'"):
        recording.find(dataset="cifar")


def test_how_to_record_names_what_is_missing(house):  # noqa: F811
    assert recording.how_to_record(("plain20", "plain56"), "cifar10") == (
        "No run of plain20, plain56 on cifar10 is recorded in data/recorded_runs/ yet.\n"
        "With a GPU and CIFAR-10 at hand: python -m cnncourse record plain20 plain56 --dataset cifar10"
    )
    add_log(house, make_run("plain20"))
    assert "No run of plain56 on" in recording.how_to_record(("plain20", "plain56"), "cifar10")
    assert recording.how_to_record(("plain20",), "cifar10") == (
        "Runs of plain20 on cifar10 are recorded in data/recorded_runs/."
    )


def test_a_log_that_was_edited_by_hand_is_refused(house):  # noqa: F811
    path = add_log(house, make_run())
    path.write_text(path.read_text().replace("0.2", "0.1"))
    with pytest.raises(ValueError, match=r"plain20_seed1\.json is damaged: its SHA-256 begins with .*restore both"):
        recording.find()


def test_a_log_that_is_listed_nowhere_is_refused(house):  # noqa: F811
    logs.write(house.logs / "x.json", make_run())
    with pytest.raises(
        ValueError, match=r"data/recorded_runs/x\.json is not listed in data/SHA256SUMS; run its command"
    ):
        recording.find()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": 2}, "is no log of format 1; record the run again, or update this project"),
        ({"seed": None, "macs": None}, "lacks macs, seed; record the run again"),
        ({"mood": "good"}, "also holds mood"),
        ({"epochs": "3"}, "has epochs '3'; expected int"),
        ({"seed": True}, "has seed True; expected int"),
        ({"epochs": 4}, r"has curves of \{'loss': 3, .*expected 4 for each"),
        ({"curves": {"loss": [1, 2, 3]}}, r"has curves of \{'loss': 3\} values"),
        ({"curves": make_run().curves | {"loss": [1, "2", 3]}}, "a curve with an entry that is no number"),
        ({"images": {"train": 5}}, "expected numbers of train and test images"),
        (
            {"images": {"train": "many", "test": 1}},
            r"has images \{'train': 'many'.*expected numbers of train and test",
        ),
        ({"images": {"train": 0, "test": 1}}, "expected numbers of train and test images"),
        ({"test_error": NAN}, "has test_error nan; expected float"),
        ({"curves": make_run().curves | {"test_accuracy": [1, 2, NAN]}}, "a curve with an entry that is no number"),
        ({"test_error": 0.1}, r"has test_error 0\.1, but its last test_accuracy is 0\.8"),
    ],
)
def test_a_log_that_is_not_whole_is_one_sentence(tmp_path, change, words):
    path = tmp_path / "log.json"
    logs.write(path, make_run())
    fields = json.loads(path.read_text()) | change
    path.write_text(json.dumps({name: value for name, value in fields.items() if value is not None}))
    with pytest.raises(ValueError, match=words) as error:
        recording.read(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"), [(b"{", "is no JSON"), (b"[]", "no log of format"), (b"\xff", "cannot be")]
)
def test_another_file_is_one_sentence(tmp_path, content, words):
    (tmp_path / "log.json").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        recording.read(tmp_path / "log.json")


def test_checksums_stay_sorted_and_one_a_file(house):  # noqa: F811
    for seed in (2, 1, 2):
        add_log(house, make_run(seed=seed))
    lines = (house.data / "SHA256SUMS").read_text().splitlines()
    names = [line.split("  ")[1] for line in lines]
    assert names == ["a.npz", "recorded_runs/plain20_seed1.json", "recorded_runs/plain20_seed2.json", "z.npz"]
    done = subprocess.run(["sha256sum", "-c", "-"], input="\n".join(lines[1:3]), cwd=house.data, text=True)
    assert done.returncode == 0


def test_what_the_project_ships_is_whole_and_listed():
    folder = ROOT / "data" / "recorded_runs"
    shipped = {path.relative_to(ROOT / "data").as_posix() for path in folder.rglob("*.json")}
    assert {name for name in files.checksums() if name.startswith("recorded_runs/")} == shipped
    assert len(recording.find()) == len(list(folder.glob("*.json")))


def test_reading_starts_neither_keras_nor_tensorflow():
    code = "import sys; from cnncourse import recording; recording.find(); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_the_date_is_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC-9")
    time.tzset()
    try:
        said = datetime.datetime.strptime(made_here()["date"] + " +0000", "%Y-%m-%d %H:%M %z")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert abs((datetime.datetime.now(datetime.UTC) - said).total_seconds()) < 120
