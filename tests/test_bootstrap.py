"""The set-up: ready is found at once, and what cannot work is one sentence."""

import importlib.util
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("bootstrap", ROOT / "cnncourse" / "bootstrap.py")
bootstrap = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(bootstrap)


@pytest.fixture
def checkout(tmp_path):
    """A folder with a space in its name that looks like a checkout with a finished environment."""
    root = tmp_path / "my course"
    (root / ".venv" / "bin").mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root / name)
    Path(bootstrap.environment_python(str(root))).touch()
    (root / ".venv" / "cnncourse-ready.json").write_text(json.dumps(bootstrap.wanted_state(str(root))))
    return root


def test_a_finished_environment_is_ready(checkout):
    assert bootstrap.is_ready(str(checkout))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "constraints.txt").write_text("numpy==1.0\n"),
        lambda root: (root / "pyproject.toml").open("a").write("\n"),
        lambda root: (root / ".venv" / "bin" / "python").unlink(),
        lambda root: (root / ".venv" / "cnncourse-ready.json").unlink(),
        lambda root: (root / ".venv" / "cnncourse-ready.json").write_text("{"),
    ],
    ids=["constraints", "project", "no python", "interrupted", "half written"],
)
def test_anything_else_is_not(checkout, change):
    change(checkout)
    assert not bootstrap.is_ready(str(checkout))


def test_a_moved_checkout_is_set_up_anew(checkout):
    moved = checkout.rename(checkout.parent / "elsewhere")
    assert not bootstrap.is_ready(str(moved))


def test_the_ready_answer_takes_less_than_two_seconds(checkout):
    (checkout / "cnncourse").mkdir()
    script = shutil.copy(ROOT / "cnncourse" / "bootstrap.py", checkout / "cnncourse")
    started = time.monotonic()
    subprocess.run([sys.executable, "-I", script], check=True)
    assert time.monotonic() - started < 2


def test_a_too_old_python_names_what_is_needed():
    with pytest.raises(bootstrap.NotReady, match=r"this is Python 3\.9, and the course needs 3\.11, 3\.12 or 3\.13"):
        bootstrap.choose_python((3, 9, 18), find=lambda name: None)


def test_a_newer_python_is_used_where_there_is_one():
    found = {"python3.12": "/usr/bin/python3.12"}.get
    assert bootstrap.choose_python((3, 9, 18), find=found) == "/usr/bin/python3.12"
    assert bootstrap.choose_python((3, 13, 0), find=found) == sys.executable


def test_a_missing_venv_module_names_the_package(tmp_path):
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(bootstrap.NotReady, match=r"has no venv module: install it .*python3-venv"):
        bootstrap.check_venv_module(str(fake))


def test_too_little_disk_is_said_before_anything_is_downloaded():
    with pytest.raises(bootstrap.NotReady, match=r"the disk has 0\.5 GB free, and the packages need 4 GB"):
        bootstrap.check_disk(free=500_000_000)


@pytest.mark.parametrize(
    ("said", "phrase"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "the disk is full",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken\nERROR: No matching distribution found",
            "no package index",
        ),
        ("ERROR: No matching distribution found for keras>=3.13", "pip says: ERROR: No matching distribution"),
    ],
)
def test_what_pip_says_becomes_one_sentence(tmp_path, said, phrase):
    log = tmp_path / "install.log"
    log.write_text(said + "\n")
    assert phrase in bootstrap._why_pip_failed(str(log))


def test_main_prints_one_sentence_and_fails(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "is_ready", lambda: False)
    monkeypatch.setattr(bootstrap, "choose_python", lambda: (_ for _ in ()).throw(bootstrap.NotReady("no Python.")))
    assert bootstrap.main() == 1
    assert capsys.readouterr().err == "cnncourse: no Python.\n"


def test_a_new_environment_begins_empty_and_keeps_to_the_constraints(monkeypatch, tmp_path):
    commands = []
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(bootstrap, "_run_with_progress", lambda command, log: commands.append(command) or 0)
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    bootstrap.install("python3.12", str(tmp_path))
    make, *pips = commands
    assert make[:4] == ["python3.12", "-m", "venv", "--clear"]
    assert pips
    for pip in pips:
        assert pip[pip.index("-c") + 1] == str(tmp_path / "constraints.txt")
    ready = json.loads((tmp_path / ".venv" / "cnncourse-ready.json").read_text())
    assert ready == bootstrap.wanted_state(str(tmp_path))


def test_after_ctrl_c_make_does_not_go_on(monkeypatch, capsys):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap, "is_ready", lambda: False)
    monkeypatch.setattr(bootstrap, "choose_python", stop)
    assert bootstrap.main() == 130
    assert "stopped; run make again" in capsys.readouterr().err
