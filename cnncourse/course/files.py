"""Write a notebook whole or not at all."""

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
