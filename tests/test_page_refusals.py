"""What `write_pages` refuses: a page that would load something, a wrong formula, what is not a notebook."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

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
