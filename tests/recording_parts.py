"""A tiny net, a tiny data set, an empty data folder and a made-up log, for the tests of recorded runs."""

from types import SimpleNamespace

import numpy as np
import pytest

from cnncourse import backend, models
from cnncourse.datasets import Dataset, files
from cnncourse.recording import RecordedRun, recipe, settings, train
from cnncourse.recording.settings import Settings

CLASSES = tuple("0123456789")
keras = backend.keras


def load_dots(split, limit=None):
    """24 training and 12 test images of 8x8 pixels, as a loader of `datasets` gives them."""
    random = np.random.default_rng(0 if split == "train" else 1)
    count = 24 if split == "train" else 12
    labels = (np.arange(count) % 10).astype(np.int32)
    images = random.random((count, 8, 8, 3), dtype=np.float32) / 2 + labels[:, None, None, None] / 20
    return Dataset(images.astype(np.float32), labels, CLASSES).take(limit)


def build_tiny(name, input_shape, num_classes, units=3):
    """Convolution, batch normalisation, dropout and a dense layer: everything that has a state of its own."""
    if name not in ("tiny", "tiny2"):
        raise ValueError(f"there is no network {name!r}; expected tiny.")
    image = keras.Input(input_shape, name="image")
    x = keras.layers.Conv2D(units, 3, strides=2, name="conv")(image)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.Flatten(name="flatten")(x)
    x = keras.layers.Dropout(0.5, name="dropout")(x)
    return keras.Model(image, keras.layers.Dense(num_classes, name="logits")(x), name=name)


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty data/ in a folder of its own, with tiny nets and the data set "dots"."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "SHA256SUMS").write_text(f"{'a' * 64}  a.npz\n{'b' * 64}  z.npz\n")
    monkeypatch.setattr(files, "REPOSITORY_DATA", data)
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)
    monkeypatch.setitem(settings.SOURCES, "dots", settings.Source("Dots", (8, 8, 3), 24, "crop+flip", load_dots))
    monkeypatch.setattr(models, "build", build_tiny)
    monkeypatch.setattr(models, "outline", build_tiny)
    return SimpleNamespace(data=data, logs=data / "recorded_runs", states=tmp_path / "build" / "recording")


def tiny(**changes) -> Settings:
    """Settings of a short run of the tiny net."""
    given = {"model": "tiny", "dataset": "dots", "epochs": 3, "batch_size": 10, "backend": keras.backend.backend()}
    return Settings(**given | changes)


def compiled(settings):
    """The tiny net with the recipe's loss and optimizer."""
    model = build_tiny("tiny", (8, 8, 3), 10)
    recipe.compile_model(model, settings, 24)
    return model


def run(settings, path, say=lambda line: None):
    """Weights and unrounded curves after a whole training."""
    model, progress = train.train_model(settings, *train.load_data(settings), path, say)
    return [np.asarray(weight) for weight in model.get_weights()], progress


def make_run(model="plain20", seed=1, epochs=3, **changes) -> RecordedRun:
    """A made-up log of a run on CIFAR-10 whose error falls to a half in each epoch."""
    errors = [0.8 / 2**epoch for epoch in range(epochs)]
    curves = {
        "loss": [2 * error for error in errors],
        "accuracy": [1 - error for error in errors],
        "test_loss": [3 * error for error in errors],
        "test_accuracy": [1 - error for error in errors],
        "learning_rate": [0.1] * epochs,
    }
    given = {
        "model": model,
        "options": {},
        "dataset": "cifar10",
        "seed": seed,
        "images": {"train": 1000, "test": 100},
        "epochs": epochs,
        "batch_size": 128,
        "recipe": {"optimizer": "SGD"},
        "curves": curves,
        "test_error": errors[-1],
        "parameters": 269_722,
        "macs": 40_551_040,
        "seconds": 12.5,
        "training_seconds": 10.0,
        "images_per_second": 300.0,
        "interruptions": 0,
        "device": "an abacus",
        "backend": "tensorflow",
        "versions": {"python": "3.11"},
        "command": f"python -m cnncourse record {model} --dataset cifar10 --seed {seed}",
        "date": "2030-01-01 00:00",
    }
    return RecordedRun(**given | changes)


def photos(count=6):
    """Images of 16 pixels, dark and bright in turn."""
    labels = np.arange(count, dtype=np.int32) % 2
    images = np.random.default_rng(1).random((count, 16, 16, 3)) / 2 + labels[:, None, None, None] / 2
    return Dataset(images.astype(np.float32), labels, ("dark", "bright"))
