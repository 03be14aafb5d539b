"""Published data sets: from the folder that CNNCOURSE_DATA names, or by a download that is checked."""

import dataclasses
import functools
import hashlib
import io
import os
import pickle
import shutil
import tarfile
import types
import urllib.error
from pathlib import Path

import numpy as np
import pytest

import cnncourse
from cnncourse import datasets
from cnncourse.datasets import published

DATA = Path(__file__).resolve().parent.parent / "data"
THINGS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@pytest.fixture(autouse=True)
def no_other_folder(monkeypatch):
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The folder that CNNCOURSE_DATA names."""
    folder = tmp_path / "my data"
    folder.mkdir()
    monkeypatch.setenv("CNNCOURSE_DATA", str(folder))
    return folder


def shrink(monkeypatch, name, train, test):
    """Let a published data set have few images, so that a test can write one."""
    small = dataclasses.replace(getattr(published, name), counts={"train": train, "test": test})
    monkeypatch.setattr(published, name, small)


def small_arrays(train=20, test=10, shape=(28, 28)):
    random = np.random.default_rng(0)
    arrays = {}
    for split, count in (("train", train), ("test", test)):
        arrays[f"x_{split}"] = random.integers(0, 256, (count, *shape), dtype=np.uint8)
        arrays[f"y_{split}"] = (np.arange(count) % 10).astype(np.uint8)
    return arrays


def refusal(function, *arguments, kind=ValueError, **options):
    """The message of the error that a call must raise: one line, so that it reads as one sentence."""
    with pytest.raises(kind) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


load_full_fashion_mnist = functools.partial(datasets.load_fashion_mnist, full=True)


@pytest.mark.parametrize(
    ("load", "source", "file", "shape", "names"),
    [
        (load_full_fashion_mnist, "_FASHION_MNIST_FULL", "fashion_mnist_full.npz", (28, 28), published._CLOTHES),
        (datasets.load_mnist, "_MNIST", "mnist.npz", (28, 28), tuple("0123456789")),
        (datasets.load_cifar10, "_CIFAR10", "cifar10.npz", (32, 32, 3), THINGS),
    ],
)
def test_published_data_come_from_cnncourse_data(monkeypatch, own_folder, load, source, file, shape, names):
    shrink(monkeypatch, source, 20, 10)
    arrays = small_arrays(shape=shape)
    arrays["y_train"] = arrays["y_train"].reshape(-1, 1).astype(np.int64)  # as Keras gives the labels of CIFAR-10
    np.savez(own_folder / file, **arrays)
    train, test = load("train"), load("test", 3)
    assert train.images.shape == (20, *shape, 1)[:4]
    assert train.images.dtype == np.float32
    assert np.array_equal(np.rint(train.images.reshape(20, *shape) * 255), arrays["x_train"])
    assert train.labels.dtype == np.int32
    assert train.labels.tolist() == arrays["y_train"].ravel().tolist()
    assert train.class_names == names
    assert np.array_equal(np.rint(test.images.reshape(3, *shape) * 255), arrays["x_test"][:3])
    assert test.images.base is None


def changed(name, change):
    arrays = small_arrays()
    arrays[name] = change(arrays[name])
    return arrays


@pytest.mark.parametrize(
    ("arrays", "received"),
    [
        (changed("x_train", lambda x: x.astype(np.float32) / 255), "x_train float32 (20, 28, 28)"),
        (changed("x_train", lambda x: x[:19]), "x_train uint8 (19, 28, 28)"),
        (changed("x_train", lambda x: x[..., np.newaxis]), "x_train uint8 (20, 28, 28, 1)"),
        (changed("y_train", lambda y: y[:19]), "y_train uint8 (19,)"),
        (changed("y_train", lambda y: y.astype(np.float32)), "y_train float32 (20,)"),
        (changed("y_train", lambda y: np.eye(10, dtype=np.uint8)[y]), "y_train uint8 (20, 10)"),
        (changed("y_train", lambda y: y + 1), "labels from 0 to 9"),
        (changed("y_train", lambda y: y.astype(np.int8) - 1), "labels from 0 to 9"),
    ],
)
def test_arrays_of_a_wrong_form_are_refused(monkeypatch, own_folder, arrays, received):
    shrink(monkeypatch, "_MNIST", 20, 10)
    np.savez(own_folder / "mnist.npz", **arrays)
    message = refusal(datasets.load_mnist)
    assert f"{own_folder / 'mnist.npz'} has x_train" in message
    assert received in message
    assert (
        "expected mnist.npz with the uint8 arrays x_train (20, 28, 28), y_train (20,), x_test (10, 28, 28)" in message
    )
    assert len(datasets.load_mnist("test")) == 10  # the other split is whole


def test_the_shipped_part_is_not_taken_for_the_full_data_set(own_folder):
    shutil.copy(DATA / "fashion_mnist.npz", own_folder / "fashion_mnist_full.npz")
    message = refusal(load_full_fashion_mnist)
    assert "has x_train uint8 (20000, 28, 28)" in message
    assert "expected fashion_mnist_full.npz with the uint8 arrays x_train (60000, 28, 28), y_train (60000,)" in message


class Trap:
    """An object that leaves a trace when it is unpickled."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def test_nothing_is_unpickled(own_folder, tmp_path):
    trace = tmp_path / "unpickled"
    arrays = small_arrays()
    np.savez(own_folder / "mnist.npz", **{**arrays, "x_train": np.array([Trap(trace)], dtype=object)})
    assert "mnist.npz cannot be read (Object arrays cannot be loaded" in refusal(datasets.load_mnist)
    (own_folder / "mnist.npz").write_bytes(pickle.dumps(Trap(trace)))
    message = refusal(datasets.load_mnist)
    assert "mnist.npz cannot be read" in message
    assert "nothing is unpickled" in message
    assert not trace.exists()
    pickle.loads(pickle.dumps(Trap(trace)))
    assert trace.exists()  # so the trap works


def test_a_broken_npz_is_refused(monkeypatch, own_folder):
    shrink(monkeypatch, "_MNIST", 20, 10)
    file = own_folder / "mnist.npz"
    arrays = small_arrays()
    np.savez_compressed(file, **arrays)
    whole = file.read_bytes()
    flipped = bytearray(whole)
    flipped[1000] ^= 255  # amid the packed bytes of x_train, the first member
    for content in (b"", whole[: len(whole) // 2], bytes(flipped), b"some text"):
        file.write_bytes(content)
        message = refusal(datasets.load_mnist)
        assert message.startswith(f"{file} cannot be read (")
        assert "expected mnist.npz with the uint8 arrays x_train" in message
    del arrays["y_test"]
    np.savez(file, **arrays)
    assert "y_test is not a file in the archive" in refusal(datasets.load_mnist, "test")
    file.unlink()
    np.save(own_folder / "array.npy", arrays["x_train"])
    (own_folder / "array.npy").rename(file)
    assert "mnist.npz cannot be read" in refusal(datasets.load_mnist)


# ---- downloads


@pytest.fixture
def fake_keras(monkeypatch):
    """Keras without TensorFlow and without a network; a test sets what its download functions do."""

    def fail(*arguments, **options):
        raise urllib.error.URLError("Name or service not known")

    fashion_mnist = types.SimpleNamespace(load_data=fail)
    keras = types.SimpleNamespace(
        utils=types.SimpleNamespace(get_file=fail), datasets=types.SimpleNamespace(fashion_mnist=fashion_mnist)
    )
    monkeypatch.setattr(cnncourse, "backend", types.SimpleNamespace(keras=keras), raising=False)
    return keras


@pytest.mark.parametrize(
    ("load", "file", "train", "shape"),
    [
        (load_full_fashion_mnist, "fashion_mnist_full.npz", 60000, "28, 28"),
        (datasets.load_mnist, "mnist.npz", 60000, "28, 28"),
        (datasets.load_cifar10, "cifar10.npz", 50000, "32, 32, 3"),
    ],
)
def test_without_a_network_one_sentence_says_what_to_do(fake_keras, load, file, train, shape):
    assert refusal(load, "test") == (
        f"{file} is not in the folder that CNNCOURSE_DATA names, and the download failed (<urlopen error Name or "
        f"service not known>); connect to the internet once, or set CNNCOURSE_DATA to a folder that holds {file} with "
        f"the uint8 arrays x_train ({train}, {shape}), y_train ({train},), x_test (10000, {shape}), y_test (10000,)."
    )


def test_keras_downloads_mnist_and_checks_its_sum(monkeypatch, tmp_path):
    """The real keras.utils.get_file, on a file that stands in for the one of the network."""
    from cnncourse import backend

    shrink(monkeypatch, "_MNIST", 20, 10)
    arrays = small_arrays()
    origin = tmp_path / "origin.npz"
    np.savez(origin, **arrays)
    get_file = functools.partial(backend.keras.utils.get_file, cache_dir=tmp_path)
    keras = types.SimpleNamespace(utils=types.SimpleNamespace(get_file=get_file))
    monkeypatch.setattr(cnncourse, "backend", types.SimpleNamespace(keras=keras))
    monkeypatch.setattr(published, "MNIST_URL", origin.as_uri())
    assert "the download failed (Incomplete or corrupted file" in refusal(datasets.load_mnist)
    monkeypatch.setattr(published, "MNIST_SHA256", hashlib.sha256(origin.read_bytes()).hexdigest())
    assert np.array_equal(np.rint(datasets.load_mnist().images[..., 0] * 255), arrays["x_train"])
    origin.unlink()
    assert len(datasets.load_mnist("test")) == 10  # from Keras' cache
    shutil.rmtree(tmp_path / "datasets")
    assert "the download failed (URL fetch failure on file:" in refusal(datasets.load_mnist)


def test_the_published_fashion_mnist_is_checked(monkeypatch, fake_keras):
    shrink(monkeypatch, "_FASHION_MNIST_FULL", 20, 10)
    arrays = small_arrays()
    pairs = {split: (arrays[f"x_{split}"], arrays[f"y_{split}"]) for split in ("train", "test")}
    fake_keras.datasets.fashion_mnist.load_data = lambda: (pairs["train"], pairs["test"])
    message = refusal(datasets.load_fashion_mnist, "test", full=True)
    assert "its checksum is wrong: delete datasets/fashion-mnist in Keras' cache" in message
    for split, (images, labels) in pairs.items():
        digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
        monkeypatch.setitem(published.FASHION_MNIST_SHA256, split, digest)
        data = datasets.load_fashion_mnist(split, full=True)
        assert np.array_equal(np.rint(data.images[..., 0] * 255), images)
        assert data.labels.tolist() == labels.tolist()


def cifar10_archive(path, images, labels):
    """The binary edition in small: five training files and a test file of equally many records."""
    parts = np.split(np.arange(len(labels)), 6)
    with tarfile.open(path, "w:gz") as archive:
        for name, part in zip([f"data_batch_{n}" for n in range(1, 6)] + ["test_batch"], parts, strict=True):
            planes = images[part].transpose(0, 3, 1, 2).reshape(len(part), -1)
            content = np.concatenate([labels[part, np.newaxis], planes], axis=1).tobytes()
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}.bin")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_the_binary_cifar10_is_parsed_in_memory(monkeypatch, fake_keras, tmp_path):
    shrink(monkeypatch, "_CIFAR10", 10, 2)
    images = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), dtype=np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], np.uint8)
    archive = tmp_path / "cifar-10-binary.tar.gz"
    cifar10_archive(archive, images, labels)
    asked = []
    fake_keras.utils.get_file = lambda *arguments, **options: asked.append((arguments, options)) or str(archive)
    train, test = datasets.load_cifar10("train"), datasets.load_cifar10("test")
    assert np.array_equal(np.rint(train.images * 255), images[:10])
    assert train.labels.tolist() == labels[:10].tolist()
    assert train.images.flags.c_contiguous
    assert np.array_equal(np.rint(test.images * 255), images[10:])
    assert test.labels.tolist() == [5, 8]
    assert asked[0] == (
        ("cifar-10-binary.tar.gz", "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"),
        {"file_hash": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
    )
    assert [path.name for path in tmp_path.iterdir()] == [archive.name]
