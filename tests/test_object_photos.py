"""The object photos: what `load_object_photos` gives and refuses, and the script that rebuilds their file."""

import functools
import hashlib
import importlib
import io
import itertools
import shutil
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnncourse import datasets
from cnncourse.datasets import object_photos

DATA = Path(__file__).resolve().parent.parent / "data"
CLASSES = ("bird", "mammal", "flower", "fruit", "vegetable")


def digests(data):
    return [hashlib.sha256(image.tobytes()).hexdigest() for image in data.images]


@functools.cache
def drawn(seed, per_class=8):
    return digests(datasets.load_object_photos("train", per_class, seed=seed))


@pytest.fixture(autouse=True)
def no_other_folder(monkeypatch):
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(DATA)
    yield importlib.import_module("build_object_photos")
    for name in ("build_object_photos", "build_fashion_mnist", "replace_file"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("split", "per_class"), [("train", 8), ("test", 10)])
def test_the_images_are_balanced_and_the_classes_alternate(split, per_class):
    data = datasets.load_object_photos(split)
    assert data.images.shape == (5 * per_class, 128, 128, 3)
    assert data.images.dtype == np.float32
    assert 0 <= data.images.min() < 0.1
    assert data.images.max() == 1
    assert data.class_names == CLASSES
    assert data.labels.dtype == np.int32
    assert data.labels.tolist() == list(range(5)) * per_class
    border = np.concatenate([data.images[:, [0, -1]].reshape(len(data), -1, 3)], axis=1)
    assert np.median(border) > 0.99  # on white
    few = datasets.load_object_photos(split, 2, size=32)
    assert few.images.shape == (10, 32, 32, 3)
    assert np.abs(few.images.mean(axis=(1, 2)) - data.images[:10].mean(axis=(1, 2))).max() < 0.02


def test_the_file_has_its_counts_and_no_image_is_in_both_splits():
    arrays = np.load(DATA / "object_photos.npz", allow_pickle=False)
    labels, is_test, offsets, names = (arrays[key] for key in ("labels", "is_test", "offsets", "names"))
    assert np.bincount(labels).tolist() == [31, 62, 19, 18, 18]
    assert np.bincount(labels[is_test]).tolist() == [10] * 5
    assert len(set(names.tolist())) == len(names) == 148
    assert offsets[-1] == len(arrays["jpegs"])
    pieces = [arrays["jpegs"][a:b].tobytes() for a, b in itertools.pairwise(offsets)]
    assert len(set(pieces)) == 148
    for piece in pieces:
        with Image.open(io.BytesIO(piece)) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (128, 128))
    folders = ("animals/birds", "animals/mammals", "plants/flowers", "food/fruit", "food/vegetables")
    assert all(name.startswith(folders[label]) for name, label in zip(names.tolist(), labels, strict=True))
    twins = [flag for name, flag in zip(names.tolist(), is_test, strict=True) if "gnu-" in name or "golden" in name]
    assert twins == [False] * 6
    assert "GPL-2" in str(arrays["licence"])
    test = set(digests(datasets.load_object_photos("test")))
    assert len(test) == 50
    assert all(test.isdisjoint(drawn(seed)) for seed in (None, 0, 1, 2, 3))


def test_seeds_draw_other_training_images_and_never_change_the_test_set():
    assert len({frozenset(drawn(seed)) for seed in (None, 1, 2, 3)}) == 4
    assert drawn(1) == digests(datasets.load_object_photos(seed=np.int64(1)))
    assert drawn(1, 2) == drawn(1)[:10]
    assert drawn(None, 2) == drawn(None)[:10]
    tests = [digests(datasets.load_object_photos("test", seed=seed)) for seed in (None, 1, 2)]
    assert tests[0] == tests[1] == tests[2]


def test_wrong_arguments_are_refused():
    load = datasets.load_object_photos
    for split, most in (("train", 8), ("test", 10)):
        with pytest.raises(ValueError, match=f"^per_class is {most + 1}; expected at most {most} images a class"):
            load(split, most + 1)
    with pytest.raises(ValueError, match=r"^split is 'validation'; expected 'train' or 'test'"):
        load("validation")
    with pytest.raises(TypeError, match=r"^split is 4; expected"):
        load(4)
    for options in ({"per_class": 0}, {"seed": -1}, {"size": 0}):
        with pytest.raises(ValueError, match="is too small: pass a whole number"):
            load(**options)
    for options in ({"per_class": True}, {"seed": 1.5}, {"size": "128"}):
        with pytest.raises(TypeError, match="pass one whole number"):
            load(**options)


@pytest.mark.parametrize("position", [0, 300_000, -1])
def test_a_damaged_file_is_refused(tmp_path, monkeypatch, position):
    for name in ("object_photos.npz", "SHA256SUMS"):
        shutil.copy(DATA / name, tmp_path / name)
    monkeypatch.setattr(datasets.files, "REPOSITORY_DATA", tmp_path)
    assert len(datasets.load_object_photos("test", 1)) == 5
    content = bytearray((tmp_path / "object_photos.npz").read_bytes())
    content[position] ^= 1
    (tmp_path / "object_photos.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"object_photos\.npz is damaged: its SHA-256 begins with"):
        datasets.load_object_photos("test", 1)


def test_the_licence_lies_beside_the_file_and_in_the_credit():
    text = (DATA / "LICENSES" / "object_photos.txt").read_text(encoding="utf-8")
    assert "Copyright: 2002-2022 by Bill Kendrick" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "END OF TERMS AND CONDITIONS" in text
    for part in ("Tux Paint", "Bill Kendrick", "GPL-2", "data/LICENSES/object_photos.txt"):
        assert part in datasets.OBJECT_PHOTOS_CREDIT


def debian_package(path, script, *, without=None):
    """A .deb in small: pictures of the right number, each of one colour, and one of each kind that is left out."""
    png = {}
    for label, (name, folder) in enumerate(script.FOLDERS.items()):
        left_out = [f"{folder}{part}/odd.png" for part in script.NO_PHOTOGRAPHS]
        left_out += [f"{folder}{stem}.png" for stems in script.LEFT_OUT.values() for stem in stems]
        for number, file in enumerate([f"{folder}{name}{i}.png" for i in range(script.COUNTS[name])] + left_out):
            picture = Image.new("RGBA", (40, 20), (40 * label, 3 * number, 100, 255 * (number != 0)))
            picture.save(content := io.BytesIO(), "PNG")
            png[file] = content.getvalue()
    png.pop(without, None)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        for file, content in png.items():
            member = tarfile.TarInfo(f"./{script.STAMPS}{file}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    member = data.getvalue()
    header = f"{'data.tar.xz':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(member):<10}`\n".encode()
    path.write_bytes(b"!<arch>\n" + header + member)
    return path


def test_the_script_takes_the_right_pictures_and_repeats_itself(script, tmp_path, capsys):
    package = debian_package(tmp_path / "stamps.deb", script)
    for folder in "ab":
        assert script.main([str(package), "--folder", str(tmp_path / folder)]) == 1  # not what SHA256SUMS lists
    assert capsys.readouterr().out.count("NOT as in SHA256SUMS") == 2
    first, second = (tmp_path / folder / "object_photos.npz" for folder in "ab")
    assert first.read_bytes() == second.read_bytes()
    arrays = np.load(first, allow_pickle=False)
    assert arrays["class_names"].tolist() == list(CLASSES)
    assert np.bincount(arrays["labels"]).tolist() == list(script.COUNTS.values())
    assert np.bincount(arrays["labels"][arrays["is_test"]]).tolist() == [10] * 5
    for name, start, stop in zip(arrays["names"], arrays["offsets"][:-1], arrays["offsets"][1:], strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(arrays["jpegs"][start:stop].tobytes()))).astype(int)
        name, number = Path(name).stem.rstrip("0123456789"), int(Path(name).stem.lstrip("abcdefghijklmnopqrstuvwxyz"))
        colour = (40 * CLASSES.index(name), 3 * number, 100) if number else (255, 255, 255)  # 0 is transparent
        assert np.abs(pixels[64, 64] - colour).max() <= 4
        assert (pixels[[10, 117]] > 250).all()  # padded above and below


def test_the_script_says_what_is_wrong_with_its_source(script, tmp_path, capsys):
    missing = debian_package(tmp_path / "few.deb", script, without="food/fruit/fruit3.png")
    odd = tmp_path / "odd.deb"
    odd.write_bytes(b"odd")
    for package, message in (
        (missing, "'fruit': 17"),
        (odd, "is no Debian package"),
        (tmp_path / "none.deb", "No such file"),
    ):
        assert script.main([str(package), "--folder", str(tmp_path / "out")]) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_pictures_of_one_animal_are_never_test_images(script):
    names = sorted([f"{stem}.png" for stem in script.TRAINING_ONLY] + [f"other{i}.png" for i in range(10)])
    for seed in range(5):
        order, is_test = script.shuffled(names, np.random.RandomState(seed))
        assert sorted(order) == names
        assert {name for name, flag in zip(order, is_test, strict=True) if flag} == {
            f"other{i}.png" for i in range(10)
        }


def test_nothing_is_unpickled():
    buffer = io.BytesIO()
    np.savez(buffer, labels=np.array([None], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        object_photos._unpack(buffer.getvalue())
