"""Sources -> notebooks: execute what has changed, keep what was edited by hand, prove that nothing drifted."""

import base64
from pathlib import Path

import nbformat

from ..storage import write_bytes
from .execute import execute, stderr_of
from .files import write_notebook
from .sources import README_PICTURE, Source, cells_digest, find_sources, fingerprint, make_notebooks

PICTURE = Path(".github") / "picture.png"  # what the README shows, from the root of the checkout


def build(directory: Path | None = None, *, only: str | None = None, force: bool = False, say=print) -> bool:
    """Generate and execute the notebooks whose source, package or data have changed.

    Args:
        directory: the folder that holds sources/; the course's own notebooks/ by default.
        only: the number of one notebook, or None for all.
        force: execute again what is up to date, and overwrite what was edited by hand.
        say: takes each line of the report.

    Returns:
        Whether everything is built.
    """
    sources, all_sources = find_sources(directory, only), find_sources(directory)
    return all([_build_one(source, all_sources, force, say) for source in sources])


def check(directory: Path | None = None, *, only: str | None = None) -> list[str]:
    """What differs between the sources and the notebooks made from them, one sentence each; nothing is executed.

    Args:
        directory: the folder that holds sources/; the course's own notebooks/ by default.
        only: the number of one notebook, or None for all.
    """
    sources, all_sources = find_sources(directory, only), find_sources(directory)
    problems = []
    for source in sources:
        unsolved, solved = make_notebooks(source, all_sources)
        hash_now = fingerprint(source)
        for path, fresh in ((source.notebook, unsolved), (source.solved, solved)):
            problems += [f"{_shown(path)} {problem}" for problem in _problems(path, fresh, hash_now)]
    if only is None:
        made = {path for source in sources for path in (source.notebook, source.solved)}
        folder = (directory or all_sources[0].path.parents[1]) if all_sources else directory
        stray = sorted({*folder.glob("*.ipynb"), *folder.glob("solutions/*.ipynb")} - made) if folder else []
        problems += [f"{_shown(path)} has no source; delete it or write {path.stem}.py." for path in stray]
    return problems


def readme_pictures(notebook) -> list[bytes]:
    """The PNG figures of the cell that is tagged as the README's picture, if the notebook holds it.

    Args:
        notebook: an executed nbformat notebook.
    """
    tagged = [cell for cell in notebook.cells if README_PICTURE in cell.metadata.get("tags", [])]
    pictures = [output.data["image/png"] for cell in tagged for output in cell.outputs if "data" in output]
    return [base64.b64decode(picture) for picture in pictures]


def _problems(path: Path, fresh, hash_now: str) -> list[str]:
    mend = "run `make build`"
    if not path.exists():
        return [f"is missing; {mend}."]
    try:
        stored = nbformat.read(path, as_version=4)
    except Exception as error:  # truncated, or not JSON: whatever the reader says
        return [f"cannot be read ({type(error).__name__}); {mend}."]
    if cells_digest(stored) != cells_digest(fresh):
        return [f"differs from its source at {_first_difference(stored, fresh)}; {mend}."]
    if stored.metadata.get("cnncourse", {}).get("built_from") != hash_now:
        return [f"was executed with another source, package or data than these; {mend}."]
    unrun = [c.id for c in stored.cells if c.cell_type == "code" and c.source.strip() and not c.execution_count]
    return [f"holds a cell that was not executed, {unrun[0]}; {mend}."] if unrun else []


def _first_difference(stored, fresh) -> str:
    for number, (mine, right) in enumerate(zip(stored.cells, fresh.cells, strict=False), start=1):
        for name in ("id", "cell_type", "source"):
            if mine.get(name) != right.get(name):
                return f"cell {number} ({right.id}), its {name}"
        if mine.metadata.get("tags", []) != right.metadata.get("tags", []):
            return f"cell {number} ({right.id}), its tags"
    return f"the number of cells, {len(stored.cells)} where the source makes {len(fresh.cells)}"


def _build_one(source: Source, all_sources: list[Source], force: bool, say) -> bool:
    unsolved, solved = make_notebooks(source, all_sources)
    hash_now = fingerprint(source)
    good = True
    for path, fresh, is_solved in ((source.notebook, unsolved, False), (source.solved, solved, True)):
        if not force:
            if not _problems(path, fresh, hash_now):
                say(f"{_shown(path)}: up to date")
                continue
            if _edited_by_hand(path):
                say(
                    f"{_shown(path)}: NOT overwritten, it was edited by hand. Take the edits over into "
                    f"{_shown(source.path)}, or discard them with `python -m cnncourse build --force`."
                )
                good = False
                continue
        path.parent.mkdir(parents=True, exist_ok=True)
        seconds, failure = execute(fresh, path.parent, solved=is_solved)
        complaints = [str(failure)] if failure else stderr_of(fresh)
        if complaints:
            say(f"{_shown(path)}: not written; {complaints[0]}")
            good = False
            continue
        fresh.metadata.cnncourse["built_from"] = hash_now
        write_notebook(path, fresh)
        for picture in readme_pictures(fresh):
            write_bytes(source.path.parents[2] / PICTURE, picture)
        say(f"{_shown(path)}: built in {seconds:.0f} s, {path.stat().st_size / 1000:.0f} KB")
    return good


def _edited_by_hand(path: Path) -> bool:
    """Whether the notebook's cells are other than those that the last build wrote."""
    if not path.exists():
        return False
    try:
        stored = nbformat.read(path, as_version=4)
    except Exception:  # unreadable: nothing of a person's to lose is in it
        return False
    return stored.metadata.get("cnncourse", {}).get("cells") != cells_digest(stored)


def _shown(path: Path) -> str:
    return "/".join(path.parts[path.parts.index("notebooks") :]) if "notebooks" in path.parts else path.name
