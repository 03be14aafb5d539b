"""What `write_pages` refuses: a page that would load something, a wrong formula, what is not a notebook."""

import errno
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnncourse import storage
from cnncourse.course import run, sources
from cnncourse.course.pages import remote_loads, write_pages


def write_notebook(path: Path, *cells) -> Path:
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def test_a_wrong_formula_is_named_with_its_notebook(tmp_path):
    path = write_notebook(tmp_path / "01_x.ipynb", new_markdown_cell(r"# 01 · X" + "\n\n" + r"Here is $\foo$."))
    with pytest.raises(ValueError, match=r"^01_x.ipynb: the formula '\\foo' has the unknown command"):
        write_pages([path], tmp_path)


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://example.org/x.png">',
        '<img srcset="x.png 1x, //example.org/x.png 2x">',
        '<iframe src="//example.org"></iframe>',
        '<link rel="stylesheet" href="https://example.org/x.css">',
        '<object data="http://example.org/x"></object>',
        "<style>@import 'x.css';</style>",
        "<style>p { background: url(https://example.org/x.png) }</style>",
        "<p style=\"background: URL( '//example.org/x.png')\">x</p>",
        "<script>fetch('x')</script>",
    ],
)
def test_a_page_that_would_load_something_is_refused(tmp_path, html):
    path = write_notebook(
        tmp_path / "01_x.ipynb",
        new_markdown_cell("# 01 · X"),
        new_code_cell("x", outputs=[new_output("display_data", data={"text/html": html})]),
    )
    with pytest.raises(ValueError, match=r"the page 01_x.html would load .*; embed it or drop it"):
        write_pages([path], tmp_path)
    assert not (tmp_path / "01_x.html").exists()


def test_what_is_not_a_notebook_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "build"
    path = write_notebook(folder / "01_x.ipynb", new_markdown_cell("# 01 · X"))
    broken = folder / "02_y.ipynb"
    broken.write_text("{", "utf-8")
    for notebooks, documents, message in [
        ([tmp_path / "01_x.ipynb"], (), "is not a notebook in"),
        ([folder / "01_x.html"], (), "is not a notebook in"),
        ([folder / "03_z.ipynb"], (), "there is no notebook"),
        ([broken], (), "is not a readable notebook"),
        ([path], [tmp_path / "notation.md"], "there is no document"),
    ]:
        with pytest.raises(ValueError, match=message):
            write_pages(notebooks, folder, documents)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org">a link</a>',
        '<img src="data:image/png;base64,//8A">',
        '<p style="color: red">http://example.org</p>',
        "<pre>&lt;script src='https://example.org'></pre>",
    ],
)
def test_what_loads_nothing_is_allowed(html):
    assert remote_loads(html) == []


def test_a_full_disk_leaves_the_page_of_before(tmp_path, monkeypatch):
    path = write_notebook(tmp_path / "01_x.ipynb", new_markdown_cell("# 01 · X"))
    write_pages([path], tmp_path)
    before = (tmp_path / "01_x.html").read_text("utf-8")
    write_notebook(path, new_markdown_cell("# 01 · Y"))

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "replace", full)
    with pytest.raises(storage.CannotWrite, match=r"the disk is full: .*01_x\.html was not written"):
        write_pages([path], tmp_path)
    assert (tmp_path / "01_x.html").read_text("utf-8") == before
    assert {file.name for file in tmp_path.iterdir()} == {"01_x.ipynb", "01_x.html", "index.html"}


# ---- files that are not written in UTF-8

LATIN = "# 01 · Größen".encode("latin-1")


@pytest.fixture
def course(tmp_path):
    """A folder with the source of a notebook, and the documents that a course has."""
    folder = tmp_path / "notebooks"
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "01_x.py").write_text("# %% [markdown]\n# # 01 · X\n", "utf-8")
    for name in ("notation", "glossary"):
        (folder / f"{name}.md").write_text(f"# {name}", "utf-8")
    return folder


def test_a_run_names_the_notebook_that_is_not_utf_8_and_goes_on(course, tmp_path):
    (course / "01_x.ipynb").write_bytes(LATIN)
    lines = []
    assert not run.run(course, tmp_path / "build", say=lines.append)
    said = f"{course / '01_x.ipynb'} is not a readable notebook (UnicodeDecodeError); restore it, or build"
    assert any(said in line for line in lines)
    assert lines[-1].endswith("index.html")


@pytest.mark.parametrize("name", ["01_x.ipynb", "solutions/01_x.ipynb", "notation.md"])
def test_a_book_names_the_file_that_is_not_utf_8(course, tmp_path, name):
    write_notebook(course / "01_x.ipynb", new_markdown_cell("# 01 · X"))
    (course / name).parent.mkdir(exist_ok=True)
    (course / name).write_bytes(LATIN)
    with pytest.raises(ValueError, match=rf"{name} is not written in UTF-8; restore it, or save it in UTF-8"):
        run.book(course, tmp_path / "build", say=lambda line: None)


def test_a_source_that_is_not_utf_8_is_named(course):
    (course / "sources" / "01_x.py").write_bytes(LATIN)
    (source,) = sources.find_sources(course)
    for read in (source.cells, lambda: source.title):
        with pytest.raises(ValueError, match=r"01_x\.py is not written in UTF-8"):
            read()
