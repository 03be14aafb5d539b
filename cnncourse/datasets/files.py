"""Where the shipped files lie, and that they are what data/SHA256SUMS lists.

A file is looked for in the repository's data/, then in the folder that the environment variable CNNCOURSE_DATA names.
"""

import hashlib
import os
import re
from pathlib import Path

REPOSITORY_DATA = Path(__file__).resolve().parents[2] / "data"


def find(name: str) -> Path | None:
    """The path of a data file, or None where there is none.

    Raises:
        ValueError: if CNNCOURSE_DATA names no folder.
    """
    if (REPOSITORY_DATA / name).is_file():
        return REPOSITORY_DATA / name
    if not os.environ.get("CNNCOURSE_DATA"):
        return None
    folder = Path(os.environ["CNNCOURSE_DATA"]).expanduser()
    if not folder.is_dir():
        raise ValueError(f"CNNCOURSE_DATA is '{folder}', which is no folder; set it to one, or unset it.")
    return folder / name if (folder / name).is_file() else None


def find_shipped(name: str) -> Path:
    """The path of a file that the repository ships.

    Raises:
        ValueError: if it is missing; the sentence says how to get it back.
    """
    path = find(name)
    if path is None:
        raise ValueError(
            f"{name} is neither in {REPOSITORY_DATA} nor in the folder that CNNCOURSE_DATA names; restore it with "
            f"`git checkout -- data/{name}`, or set CNNCOURSE_DATA to a copy of the repository's data folder."
        )
    return path


def checksums() -> dict[str, str]:
    """The SHA-256 of every shipped file, by its name relative to data/.

    Raises:
        ValueError: if the list is missing or damaged; the sentence says how to get it back.
    """
    path = find_shipped("SHA256SUMS")
    text = path.read_bytes().decode("utf-8", errors="replace")
    if not re.fullmatch(r"(?:[0-9a-f]{64}  [^\n\ufffd]+\n)+", text):
        raise ValueError(
            f"{path} is damaged: expected lines of a SHA-256 and a file's name; restore it with "
            "`git checkout -- data/SHA256SUMS`."
        )
    return {name: digest for digest, _, name in (line.partition("  ") for line in text.splitlines())}


def read_verified(name: str) -> bytes:
    """All bytes of a shipped file, held against its SHA-256 first.

    Raises:
        ValueError: if it is missing or damaged; the sentence says how to get it back.

    >>> len(read_verified("photographs/chelsea.png"))
    240512
    """
    path = find_shipped(name)
    content = path.read_bytes()
    received, expected = hashlib.sha256(content).hexdigest(), checksums().get(name, "(not listed)")
    if received != expected:
        raise ValueError(
            f"{path} is damaged: its SHA-256 begins with {received[:12]}, expected {expected[:12]} as in SHA256SUMS; "
            f"restore both with `git checkout -- data/{name} data/SHA256SUMS`."
        )
    return content
