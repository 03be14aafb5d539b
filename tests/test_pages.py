"""The HTML pages: nothing remote, formulas as MathML, links that lead somewhere, outputs that stay text."""

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cnncourse.course.pages import Page, remote_loads, write_pages

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256))).decode()
FIRST = """# 01 · Dense & wide

A dense layer needs $(H W C)(H W F)$ weights, see [the next notebook](02_sizes.ipynb).

**You will be able to** count them."""
SECOND = r"""# 02 · Sizes at the pixel $(i, j)$

The output has $H' = \left\lfloor \frac{H + 2p - k_h}{s} \right\rfloor + 1$ rows.

See [01](01_dense.ipynb), [a section](01_dense.ipynb#Counting), [notation](notation.md#Symbols), [03](03_later.ipynb)
and [the paper](https://doi.org/10.1109/5.726791)."""
FORMULAS = r"""## A section on $k_h \times k_w$

**Predict.** Which $x_{n,i,j,c}$ is it, *and* which $w_{u,v}$ *belongs* to $C_\text{in}$?

$$
y = \sum_{u=0}^{k_h-1} x_{u} w_{u}
  = \begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}
$$

- item with $|a| < 1$ and `echo $HOME $x$` and ``a ` $y$``

| symbol | meaning |
| --- | --- |
| $|x|$ | price of $5 or $6, \$7 |

```python
cost = "$x$"
```

    indented = "$y$"

> quoted $60{,}000$ <span title="$t$">titled</span>

\begin{align}
a &= b \\
&= c
\end{align}"""


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes, and the text inside each kind of tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in ("img", "meta", "link", "br", "hr", "mspace"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        for tag in {"page", *self._open}:
            self.text[tag] = self.text.get(tag, "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def write_notebook(path: Path, *cells) -> Path:
    path.parent.mkdir(exist_ok=True)
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    nbformat.write(new_notebook(cells=list(cells), metadata=metadata), path)
    return path


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with two executed notebooks, one of them with a solved twin, two documents, and all pages."""
    root = tmp_path_factory.mktemp("a course")
    folder = root / "build"
    show = new_code_cell(
        'ax.set_title("Robust to \\"shifts\\"")\nax.set_title(f"{name}")\nax.set_title("Edges & corners")',
        outputs=[new_output("display_data", data={"image/png": PNG, "text/plain": "<Figure size 640x480>"})],
    )
    traceback = ["\x1b[0;31mValueError\x1b[0m: stride is <0>"]
    outputs = [
        new_output("stream", name="stdout", text="<script>alert(1)</script> & <b>bold</b>\n"),
        new_output("display_data", data={"text/vnd.mermaid": "graph LR", "text/plain": "array([1, 2])"}),
        new_output("execute_result", data={"text/html": "<table><tr><td>18,496</td></tr></table>"}),
        new_output("display_data", data={"text/latex": r"$\displaystyle x_1$"}),
        new_output("display_data", data={"application/javascript": "fetch('x')", "text/plain": "the script's text"}),
        new_output(
            "display_data",
            data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "the widget's text"},
        ),
        new_output("error", ename="ValueError", evalue="stride is <0>", traceback=traceback),
        new_output("display_data", data={"image/png": PNG}, metadata={"image/png": {"alt": "a named figure"}}),
        new_output("display_data", data={"image/png": PNG}),
    ]
    write_notebook(
        folder / "01_dense.ipynb", new_markdown_cell(FIRST), new_code_cell("x = 1"), new_markdown_cell("## Counting")
    )
    write_notebook(
        folder / "02_sizes.ipynb",
        new_markdown_cell(SECOND),
        new_markdown_cell(FORMULAS),
        show,
        new_code_cell("print('<script>')", outputs=outputs),
        new_markdown_cell("## Exercises\n\n### Exercises"),
    )
    write_notebook(folder / "solutions" / "02_sizes.ipynb", new_markdown_cell("[task](../02_sizes.ipynb) of $x$"))
    (root / "notation.md").write_text("# Notation\n\n## Symbols\n\n| $N$ | [01](01_dense.ipynb) |\n|--|--|\n", "utf-8")
    (root / "glossary.md").write_text("# Glossary\n\n**stride** (09): a step.\n", "utf-8")
    runs = [folder / "01_dense.ipynb", Page(folder / "02_sizes.ipynb", verdict="passed", seconds=2.04)]
    index = write_pages(runs, folder, [root / "notation.md", root / "glossary.md"])
    assert index == folder / "index.html"
    return folder


def read(folder: Path, name: str) -> tuple[str, Tags]:
    return (html := (folder / name).read_text("utf-8")), Tags(html)


PAGES = ["index.html", "01_dense.html", "02_sizes.html", "notation.html", "glossary.html", "solutions/02_sizes.html"]


def test_every_page_is_written_and_no_other(course):
    assert sorted(path.relative_to(course).as_posix() for path in course.rglob("*.html")) == sorted(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_nothing(course, name):
    html, page = read(course, name)
    assert page.all("script") == []
    assert page.all("iframe") == []
    for tag, attributes in page.tags:
        for attribute in ("src", "srcset", "href", "data", "poster"):
            if tag != "a" and attribute in attributes:
                assert attributes[attribute].startswith("data:"), (tag, attributes)
        assert "url(" not in attributes.get("style", "")
    assert "@import" not in page.text["style"]
    assert "url(" not in page.text["style"]
    assert remote_loads(html) == []


@pytest.mark.parametrize("name", PAGES)
def test_links_inside_the_course_lead_to_a_file_and_a_place_in_it(course, name):
    here = (course / name).parent
    page = read(course, name)[1]
    for address in [attributes["href"] for attributes in page.all("a")]:
        file, _, fragment = address.partition("#")
        if address.startswith("https:") or file == "03_later.ipynb":
            continue
        target = (here / file).resolve() if file else course / name
        assert target.is_file(), address
        if fragment:
            names = [attributes.get("id") for _, attributes in Tags(target.read_text("utf-8")).tags]
            assert names.count(fragment) == 1, address


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_frame_that_a_screen_reader_can_use(course, name):
    html, page = read(course, name)
    assert html.startswith("<!DOCTYPE html>")
    assert page.all("html") == [{"lang": "en"}]
    assert "width=device-width" in next(meta["content"] for meta in page.all("meta") if meta.get("name") == "viewport")
    assert len(page.all("h1")) == len(page.all("main")) == 1
    assert page.text["title"].strip()
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    assert page.all("main")[0]["id"] == "content"
    assert all(image["alt"] for image in page.all("img"))
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_formulas_become_mathml_and_code_and_money_keep_their_dollars(course):
    html, page = read(course, "02_sizes.html")
    # The first cell has 2, the section 9, an output 1, and the section's heading stands in the list of sections too.
    assert len(page.all("math")) == 2 + 9 + 1 + 1
    assert [math["display"] for math in page.all("math")].count("block") == 2
    for kept in ("echo $HOME $x$", "a ` $y$"):
        assert f"<code>{kept}</code>" in html
    assert "$x$" in page.text["pre"]
    assert 'indented = "$y$"' in page.text["pre"]
    assert "price of $5 or $6, $7" in page.text["td"]
    assert 'title="$t$"' in html
    outside = re.sub(r"(?s)<(pre|code|style)\b.*?</\1>|<[^>]*>", "", html)
    assert outside.count("$") == 3  # the three prices
    assert "<em>and</em>" in html
    assert "<em>belongs</em>" in html
    assert not re.search("[\ue000-\uf8ff]", html)
    assert "<mn>60,000</mn>" in html
    assert page.text["title"].startswith("02 · Sizes at the pixel (i,j)")


def test_outputs_are_shown_and_escaped(course):
    html, page = read(course, "02_sizes.html")
    assert "<script>alert(1)</script> & <b>bold</b>" in page.text["pre"]
    assert "array([1, 2])" in page.text["pre"]
    assert "stride is <0>" in page.text["pre"]
    assert '<span class="ansi-red-fg">ValueError</span>' in html
    assert ".ansi-red-fg" in page.text["style"]
    assert "\x1b" not in html
    assert "18,496" in page.text["td"]
    assert "the script's text" in page.text["pre"]
    assert "the widget's text" in page.text["pre"]
    assert "fetch(" not in html
    assert "widget-state" not in html


def test_figures_are_embedded_with_a_text(course):
    images = read(course, "02_sizes.html")[1].all("img")
    assert [image["src"] for image in images] == [f"data:image/png;base64,{PNG}"] * 3
    assert [image["alt"] for image in images] == [
        'Figure: Robust to "shifts"; Edges & corners',
        "a named figure",
        "Figure: see the text above",
    ]
    assert {image["decoding"] for image in images} == {"async"}


def test_links_between_notebooks_lead_to_pages(course):
    addresses = [link["href"] for link in read(course, "02_sizes.html")[1].all("a")]
    for address in ("01_dense.html", "01_dense.html#Counting", "notation.html#Symbols", "03_later.ipynb"):
        assert address in addresses
    assert "https://doi.org/10.1109/5.726791" in addresses
    solved = [link["href"] for link in read(course, "solutions/02_sizes.html")[1].all("a")]
    assert solved.count("../02_sizes.html") == 3  # above, in the text, below
    assert "../index.html" in solved
    assert "01_dense.html" in [link["href"] for link in read(course, "notation.html")[1].all("a")]


def test_navigation_stands_above_and_below(course):
    expected = {
        "01_dense.html": (None, "02_sizes.html", None),
        "02_sizes.html": ("01_dense.html", None, "solutions/02_sizes.html"),
    }
    for name, (before, after, solved) in expected.items():
        html, page = read(course, name)
        for part in ("header", "footer"):
            links = Tags(re.search(rf"(?s)<{part}>.*</{part}>", html)[0]).all("a")
            assert [link["href"] for link in links if link.get("rel") == "prev"] == [before] * bool(before)
            assert [link["href"] for link in links if link.get("rel") == "next"] == [after] * bool(after)
            addresses = [link["href"] for link in links]
            assert {"index.html", "notation.html", "glossary.html"} <= set(addresses)
            assert ("solutions/02_sizes.html" in addresses) == bool(solved)
        assert "Previous: 01 · Dense & wide" in page.text["a"] or name == "01_dense.html"


def test_the_sections_are_listed_after_the_introduction(course):
    html, page = read(course, "02_sizes.html")
    contents = re.search(r'(?s)<nav class="sections".*?</nav>', html)[0]
    assert [link["href"] for link in Tags(contents).all("a")] == [r"#A-section-on-k_h-\times-k_w", "#Exercises"]
    assert html.index("doi.org") < html.index(contents) < html.index("Predict.")
    assert [heading["id"] for heading in page.all("h3")] == ["Exercises-again"]
    assert '<nav class="sections"' not in read(course, "01_dense.html")[0]  # one section needs no list
    assert [paragraph.get("class") for paragraph in page.all("p")].count("predict") == 1


def test_the_index_lists_all_in_order(course):
    html, page = read(course, "index.html")
    entries = re.findall(r"(?s)<li>\s*<h2>.*?</ul>", html)
    assert [Tags(entry).all("a")[0]["href"] for entry in entries] == ["01_dense.html", "02_sizes.html"]
    assert [" ".join(Tags(entry).text["h2"].split()) for entry in entries] == [
        "01 Dense & wide",
        "02 Sizes at the pixel (i,j)",
    ]
    assert "see the next notebook." in " ".join(Tags(entries[0]).text["p"].split())
    assert len(Tags(entries[0]).all("math")) == 1
    assert [link["href"] for link in Tags(entries[1]).all("a")] == [
        "02_sizes.html",
        "02_sizes.ipynb",
        "solutions/02_sizes.html",
    ]
    assert "passed in 2.0 s" in Tags(entries[1]).text["li"]
    assert "passed" not in Tags(entries[0]).text["li"]
    assert {"notation.html", "glossary.html"} <= {link["href"] for link in page.all("a")}


def test_the_solved_page_gets_a_title_if_it_has_none(course):
    page = read(course, "solutions/02_sizes.html")[1]
    assert page.text["h1"].strip() == "02 · Sizes at the pixel (i,j): solved exercises"
