"""Rebuild imagenet_classes.txt: the 1,000 classes of ImageNet-1k in the order of their labels, a line each.

    pip download --no-deps timm==1.0.31
    python data/build_imagenet_classes.py timm-1.0.31-*.whl

A line holds the class's WordNet id, a tab, and its names. Classes are sorted by the id, as all published weights
have them. The script ends with status 1 if the list is not the one that SHA256SUMS lists.
"""

import argparse
import sys
import zipfile
from pathlib import Path

from replace_file import DATA, replace_file

NAME = "imagenet_classes.txt"
IDS, NAMES = "timm/data/_info/imagenet_synsets.txt", "timm/data/_info/imagenet_synset_to_lemma.txt"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="timm-*.whl")
    parser.add_argument("--folder", type=Path, default=DATA, help="where the file goes (default: data/)")
    options = parser.parse_args(arguments)
    try:
        with zipfile.ZipFile(options.wheel) as wheel:
            ids, names = (wheel.read(member).decode("utf-8").splitlines() for member in (IDS, NAMES))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        print(f"build_imagenet_classes: {options.wheel} is no wheel with the class names ({error}).", file=sys.stderr)
        return 2
    by_id = dict(line.split("\t") for line in names)
    content = "".join(f"{one}\t{by_id[one]}\n" for one in ids)
    return 0 if replace_file(options.folder, NAME, content.encode("utf-8")) else 1


if __name__ == "__main__":
    sys.exit(main())
