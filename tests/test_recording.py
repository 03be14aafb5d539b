"""Recorded runs: a continued run is an uninterrupted one; states; settings."""

import errno
import json
from types import SimpleNamespace

import numpy as np
import pytest

from cnncourse import storage
from cnncourse.recording import logs, recipe, state, train
from cnncourse.recording.settings import Settings

from .recording_parts import build_tiny, compiled, house, keras, load_dots, run, tiny  # noqa: F401

pytestmark = pytest.mark.usefixtures("house")


# ---- interruptions


def test_interrupted_and_continued_is_uninterrupted(tmp_path, monkeypatch):
    settings = tiny(epochs=2, batch_size=3)
    expected_weights, expected = run(settings, tmp_path / "whole" / "state.npz")
    path = tmp_path / "stopped" / "state.npz"
    whole_epoch = train._one_epoch

    def stop_amid_the_second(settings, model, progress, seen, test):
        if progress.epochs == 1:
            model.fit(seen[0][0], seen[0][1], verbose=0)
            raise KeyboardInterrupt
        whole_epoch(settings, model, progress, seen, test)

    with monkeypatch.context() as patched:
        patched.setattr(train, "_one_epoch", stop_amid_the_second)
        with pytest.raises(train.Stopped) as stopped:
            run(settings, path)
    assert str(stopped.value) == "stopped: 1 of 2 epochs of tiny are kept; the same command goes on from there."
    weights, progress = run(settings, path)
    assert progress.interruptions == 1
    assert progress.curves == expected.curves
    assert len(set(progress.curves["loss"])) == 2
    assert all(np.array_equal(a, b) for a, b in zip(weights, expected_weights, strict=True))


def test_a_run_that_is_cut_off_before_its_log_needs_no_further_epoch(house, monkeypatch):  # noqa: F811
    settings = tiny(epochs=1)
    data = train.load_data(settings)
    with monkeypatch.context() as patched:
        patched.setattr(train.logs, "write", full_disk)
        with pytest.raises(storage.CannotWrite, match="the disk is full"):
            train.record_run(settings, *data, say=lambda line: None)
    assert state.path_of(settings).is_file()
    monkeypatch.setattr(train, "_one_epoch", None)
    path = train.record_run(settings, *data, say=lambda line: None)
    assert path == house.logs / settings.file_name
    recorded = logs.read(path)
    assert recorded.interruptions == 1
    assert recorded.parameters == sum(w.size for w in compiled(settings).get_weights()) - 6  # but moving averages
    assert recorded.images == {"train": 24, "test": 12}
    assert recorded.test_error == pytest.approx(1 - recorded.curves["test_accuracy"][-1], abs=1e-5)
    assert recorded.training_seconds < recorded.seconds
    assert logs.find(("tiny",), "dots") == [recorded]
    assert not list(house.states.iterdir())


def test_the_test_error_is_that_of_the_last_epoch_and_seconds_are_added_up():
    values = {"test_accuracy": [0.5, 0.9, 0.8], "loss": [2.3456789, 1.0, 1.0]}
    curves = {name: values.get(name, [0.1] * 3) for name in logs.CURVES}
    progress = state.Progress(curves, [9.0, 2.0, 3.0], [1.0, 1.0, 1.5], 1, ["an abacus", "a slide rule"])
    settings = tiny()
    recorded = train._as_run(settings, compiled(settings), progress, load_dots("train"), load_dots("test"))
    assert recorded.test_error == 0.2
    assert (recorded.training_seconds, recorded.seconds, recorded.images_per_second) == (14.0, 17.5, 8.0)
    assert recorded.curves["loss"] == [2.3457, 1.0, 1.0]
    assert recorded.device == "an abacus, then a slide rule"
    assert recorded.recipe["steps"] == 9


def test_a_run_leaves_the_precision_as_it_was(tmp_path, monkeypatch):
    run(tiny(epochs=1, precision="mixed_bfloat16"), tmp_path / "ended.npz")
    assert keras.config.dtype_policy().name == "float32"

    def stop(*_):
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "_one_epoch", stop)
    with pytest.raises(train.Stopped):
        run(tiny(epochs=1, precision="mixed_bfloat16"), tmp_path / "stopped.npz")
    assert keras.config.dtype_policy().name == "float32"


def full_disk(*_):
    raise storage.CannotWrite("the disk is full: x was not written; free some space and run again.")


def test_a_full_disk_keeps_the_state_of_the_epoch_before(tmp_path, monkeypatch):
    settings, path = tiny(), tmp_path / "run" / "state.npz"
    model = compiled(settings)
    state.save(path, settings, model, state.Progress())
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "replace", full)
    model.get_layer("conv").bias.assign([1, 2, 3])
    with pytest.raises(storage.CannotWrite, match=r"the disk is full: .*state\.npz was not written"):
        state.save(path, settings, model, state.Progress())
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["state.npz"]


def test_a_damaged_state_is_said_and_the_run_begins_anew(tmp_path, monkeypatch):
    settings, path, lines = tiny(epochs=1), tmp_path / "state.npz", []
    monkeypatch.setattr(train, "_one_epoch", lambda *given: given[2].training_seconds.append(1.0))
    monkeypatch.setattr(train, "_line", lambda *given: "one epoch")
    state.save(path, settings, compiled(settings), state.Progress())
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 255
    for content in (b"", bytes(whole), bytes(whole[:2000])):
        path.write_bytes(content)
        with pytest.raises(state.DamagedState, match=r"state\.npz is damaged \("):
            state.load(path, settings, compiled(settings))
        path.write_bytes(content)
        assert run(settings, path, lines.append)[1].interruptions == 0
        assert "is damaged" in lines[-2]
        assert lines[-2].endswith("tiny begins anew.")


def test_the_state_of_another_run_or_net_is_refused_and_changes_nothing(tmp_path):
    settings, path = tiny(), tmp_path / "state.npz"
    state.save(path, settings, compiled(settings), state.Progress())
    other = build_tiny("tiny", (8, 8, 3), 10, units=4)
    recipe.compile_model(other, settings, 24)
    before = other.get_weights()
    for asked, model in ((tiny(seed=2), compiled(settings)), (settings, other)):
        with pytest.raises(ValueError, match="belongs to another run or to an older form of tiny; delete its folder"):
            state.load(path, asked, model)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))


@pytest.mark.parametrize(
    ("precision", "advice"),
    [("float32", "try --warm-up-steps 400 or"), ("mixed_bfloat16", "try --precision float32, --warm-up-steps 400 or")],
)
def test_a_training_that_diverges_stops_with_advice(precision, advice):
    measured = {"cross_entropy": [float("nan")], "accuracy": [0.1]}
    model = SimpleNamespace(
        fit=lambda *_, **__: SimpleNamespace(history=measured),
        evaluate=lambda *_, **__: {"cross_entropy": 1.0, "accuracy": 0.1},
    )
    seen, progress = SimpleNamespace(images=np.zeros((24, 8, 8, 3))), state.Progress()
    with pytest.raises(ValueError, match=f"tiny diverged in epoch 1: its loss is no finite number; {advice}"):
        train._one_epoch(tiny(precision=precision), model, progress, seen, ())
    assert progress == state.Progress()


# ---- settings


def test_a_log_says_what_was_shortened():
    assert Settings("resnet20", "cifar10").shortened(50_000) == []
    fields = recipe.as_fields(Settings("resnet20", "cifar10", epochs=2, limit=512), 512)
    assert fields["shortened"] == [
        "2 epochs (8 steps) in place of 164 epochs (64,124 steps); the rate drops after 4 and 6 steps.",
        "the first 512 of 50,000 training images.",
    ]
    assert "last epoch, not best" in fields["evaluated"]
    assert json.loads(json.dumps(fields)) == fields


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dataset": "cifar"}, "no data set 'cifar' to record on; expected one of cifar10, fashion_mnist"),
        ({"epochs": 0}, "epochs=0 is too small"),
        ({"seed": -1}, "seed=-1 is too small"),
        ({"limit": 0}, "limit=0 is too small"),
        ({"learning_rate": 0.0}, r"learning_rate is 0\.0; expected a finite number, above 0"),
        ({"weight_decay": float("nan")}, "weight_decay is nan; expected a finite number, 0 or more"),
        ({"augmentation": "flip"}, "augmentation is 'flip'; expected one of none, crop, crop.flip"),
        ({"options": {"num_classes": 5}}, "the option num_classes is set by the data set"),
    ],
)
def test_settings_that_cannot_be_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        tiny(**changes)
