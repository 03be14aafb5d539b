"""Rebuild object_photos.npz: photographs of single objects on white, out of a Debian package.

    apt-get download tuxpaint-stamps-default
    python data/build_object_photos.py tuxpaint-stamps-default_2022.06.04-1_all.deb

The script needs this project installed. It takes the pictures of the folders below without cartoons, toys and those
of LEFT_OUT, puts each on white, scales its longer side to 128 pixels and packs JPEGs. Two runs write the same bytes;
another Pillow, JPEG library or zlib may write other bytes, and then the script says that they are not as in
SHA256SUMS and ends with status 1 (git checkout -- data/ undoes it).
"""

import argparse
import io
import sys
import tarfile
from pathlib import Path, PurePosixPath

import numpy as np
from build_fashion_mnist import read_ar_member
from PIL import Image
from replace_file import DATA, replace_file

SIDE = 128  # pixels
QUALITY = 90  # of the JPEGs
TEST_IMAGES = 10  # of each class
SEED = 1  # of the order within each class
STAMPS = "usr/share/tuxpaint/stamps/"
FOLDERS = {
    "bird": "animals/birds/",
    "mammal": "animals/mammals/",
    "flower": "plants/flowers/",
    "fruit": "food/fruit/",
    "vegetable": "food/vegetables/",
}
COUNTS = {"bird": 31, "mammal": 62, "flower": 19, "fruit": 18, "vegetable": 18}
NO_PHOTOGRAPHS = {"cartoon", "toys", "plastic"}  # folders; plastic holds a flower of plastic
LEFT_OUT = {
    "a drawing": ("echidna", "hedgehog"),
    "CC BY-SA 2.5 in the package's change log": ("pelican", "heron_greatblue", "heron_greatblue_flying"),
    "CC BY-SA 3.0 in the change log": ("adeenia", "anthoorium", "appooppanthady", "bolsom", "chemparathi"),
    "GFDL in the change log": ("helmeted_guineafowl", "Apricot_whole", "Cherry_Stella", "Strawberry2"),
    "from Wikipedia, no licence named in the change log": ("apricot",),
    "from a stock photo site, no licence named": ("pineapple", "grapes", "sliced_orange", "sliced_lime"),
}
TRAINING_ONLY = {  # pictures of one and the same animal: on one side of the split
    "gnu-baby",
    "gnu-baby-stand",
    "gnu-sitting",
    "gnu-stand",
    "pig_golden",
    "pig_golden2",
}
LICENCE = "GPL-2 or later; data/LICENSES/object_photos.txt"


def read_pictures(package: Path) -> dict[str, dict[str, bytes]]:
    """The PNG files of each class by their name below the folder of stamps, in alphabetical order."""
    content = package.read_bytes()
    if not content.startswith(b"!<arch>\n"):
        raise ValueError(f"{package} is no Debian package; pass the package tuxpaint-stamps-default.")
    left_out = {stem for stems in LEFT_OUT.values() for stem in stems}
    pictures = {name: {} for name in FOLDERS}
    with tarfile.open(fileobj=io.BytesIO(read_ar_member(content, "data.tar"))) as archive:
        for member in archive:
            path = PurePosixPath(member.name.partition(STAMPS)[2])
            if not member.isfile() or path.suffix != ".png" or path.stem in left_out:
                continue
            if NO_PHOTOGRAPHS.isdisjoint(path.parts):
                for name, folder in FOLDERS.items():
                    if str(path).startswith(folder):
                        pictures[name][str(path)] = archive.extractfile(member).read()
    found = {name: len(files) for name, files in pictures.items()}
    if found != COUNTS:
        raise ValueError(f"{package} has {found} pictures, expected {COUNTS}; pass version 2022.06.04-1.")
    return {name: dict(sorted(files.items())) for name, files in pictures.items()}


def on_white(png: bytes) -> bytes:
    """The picture as a square JPEG: longer side as long as the square, in the middle, the rest white."""
    with Image.open(io.BytesIO(png)) as image:
        picture = image.convert("RGBA")
    flat = Image.new("RGBA", picture.size, "white")
    flat.alpha_composite(picture)
    scale = SIDE / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    small = flat.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    jpeg = io.BytesIO()
    square.save(jpeg, "JPEG", quality=QUALITY, subsampling=0, optimize=True)
    return jpeg.getvalue()


def shuffled(names: list[str], random: np.random.RandomState) -> tuple[list[str], list[bool]]:
    """The names of one class in the order of the file, and which are test images: the first that may be."""
    order = [names[position] for position in random.permutation(len(names))]
    may_be_test = [name for name in order if PurePosixPath(name).stem not in TRAINING_ONLY]
    test = set(may_be_test[:TEST_IMAGES])
    return order, [name in test for name in order]


def build(pictures: dict[str, dict[str, bytes]]) -> bytes:
    """The bytes of object_photos.npz: JPEGs end to end, where each begins, labels, split and names."""
    random = np.random.RandomState(SEED)  # NumPy's frozen generator: the same with every version of NumPy
    jpegs, labels, is_test, names = [], [], [], []
    for label, files in enumerate(pictures.values()):
        order, test = shuffled(list(files), random)
        jpegs += [on_white(files[name]) for name in order]
        labels += [label] * len(order)
        is_test += test
        names += order
    archive = io.BytesIO()
    np.savez_compressed(
        archive,
        jpegs=np.frombuffer(b"".join(jpegs), np.uint8),
        offsets=np.cumsum([0, *map(len, jpegs)], dtype=np.int64),
        labels=np.array(labels, np.uint8),
        is_test=np.array(is_test, bool),
        names=np.array(names),
        class_names=np.array(list(pictures)),
        licence=np.array(LICENCE),
    )
    return archive.getvalue()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=Path, help="tuxpaint-stamps-default_*.deb")
    parser.add_argument("--folder", type=Path, default=DATA, help="where object_photos.npz goes (default: data/)")
    options = parser.parse_args(arguments)
    try:
        return 0 if replace_file(options.folder, "object_photos.npz", build(read_pictures(options.package))) else 1
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        print(f"build_object_photos: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
