"""What every notebook must hold: its parts in their order, short cells, compared outputs, exercises with checks."""

import re
import statistics
from dataclasses import dataclass, field

import nbformat
import pytest

from cnncourse import exercises
from cnncourse.course import build
from cnncourse.course.sources import COMPARED, NOTEBOOKS, ROOT, find_sources

SOURCES = find_sources()
CLOSING = ["Exercises", "Summary", "Further reading"]
LARGEST_BYTES = 500_000
LONGEST_CELL, MEDIAN_CELL = 25, 8
FEWEST_WORDS, MOST_WORDS = 900, 1_800

each_source = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.slug)


@dataclass
class Section:
    """A heading of the second level with the cells below it."""

    title: str
    cells: list = field(default_factory=list)

    def texts(self, kind):
        return [cell.source for cell in self.cells if cell.cell_type == kind]


def stored(path):
    return nbformat.read(path, as_version=4)


def sections(notebook):
    """The cells before the first heading of the second level, and the sections."""
    start, found = [], []
    for cell in notebook.cells:
        heading = re.match(r"## (.+)", cell.source) if cell.cell_type == "markdown" else None
        if heading:
            found.append(Section(heading[1].strip()))
        (found[-1].cells if found else start).append(cell)
    return start, found


def lessons(notebook):
    return [section for section in sections(notebook)[1] if section.title not in CLOSING]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def text_output(cell):
    parts = [o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.get("outputs", [])]
    return "".join(parts).strip()


def test_notebooks_are_what_their_sources_make():
    problems = build.check()
    assert not problems, "\n".join(problems)


def test_there_are_notebooks_numbered_without_a_gap():
    assert [source.number for source in SOURCES] == [f"{k:02}" for k in range(1, len(SOURCES) + 1)]
    assert len(SOURCES) >= 2


@each_source
def test_the_opening_has_all_its_parts(source):
    start, _ = sections(stored(source.notebook))
    first, imports, settings = start[0].source, start[1], start[2]
    parts = [
        f"# {source.number} · ",
        "**You will be able to**",
        "**You should know**",
        "**Time**",
        "[notation](notation.md)",
    ]
    places = [first.find(part) for part in parts]
    assert places == sorted(places), dict(zip(parts, places, strict=True))
    assert min(places) >= 0, dict(zip(parts, places, strict=True))
    aims = first.split("**You will be able to**")[1].split("**You should know**")[0]
    assert 3 <= len(re.findall(r"^- ", aims, re.MULTILINE)) <= 5
    assert tags(imports) == ["setup"]
    assert tags(settings) == ["setup"]
    assert all(re.match(r"(import|from) ", line) for line in imports.source.splitlines() if line.strip())
    assert imports.source.startswith("from cnncourse import"), "cnncourse comes first: it starts TensorFlow silently"
    assert re.search(r"^SEED = \d+$", settings.source, re.MULTILINE)
    assert "training.setup(SEED)" in settings.source


@each_source
def test_the_closing_sections_stand_last_and_in_order(source):
    titles = [section.title for section in sections(stored(source.notebook))[1]]
    assert titles[-3:] == CLOSING
    assert len(titles) >= 6
    assert len(set(titles)) == len(titles)
    summary, reading = sections(stored(source.notebook))[1][-2:]
    assert 3 <= len(re.findall(r"^- ", summary.texts("markdown")[0], re.MULTILINE)) <= 5
    assert re.search(r"\(?\d{4}\)?", "".join(reading.texts("markdown")))


@each_source
def test_every_section_predicts_runs_explains_and_compares(source):
    for section in lessons(stored(source.notebook)):
        order = []
        for cell in section.cells:
            if cell.cell_type == "code":
                order.append("run")
            else:
                order += re.findall(r"\*\*(Predict|What we see)\.\*\*", cell.source)
        assert "Predict" in order, f"{section.title}: no **Predict.**"
        rest = order[order.index("Predict") :]
        assert "run" in rest, f"{section.title}: nothing runs after the prediction"
        assert "What we see" in rest[rest.index("run") :], f"{section.title}: no **What we see.** after the cell"
        compared = [c for c in section.cells if COMPARED in tags(c) and text_output(c)]
        assert compared, f"{section.title}: no compared cell with a text output"


@each_source
def test_cells_are_short_and_the_prose_is_neither_thin_nor_long(source):
    notebook = stored(source.notebook)
    lengths = [len([line for line in cell.source.splitlines() if line.strip()]) for cell in code_cells(notebook)]
    assert max(lengths) <= LONGEST_CELL
    assert statistics.median(lengths) <= MEDIAN_CELL
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    prose = " ".join(texts[1:-1])  # without the opening and the further reading
    words = len(re.findall(r"\b[A-Za-z][A-Za-z'-]*\b", re.sub(r"\$[^$]*\$|\]\([^)]*\)|`[^`]*`", " ", prose)))
    assert FEWEST_WORDS <= words <= MOST_WORDS, f"{words} words"


@each_source
def test_figures_end_in_show_and_are_named_in_prose(source):
    for cell in code_cells(stored(source.notebook)):
        kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
        last = cell.source.rstrip().splitlines()[-1]
        if "image/png" in kinds:
            assert last.startswith(("plt.show()", "widgets.")), f"{cell.id} ends in {last!r}"
        assert not any(kind.startswith("application/") for kind in kinds), f"{cell.id} stores {kinds}"


@each_source
@pytest.mark.parametrize("which", ["notebook", "solved"])
def test_what_is_stored_is_clean_small_and_the_same_everywhere(source, which):
    path = getattr(source, which)
    assert path.stat().st_size < LARGEST_BYTES
    for cell in code_cells(stored(path)):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
        if COMPARED in tags(cell):
            text = text_output(cell)
            assert text, f"{cell.id} is compared and prints nothing"
            assert not re.search(r"0x[0-9a-f]{6,}", text), f"{cell.id} prints an address"
            assert not re.search(r"\d (ms|s|seconds)\b", text), f"{cell.id} compares a wall-clock time"


@each_source
def test_links_lead_somewhere(source):
    for path in (source.notebook, source.solved):
        for cell in stored(path).cells:
            if cell.cell_type == "markdown":
                for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", cell.source):
                    assert (path.parent / target).resolve().exists(), f"{path.name}, {cell.id}: {target}"


@each_source
def test_exercises_are_registered_checked_and_solved(source):
    ids = [name for name in exercises.names() if name.startswith(source.number)]
    section = next(s for s in sections(stored(source.notebook))[1] if s.title == "Exercises")
    headings = re.findall(r"^### Exercise (\d+)\.(\d) (★+) (.+)$", "\n".join(section.texts("markdown")), re.MULTILINE)
    assert 3 <= len(headings) <= 5
    assert [f"{int(n):02}.{k}" for n, k, *_ in headings[:-1]] == ids
    assert headings[-1][:2] == (str(int(source.number)), str(len(headings)))
    stars = [len(mark) for *_, mark, _ in headings]
    assert stars == sorted(stars)
    for (*_, mark, title), exercise_id in zip(headings[:-1], ids, strict=True):
        assert (title.strip(), len(mark)) == (exercises.find(exercise_id).title, exercises.find(exercise_id).stars)
    assert "rubric" in section.texts("markdown")[-1].lower()
    verdicts = {text_output(c) for c in section.cells if "check" in tags(c)}
    assert verdicts == {f"Exercise {int(n)}.{k}: not attempted yet" for n, k, *_ in headings[:-1]}
    solved = [text_output(c) for c in code_cells(stored(source.solved)) if "check" in tags(c)]
    assert solved == [f"Exercise {int(n)}.{k}: correct" for n, k, *_ in headings[:-1]]
    why = [c for c in stored(source.solved).cells if "solution" in tags(c)]
    assert len(why) >= len(ids)
    assert all("mistake" in " ".join(c.source for c in why).lower() for _ in ids)


@pytest.mark.parametrize("exercise_id", exercises.names())
def test_every_exercise_has_hints_mistakes_and_ends_its_sentences_alike(exercise_id):
    exercise = exercises.find(exercise_id)
    assert len(exercise.hints) >= 2
    assert (exercise.judge is None) != (exercise.expected is None)
    assert 1 <= exercise.stars <= 3
    for text in (*exercise.hints, exercise.idea, *(mistake.message for mistake in exercise.mistakes)):
        assert "\n" not in text
        assert text.strip() == text


@pytest.mark.parametrize("exercise_id", exercises.names())
def test_every_known_mistake_gets_its_own_message_and_the_right_answer_none(exercise_id):
    exercise = exercises.find(exercise_id)
    if exercise.judge is None:
        assert exercises.verdict(exercise_id, exercise.expected).status == "correct"
    assert len({mistake.message for mistake in exercise.mistakes}) >= 2  # several answers may share a misconception
    for mistake in exercise.mistakes:
        verdict = exercises.verdict(exercise_id, mistake.answer)
        assert verdict.status == "wrong"
        assert verdict.message.endswith(mistake.message)


def coverage():
    """The rows of CONTRIBUTING's table: concept, notebook number, section or ''."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [
        [part.strip() for part in line.strip("| ").split("|")] for line in text.splitlines() if line.startswith("| ")
    ]
    return [row for row in rows if len(row) == 3 and re.fullmatch(r"\d\d", row[1])]


def test_every_concept_of_the_course_has_its_section():
    rows = coverage()
    assert len(rows) == 18
    titles = {s.number: [section.title for section in sections(stored(s.notebook))[1]] for s in SOURCES}
    for concept, number, section in rows:
        if number in titles:
            for title in section.split(" · "):
                assert title in titles[number], f"{concept}: notebook {number} has no section {title!r}"
        else:
            assert section == "not written yet", f"{concept}: there is no notebook {number}"


def test_every_notebook_is_in_the_readme_table():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for source in SOURCES:
        link = f"[{source.title}]({source.notebook.relative_to(ROOT)})"
        assert re.search(rf"^\| {source.number} \| {re.escape(link)} \|", text, re.MULTILINE), source.slug


def test_the_readme_shows_a_figure_of_a_notebook():
    pictures = [picture for source in SOURCES for picture in build.readme_pictures(stored(source.notebook))]
    assert len(pictures) == 1
    assert (ROOT / build.PICTURE).read_bytes() == pictures[0]
    assert f"]({build.PICTURE})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_reference_documents_are_linked_and_link_somewhere():
    for name in ("notation.md", "glossary.md"):
        text = (NOTEBOOKS / name).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
            assert (NOTEBOOKS / target).exists(), f"{name}: {target}"
