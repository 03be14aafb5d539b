"""The gradient of TensorFlow and of JAX, held against each other and against arithmetic."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

from cnncourse import backend

from .bare_machine import run_bare

keras = backend.keras

# Run under either backend: the same net with the same weights, its loss at one image, and the gradient there.
SCRIPT = """
import sys
import numpy as np
from cnncourse import backend, models, inspection

keras = backend.keras
assert keras.backend.backend() == sys.argv[1]
random = np.random.default_rng(0)
net = models.build("efficientnet_lite0", input_shape=(32, 32, 3), weights="imagenet")
image = random.random((1, 32, 32, 3), dtype="float32")
value, gradient = backend.value_and_gradient(lambda x: keras.ops.logsumexp(net(x, training=False)), image)
box = inspection.receptive_window(net, "stage2_block1_depthwise_conv", 2, 3)
excited, means = inspection.maximise_activation(net, "stem_conv", 5, steps=5)
errors = []
for wrong in (lambda x: x, lambda x: 1.0):
    try:
        backend.value_and_gradient(wrong, np.ones(3))
    except ValueError as error:
        errors.append(str(error))
try:
    constant = backend.value_and_gradient(lambda x: keras.ops.sum(keras.ops.ones(2)), np.ones(3))[1]
except ValueError as error:
    constant = str(error)
results = {"value": value, "gradient": gradient, "box": box, "excited": excited, "means": means}
np.savez(sys.argv[2], **results, errors=errors, constant=constant)
"""


def run(name, folder):
    file = folder / f"{name}.npz"
    environment = os.environ | {"KERAS_BACKEND": name}
    command = [sys.executable, "-c", SCRIPT, name, str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(np.load(file, allow_pickle=False))


def test_jax_is_installed_with_the_tests():
    assert importlib.util.find_spec("jax"), "the extra 'test' of pyproject.toml brings JAX"


def test_tensorflow_and_jax_agree(tmp_path):
    ours, theirs = run("tensorflow", tmp_path), run("jax", tmp_path)
    assert ours["value"] == pytest.approx(theirs["value"], rel=1e-5)
    assert ours["gradient"].shape == theirs["gradient"].shape == (1, 32, 32, 3)
    assert np.abs(ours["gradient"]).max() > 0
    np.testing.assert_allclose(ours["gradient"], theirs["gradient"], atol=1e-3 * np.abs(ours["gradient"]).max())
    assert ours["box"].tolist() == theirs["box"].tolist()
    np.testing.assert_allclose(ours["excited"], theirs["excited"], atol=1e-3)
    np.testing.assert_allclose(ours["means"], theirs["means"], rtol=1e-3)
    assert ours["errors"].tolist() == theirs["errors"].tolist()
    assert len(ours["errors"]) == 2
    assert "does not depend on its argument" in str(ours["constant"])
    assert theirs["constant"].tolist() == [0, 0, 0]  # as the docstring says


def test_the_gradient_is_the_slope():
    x = np.random.default_rng(0).normal(size=(3, 4))
    value, gradient = backend.value_and_gradient(lambda x: keras.ops.sum(keras.ops.sin(x) * x), x)
    assert value == pytest.approx(np.sum(np.sin(x) * x), rel=1e-5)
    np.testing.assert_allclose(gradient, np.sin(x) + x * np.cos(x), rtol=1e-4, atol=1e-5)
    assert isinstance(value, float)
    assert gradient.dtype == np.float32


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x, r"returned shape \(3,\); expected one number"),
        (lambda x: 1.0, "returned float; expected one number"),
        (lambda x: keras.ops.sum(keras.ops.ones(2)), "does not depend on its argument"),
    ],
)
def test_functions_that_have_no_gradient_are_refused(function, words):
    with pytest.raises(ValueError, match=words):
        backend.value_and_gradient(function, np.ones(3))


@pytest.mark.parametrize("name", ["tensorflow", "jax"])
def test_many_small_models_are_run_without_a_word_of_tensorflow(name):
    code = """
from cnncourse import backend
import numpy as np
keras = backend.keras
for filters in range(1, 8):
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(filters, 3)])
    model.predict(np.ones((2, 8, 8, 1)), verbose=0)
"""
    environment = os.environ | {"KERAS_BACKEND": name}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("torch", "the backend of Keras (KERAS_BACKEND) is 'torch'; expected 'tensorflow' or 'jax'."),
        ("numpy", "the backend of Keras (KERAS_BACKEND) is 'numpy'; expected 'tensorflow' or 'jax'."),
        ("tensorflow", "Keras cannot start with tensorflow (there is no tensorflow here); run `"),
        ("", "Keras cannot start with tensorflow (there is no tensorflow here); run `"),
    ],
)
def test_a_backend_that_cannot_be_used_is_one_sentence(tmp_path, name, words):
    done = run_bare(tmp_path, "-m", "cnncourse", "doctor", KERAS_BACKEND=name)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"cnncourse: {words}")


def test_a_keras_that_runs_on_another_backend_is_refused():
    code = "import keras\nfrom cnncourse import backend"
    environment = os.environ | {"KERAS_BACKEND": "numpy"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert last == "ValueError: the backend of Keras (KERAS_BACKEND) is 'numpy'; expected 'tensorflow' or 'jax'."


def test_silence_leaves_no_file_open():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with backend._silent_stderr():
            pass
    assert len(os.listdir("/proc/self/fd")) == before


PRECISE = {
    "tensorflow": ("tensorflow as tf", "tf.config.experimental.tensor_float_32_execution_enabled()", "False"),
    "jax": (
        "jax, os",
        "jax.config.jax_default_matmul_precision, os.environ['XLA_PYTHON_CLIENT_PREALLOCATE']",
        "highest false",
    ),
}


@pytest.mark.parametrize("name", PRECISE)
def test_a_gpu_computes_with_all_bits_of_float32(name):
    module, asked, told = PRECISE[name]
    code = f"from cnncourse import backend; import {module}; print({asked})"
    chosen = ("JAX_DEFAULT_MATMUL_PRECISION", "XLA_PYTHON_CLIENT_PREALLOCATE")
    environment = {key: value for key, value in os.environ.items() if key not in chosen} | {"KERAS_BACKEND": name}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == told
