"""Mixed precision, and a whole epoch in one program of JAX."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cnncourse import backend, layers, models, training
from cnncourse.recording import compiled_epochs, throughput

keras = backend.keras


@pytest.fixture(autouse=True)
def full_precision_afterwards():
    yield
    training.setup(0)


NETS = {
    "lenet5": {"input_shape": (28, 28, 1)},
    "alexnet": {"stem": "small", "width": 1 / 16, "input_shape": (32, 32, 3)},
    "vgg11": {"width": 1 / 16, "input_shape": (32, 32, 3)},
    "resnet20": {},
    "resnext20": {},
    "mobilenet_v2_small": {},
    "efficientnet_lite0": {"input_shape": (32, 32, 3)},
}


@pytest.mark.parametrize("name", NETS)
def test_a_net_in_mixed_precision_is_the_same_net_but_for_rounding(name):
    options = {"num_classes": 10, **NETS[name]}
    training.setup(1, mixed_precision=True)
    mixed = models.build(name, **options)
    training.setup(1)
    full = models.build(name, **options)
    full.set_weights(mixed.get_weights())
    images = np.random.default_rng(0).random((4, *full.input_shape[1:]), dtype=np.float32)
    outputs, expected = mixed(images), keras.ops.convert_to_numpy(full(images))
    assert keras.backend.standardize_dtype(outputs.dtype) == "float32"
    assert {keras.backend.standardize_dtype(weight.dtype) for weight in mixed.trainable_weights} == {"float32"}
    difference = np.abs(keras.ops.convert_to_numpy(outputs) - expected).max() / np.abs(expected).max()
    assert 1e-6 < difference < 0.05  # bfloat16 rounds to 2^-9


def test_response_normalisation_keeps_its_small_sum_in_mixed_precision():
    x = np.full((1, 1, 1, 5), 8.0, np.float32)
    training.setup(1, mixed_precision=True)
    y = keras.ops.convert_to_numpy(keras.ops.cast(layers.LocalResponseNormalization()(x), "float32"))
    assert y[0, 0, 0, 2] == pytest.approx(8 / (2 + 1e-4 * 5 * 64) ** 0.75, rel=2**-8)


def test_setup_goes_back_to_full_precision():
    training.setup(1, mixed_precision=True)
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
    training.setup(1)
    assert keras.config.dtype_policy().name == "float32"


SHORT = {"batch_size": 2, "side": None, "steps": 1, "repeats": 1}


def test_measuring_leaves_the_precision_as_it_was():
    training.setup(1)
    throughput.measure("lenet5", **SHORT, precision="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"
    with pytest.raises(ValueError, match="there is no"):
        throughput.measure("no such net", **SHORT, precision="mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"


def test_a_measured_net_has_the_precision_that_was_asked_for(monkeypatch):
    computed, build = [], models.build

    def build_and_note(*given, **options):
        net = build(*given, **options)
        computed.append(net.get_layer("C1").compute_dtype)
        return net

    monkeypatch.setattr(models, "build", build_and_note)
    for precision in ("mixed_bfloat16", "float32"):
        throughput.measure("lenet5", **SHORT, precision=precision)
    assert computed == ["bfloat16", "float32"]
    with pytest.raises(ValueError, match="precision is 'bf16'; expected 'float32' or 'mixed_bfloat16'"):
        throughput.measure("lenet5", **SHORT, precision="bf16")


@pytest.mark.parametrize(
    ("gpu", "capability", "quick"),
    [(True, (9, 0), True), (True, (8, 0), True), (True, (7, 5), False), (False, (9, 0), False)],
)
def test_bfloat16_is_quick_from_ampere_on(monkeypatch, gpu, capability, quick):
    monkeypatch.setattr(backend, "has_gpu", lambda: gpu)
    monkeypatch.setattr(backend, "_compute_capability", lambda: capability)
    assert backend.has_quick_bfloat16() is quick


# ---- a whole epoch in one program

SCRIPT = """
import sys
import numpy as np
from cnncourse import backend, training
from cnncourse.recording import compiled_epochs, recipe
from cnncourse.recording.batches import EpochBatches
from cnncourse.recording.settings import Settings

keras = backend.keras
settings = Settings("tiny", "cifar10", epochs=2, batch_size=10, learning_rate=0.02, backend="jax")
random = np.random.default_rng(0)
images, labels = random.normal(size=(34, 12, 12, 3)).astype("float32"), random.integers(0, 10, 34).astype("int32")

def train(compiled):
    training.setup(3)
    net = keras.Sequential([keras.Input((12, 12, 3)), keras.layers.Conv2D(4, 3), keras.layers.BatchNormalization(),
                            keras.layers.ReLU(), keras.layers.Flatten(), keras.layers.Dense(10)])
    recipe.compile_model(net, settings, len(images))
    curves = []
    for epoch in range(2):
        batches = EpochBatches(images, labels, batch_size=10, augmentation=sys.argv[2], seed=1, epoch=epoch)
        seen = compiled_epochs.train(net, batches, compiled=compiled)
        seen = seen or net.fit(batches, shuffle=False, verbose=0).history
        curves.append([seen[name][0] for name in ("loss", "cross_entropy", "accuracy")])
    weights = np.concatenate([w.ravel() for w in net.get_weights()])
    return curves, weights, int(net.optimizer.iterations.value)

parts = {}
for name, compiled in (("program", True), ("fit", False)):
    curves, weights, steps = train(compiled)
    parts |= {f"{name}_curves": curves, f"{name}_weights": weights, f"{name}_steps": steps}
np.savez(sys.argv[1], **parts)
"""


@pytest.mark.parametrize("augmentation", ["none", "crop+flip"])
def test_one_program_trains_as_keras_does(tmp_path, augmentation):
    file = tmp_path / "both.npz"
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    command = [sys.executable, "-c", SCRIPT, str(file), augmentation]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    both = np.load(file, allow_pickle=False)
    assert both["program_steps"] == both["fit_steps"] == 8
    np.testing.assert_allclose(both["program_curves"], both["fit_curves"], rtol=1e-4)
    np.testing.assert_allclose(both["program_weights"], both["fit_weights"], atol=1e-4)
    assert both["program_curves"][0, 0] != both["program_curves"][1, 0]


def test_on_a_processor_keras_trains():
    assert compiled_epochs.train(None, type("Batches", (), {"images": np.zeros((1, 8, 8, 3), "float32")})) is None
