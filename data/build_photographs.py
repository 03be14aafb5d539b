"""Copy the photographs, unchanged, out of a wheel of scikit-image.

    pip download --no-deps scikit-image==0.26.0
    python data/build_photographs.py scikit_image-0.26.0-*.whl

Any wheel of scikit-image that holds the same pictures will do. The script ends with status 1 if a picture is not
the one that SHA256SUMS lists.
"""

import argparse
import sys
import zipfile
from pathlib import Path

from replace_file import DATA, replace_file

PHOTOGRAPHS = ("astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=Path, help="scikit_image-*.whl")
    parser.add_argument("--folder", type=Path, default=DATA, help="where photographs/ goes (default: data/)")
    options = parser.parse_args(arguments)
    try:
        with zipfile.ZipFile(options.wheel) as wheel:
            pictures = {name: wheel.read(f"skimage/data/{name}") for name in PHOTOGRAPHS}
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        print(f"build_photographs: {options.wheel} is no wheel with the pictures ({error}).", file=sys.stderr)
        return 2
    agree = [replace_file(options.folder, f"photographs/{name}", picture) for name, picture in pictures.items()]
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
