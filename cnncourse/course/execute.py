"""Run one notebook in a kernel of its own, unattended, and say exactly where it fails."""

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from .kernels import keep_private, kernel_environment

CELL_TIMEOUT = 600  # seconds


@dataclass(frozen=True)
class Failure:
    """Where a notebook failed: the cell's number (from 1), its source, and what it raised."""

    cell: int
    source: str
    error: str

    def __str__(self) -> str:
        source = "\n".join(f"    {line}" for line in self.source.splitlines())
        return f"cell {self.cell}:\n{source}\n  {self.error}"


def execute(notebook, folder: Path, *, solved: bool = False, on_cell: Callable[[int], None] | None = None):
    """Execute a notebook in place, from a fresh kernel, up to the first cell that fails.

    Args:
        notebook: an nbformat notebook; its outputs are replaced.
        folder: the kernel's working directory.
        solved: whether each exercise must be correct.
        on_cell: called with the number of each cell (from 1) before it runs.

    Returns:
        (seconds, failure): failure is None when every cell ran.
    """
    started = time.monotonic()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
    )
    running = {"index": 0}

    def note_cell(cell, cell_index):
        running["index"] = cell_index
        if on_cell:
            on_cell(cell_index + 1)

    client.on_cell_start = note_cell
    language = dict(notebook.metadata.get("language_info", {}))
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as own_folder:
        client.create_kernel_manager()
        keep_private(client.km, own_folder)
        log = Path(own_folder, "stderr.txt")  # what the kernel itself writes: start-up warnings, a crash
        try:
            with log.open("w") as stderr:
                client.execute(env=kernel_environment(own_folder, solved=solved), stderr=stderr)
            failure = None
        except (CellExecutionError, CellTimeoutError, DeadKernelError, AssertionError) as error:
            if _was_stopped(client):
                raise KeyboardInterrupt from None
            if isinstance(error, AssertionError):
                raise
            last_words = log.read_text(errors="replace").strip().splitlines()[-1:]
            failure = _failure(notebook.cells[running["index"]], running["index"] + 1, error, last_words)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    notebook.metadata["language_info"] = language  # nbclient writes the kernel's Python version there
    return time.monotonic() - started, failure


def _was_stopped(client: NotebookClient) -> bool:
    """Whether a person pressed Ctrl-C: nbclient then takes the kernel away, and fails on its absence."""
    return getattr(client, "_async_cleanup_kernel_future", None) is not None


def _joined(outputs: list) -> list:
    """The outputs in their order, neighbouring pieces of one stream as one: how a kernel cuts them is chance."""
    joined = []
    for output in outputs:
        if joined and output.get("name") and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def stderr_of(notebook) -> list[str]:
    """What the cells wrote to stderr: a warning, a log line. A stored notebook must hold none.

    Args:
        notebook: an executed nbformat notebook.

    Returns:
        One sentence for each cell that wrote there.
    """
    found = []
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                found.append(f"cell {number} writes to stderr: {output.text.strip().splitlines()[0][:160]}")
    return found


def _failure(cell, number: int, error: Exception, last_words: list[str]) -> Failure:
    if isinstance(error, CellTimeoutError):
        return Failure(number, cell.source, f"took longer than {CELL_TIMEOUT} seconds and was stopped")
    if isinstance(error, DeadKernelError):
        return Failure(number, cell.source, f"the kernel died {last_words}: is there enough memory?")
    text = re.sub(r"\x1b\[[0-9;]*m", "", f"{error.ename}: {error.evalue}")
    return Failure(number, cell.source, text.strip())
