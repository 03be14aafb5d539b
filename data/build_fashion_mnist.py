"""Rebuild fashion_mnist.npz, the balanced part of Fashion-MNIST that the course ships.

    apt-get download dataset-fashion-mnist
    python data/build_fashion_mnist.py dataset-fashion-mnist_*_all.deb

The argument is the Debian package, or a folder that holds the four published .gz files. The script needs this
project installed. It takes the first 2,000 training and the first 500 test images of each class, in blocks of ten
that hold every class once. Two runs write the same bytes; another zlib may pack the same arrays into other bytes,
and then the script says that they are not as in SHA256SUMS and ends with status 1 (git checkout -- data/ undoes it).
"""

import argparse
import gzip
import hashlib
import io
import sys
import tarfile
from pathlib import Path

import numpy as np
from replace_file import DATA, replace_file

from cnncourse.datasets.published import FASHION_MNIST_SHA256

IMAGES_PER_CLASS = {"train": 2000, "test": 500}
SEEDS = {"train": 1, "test": 2}  # two seeds, so that the labels of the two splits do not follow one order
FILES = {
    "train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
}


def read_files(source: Path) -> dict[str, bytes]:
    """The four .gz files by name, from a folder or from a Debian package."""
    names = [name for pair in FILES.values() for name in pair]
    if source.is_dir():
        missing = [name for name in names if not (source / name).is_file()]
        if missing:
            raise ValueError(f"{source} lacks {', '.join(missing)}; pass the folder with the four published files.")
        return {name: (source / name).read_bytes() for name in names}
    with tarfile.open(fileobj=io.BytesIO(read_ar_member(source.read_bytes(), "data.tar"))) as package:
        members = {Path(member.name).name: member for member in package.getmembers() if member.isfile()}
        missing = [name for name in names if name not in members]
        if missing:
            raise ValueError(f"{source} lacks {', '.join(missing)}; pass the package dataset-fashion-mnist.")
        return {name: package.extractfile(members[name]).read() for name in names}


def read_ar_member(package: bytes, prefix: str) -> bytes:
    """The first member of an ar archive (which a .deb is) whose name begins with `prefix`."""
    if not package.startswith(b"!<arch>\n"):
        raise ValueError("this is no Debian package; pass a .deb file or a folder with the four .gz files.")
    start = 8
    while start < len(package):
        name, size = package[start : start + 16].decode("ascii"), int(package[start + 48 : start + 58])
        start += 60
        if name.startswith(prefix):
            return package[start : start + size]
        start += size + size % 2
    raise ValueError(f"the Debian package has no member {prefix}; download it again.")


def read_idx(content: bytes) -> np.ndarray:
    """The uint8 array of an idx file: two zeros, 8 for uint8, the rank, the big-endian lengths, the values."""
    rank = content[3]
    shape = np.frombuffer(content, ">u4", count=rank, offset=4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def balanced_order(labels: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """Positions of the first `per_class` images of each class, every class once in each block of ten.

    The order within a block comes from NumPy's frozen generator: the same with every version of NumPy.
    """
    blocks = np.stack([np.flatnonzero(labels == label)[:per_class] for label in range(10)], axis=1)
    random = np.random.RandomState(seed)
    return np.concatenate([random.permutation(block) for block in blocks])


def build(files: dict[str, bytes]) -> bytes:
    """The bytes of fashion_mnist.npz, made from the four published files."""
    arrays = {}
    for split, names in FILES.items():
        images, labels = (read_idx(gzip.decompress(files[name])) for name in names)
        if hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest() != FASHION_MNIST_SHA256[split]:
            raise ValueError(f"{' and '.join(names)} are not the published files; download them again.")
        order = balanced_order(labels, IMAGES_PER_CLASS[split], SEEDS[split])
        arrays |= {f"x_{split}": images[order], f"y_{split}": labels[order]}
    archive = io.BytesIO()
    np.savez_compressed(archive, **arrays)
    return archive.getvalue()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="dataset-fashion-mnist_*.deb, or a folder with the four .gz files")
    parser.add_argument("--folder", type=Path, default=DATA, help="where fashion_mnist.npz goes (default: data/)")
    options = parser.parse_args(arguments)
    try:
        return 0 if replace_file(options.folder, "fashion_mnist.npz", build(read_files(options.source))) else 1
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        print(f"build_fashion_mnist: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
