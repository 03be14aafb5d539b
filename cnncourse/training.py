"""How do I train it? Seed, budget, one quiet way to fit, and the accuracy of the result."""

import os
import sys
from typing import TypeVar

import numpy as np

from . import backend
from .arguments import flag, whole_number
from .datasets import Dataset

Choice = TypeVar("Choice")


def setup(seed: int, *, mixed_precision: bool = False) -> None:
    """Seed Python, NumPy and Keras, so that this machine trains the same net each time, and choose the precision.

    Other devices, thread counts and versions differ in the last digits all the same. The rest of what a GPU needs is
    set when the package starts Keras: memory is taken as it is needed, XLA compiles where `model.compile` is left to
    decide, and float32 keeps all its bits.

    Args:
        seed: a non-negative integer below 2**32.
        mixed_precision: layers that are built afterwards compute in bfloat16 and keep their weights in float32. The
            notebooks leave it off on every device: bfloat16 has 8 bits of accuracy, and they hold outputs of layers
            against NumPy to 1e-5. It pays in trainings at full size where `backend.has_quick_bfloat16()`.

    Raises:
        TypeError, ValueError: if the seed is not such an integer, or mixed_precision neither True nor False.

    >>> setup(1)
    >>> first = np.random.rand(); setup(1); first == np.random.rand()
    True
    """
    seed = whole_number("seed", seed, smallest=0)
    if seed >= 2**32:
        raise ValueError(f"seed={seed} is too large: pass a whole number below 2**32")
    backend.keras.utils.set_random_seed(seed)
    backend.keras.config.set_dtype_policy("mixed_bfloat16" if flag("mixed_precision", mixed_precision) else "float32")


def budget(*, quick: Choice, full: Choice) -> Choice:
    """Choose between a size for a laptop's CPU and a size for a GPU.

    `full` where the backend sees a GPU, else `quick`; the environment variable CNNCOURSE_BUDGET (`quick` or
    `full`) decides otherwise. Budgets set numbers of samples, epochs and seeds only, never the architecture.

    Args:
        quick: the value for a CPU.
        full: the value for a GPU.

    Raises:
        ValueError: if CNNCOURSE_BUDGET holds another word.

    >>> budget(quick=3, full=30) in (3, 30)
    True
    """
    choice = os.environ.get("CNNCOURSE_BUDGET", "")
    if choice not in ("", "quick", "full"):
        raise ValueError(f"CNNCOURSE_BUDGET is {choice!r}; set it to 'quick' or 'full', or unset it.")
    if not choice:
        choice = "full" if backend.has_gpu() else "quick"
    return full if choice == "full" else quick


def is_watched() -> bool:
    """Whether a person sees the output as it comes: in a notebook, or at a terminal.

    Builds and tests set CNNCOURSE_UNATTENDED=1: then no progress is shown and widgets draw one still picture.

    >>> isinstance(is_watched(), bool)
    True
    """
    if os.environ.get("CNNCOURSE_UNATTENDED") == "1":
        return False
    return _in_notebook() or sys.stdout.isatty()


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


class _Progress(backend.keras.callbacks.Callback):
    """One line for a watching person: which epoch of how many, and the training loss so far."""

    def __init__(self):
        super().__init__()
        self.display = None

    def on_train_begin(self, logs=None):
        if _in_notebook():
            from IPython.display import display

            self.display = display({"text/plain": "training ..."}, raw=True, display_id=True)

    def on_epoch_end(self, epoch, logs=None):
        loss = (logs or {}).get("loss", float("nan"))
        self._show(f"epoch {epoch + 1} of {self.params['epochs']}, training loss {loss:.3f}")

    def finish(self, text: str) -> None:
        """Put the end table where the progress line stood."""
        if self.display is not None:
            self.display.update({"text/plain": text}, raw=True)
        else:
            print(f"\r{text}")

    def _show(self, text: str) -> None:
        if self.display is not None:
            self.display.update({"text/plain": text}, raw=True)
        else:
            print(f"\r{text}", end="", flush=True)


def fit(model, dataset: Dataset, *, epochs: int, batch_size: int = 64, validation=None, callbacks=()):
    """Train a compiled model quietly and print one small table at the end.

    Args:
        model: a compiled `keras.Model`.
        dataset: what it trains on; images (N, H, W, C), labels (N,).
        epochs: how many times it sees each image.
        batch_size: images in one step.
        validation: a `Dataset` that is evaluated after each epoch, or None.
        callbacks: further Keras callbacks.

    Returns:
        Keras' History; `.history` maps each measured quantity to one value an epoch.

    Raises:
        TypeError, ValueError: if the model is not compiled, data are no `Dataset`, or epochs or batch_size is not a
            positive integer.

    >>> points = Dataset(np.ones((4, 2, 2, 1), "float32"), np.zeros(4, "int32"), ("a", "b"))
    >>> model = backend.keras.Sequential([backend.keras.layers.Flatten(), backend.keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> print(list(fit(model, points, epochs=1).history))  # doctest: +ELLIPSIS
    epoch     loss
        1    ...
    ['loss']
    """
    if not getattr(model, "compiled", False):
        raise ValueError(f"the model {model.name!r} is not compiled; call model.compile(...) before fit.")
    for name, data in {"dataset": dataset, "validation": validation or dataset}.items():
        if not isinstance(data, Dataset):
            kind = type(data).__name__
            raise TypeError(f"{name} is of type {kind}; pass a Dataset(images, labels, class_names) of cnncourse.")
    epochs, batch_size = whole_number("epochs", epochs), whole_number("batch_size", batch_size)
    progress = _Progress() if is_watched() else None
    history = model.fit(
        dataset.images,
        dataset.labels,
        epochs=epochs,
        batch_size=batch_size,
        validation_data=None if validation is None else (validation.images, validation.labels),
        callbacks=[*callbacks, *([progress] if progress else [])],
        verbose=0,
    )
    table = end_table(history.history)
    if progress:
        progress.finish(table)
    else:
        print(table)
    return history


def weight_gradients(model, images, labels) -> list[np.ndarray]:
    """The derivative of the mean cross-entropy, in training mode, by each array that a model learns.

    Args:
        model: a built `keras.Model` with logits (N, classes).
        images: (N, H, W, C).
        labels: (N,) integers.

    Returns:
        Arrays of the shapes of `model.trainable_variables`, in their order; the model stays as it is.

    >>> net = backend.keras.Sequential([backend.keras.Input((2,)), backend.keras.layers.Dense(3, use_bias=False)])
    >>> [gradient.shape for gradient in weight_gradients(net, np.ones((4, 2)), np.zeros(4))]
    [(2, 3)]
    """
    ops = backend.keras.ops
    arrays, stored = (
        [ops.convert_to_numpy(variable) for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    )
    ends = np.cumsum([array.size for array in arrays]).tolist()
    cuts = list(zip([0, *ends], ends, strict=False))  # where each array begins and ends in one long array
    cross_entropy = backend.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def loss(flat):
        weights = [ops.reshape(flat[a:b], array.shape) for (a, b), array in zip(cuts, arrays, strict=True)]
        logits, _ = model.stateless_call(weights, stored, images, training=True)
        return cross_entropy(labels, logits)

    _, gradient = backend.value_and_gradient(loss, np.concatenate([array.ravel() for array in arrays]))
    return [gradient[a:b].reshape(array.shape) for (a, b), array in zip(cuts, arrays, strict=True)]


def end_table(measured: dict[str, list[float]], rows: int = 4) -> str:
    """The course of a training as a small table: first epoch, last epoch, and some between.

    Args:
        measured: one list of values, an epoch each, for every quantity, as in Keras' `History.history`.
        rows: how many epochs are shown at the most.

    >>> print(end_table({"loss": [1.0, 0.5], "accuracy": [0.5, 0.75]}))
    epoch     loss  accuracy
        1    1.000     0.500
        2    0.500     0.750
    """
    quantities = [name for name in measured if name != "learning_rate"]
    epochs = len(measured[quantities[0]])
    shown = np.unique(np.linspace(1, epochs, min(rows, epochs)).round().astype(int))
    heads = ["epoch", *(f"test {name[4:]}" if name.startswith("val_") else name for name in quantities)]
    widths = [max(len(head), 7) if k else len(head) for k, head in enumerate(heads)]
    lines = ["  ".join(head.rjust(width) for head, width in zip(heads, widths, strict=True))]
    for epoch in shown:
        cells = [str(epoch), *(f"{measured[name][epoch - 1]:.3f}" for name in quantities)]
        lines.append("  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))
    return "\n".join(lines)


def accuracy(model, images, labels) -> float:
    """The share of images whose largest output is at their label.

    Args:
        model: a model with outputs (N, classes), logits or probabilities.
        images: (N, H, W, C).
        labels: (N,) integers.

    Returns:
        A number in 0..1.

    Raises:
        ValueError: if there is not one label an image, or the model has not one output for each class.

    >>> accuracy(backend.keras.Sequential([backend.keras.layers.Flatten()]), np.eye(3)[:, None], [0, 1, 2])
    1.0
    """
    labels = np.asarray(labels)
    if len(labels) != len(images) or not len(labels):
        raise ValueError(f"got {len(images)} images and {len(labels)} labels; expected one label an image.")
    if labels.ndim != 1:  # (N, 1) would be compared with each of the N answers
        raise ValueError(
            f"labels have shape {labels.shape}; expected one number an image: pass labels.ravel() where they have one "
            "column, labels.argmax(axis=1) where they have one for each class."
        )
    outputs = model.predict(images, batch_size=256, verbose=0)
    if outputs.ndim != 2 or outputs.shape[1] < 2:
        raise ValueError(
            f"the model's outputs have shape {outputs.shape}; expected (N, classes) of two or more classes."
        )
    return float(np.mean(np.argmax(outputs, axis=-1) == labels))
