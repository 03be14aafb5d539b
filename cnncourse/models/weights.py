"""Weights of a model in one .npz file: arrays under the names of the weights; nothing is ever unpickled."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np

from ..arguments import one_of
from ..backend import lacks_weights
from ..datasets import files
from ..storage import write_bytes

_HEAD = "logits"  # the layer that include_top=False leaves out
_DTYPES = ("float16", "float32", "float64")  # of stored numbers
_MODEL = "model"  # beside the weights, the file holds the name of the model that they belong to


def weights_as_bytes(model, dtype: str = "float16") -> bytes:
    """All weights of a model as the content of an .npz file; with one Python, the same weights make the same bytes.

    Args:
        model: a `keras.Model` whose layers have names of their own.
        dtype: of the stored numbers, "float16", "float32" or "float64"; "float32" keeps every digit.

    Raises:
        ValueError: if a weight is too large for the dtype, there is no such dtype, or the model is not built
            or an outline.
    """
    one_of("dtype", dtype, _DTYPES)
    if not model.built:
        raise ValueError(
            f"the model {model.name!r} has no weights yet; put keras.Input(shape) first, or call it once with images."
        )
    _refuse_outline(model)
    arrays = {weight.path: np.asarray(weight) for weight in model.weights}
    with np.errstate(over="ignore"):
        stored = {name: array.astype(dtype) for name, array in arrays.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            raise ValueError(f"the weight {name} does not fit into {dtype}; store the model as float32.")
    buffer = io.BytesIO()
    np.savez(buffer, **{_MODEL: np.array(model.name)}, **stored)
    return buffer.getvalue()


def save_weights(model, path, dtype: str = "float16") -> None:
    """Write the weights of a model to an .npz file that `load_weights` reads, whole or not at all.

    Args:
        model: a `keras.Model` whose layers have names of their own.
        path: the file.
        dtype: of the stored numbers, "float16", "float32" or "float64"; "float32" keeps every digit.

    Raises:
        ValueError: as `weights_as_bytes`.
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    write_bytes(Path(path), weights_as_bytes(model, dtype))


def load_weights(model, path) -> None:
    """Give a model the weights of an .npz file that `save_weights` wrote; the model changes wholly or not at all.

    Args:
        model: a `keras.Model` with the same layers as the one that was saved, or all but its layer "logits".
        path: the .npz file.

    Raises:
        TypeError: if the path is no path.
        ValueError: if the file is missing, damaged, of another kind or of another model, or the model is an outline;
            the sentence says which.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"the path is {path!r}; pass the path of an .npz file that save_weights wrote.")
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no weights file {path}; pass the path of an .npz file that save_weights wrote.")
    _set_weights(model, path.read_bytes(), str(path))


def load_imagenet_weights(model) -> None:
    """Give a model the ImageNet weights that data/ ships for it, held against their SHA-256.

    Raises:
        ValueError: if there are none for this model, they are missing or damaged, or the model's shapes differ.
    """
    name = f"{model.name}_imagenet.npz"
    if name not in files.checksums():
        shipped = [file.removesuffix("_imagenet.npz") for file in files.checksums() if file.endswith("_imagenet.npz")]
        raise ValueError(f"there are no ImageNet weights for {model.name!r}; expected {', '.join(shipped)}.")
    _set_weights(model, files.read_verified(name), name)


def _refuse_outline(model) -> None:
    if lacks_weights(model):
        raise ValueError(f"the model {model.name!r} is an outline, without numbers in its weights; use models.build.")


def _set_weights(model, content: bytes, file: str) -> None:
    _refuse_outline(model)
    stored = _read(content, file)
    name = stored.pop(_MODEL, None)
    mend = f"pass a file that save_weights wrote for {model.name!r}"
    if name is None or name.dtype.kind != "U" or name.ndim:
        raise ValueError(f"{file} does not say which model its arrays belong to; {mend}.")
    expected = {weight.path: tuple(weight.shape) for weight in model.weights}
    if _HEAD not in {layer.name for layer in model.layers}:
        stored = {path: array for path, array in stored.items() if path.split("/")[0] != _HEAD}
    received = {path: array.shape for path, array in stored.items()}
    missing = [path for path in expected if path not in received]
    strange = [path for path in received if path not in expected]
    for paths, what in ((missing, "lacks"), (strange, "also holds")):
        if paths:
            raise ValueError(
                f"{file} holds the weights of {str(name)!r}: it {what} {paths[0]} "
                f"({len(paths)} of {len(expected)} in all); {mend}."
            )
    for path, shape in expected.items():
        if received[path] != shape:
            raise ValueError(
                f"{file}: {path} has shape {received[path]}, expected {shape}; {mend} of the same width and classes."
            )
        if stored[path].dtype.kind != "f" or not np.isfinite(stored[path]).all():
            raise ValueError(f"{file}: {path} holds {stored[path].dtype} or no finite numbers; {mend}.")
    for weight in model.weights:
        weight.assign(stored[weight.path].astype("float32"))


def _read(content: bytes, file: str) -> dict[str, np.ndarray]:
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ValueError(
            f"{file} is no .npz file, or was cut off (a pickle is never loaded); expected one that save_weights "
            "wrote: copy or download it again."
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except Exception as error:  # NumPy, zipfile and zlib raise a dozen kinds on a broken file
        raise ValueError(
            f"{file} is damaged ({str(error).splitlines()[0]}); copy or download it again; nothing is unpickled."
        ) from error
