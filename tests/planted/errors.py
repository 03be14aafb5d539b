"""What a planted error is, and ways to plant one."""

import json
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class PlantedError:
    """An error to plant and how it must be caught.

    Args:
        where: a notebook's number, "house" or "models".
        what: the error in a few words.
        file: the file that is changed, from the root of the checkout.
        plant: takes the file's bytes and returns the changed ones.
        tests: what pytest is called with.
        culprit: patterns that the tests must print.
    """

    where: str
    what: str
    file: str
    plant: Callable[[bytes], bytes]
    tests: tuple[str, ...]
    culprit: tuple[str, ...]


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    """Replace a text that stands in the file exactly once."""

    def plant(content: bytes) -> bytes:
        if content.count(old.encode()) != 1:
            raise SystemExit(f"{old!r} stands {content.count(old.encode())} times in the file; expected once")
        return content.replace(old.encode(), new.encode())

    return plant


def change_byte(content: bytes) -> bytes:
    """Change one byte in the middle of a file."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def in_notebook(change: Callable[[list], None]) -> Callable[[bytes], bytes]:
    """Change the list of a notebook's code cells."""

    def plant(content: bytes) -> bytes:
        notebook = json.loads(content)
        change([cell for cell in notebook["cells"] if cell["cell_type"] == "code"])
        return json.dumps(notebook).encode()

    return plant


def change_a_compared_digit(cells: list) -> None:
    for cell in cells:
        text = "".join(cell["outputs"][0].get("text", [])) if cell["outputs"] else ""
        if "nbval-check-output" in cell["metadata"].get("tags", []) and "4" in text:
            cell["outputs"][0]["text"] = text.replace("4", "7", 1)
            return
    raise SystemExit("no compared cell prints a 4")


def strip_outputs(cells: list) -> None:
    for cell in cells:
        cell["outputs"], cell["execution_count"] = [], None
