"""Recorded runs: the command trains, skips, refuses in one sentence, and stops at Ctrl-C."""

import dataclasses
import shlex
import signal

import pytest

from cnncourse import __main__, recording
from cnncourse.datasets import files
from cnncourse.recording import command, logs, train
from cnncourse.recording.settings import Settings

from .recording_parts import house, keras, make_run  # noqa: F401

TINY = ["record", "tiny", "--dataset", "dots", "--epochs", "1", "--batch-size", "24"]


@pytest.fixture
def trained(monkeypatch):
    """Which settings were trained, in order; nothing is trained, but a log is written."""
    asked = []

    def record_run(settings, train_data, test_data, *, path=None):
        asked.append(settings)
        target = path or files.REPOSITORY_DATA / "recorded_runs" / settings.file_name
        logs.write(target, make_run(settings.model, command=settings.command))
        if path is None:
            logs.list_checksum(f"recorded_runs/{settings.file_name}")

    monkeypatch.setattr(train, "record_run", record_run)
    return asked


def test_the_command_trains_and_writes_a_log(house, capsys):  # noqa: F811
    assert __main__.main([*TINY, "--seed", "3", "--options", "units=2", "--no-augmentation"]) == 0
    (path,) = house.logs.iterdir()
    assert path.name.startswith("tiny_units=2_dots_seed3_epochs=1_batch_size=24_augmentation=none")
    (run,) = recording.find(("tiny",))
    assert (run.options, run.seed, run.epochs, run.recipe["augmentation"]) == ({"units": 2}, 3, 1, "none")
    assert run.backend == keras.backend.backend()
    assert set(run.versions) == {"python", "keras", run.backend, "numpy"}
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("tiny on dots, seed 3, epoch 1 of 1: loss ")
    assert lines[1].startswith(f"{path}: test error {run.test_error:.4f} after the last epoch")
    assert len(lines) == 2


def test_the_command_of_a_log_makes_the_same_settings():
    options = {"shortcut": "B", "width": 0.5}
    given = ("resnet20", "mnist", 5, 3, 64, 0.05, 0.0, 7, "crop", 100, "mixed_bfloat16", options)
    asked = Settings(*given, backend=command.keras_backend())
    words = shlex.split(asked.command.removeprefix("KERAS_BACKEND=jax "))
    assert words[:4] == ["python", "-m", "cnncourse", "record"]
    assert command.settings_of(__main__._parser().parse_args(words[3:]), "resnet20") == asked
    assert dataclasses.replace(asked, backend="jax").command.startswith("KERAS_BACKEND=jax python")


def test_every_difference_has_a_name_of_its_own():
    start = Settings("resnet20", "cifar10")
    assert start.name == "resnet20_cifar10_seed1"
    changes = {"seed": 2, "epochs": 3, "batch_size": 4, "learning_rate": 0.5, "weight_decay": 0.0, "warm_up_steps": 6}
    changes |= {"augmentation": "crop", "limit": 7, "precision": "mixed_bfloat16", "options": {"width": 0.5}}
    changes |= {"backend": "jax", "dataset": "mnist"}
    others = [dataclasses.replace(start, **({"augmentation": None} | {name: changes[name]})) for name in changes]
    names = {other.name for other in others}
    assert len(names | {start.name}) == len(changes) + 1


def test_what_is_recorded_is_skipped_unless_forced(house, trained, capsys):  # noqa: F811
    assert __main__.main([*TINY[:2], "tiny2", *TINY[2:]]) == 0
    assert [settings.model for settings in trained] == ["tiny", "tiny2"]
    capsys.readouterr()
    assert __main__.main(TINY) == 0
    assert capsys.readouterr().out == (
        f"tiny on Dots, seed 1: recorded already in {house.logs / trained[0].file_name}\n"
    )
    assert len(trained) == 2
    assert __main__.main([*TINY, "--force"]) == 0
    assert trained[2] == trained[0]


def test_a_log_that_was_never_listed_is_listed_by_its_command(house, trained):  # noqa: F811
    assert __main__.main(TINY) == 0
    (house.data / "SHA256SUMS").write_text(f"{'a' * 64}  a.npz\n")
    assert __main__.main(TINY) == 0
    assert len(trained) == 1
    assert len(recording.find()) == 1


def test_a_damaged_log_is_not_taken_for_recorded(house, trained, capsys):  # noqa: F811
    assert __main__.main(TINY) == 0
    path = house.logs / trained[0].file_name
    path.write_text(path.read_text() + " ")
    assert __main__.main(TINY) == 1
    assert "is damaged: its SHA-256" in capsys.readouterr().err
    assert __main__.main([*TINY, "--force"]) == 0
    assert len(recording.find()) == 1


def test_a_trial_is_written_elsewhere_and_listed_nowhere(house, trained, tmp_path):  # noqa: F811
    before = (house.data / "SHA256SUMS").read_text()
    assert __main__.main([*TINY, "--folder", str(tmp_path / "trials")]) == 0
    assert [path.name for path in (tmp_path / "trials").iterdir()] == [trained[0].file_name]
    assert (house.data / "SHA256SUMS").read_text() == before
    assert not house.logs.exists()


def test_another_run_of_the_same_name_is_not_overwritten(house, tmp_path, capsys):  # noqa: F811
    settings = command.settings_of(__main__._parser().parse_args(TINY), "tiny")
    logs.write(tmp_path / settings.file_name, make_run())
    assert __main__.main([*TINY, "--folder", str(tmp_path)]) == 1
    assert "holds another run (python -m cnncourse record plain20" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["record", "tiny", "tin", *TINY[2:]], "there is no network 'tin'; expected tiny."),
        ([*TINY, "--options", "depth=3"], "tiny cannot be built with {'depth': 3}: "),
        ([*TINY, "--options", "width"], "--options got 'width'; expected NAME=VALUE without spaces"),
        ([*TINY, "--options", "units=[3]"], "expected a number, a word, True, False or None for units"),
        ([*TINY, "--limit", "25"], "limit is 25; expected a whole number of images from 1 to 24"),
        (["record", "tiny", "--dataset", "dot"], "there is no data set 'dot' to record on; expected one of"),
        (["record", "tiny", "--dataset", "gone"], "dots.npz is not here; fetch it."),
    ],
)
def test_a_wrong_call_is_one_sentence_and_trains_nothing(house, trained, monkeypatch, capsys, arguments, words):  # noqa: F811
    def load(split, limit=None):
        raise ValueError("dots.npz is not here; fetch it.")

    sources = command.SOURCES
    monkeypatch.setitem(sources, "gone", dataclasses.replace(sources["dots"], load=load))
    assert __main__.main(arguments) == 1
    said = capsys.readouterr().err
    assert said.startswith("cnncourse: ")
    assert words in said
    assert said.count("\n") == 1
    assert trained == []


def test_ctrl_c_ends_with_130_and_one_sentence(house, monkeypatch, capsys):  # noqa: F811
    monkeypatch.setattr(train, "_line", lambda settings, progress: signal.raise_signal(signal.SIGINT))
    assert __main__.main([*TINY[:-3], "2", *TINY[-2:]]) == 130
    assert capsys.readouterr().err == (
        "\ncnncourse: stopped: 1 of 2 epochs of tiny are kept; the same command goes on from there.\n"
    )
    assert not house.logs.exists()
    assert [path.name for path in house.states.rglob("*.npz")] == ["state.npz"]
