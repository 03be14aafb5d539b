"""The data in data/, and every way in which `cnncourse.datasets` finds, checks and refuses them."""

import dataclasses
import functools
import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnncourse import datasets

DATA = Path(__file__).resolve().parent.parent / "data"
CLOTHES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")


@pytest.fixture(autouse=True)
def no_other_folder(monkeypatch):
    monkeypatch.delenv("CNNCOURSE_DATA", raising=False)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A copy of data/ that a test may damage, in the place of the repository's."""
    folder = tmp_path / "repository" / "data"
    shutil.copytree(DATA, folder)
    monkeypatch.setattr(datasets.files, "REPOSITORY_DATA", folder)
    return folder


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """The folder that CNNCOURSE_DATA names."""
    folder = tmp_path / "my data"
    folder.mkdir()
    monkeypatch.setenv("CNNCOURSE_DATA", str(folder))
    return folder


def refusal(function, *arguments, kind=ValueError, **options):
    """The message of the error that a call must raise: one line, so that it reads as one sentence."""
    with pytest.raises(kind) as caught:
        function(*arguments, **options)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


# ---- what is shipped


@pytest.mark.parametrize(("split", "count"), [("train", 20_000), ("test", 5_000)])
def test_fashion_mnist_has_its_shape_and_is_balanced_in_every_prefix(split, count):
    data = datasets.load_fashion_mnist(split)
    assert data.images.shape == (count, 28, 28, 1)
    assert data.images.dtype == np.float32
    assert data.images.flags.c_contiguous
    assert data.images.min() == 0.0
    assert data.images.max() == 1.0
    assert data.labels.shape == (count,)
    assert data.labels.dtype == np.int32
    assert data.class_names == CLOTHES
    assert len(data) == count
    assert repr(data) == f"Dataset({count} images of (28, 28, 1), 10 classes)"
    so_far = np.cumsum(data.labels[:, np.newaxis] == np.arange(10), axis=0)
    assert (so_far.max(axis=1) - so_far.min(axis=1)).max() == 1
    assert so_far[-1].tolist() == [count // 10] * 10


def test_fashion_mnist_begins_with_the_same_labels_on_every_machine():
    train, test = datasets.load_fashion_mnist(), datasets.load_fashion_mnist("test")
    assert train.labels[:10].tolist() == [2, 9, 6, 4, 0, 3, 1, 7, 8, 5]
    assert test.labels[:10].tolist() == [4, 1, 5, 0, 7, 2, 3, 6, 9, 8]
    assert np.mean(train.labels[:5000] == test.labels) < 0.12  # as two orders that have nothing to do with each other
    assert np.array_equal(datasets.load_fashion_mnist().images, train.images)


def test_no_image_of_fashion_mnist_occurs_twice_or_in_both_splits():
    digests = [
        hashlib.sha256(image.tobytes()).digest()
        for split in ("train", "test")
        for image in datasets.load_fashion_mnist(split).images
    ]
    assert len(set(digests)) == len(digests) == 25_000


def test_labels_fit_the_images():
    train, test = datasets.load_fashion_mnist("train", 5000), datasets.load_fashion_mnist("test", 1000)
    means = np.stack([train.images[train.labels == label].mean(axis=0).ravel() for label in range(10)])
    distances = ((test.images.reshape(1000, 1, -1) - means) ** 2).sum(axis=-1)
    assert np.mean(distances.argmin(axis=1) == test.labels) > 0.6  # the nearest class mean; chance is 0.1
    left, right = train.images[train.labels == 1][..., 0].mean(axis=(0, 1))[[2, 13]]
    assert left < 0.1 < 0.3 < right  # trousers are narrow and upright: neither transposed nor rolled


@pytest.mark.parametrize("limit", [1, 7, 100, np.int64(33)])
def test_limit_and_take_give_the_first_images_and_free_the_rest(limit):
    whole = datasets.load_fashion_mnist("test")
    for part in (datasets.load_fashion_mnist("test", limit), whole.take(limit)):
        assert np.array_equal(part.images, whole.images[:limit])
        assert np.array_equal(part.labels, whole.labels[:limit])
        assert part.class_names == CLOTHES
        assert part.images.base is None
        assert part.labels.base is None
    assert len(whole.take(None)) == len(whole)


def test_a_dataset_cannot_be_reassigned():
    data = datasets.load_fashion_mnist("test", 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.images = None


def test_photographs():
    shapes = {name: datasets.load_photograph(name).shape for name in datasets.photograph_names()}
    assert shapes == {
        "astronaut": (512, 512, 3),
        "chelsea": (300, 451, 3),
        "coffee": (400, 600, 3),
        "rocket": (427, 640, 3),
    }
    chelsea = datasets.load_photograph("chelsea")
    assert chelsea.dtype == np.float32
    assert np.rint(chelsea[0, 0] * 255).tolist() == [143, 120, 104]
    assert chelsea.min() >= 0.0
    assert 0.5 < chelsea.max() <= 1.0


def test_to_grey_weighs_red_green_and_blue():
    pure = np.eye(3, dtype=np.float32)
    assert datasets.to_grey(pure) == pytest.approx([0.299, 0.587, 0.114])
    for dtype in (np.float32, np.float64):
        grey = datasets.to_grey(np.ones((2, 5, 4, 3), dtype))
        assert grey.shape == (2, 5, 4)
        assert grey.dtype == dtype
        assert 1 - 1e-6 < grey.min() <= grey.max() <= 1


def test_checksums_readme_and_files_agree():
    listed = dict(line.split("  ")[::-1] for line in (DATA / "SHA256SUMS").read_text().splitlines())
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in listed.values())
    for name, digest in listed.items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest, name
    listed = {name: digest for name, digest in listed.items() if not name.startswith("recorded_runs/")}
    row = r"^\| (\S+\.\w+) \|.*\| (\d+) \| `([0-9a-f]{64})` \| `(.+)` \|$"
    rows = re.findall(row, (DATA / "README.md").read_text(), re.MULTILINE)
    assert {name: digest for name, _, digest, _ in rows} == listed
    assert {name: int(size) for name, size, _, _ in rows} == {name: (DATA / name).stat().st_size for name in listed}
    assert all((DATA.parent / command.split()[1]).is_file() for *_, command in rows)
    kept = {*DATA.glob("*.npz"), *DATA.glob("*.txt"), *(DATA / "photographs").iterdir()}
    files = {path.relative_to(DATA).as_posix() for path in kept}
    assert files == set(listed)


def test_importing_starts_neither_keras_nor_tensorflow():
    code = "import sys, cnncourse.datasets; print(sorted({'keras', 'tensorflow', 'jax'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# ---- arguments that are refused


@pytest.mark.parametrize("load", [datasets.load_fashion_mnist, datasets.load_mnist, datasets.load_cifar10])
def test_a_wrong_split_or_limit_is_refused_before_anything_is_read(load, monkeypatch):
    monkeypatch.setattr(datasets.files, "REPOSITORY_DATA", Path("no such folder"))
    expected = "expected 'train' or 'test' (a number of images is given as limit=...)."
    assert refusal(load, "validation") == f"split is 'validation'; {expected}"
    for wrong in (1000, None, ["train"]):
        assert refusal(load, wrong, kind=TypeError) == f"split is {wrong!r}; {expected}"
    for wrong in (0, -1, 10**6):
        assert f"limit is {wrong}; expected a whole number of images from 1 to" in refusal(load, "test", wrong)
    for wrong in (True, False, 10.0, "10", np.bool_(True), np.float32(3)):
        assert f"limit is {wrong!r}; expected a whole number" in refusal(load, "test", wrong, kind=TypeError)


@pytest.mark.parametrize(
    ("load", "split", "largest"),
    [
        (datasets.load_fashion_mnist, "train", 20_000),
        (datasets.load_fashion_mnist, "test", 5_000),
        (functools.partial(datasets.load_fashion_mnist, full=True), "train", 60_000),
        (datasets.load_mnist, "test", 10_000),
        (datasets.load_cifar10, "train", 50_000),
    ],
)
def test_the_largest_limit_is_the_number_of_images(load, split, largest):
    expected = f"expected a whole number of images from 1 to {largest}, or None for all."
    assert refusal(load, split, largest + 1) == f"limit is {largest + 1}; {expected}"


def test_take_refuses_a_wrong_limit():
    ten = datasets.load_fashion_mnist("test", 10)
    for wrong, kind in ((11, ValueError), (0, ValueError), (True, TypeError), (2.0, TypeError)):
        assert f"limit is {wrong}; expected a whole number of images from 1 to 10" in refusal(
            ten.take, wrong, kind=kind
        )


def test_other_wrong_arguments_are_refused():
    message = refusal(datasets.load_fashion_mnist, full="yes", kind=TypeError)
    assert message == "full is of type str; expected True or False."
    known = "expected one of 'astronaut', 'chelsea', 'coffee', 'rocket'"
    for wrong in ("cat", "", "chel", "chelsea.png", "../photographs/chelsea"):
        assert refusal(datasets.load_photograph, wrong) == f"the photograph's name is {wrong!r}; {known}."
    assert f"the photograph's name is None; {known}" in refusal(datasets.load_photograph, None, kind=TypeError)
    message = refusal(datasets.to_grey, np.ones((2, 2, 3), np.uint8), kind=TypeError)
    assert message == "to_grey got dtype uint8; expected floats in 0..1 (divide bytes by 255)."
    for shape in ((), (3, 4), (2, 2, 1), (4, 4, 4)):
        message = refusal(datasets.to_grey, np.ones(shape))
        assert message == f"to_grey got shape {shape}; expected red, green, blue on the last axis."


# ---- shipped files that are missing or damaged


@pytest.mark.parametrize("position", [0, 100, 5_000_000, -1])
def test_one_changed_byte_is_found(repository, position):
    file = repository / "fashion_mnist.npz"
    content = bytearray(file.read_bytes())
    expected = hashlib.sha256(content).hexdigest()
    content[position] ^= 1
    file.write_bytes(content)
    received = hashlib.sha256(content).hexdigest()
    message = refusal(datasets.load_fashion_mnist, "test", 10)
    assert message == (
        f"{file} is damaged: its SHA-256 begins with {received[:12]}, expected {expected[:12]} as in SHA256SUMS; "
        "restore both with `git checkout -- data/fashion_mnist.npz data/SHA256SUMS`."
    )


def test_a_truncated_photograph_is_found(repository):
    file = repository / "photographs" / "rocket.jpg"
    file.write_bytes(file.read_bytes()[:-1])
    assert "rocket.jpg is damaged" in refusal(datasets.load_photograph, "rocket")
    assert datasets.load_photograph("coffee").shape == (400, 600, 3)


def test_a_file_that_is_not_listed_is_refused(repository):
    sums = repository / "SHA256SUMS"
    sums.write_text("".join(line for line in sums.read_text().splitlines(keepends=True) if "fashion" not in line))
    assert "expected (not listed) as in SHA256SUMS" in refusal(datasets.load_fashion_mnist)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n", b"of no file\n"])
def test_a_damaged_list_of_checksums_is_named(repository, content):
    sums = repository / "SHA256SUMS"
    whole = sums.read_bytes()
    for damaged in (content, content + whole, whole[:200]):
        sums.write_bytes(damaged)
        if damaged != whole:
            message = refusal(datasets.load_photograph, "chelsea")
            assert message.startswith(f"{sums} is damaged: expected lines of a SHA-256 and a file's name; restore it")


@pytest.mark.parametrize("missing", ["fashion_mnist.npz", "SHA256SUMS", "photographs/chelsea.png"])
def test_a_missing_file_is_named(repository, missing):
    (repository / missing).unlink()
    load = functools.partial(datasets.load_photograph, "chelsea")
    message = refusal(datasets.load_fashion_mnist if missing == "fashion_mnist.npz" else load)
    assert message == (
        f"{missing} is neither in {repository} nor in the folder that CNNCOURSE_DATA names; restore it with "
        f"`git checkout -- data/{missing}`, or set CNNCOURSE_DATA to a copy of the repository's data folder."
    )


def test_cnncourse_data_is_second_and_is_checked_too(repository, own_folder):
    shutil.copytree(DATA, own_folder, dirs_exist_ok=True)
    (own_folder / "photographs" / "coffee.png").write_bytes(b"not asked for: the repository's file comes first")
    assert datasets.load_photograph("coffee").shape == (400, 600, 3)
    shutil.rmtree(repository)
    assert datasets.load_photograph("chelsea").shape == (300, 451, 3)
    assert len(datasets.load_fashion_mnist("test", 10)) == 10
    assert f"{own_folder / 'photographs' / 'coffee.png'} is damaged" in refusal(datasets.load_photograph, "coffee")


def test_cnncourse_data_must_be_a_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNCOURSE_DATA", str(tmp_path / "nowhere"))
    message = refusal(datasets.load_mnist)
    assert message == f"CNNCOURSE_DATA is '{tmp_path / 'nowhere'}', which is no folder; set it to one, or unset it."
    assert len(datasets.load_fashion_mnist("test", 10)) == 10  # not needed for what the repository holds


def test_the_data_folder_may_begin_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CNNCOURSE_DATA", "~/sets")
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "mine.npz").touch()
    assert datasets.files.find("mine.npz") == tmp_path / "sets" / "mine.npz"
