"""HTML pages of the executed notebooks: readable without Jupyter, and without loading anything from a network."""

import re
from ast import literal_eval
from collections.abc import Sequence
from dataclasses import dataclass, field
from os.path import abspath, normpath, relpath
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

import jinja2
import nbformat
from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from pygments.formatters import HtmlFormatter

from ..storage import write_text
from .files import read_notebook, read_text
from .formulas import Formulas

_CONTENTS_GO_HERE = "\ue002"
_FIGURE_TITLE = re.compile(r"""\b(?:set_title|suptitle|title)\s*[(=]\s*("(?:\\.|[^"\\\n])+"|'(?:\\.|[^'\\\n])+')""")
_LOADING_ATTRIBUTES = ("src", "srcset", "href", "xlink:href", "data", "poster")
_REMOTE = re.compile(r"(?i)(?:^|[\s,])(?:https?:|ftp:|wss?:)?//")
_REMOTE_STYLE = re.compile(r"(?i)@import[^;]*|url\(\s*['\"]?\s*(?:https?:|ftp:)?//[^)]*\)")


class Page(NamedTuple):
    """An executed notebook that gets a page, with the run's verdict and seconds for the index.

    Example:
        >>> Page(Path("build/course/02_convolution.ipynb"), verdict="passed", seconds=21.5).verdict
        'passed'
    """

    notebook: Path
    verdict: str = ""
    seconds: float | None = None


@dataclass
class _Sheet:
    """What is known of one page: its source, then what is read from it."""

    source: Path
    verdict: str = ""
    seconds: float | None = None
    solved: "_Sheet | None" = None
    heading: str = ""
    why: str = ""
    opening: str = ""
    body: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.source.with_suffix(".html")

    @property
    def number(self) -> str:
        return re.match(r"[0-9]*", self.source.stem)[0] if self.source.suffix == ".ipynb" else ""

    @property
    def title(self) -> str:
        text = BeautifulSoup(self.heading, "html.parser").get_text()
        return f"{self.number} · {text}" if self.number else text


def write_pages(notebooks: Sequence[Page | Path], directory: Path, documents: Sequence[Path] = ()) -> Path:
    """Write an HTML page beside each executed notebook, the documents' pages, and an index of them all.

    A notebook `directory/02_x.ipynb` becomes `directory/02_x.html`; its solved twin
    `directory/solutions/02_x.ipynb`, where there is one, becomes `directory/solutions/02_x.html`. Links to
    a notebook or document that has a page lead to that page.

    Args:
        notebooks: executed notebooks in `directory` in the order of the course, each a `Page` or a path.
        directory: the folder that receives the pages.
        documents: Markdown files that serve all notebooks; `notation.md` becomes `directory/notation.html`.

    Returns:
        The path of `directory/index.html`.

    Raises:
        ValueError: a notebook or document is missing or unreadable, a notebook lies outside `directory`, a
            formula cannot be converted, or a page would load something from a network.
        CannotWrite: the disk is full or the folder cannot be written; no page is cut.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> cells = [nbformat.v4.new_markdown_cell("# 01 · Sizes\\n\\nA padding of $p$ pixels.")]
        >>> nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "01_sizes.ipynb")
        >>> write_pages([Page(folder / "01_sizes.ipynb", "passed", 2.5)], folder).name
        'index.html'
    """
    folder = Path(abspath(directory))
    sheets = [_sheet(item if isinstance(item, Page) else Page(Path(item)), folder) for item in notebooks]
    solved = [sheet.solved for sheet in sheets if sheet.solved]
    texts = [_Sheet(folder / Path(document).name) for document in documents]
    index = _Sheet(folder / "index", heading="A course on convolutional neural networks")
    known = {sheet.source: sheet.path for sheet in [*sheets, *solved, *texts]}

    for sheet in sheets:
        _render(sheet, read_notebook(sheet.source), known)
        if sheet.solved:
            sheet.solved.heading = f"{sheet.title}: solved exercises"
            _render(sheet.solved, read_notebook(sheet.solved.source), known)
    for sheet, document in zip(texts, documents, strict=True):
        _render(sheet, _read_document(Path(document)), known)

    reference = [(sheet.title, sheet, "") for sheet in texts]
    for before, sheet, after in zip([None, *sheets], sheets, [*sheets[1:], None], strict=False):
        previous = [(f"Previous: {before.title}", before, "prev")] if before else []
        following = [(f"Next: {after.title}", after, "next")] if after else []
        answers = [("Solved exercises", sheet.solved, "")] if sheet.solved else []
        _write(sheet, [*previous, ("Index", index, ""), *reference, *answers, *following])
        if sheet.solved:
            _write(sheet.solved, [(f"Notebook: {sheet.title}", sheet, ""), ("Index", index, ""), *reference])
    for sheet in texts:
        _write(sheet, [("Index", index, ""), *(link for link in reference if link[1] is not sheet)])
    _write(index, reference, entries=[_entry(sheet, index) for sheet in sheets])
    return index.path


def remote_loads(html: str) -> list[str]:
    """List what a page would load from a network or run as a script; links that a reader follows are none.

    Args:
        html: the source of a whole page.

    Returns:
        One text for each such thing: an address, a rule of a style sheet, or the start of a script.

    Example:
        >>> remote_loads('<img src="https://example.org/x.png"><a href="https://example.org">a link</a>')
        ['https://example.org/x.png']
    """
    soup = BeautifulSoup(html, "html.parser")
    found = []
    for tag in soup.find_all(True):
        if tag.name == "script":
            found.append(str(tag)[:80])
        if tag.name not in ("a", "area", "script"):
            values = (tag.attrs.get(name, "") for name in _LOADING_ATTRIBUTES)
            found += [value for value in values if not value.startswith("data:") and _REMOTE.search(value)]
        found += _REMOTE_STYLE.findall(tag.get_text() if tag.name == "style" else tag.attrs.get("style", ""))
    return found


def _sheet(page: Page, folder: Path) -> _Sheet:
    source = Path(abspath(page.notebook))
    if source.suffix != ".ipynb" or source.parent != folder:
        raise ValueError(f"{page.notebook} is not a notebook in {folder}; pass .ipynb files that lie in that folder")
    twin = folder / "solutions" / source.name
    return _Sheet(source, page.verdict, page.seconds, _Sheet(twin) if twin.is_file() else None)


def _read_document(path: Path) -> nbformat.NotebookNode:
    if not path.is_file():
        raise ValueError(f"there is no document {path}; pass Markdown files that exist")
    cell = nbformat.v4.new_markdown_cell(read_text(path))
    return nbformat.v4.new_notebook(cells=[cell])


def _render(sheet: _Sheet, notebook: nbformat.NotebookNode, known: dict[Path, Path]) -> None:
    """Fill in the page's body, heading, first paragraph and sections; links to a key of `known` follow it."""
    formulas = Formulas()
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = formulas.hide(cell.source)
        for output in cell.get("outputs", ()):
            _prepare(output, cell.source, formulas)
    exporter = HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True, exclude_anchor_links=True
    )
    soup = BeautifulSoup(exporter.from_notebook_node(notebook)[0], "html.parser")
    _mend(soup, sheet, formulas, known)

    def show(tag: Tag) -> str:
        try:
            return formulas.show(tag.decode_contents())
        except ValueError as error:
            raise ValueError(f"{sheet.source.name}: {error}") from None

    top = soup.find("h1")
    if top is None:
        top = soup.new_tag("h1", string=sheet.heading or sheet.source.stem.replace("_", " "))
        soup.insert(0, top)
    first = top.find_next("p")
    sheet.heading = show(top)
    if sheet.number:
        sheet.heading = re.sub(rf"^{sheet.number}\s*·\s*", "", sheet.heading)
    sheet.why = show(first) if first else ""
    sheet.sections = [(tag["id"], show(tag)) for tag in soup.find_all("h2", id=True)]
    cell = soup.find(class_="cell")
    (cell.h2.insert_before if cell.h2 else cell.insert_after)(_CONTENTS_GO_HERE)
    sheet.opening, _, sheet.body = show(soup).partition(_CONTENTS_GO_HERE)


def _mend(soup: BeautifulSoup, sheet: _Sheet, formulas: Formulas, known: dict[Path, Path]) -> None:
    """Lead links to pages, give headings the names that Jupyter gives them, mark the questions."""
    for link in soup.find_all("a", href=True):
        address, hash_sign, fragment = link["href"].partition("#")
        target = Path(normpath(sheet.source.parent / unquote(address)))
        if address and target in known:
            link["href"] = _address(known[target], sheet) + hash_sign + fragment
    names: set[str] = set()
    for heading in soup.select(".text_cell h1, .text_cell h2, .text_cell h3, .text_cell h4"):
        name = re.sub(r"\s+", "-", formulas.source(heading.get_text()).strip())
        while name in names:
            name += "-again"
        names.add(name)
        heading["id"] = name
    for paragraph in soup.find_all("p"):
        if paragraph.strong and paragraph.get_text().startswith("Predict"):
            paragraph["class"] = "predict"
    for image in soup.find_all("img"):
        image.attrs |= {"decoding": "async", "loading": "lazy"}


def _prepare(output: nbformat.NotebookNode, source: str, formulas: Formulas) -> None:
    """Keep of an output what a page without scripts can show, and give its figures a text."""
    data = output.get("data", {})
    for kind in [kind for kind in data if "javascript" in kind or "mermaid" in kind]:
        del data[kind]
    for kind in {"text/markdown", "text/latex"} & set(data):
        data[kind] = formulas.hide(data[kind])
    titles = dict.fromkeys(literal_eval(text) for text in _FIGURE_TITLE.findall(source))
    alternative = f"Figure: {'; '.join(titles)}" if titles else "Figure: see the text above"
    for kind in {"image/png", "image/jpeg"} & set(data):
        output.metadata.setdefault(kind, {}).setdefault("alt", output.metadata.get("alt", alternative))


def _address(path: Path, sheet: _Sheet) -> str:
    """The relative link from a page to a file."""
    return quote(relpath(path, sheet.path.parent).replace("\\", "/"))


def _entry(sheet: _Sheet, index: _Sheet) -> dict:
    """What the index shows of a notebook."""
    links = [("Notebook", sheet.source)]
    links += [("Solved exercises", sheet.solved.path)] if sheet.solved else []
    return {
        "number": sheet.number,
        "heading": sheet.heading,
        "address": _address(sheet.path, index),
        "why": re.sub(r"</?a\b[^>]*>", "", sheet.why),  # its links are relative to the notebook's own page
        "verdict": sheet.verdict,
        "seconds": sheet.seconds,
        "links": [(label, _address(path, index)) for label, path in links],
    }


def _write(sheet: _Sheet, links: Sequence[tuple[str, _Sheet, str]], entries: Sequence[dict] = ()) -> None:
    """Write a page with its navigation, after making sure that it loads nothing from a network."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    html = environment.get_template("page.html.j2").render(
        title=sheet.title,
        css=_style_sheet(),
        sections=sheet.sections,
        navigation=[(label, _address(target.path, sheet), relation) for label, target, relation in links],
        opening=sheet.opening,
        body=sheet.body,
        entries=entries,
    )
    remote = remote_loads(html)
    if remote:
        raise ValueError(
            f"the page {sheet.path.name} would load {remote[0]}, but pages load nothing remote; embed it or drop it"
        )
    write_text(sheet.path, html)


def _style_sheet() -> str:
    """The pages' style sheet with the colours of code, for a light and for a dark screen."""

    def colours(style: str) -> str:
        rules = HtmlFormatter(style=style).get_style_defs(".highlight").splitlines()
        return "\n".join(rule for rule in rules if rule.startswith(".highlight ."))

    own = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
    dark = f"@media screen and (prefers-color-scheme: dark) {{\n{colours('github-dark')}\n}}"
    return f"{own}\n{colours('default')}\n{dark}\n"
