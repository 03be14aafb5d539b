"""Read a notebook or say which file is damaged; write it whole or not at all."""

from pathlib import Path

import nbformat

from ..storage import write_text


def write_notebook(path: Path, notebook) -> None:
    """Write a notebook whole or not at all, with its keys in one order.

    Args:
        path: the .ipynb file.
        notebook: an nbformat notebook.

    Raises:
        CannotWrite: as `write_text`.
    """
    write_text(path, nbformat.writes(notebook, version=4) + "\n")


def read_notebook(path: Path) -> nbformat.NotebookNode:
    """Read a notebook.

    Args:
        path: the .ipynb file.

    Raises:
        ValueError: if it is missing or damaged; the sentence names the file.
    """
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise ValueError(f"there is no notebook {path}; build or execute it first") from None
    except Exception as error:  # nbformat raises its own, json's and Unicode errors
        problem = f"{path} is not a readable notebook ({type(error).__name__})"
        raise ValueError(f"{problem}; restore it, or build or execute it again") from None


def read_text(path: Path) -> str:
    """Read a text file in UTF-8.

    Args:
        path: the file.

    Raises:
        ValueError: if it is in another encoding; the sentence names the file.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not written in UTF-8; restore it, or save it in UTF-8") from None
