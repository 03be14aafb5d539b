"""The scripts in data/ that rebuild the shipped files, on small files that stand in for the real packages."""

import functools
import gzip
import hashlib
import importlib
import io
import sys
import tarfile
import types
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnncourse.datasets import published as published_data

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def scripts(monkeypatch):
    """The two scripts as modules."""
    monkeypatch.syspath_prepend(DATA)
    names = ("build_fashion_mnist", "build_photographs")
    yield types.SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    for name in (*names, "replace_file"):
        sys.modules.pop(name, None)


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A folder with the four files of Fashion-MNIST in the published form, each image filled with its position."""
    folder = tmp_path / "published"
    folder.mkdir()
    for split, prefix, count in (("train", "train", 24_000), ("test", "t10k", 6_000)):
        labels = np.random.default_rng(count).permutation(np.arange(count) % 10).astype(np.uint8)
        images = np.zeros((count, 28, 28), np.uint8)
        images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(count), 256)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{prefix}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes(), 1))
        digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
        monkeypatch.setitem(published_data.FASHION_MNIST_SHA256, split, digest)
    return folder


def debian_package(path, folder):
    """A .deb in small: an ar archive with the folder's files in its data.tar.xz."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        for file in sorted(folder.iterdir()):
            archive.add(file, f"./usr/share/datasets/fashion-mnist/{file.name}")
    content = b"!<arch>\n"
    for name, member in (("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), ("data.tar.xz", data.getvalue())):
        content += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(member):<10}`\n".encode()
        content += member + b"\n" * (len(member) % 2)
    path.write_bytes(content)


def test_the_build_takes_the_first_images_of_each_class_and_repeats_itself(scripts, published, tmp_path, capsys):
    build = scripts.build_fashion_mnist.main
    debian_package(tmp_path / "package.deb", published)
    assert build([str(published), "--folder", str(tmp_path / "a")]) == 1  # other images than SHA256SUMS lists
    assert build([str(tmp_path / "package.deb"), "--folder", str(tmp_path / "b")]) == 1
    assert capsys.readouterr().out.count("NOT as in SHA256SUMS") == 2
    first, second = (tmp_path / folder / "fashion_mnist.npz" for folder in "ab")
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["fashion_mnist.npz"]
    arrays = np.load(first, allow_pickle=False)
    for split, prefix, per_class in (("train", "train", 2000), ("test", "t10k", 500)):
        file = published / f"{prefix}-labels-idx1-ubyte.gz"
        labels = np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8, offset=8)
        x, y = arrays[f"x_{split}"], arrays[f"y_{split}"]
        positions = x[:, 0, 0].astype(int) * 256 + x[:, 0, 1]
        assert np.array_equal(labels[positions], y)
        for label in range(10):
            assert np.array_equal(positions[y == label], np.flatnonzero(labels == label)[:per_class])
        assert (np.sort(y.reshape(-1, 10), axis=1) == np.arange(10)).all()
        assert len(np.unique(y.reshape(-1, 10), axis=0)) > 0.99 * per_class  # hardly two blocks in the same order


def test_a_build_says_what_is_wrong_with_its_source(scripts, published, tmp_path, capsys):
    def complaint(source):
        assert scripts.build_fashion_mnist.main([str(source), "--folder", str(tmp_path / "out")]) == 2
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    assert "this is no Debian package" in complaint(published / "train-labels-idx1-ubyte.gz")
    assert "No such file" in complaint(tmp_path / "nowhere.deb")
    labels = published / "t10k-labels-idx1-ubyte.gz"
    content = bytearray(gzip.decompress(labels.read_bytes()))
    content[-1] = (content[-1] + 1) % 10
    labels.write_bytes(gzip.compress(content))
    assert "t10k-labels-idx1-ubyte.gz are not the published files" in complaint(published)
    labels.unlink()
    assert "lacks t10k-labels-idx1-ubyte.gz; pass the folder" in complaint(published)
    debian_package(tmp_path / "package.deb", published)
    assert "lacks t10k-labels-idx1-ubyte.gz; pass the package" in complaint(tmp_path / "package.deb")


def test_photographs_are_copied_out_of_a_wheel(scripts, tmp_path, capsys):
    wheel, out = tmp_path / "scikit_image.whl", tmp_path / "out"
    build = functools.partial(scripts.build_photographs.main, [str(wheel), "--folder", str(out)])
    assert build() == 2
    pictures = {path.name: path.read_bytes() for path in (DATA / "photographs").iterdir()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in pictures.items():
            archive.writestr(f"skimage/data/{name}", content)
    assert build() == 0
    assert {path.name: path.read_bytes() for path in (out / "photographs").iterdir()} == pictures
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in pictures.items():
            archive.writestr(f"skimage/data/{name}", content + b"!" * (name == "coffee.png"))
    capsys.readouterr()
    assert build() == 1
    assert capsys.readouterr().out.count("NOT as in SHA256SUMS") == 1
