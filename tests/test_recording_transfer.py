"""The recorded grid of notebook 18: the ways to learn few images, their command, and its log."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest

from cnncourse import __main__, backend, recording
from cnncourse.datasets import Dataset, files, load_object_photos
from cnncourse.recording import transfer, transfer_command, transfer_logs
from cnncourse.recording.transfer_logs import Cell
from cnncourse.storage import CannotWrite

from .recording_parts import photos

keras = backend.keras


def tiny_base():
    """A convolution and BN in place of a large net."""
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(4, 3, strides=4, name="conv")(image)
    return keras.Model(image, keras.layers.BatchNormalization(name="bn")(x), name="tiny_base")


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty data/, and trainings that take no time; `trained` lists them."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "SHA256SUMS").write_text(f"{'a' * 64}  a.npz\n")
    monkeypatch.setattr(files, "REPOSITORY_DATA", data)
    trained = []

    def train(transfer, method, per_class, seed):
        trained.append((method, per_class, seed))
        return Cell(method, per_class, seed, 0.2 + per_class / 20 + seed / 100, 1.0, 0.5)

    monkeypatch.setattr(transfer_command, "_train", train)
    return trained


def test_a_head_separates_what_a_line_separates():
    data = photos(40)
    features = data.images.mean(axis=(1, 2))
    weights, bias = transfer.fit_head(features, data.labels)
    assert weights.shape == (3, 2)
    assert transfer.balanced_accuracy((features @ weights + bias).argmax(axis=1), data.labels) == 1


def test_a_head_is_where_its_loss_has_no_slope():
    random = np.random.default_rng(2)
    features, labels = random.normal(size=(30, 4)) * [1, 2, 3, 4] + 5, np.arange(30) % 3
    decay = 0.1
    weights, bias = transfer.fit_head(features, labels, decay=decay, steps=5_000)
    logits = features @ weights + bias
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = (p / p.sum(axis=1, keepdims=True) - np.eye(3)[labels]) / 30
    scale = features.std(axis=0) + 0.1
    centred = (features - features.mean(axis=0)) / scale
    assert np.allclose(centred.T @ error + decay * weights * scale[:, None], 0, atol=1e-6)
    assert np.allclose(error.sum(axis=0), 0, atol=1e-6)


def test_balanced_accuracy_counts_each_class_alike():
    assert transfer.balanced_accuracy([0] * 9 + [1], [0] * 8 + [1, 1]) == 0.75


def test_the_net_with_a_head_gives_the_head_s_answers():
    base, data = tiny_base(), photos()
    features = transfer.pooled_features(base, data.images)
    weights, bias = transfer.fit_head(features, data.labels)
    net = transfer.add_head(base, weights, bias)
    assert np.allclose(net.predict(data.images, verbose=0), features @ weights + bias, atol=1e-4)


def test_fine_tuning_moves_the_base_but_not_its_batch_norm():
    base, data = tiny_base(), photos()
    kept = {name: base.get_layer(name).get_weights() for name in ("conv", "bn")}
    transfer.fine_tune(base, data, rate=0.01, seed=1, steps=3)
    assert not np.array_equal(base.get_layer("conv").get_weights()[0], kept["conv"][0])
    for before, after in zip(kept["bn"], base.get_layer("bn").get_weights(), strict=True):
        assert np.array_equal(before, after)


def test_batch_norm_is_frozen_inside_models_of_models():
    inner = tiny_base()
    image = keras.Input((16, 16, 3))
    transfer.freeze_batch_norm(keras.Model(image, inner(image)))
    assert [layer.trainable for layer in inner.layers[1:]] == [True, False]


def test_training_is_decided_by_its_seed():
    nets = [transfer.train_from_scratch(photos(), seed=seed, steps=2) for seed in (1, 1, 2)]
    first, again, other = ([np.asarray(weight) for weight in net.get_weights()] for net in nets)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_augmentation_varies_in_training_only_and_fills_with_white():
    layers, data = transfer.augmentation(), np.zeros((20, 16, 16, 3), "float32")
    assert np.array_equal(layers(data, training=False), data)
    varied = np.asarray(layers(data, training=True))
    assert varied.max() == pytest.approx(1)
    assert varied[:, 8, 8].max() == pytest.approx(0)


def test_another_base_is_refused_and_a_downloaded_one_gets_its_range(monkeypatch):
    with pytest.raises(ValueError, match="there is no base 'resnet50'; expected one of efficientnet_lite0"):
        transfer.load_base("resnet50")

    monkeypatch.setattr(transfer.models, "load_keras_applications", lambda model: model)
    base = transfer.load_base("mobilenet_v2", 32)
    image = np.full((1, 32, 32, 3), 0.75, "float32")
    inner = next(layer for layer in base.layers if isinstance(layer, keras.Model))
    assert np.allclose(base(image), inner(2 * image - 1), atol=1e-4)


def test_the_command_trains_the_grid_and_lists_its_log(house, capsys):
    assert __main__.main(["record-transfer", "--seeds", "2"]) == 0
    assert len(house) == 2 * len(transfer_command.SIZES) * len(transfer_command.METHODS)
    grid = recording.transfer_logs.find()
    assert grid.accuracies("frozen") == {
        count: [pytest.approx(0.2 + count / 20 + seed / 100) for seed in (1, 2)] for count in (2, 4, 8)
    }
    assert grid.command == "python -m cnncourse record-transfer --seeds 2"
    assert grid.seconds == pytest.approx(0.5 * len(house))
    assert (
        capsys.readouterr().out.splitlines()[-1].startswith(f"{files.REPOSITORY_DATA / transfer_logs.FILE}: 36 cells")
    )
    assert not transfer_command.state_path().exists()


def test_what_is_recorded_is_not_trained_again_and_more_seeds_go_on(house):
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    count = len(house)
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    assert len(house) == count
    assert __main__.main(["record-transfer", "--seeds", "2"]) == 0
    assert {seed for *_, seed in house[count:]} == {2}
    assert len(house) == 2 * count


def test_an_interrupted_grid_goes_on_after_its_last_cell(house, monkeypatch, capsys):
    train = transfer_command._train

    def stop_at_fifth(*arguments):
        if len(house) == 4:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(transfer_command, "_train", stop_at_fifth)
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 130
    assert "4 cells are kept" in capsys.readouterr().err
    assert recording.transfer_logs.find() is None
    monkeypatch.setattr(transfer_command, "_train", train)
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    assert len(house) == len(set(house)) == 18


def test_a_whole_grid_that_could_not_be_written_is_written_by_the_next_run(house, monkeypatch, capsys):
    write, target = transfer_logs.write, files.REPOSITORY_DATA / transfer_logs.FILE

    def write_until_the_disk_is_full(path, grid):
        if path == target:
            raise CannotWrite("the disk is full")
        write(path, grid)

    monkeypatch.setattr(transfer_logs, "write", write_until_the_disk_is_full)
    for _ in range(2):
        assert __main__.main(["record-transfer", "--seeds", "1"]) == 1
        assert "the disk is full" in capsys.readouterr().err
        assert len(transfer_logs.read(transfer_command.state_path()).cells) == 18
    monkeypatch.setattr(transfer_logs, "write", write)
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    assert len(recording.transfer_logs.find().cells) == len(house) == 18
    assert not transfer_command.state_path().exists()


def test_fewer_seeds_do_not_end_an_unfinished_grid(house, monkeypatch, capsys):
    train = transfer_command._train

    def stop_in_second_seed(*arguments):
        if len(house) == 20:
            raise KeyboardInterrupt
        return train(*arguments)

    monkeypatch.setattr(transfer_command, "_train", stop_in_second_seed)
    assert __main__.main(["record-transfer", "--seeds", "2"]) == 130
    capsys.readouterr()
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 1
    assert "holds cells of 2 seeds; go on with --seeds 2, or delete it." in capsys.readouterr().err
    assert len(transfer_logs.read(transfer_command.state_path()).cells) == 20


def test_a_grid_of_another_recipe_is_refused(house, monkeypatch, capsys):
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    monkeypatch.setattr(transfer, "STEPS", {"scratch": 1, "fine-tuned": 1})
    assert __main__.main(["record-transfer", "--seeds", "2"]) == 1
    assert "holds a grid of another recipe" in capsys.readouterr().err


def test_trials_lie_in_a_folder_of_their_own(house, tmp_path):
    assert __main__.main(["record-transfer", "--seeds", "1", "--folder", str(tmp_path / "trial")]) == 0
    assert len(transfer_logs.read(tmp_path / "trial" / "object_photos.json").cells) == 18
    assert recording.transfer_logs.find() is None


def test_a_damaged_log_is_one_sentence(house):
    path = files.REPOSITORY_DATA / transfer_logs.FILE
    assert __main__.main(["record-transfer", "--seeds", "1"]) == 0
    grid = transfer_logs.read(path)
    high = dataclasses.replace(grid, cells=(dataclasses.replace(grid.cells[0], balanced_accuracy=1.5),))
    transfer_logs.write(path.with_name("high.json"), high)
    with pytest.raises(ValueError, match="an accuracy outside"):
        transfer_logs.read(path.with_name("high.json"))
    wrong = [{"balanced_accuracy": "0.5"}, {"seed": True}, {"seconds": float("nan")}, {"method": 3}]
    for change in wrong:
        text = json.dumps(json.loads(path.read_text()) | {"cells": [dataclasses.asdict(grid.cells[0]) | change]})
        (name, value), *_ = change.items()
        with pytest.raises(ValueError, match=rf"log\.json is not whole \({name} is {value!r}, expected"):
            transfer_logs.parse(text, "log.json")
    for text in ("{", "[]", '{"format": 2}', '{"format": 1, "cells": [{"method": "frozen"}]}'):
        with pytest.raises(ValueError, match="is not whole"):
            transfer_logs.parse(text, "log.json")
    path.write_text(path.read_text().replace("0.31", "0.91"))
    with pytest.raises(ValueError, match=r"object_photos\.json"):
        recording.transfer_logs.find()


def test_one_cell_is_trained_as_its_method_says(monkeypatch):
    monkeypatch.setattr(transfer, "load_base", tiny_base)
    monkeypatch.setattr(transfer, "draw", lambda per_class, seed: photos())
    monkeypatch.setattr(transfer, "load_object_photos", lambda split, size: photos(8))
    asked = []
    for name in ("train_from_scratch", "fine_tune"):
        way = getattr(transfer, name)
        wrapped = lambda *a, way=way, **options: asked.append(options) or way(*a, steps=1, **options)  # noqa: E731
        monkeypatch.setattr(transfer, name, wrapped)
    cells = [transfer_command._train(transfer, method, 2, 7) for method in transfer_command.METHODS]
    assert [cell.method for cell in cells] == list(transfer_command.METHODS)
    assert [options["augmented"] for options in asked] == [True, False, True, False, True]
    rates = transfer_command.SMALL_RATE, transfer_command.SMALL_RATE, transfer_command.LARGE_RATE
    assert tuple(options["rate"] for options in asked[2:]) == rates
    assert all(options["seed"] == 7 for options in asked)


def test_the_draw_of_a_cell_is_the_data_set_s():
    drawn, expected = transfer.draw(2, 3), load_object_photos("train", 2, seed=3)
    assert np.array_equal(drawn.images, expected.images)


def test_reading_starts_neither_keras_nor_tensorflow():
    code = "import sys; from cnncourse import recording; recording.transfer_logs.find(); print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_fine_tuning_is_decided_by_its_seed():
    image = keras.Input((16, 16, 3))
    base = keras.Model(image, keras.layers.Conv2D(4, 3, 2, name="conv")(image))
    start, random = base.get_weights(), np.random.default_rng(0)
    few = Dataset(random.random((8, 16, 16, 3), dtype="float32"), np.arange(8) % 2, ("a", "b"))
    ends = []
    for _ in range(2):
        base.set_weights(start)
        keras.utils.set_random_seed(len(ends) + 5)
        ends.append(transfer.fine_tune(base, few, rate=1e-2, seed=3, steps=3).get_layer("logits").get_weights()[0])
    np.testing.assert_array_equal(*ends)


@pytest.mark.parametrize("name", ["balanced_accuracy", "training_accuracy"])
def test_a_share_above_one_is_refused(name):
    stored = json.loads((files.REPOSITORY_DATA / transfer_logs.FILE).read_text())
    stored["cells"][0][name] = 1.5
    with pytest.raises(ValueError, match=r"has an accuracy outside 0\.\.1"):
        transfer_logs.parse(json.dumps(stored), "a log")
