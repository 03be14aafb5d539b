"""From one source to two notebooks: what a student opens, with blanks, and the same exercises solved.

An author edits notebooks/sources/NN_slug.py only (py:percent, with solutions). Tags say what goes where:
`setup`, `exercise` and `check` cells go into both notebooks, `solution` cells into the solved one only, all others
into the unsolved one only. `BEGIN SOLUTION` ... `END SOLUTION` and `# SOLUTION` mark what becomes a blank.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .files import read_text

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SHARED_TAGS = {"setup", "exercise", "check"}
COMPARED = "nbval-check-output"
README_PICTURE = "readme-picture"  # the cell whose figure the README shows
_KNOWN_TAGS = SHARED_TAGS | {"solution", COMPARED, README_PICTURE}
_NAVIGATION = "<!-- navigation -->"
_BLOCK = re.compile(r"^([ \t]*)# BEGIN SOLUTION\n.*?^[ \t]*# END SOLUTION[^\n]*", re.DOTALL | re.MULTILINE)
_VALUE = re.compile(r"^([ \t]*[A-Za-z_][\w, ]*?) = .*  # SOLUTION$", re.MULTILINE)
_RELATIVE_LINK = re.compile(r"\]\((?![a-z]+:|#|/|\.\./)([^)]+)\)")


@dataclass(frozen=True)
class Source:
    """One notebook's source file.

    >>> Source(Path("notebooks/sources/02_convolution.py")).number
    '02'
    """

    path: Path

    @property
    def number(self) -> str:
        return self.path.stem[:2]

    @property
    def slug(self) -> str:
        return self.path.stem

    @property
    def notebook(self) -> Path:
        """Where the unsolved notebook is written."""
        return self.path.parents[1] / f"{self.slug}.ipynb"

    @property
    def solved(self) -> Path:
        """Where the solved notebook is written."""
        return self.path.parents[1] / "solutions" / f"{self.slug}.ipynb"

    def cells(self) -> list:
        """The source's cells, each with its id and its tags.

        Raises:
            ValueError: if the file is not what a source must be; the sentence names file, cell and mend.
        """
        cells = jupytext.reads(read_text(self.path), fmt="py:percent").cells
        _name_cells(cells)
        for cell in cells:
            _refuse_bad_cell(self.path.name, cell)
        return cells

    @property
    def title(self) -> str:
        """The title without its number: 'Convolution'.

        Raises:
            ValueError: if the source does not begin with '# NN · Title'.
        """
        found = re.search(rf"^# # {self.number} · (.+)$", read_text(self.path), re.MULTILINE)
        if not found:
            raise ValueError(f"{self.path.name} does not begin with '# {self.number} · Title'; write its title so.")
        return found[1].strip()


def find_sources(directory: Path | None = None, only: str | None = None) -> list[Source]:
    """All sources in order, or the one whose number is `only`.

    Args:
        directory: the folder that holds sources/; the course's own notebooks/ by default.
        only: two digits, "02", or None.

    Raises:
        ValueError: if no source has that number.

    >>> find_sources(only="02")[0].slug
    '02_convolution'
    """
    folder = (directory or NOTEBOOKS) / "sources"
    found = [Source(path) for path in sorted(folder.glob("[0-9][0-9]_*.py"))]
    if only is None:
        return found
    chosen = [source for source in found if source.number == only.zfill(2)]
    if not chosen:
        numbers = ", ".join(source.number for source in found)
        raise ValueError(f"there is no notebook {only!r}; expected one of {numbers}.")
    return chosen


def make_notebooks(source: Source, all_sources: list[Source]):
    """The two notebooks of a source, not executed.

    Args:
        source: the source.
        all_sources: in order; the previous and the next one are linked.

    Returns:
        (unsolved, solved), both nbformat notebooks.
    """
    navigation = _navigation(source, all_sources)
    unsolved, solved = [], [_solved_title(source)]
    for cell in source.cells():
        tags = set(cell.metadata.get("tags", []))
        if "solution" not in tags:
            unsolved.append(_copy(cell, _blank(cell.source).replace(_NAVIGATION, navigation)))
        if tags & (SHARED_TAGS | {"solution"}):
            text = _without_markers(cell.source)
            if cell.cell_type == "markdown":
                text = _RELATIVE_LINK.sub(r"](../\1)", text)
            solved.append(_copy(cell, text))
    return _notebook(source, unsolved), _notebook(source, solved)


def fingerprint(source: Source) -> str:
    """A hash of all that an executed notebook depends on: its source, the package, the data.

    The exercises of other notebooks, the tools that build the course, and recorded runs where the source names none do
    not count.
    """
    package = ROOT / "cnncourse"
    files = [
        path
        for path in sorted(package.rglob("*"))
        if path.suffix in {".py", ".mplstyle"}
        and not path.is_relative_to(package / "course")
        and path.name != "__main__.py"
        and not (path.name.startswith("notebook_") and path.name != f"notebook_{source.number}.py")
    ]
    digest = hashlib.sha256()
    for path in [source.path, *files]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    draws_runs = "recording." in source.path.read_text(encoding="utf-8")
    for line in (ROOT / "data" / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        if draws_runs or "  recorded_runs/" not in line:
            digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def cells_digest(notebook) -> str:
    """A hash of what an author or a student writes in a notebook: each cell's id, kind, tags and text."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        tags = ",".join(cell.metadata.get("tags", []))
        digest.update("\0".join([cell.get("id", ""), cell.cell_type, tags, cell.source, ""]).encode())
    return digest.hexdigest()


def _name_cells(cells: list) -> None:
    """Give each cell the slug of its section and its place there, so that ids elsewhere stay as they are."""
    section, place, used = "start", 0, set()
    for cell in cells:
        heading = re.match(r"#{2,3} (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            section = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:48]
            section, place = section if section not in used else f"{section}-again", 0
            used.add(section)
        place += 1
        cell.id = f"{section}-{place}"


def _refuse_bad_cell(name: str, cell) -> None:
    unknown = set(cell.metadata.get("tags", [])) - _KNOWN_TAGS
    if unknown:
        raise ValueError(f"{name}, cell {cell.id}: unknown tag {sorted(unknown)}; expected {sorted(_KNOWN_TAGS)}.")
    left = _VALUE.sub("", _BLOCK.sub("", cell.source))
    if re.search(r"# (BEGIN |END )?SOLUTION\b", left):
        raise ValueError(
            f"{name}, cell {cell.id}: a solution marker stands alone; write '# BEGIN SOLUTION' and '# END SOLUTION' "
            "on lines of their own, or end one assignment with two spaces and '# SOLUTION'."
        )
    if left != cell.source and "exercise" not in cell.metadata.get("tags", []):
        raise ValueError(f"{name}, cell {cell.id}: holds a solution; give it the tag 'exercise'.")


def _blank(text: str) -> str:
    return _VALUE.sub(r"\1 = ...", _BLOCK.sub(r"\1...", text))


def _without_markers(text: str) -> str:
    lines = [line for line in text.split("\n") if line.strip() not in ("# BEGIN SOLUTION", "# END SOLUTION")]
    return "\n".join(re.sub(r"  # SOLUTION$", "", line) for line in lines)


def _copy(cell, text: str):
    make = new_code_cell if cell.cell_type == "code" else new_markdown_cell
    return make(text, id=cell.id, metadata=nbformat.from_dict(cell.metadata))


def _notebook(source: Source, cells: list):
    metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "cnncourse": {"source": f"notebooks/sources/{source.path.name}"},
    }
    notebook = new_notebook(cells=cells, metadata=metadata)
    notebook.metadata.cnncourse["cells"] = cells_digest(notebook)
    return notebook


def _solved_title(source: Source):
    text = (
        f"# {source.number} · {source.title}: solutions\n\n"
        f"The exercises of [the notebook](../{source.slug}.ipynb) with their answers, why they are right, and the "
        "mistakes that are often made. Try each exercise yourself first."
    )
    return new_markdown_cell(text, id="solutions")


def _navigation(source: Source, all_sources: list[Source]) -> str:
    place = [other.slug for other in all_sources].index(source.slug)
    links = []
    if place > 0:
        before = all_sources[place - 1]
        links.append(f"← [{before.number} {before.title}]({before.slug}.ipynb)")
    links.append("[notation](notation.md) · [glossary](glossary.md)")
    if place + 1 < len(all_sources):
        after = all_sources[place + 1]
        links.append(f"[{after.number} {after.title}]({after.slug}.ipynb) →")
    return " · ".join(links)
