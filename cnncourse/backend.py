"""What differs by backend: the only module that knows TensorFlow from JAX.

Importing it starts Keras and its backend without a line on the screen. Every module of this package that
needs Keras imports it from here, and every notebook imports `cnncourse` before `keras`.
"""

import contextlib
import functools
import importlib
import os
import platform
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from .arguments import one_of


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
    running = sys.modules.get("keras")
    name = running.backend.backend() if running else os.environ.get("KERAS_BACKEND") or "tensorflow"
    one_of("the backend of Keras (KERAS_BACKEND)", name, ("tensorflow", "jax"))
    if running:
        return running
    os.environ["KERAS_BACKEND"] = name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # On a GPU, JAX would take three quarters of the memory at once, and compute float32 with 10 bits of its 23.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    os.environ.setdefault("JAX_DEFAULT_MATMUL_PRECISION", "highest")
    with _silent_stderr():
        keras = _import_keras(name)
        if name == "tensorflow":
            import tensorflow

            tensorflow.get_logger().setLevel("ERROR")  # else it warns when a notebook runs many small models
            # A GPU's TensorFloat-32 keeps 10 bits of a float32's 23: too few for results that agree to 1e-5.
            tensorflow.config.experimental.enable_tensor_float_32_execution(False)
            for gpu in tensorflow.config.list_physical_devices("GPU"):
                tensorflow.config.experimental.set_memory_growth(gpu, True)  # else it takes all memory at once
        else:
            _import_tensorflow_beside_jax()
        keras.ops.zeros(1)  # the first tensor makes the backend look for its devices, and talk about it
    return keras


def _import_keras(name: str):
    try:
        return importlib.import_module("keras")
    except ImportError as error:
        raise ValueError(
            f"Keras cannot start with {name} ({error}); run `{sys.executable} -m pip install keras {name}`, "
            "or choose the other one of KERAS_BACKEND=tensorflow and KERAS_BACKEND=jax."
        ) from error


def _import_tensorflow_beside_jax() -> None:
    """With JAX, Keras still imports TensorFlow, if there is one, to look at data; here it does so in silence."""
    with contextlib.suppress(ImportError):
        import tensorflow

        tensorflow.config.set_visible_devices([], "GPU")  # which belongs to JAX


keras = _start_keras()


def version() -> str:
    """The version that the backend's module tells: its package may have another name, as `tensorflow-cpu`.

    >>> version()[0].isdigit()
    True
    """
    return importlib.import_module(keras.backend.backend()).__version__


@contextlib.contextmanager
def same_precision_afterwards() -> Iterator[None]:
    """Put Keras' precision (its dtype policy) back at the end of a block or, as a decorator, of a function.

    >>> with same_precision_afterwards():
    ...     keras.config.set_dtype_policy("mixed_bfloat16")
    >>> keras.config.dtype_policy().name
    'float32'
    """
    before = keras.config.dtype_policy()
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def has_gpu() -> bool:
    """Whether the backend sees a GPU.

    >>> isinstance(has_gpu(), bool)
    True
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        return bool(tensorflow.config.list_physical_devices("GPU"))
    import jax

    return any(device.platform == "gpu" for device in jax.devices())


def has_quick_bfloat16() -> bool:
    """Whether the GPU has units for bfloat16: NVIDIA's have them from compute capability 8.0 (Ampere, 2020) on.

    >>> has_gpu() or not has_quick_bfloat16()
    True
    """
    return has_gpu() and _compute_capability() >= (8, 0)


def _compute_capability() -> tuple[int, ...]:
    if keras.backend.backend() == "tensorflow":
        return tuple(_tensorflow_details().get("compute_capability", (0, 0)))
    import jax

    return tuple(int(part) for part in str(getattr(jax.devices()[0], "compute_capability", "0.0")).split("."))


def device_name() -> str:
    """The GPU that the backend uses, or else the processor with its number of cores.

    >>> len(device_name()) > 3
    True
    """
    return _gpu_name() if has_gpu() else f"{_processor()}, {os.cpu_count()} cores"


def _gpu_name() -> str:
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_details().get("device_name", "GPU")
    import jax

    return jax.devices()[0].device_kind


def _tensorflow_details() -> dict:
    import tensorflow

    first = tensorflow.config.list_physical_devices("GPU")[0]
    return tensorflow.config.experimental.get_device_details(first)


def _processor() -> str:
    try:
        found = re.search(r"(?m)^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


@contextlib.contextmanager
def without_weights() -> Iterator[None]:
    """Build models inside that have shapes, and can be counted, but no numbers in their weights.

    A network of 138 million parameters then takes no memory and no time. Its weights stay empty for good: it is not
    to be run or trained.

    >>> with without_weights():
    ...     model = keras.Sequential([keras.Input((1000,)), keras.layers.Dense(1_000_000)])
    >>> model.count_params()
    1001000000
    """
    from keras.src.backend.common import global_state  # no public name: weights that wait for their first values

    waiting = list(global_state.get_global_attribute("uninitialized_variables") or [])
    with keras.StatelessScope(initialize_variables=False):
        try:
            yield
        finally:
            global_state.set_global_attribute("uninitialized_variables", waiting)


def lacks_weights(model) -> bool:
    """Whether a model was built without numbers in its weights, by `without_weights`.

    >>> lacks_weights(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]))
    False
    """
    return any(weight._value is None for weight in model.weights)  # read as a value, they draw new numbers each time


@functools.cache
def native_grouped_convolution():
    """The backend's own grouped convolution if it is quick here and has a gradient, else None.

    Returns:
        A function of inputs (N, H, W, C_in), kernel (rows, columns, C_in / groups, C_out), `strides`, `padding` and
        `dilation_rate`, the last three as in `keras.ops.conv`; or None.

    >>> native_grouped_convolution() is native_grouped_convolution()
    True
    """
    if keras.backend.backend() == "tensorflow":
        return _tensorflow_grouped_convolution()
    return keras.ops.conv if has_gpu() else None  # compiled by XLA, its gradient is slow on a processor


def _tensorflow_grouped_convolution():
    """TensorFlow's convolution, which `keras.ops.conv` compiles with XLA; without oneDNN it has no gradient."""
    import tensorflow

    def convolution(inputs, kernel, *, strides, padding, dilation_rate):
        return tensorflow.nn.conv2d(inputs, kernel, strides, padding.upper(), dilations=dilation_rate)

    try:
        with tensorflow.init_scope():  # at once, even while a graph is drawn up; a tape would record nothing here
            ones, sizes = tensorflow.ones((1, 3, 3, 4)), (3, 3, 2, 4)
            tensorflow.raw_ops.Conv2DBackpropFilter(
                input=ones, filter_sizes=sizes, out_backprop=ones, strides=[1] * 4, padding="SAME"
            )
    except tensorflow.errors.OpError:
        return None
    return convolution


def has_quick_depthwise_convolution() -> bool:
    """Whether `keras.ops.depthwise_conv` trains quickly here: with JAX on a processor it does not.

    >>> isinstance(has_quick_depthwise_convolution(), bool)
    True
    """
    return keras.backend.backend() == "tensorflow" or has_gpu()


def value_and_gradient(function, x):
    """The value of a function at an array, and its derivative by every number in it.

    Args:
        function: takes a float32 tensor of the shape of `x` and returns one number as a tensor; it is made of Keras
            models, layers and `keras.ops`.
        x: array of numbers, of any shape.

    Returns:
        The value as a float, and the gradient as a float32 array of the shape of `x`.

    Raises:
        ValueError: if the function does not return one number, or, with TensorFlow, does not depend on its argument
            at all; with JAX its gradient is then zeros.

    >>> value, gradient = value_and_gradient(lambda x: keras.ops.sum(x**2), [1.0, -3.0])
    >>> value, gradient.tolist()
    (10.0, [2.0, -6.0])
    """
    point = keras.ops.convert_to_tensor(x, dtype="float32")
    value, gradient = _BACKENDS[keras.backend.backend()](lambda x: _one_number(function(x)), point)
    return float(keras.ops.convert_to_numpy(value)), keras.ops.convert_to_numpy(gradient)


def _one_number(value):
    shape = tuple(getattr(value, "shape", ()))
    if not keras.ops.is_tensor(value) or shape != ():
        raise ValueError(
            f"the function returned {f'shape {shape}' if shape else type(value).__name__}; expected one number as a "
            "tensor: reduce it with keras.ops.sum or keras.ops.mean."
        )
    return value


def _with_tensorflow(function, point):
    import tensorflow

    with tensorflow.GradientTape() as tape:
        tape.watch(point)
        value = function(point)
    gradient = tape.gradient(value, point)
    if gradient is None:
        raise ValueError("the function does not depend on its argument; expected one computed from it.")
    return value, gradient


def _with_jax(function, point):
    import jax

    return jax.value_and_grad(function)(point)


_BACKENDS = {"tensorflow": _with_tensorflow, "jax": _with_jax}
