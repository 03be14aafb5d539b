"""Run the whole course: execute every notebook, write pages to read, say in one line how each went."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from ..storage import write_text
from .execute import Failure, execute
from .files import read_notebook, read_text, write_notebook
from .sources import NOTEBOOKS, ROOT, Source, find_sources

COURSE_FOLDER = ROOT / "build" / "course"


@dataclass(frozen=True)
class Outcome:
    """How one notebook went."""

    source: Source
    seconds: float | None
    failure: Failure | None

    @property
    def verdict(self) -> str:
        return "FAILED" if self.failure else "passed"


def run(directory: Path | None = None, folder: Path | None = None, *, only: str | None = None, say=print) -> bool:
    """Execute the notebooks in order, with their exercises as they stand, and write notebooks and pages.

    A notebook that fails does not keep the others from running.

    Args:
        directory: the folder that holds the notebooks; the course's own notebooks/ by default.
        folder: where executed notebooks and pages go; build/course/ by default.
        only: the number of one notebook, or None for all.
        say: takes each line of the report.

    Returns:
        Whether every notebook passed.
    """
    directory, folder = directory or NOTEBOOKS, folder or COURSE_FOLDER
    sources = find_sources(directory, only)
    width = max((len(source.title) for source in sources), default=0)
    outcomes = [_run_one(source, folder, width, say) for source in sources]
    index = _write_pages(outcomes, directory, folder)
    _say_end(outcomes, width, index, say)
    return not any(outcome.failure for outcome in outcomes)


def _run_one(source: Source, folder: Path, width: int, say) -> Outcome:
    label = f"{source.number}  {source.title:{width}}"
    seconds, failure = 0.0, None
    if source.notebook.exists():
        try:
            notebook = read_notebook(source.notebook)
        except ValueError as error:
            failure = Failure(0, "", str(error))
    else:
        failure = Failure(0, "", f"{source.notebook.name} is missing; run `make build`")
    if failure is None:
        cells = len(notebook.cells)
        seconds, failure = execute(
            notebook, source.notebook.parent, on_cell=lambda n: _progress(f"{label}  cell {n} of {cells}")
        )
        write_notebook(folder / source.notebook.name, notebook)
    outcome = Outcome(source, seconds, failure)
    _progress("")
    say(f"{label}  {seconds:6.1f} s  {outcome.verdict}")
    if failure:
        say(f"\n{source.notebook.name}, {failure}\n")
    return outcome


def _progress(text: str) -> None:
    """Show what is going on in the last line of a terminal; elsewhere nothing."""
    if sys.stdout.isatty():
        columns = shutil.get_terminal_size().columns
        print(f"\r{text[: columns - 1]:{columns - 1}}\r", end="", flush=True)


def book(directory: Path | None = None, folder: Path | None = None, *, say=print) -> None:
    """Write pages of the notebooks as they are stored, without executing them.

    Args:
        directory: the folder that holds the notebooks; the course's own notebooks/ by default.
        folder: where the pages go; build/course/ by default.
        say: takes each line of the report.

    Raises:
        ValueError: if a notebook is damaged; the sentence names it.
        CannotWrite: if the disk is full or the folder cannot be written.
    """
    directory, folder = directory or NOTEBOOKS, folder or COURSE_FOLDER
    stored = [source for source in find_sources(directory) if source.notebook.exists()]
    for source in stored:
        write_text(folder / source.notebook.name, read_text(source.notebook))
    say(f"Read the course: {_write_pages([Outcome(source, None, None) for source in stored], directory, folder)}")


def _write_pages(outcomes: list[Outcome], directory: Path, folder: Path) -> Path:
    """Pages of the notebooks in `folder`, of the stored solutions and of the two reference documents."""
    from .pages import Page, write_pages  # nbconvert takes a second to import

    pages = []
    for outcome in outcomes:
        source = outcome.source
        if (folder / source.notebook.name).exists():
            verdict = outcome.verdict if outcome.seconds is not None else ""
            pages.append(Page(folder / source.notebook.name, verdict, outcome.seconds))
        if source.solved.exists():
            write_text(folder / "solutions" / source.solved.name, read_text(source.solved))
    return write_pages(pages, folder, documents=[directory / "notation.md", directory / "glossary.md"])


def _say_end(outcomes: list[Outcome], width: int, index: Path, say) -> None:
    failed = [outcome for outcome in outcomes if outcome.failure]
    total = sum(outcome.seconds for outcome in outcomes)
    say("")
    say(f"{'notebook':{width + 4}}  {'time':>8}  verdict")
    for outcome in outcomes:
        say(f"{outcome.source.number}  {outcome.source.title:{width}}  {outcome.seconds:6.1f} s  {outcome.verdict}")
    verdict = f"{len(failed)} failed" if failed else "all passed"
    say(f"{len(outcomes)} notebooks{'':{max(width - 8, 0)}}{total:6.1f} s  {verdict}")
    say(f"\nRead the course: {index}")
