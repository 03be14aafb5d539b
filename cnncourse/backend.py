"""What differs by backend: the only module that knows TensorFlow from JAX.

Importing it starts Keras and its backend without a line on the screen. Every module of this package that
needs Keras imports it from here, and every notebook imports `cnncourse` before `keras`.
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Point file descriptor 2 at nothing: TensorFlow's start-up lines are written there by C++ code."""
    sys.stderr.flush()
    saved = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nothing)


def _start_keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with _silent_stderr():
        keras = importlib.import_module("keras")
        if keras.backend.backend() == "tensorflow":
            import tensorflow

            # A GPU's TensorFloat-32 keeps 10 bits of a float32's 23: too few for results that agree to 1e-5.
            tensorflow.config.experimental.enable_tensor_float_32_execution(False)
        keras.ops.zeros(1)  # the first tensor makes the backend look for its devices, and talk about it
    return keras


keras = _start_keras()


def has_gpu() -> bool:
    """Whether the backend sees a GPU.

    >>> isinstance(has_gpu(), bool)
    True
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return bool(tensorflow.config.list_physical_devices("GPU"))
    if keras.backend.backend() == "jax":
        import jax

        return any(device.platform == "gpu" for device in jax.devices())
    return False
