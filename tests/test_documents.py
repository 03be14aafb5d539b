"""The notation page and the glossary."""

import re
from pathlib import Path

import pytest

from cnncourse.course.formulas import Formulas

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def test_the_glossary_is_in_alphabetical_order_and_each_term_names_its_notebook():
    rows = re.findall(r"(?m)^\| ([^|:]+) \| (.+) \| ([^|]+) \|$", (NOTEBOOKS / "glossary.md").read_text("utf-8"))[1:]
    terms = [term for term, _, _ in rows]
    assert len(terms) > 50
    assert terms == sorted(set(terms), key=str.lower)
    assert all(re.fullmatch(r"(0[1-9]|1[0-8])(, (0[1-9]|1[0-8]))?", number) for _, _, number in rows)
    assert all(meaning.endswith(".") for _, meaning, _ in rows)


@pytest.mark.parametrize("name", ["notation.md", "glossary.md"])
def test_the_formulas_of_the_documents_are_converted(name):
    formulas = Formulas()
    shown = formulas.show(formulas.hide((NOTEBOOKS / name).read_text("utf-8")))
    assert "<math" in shown
    assert "$" not in shown


@pytest.mark.parametrize("name", ["notation.md", "glossary.md"])
def test_the_tables_of_the_documents_are_whole(name):
    text = re.sub(r"(?s)\$.*?\$", "formula", (NOTEBOOKS / name).read_text("utf-8"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1
    assert all(row.endswith("|") for row in rows)
