"""The way of a notebook: source -> two notebooks -> executed, checked, run, told."""

import shutil
import signal
import subprocess
import sys
import time

import nbformat
import pytest

from cnncourse.course import build, run, sources

FIRST = '''# %% [markdown]
# # 01 · First
# Why it matters.
#
# <!-- navigation -->

# %% tags=["setup"]
import math

# %% [markdown]
# ## One section
# [Notation](notation.md)

# %% tags=["nbval-check-output"]
print(math.factorial(5))

# %% [markdown] tags=["exercise"]
# ### Exercise 1.1 ★ Double

# %% tags=["exercise"]
def double(x):
    """Return twice x."""
    # BEGIN SOLUTION
    y = x + x
    return y
    # END SOLUTION


answer = double(21)  # SOLUTION

# %% tags=["check", "nbval-check-output"]
print(answer)

# %% [markdown] tags=["solution"]
# Why: see [the glossary](glossary.md) and [a paper](https://example.org/x).
'''
SECOND = FIRST.replace("01 · First", "02 · Second").replace("math.factorial(5)", "math.factorial(4)")


def make_course(folder):
    """A course of two small notebooks."""
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "01_first.py").write_text(FIRST)
    (folder / "sources" / "02_second.py").write_text(SECOND)
    for name in ("notation", "glossary"):
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\nText.\n")
    return folder


@pytest.fixture
def course(tmp_path):
    """The small course, in a folder with a space in its name."""
    return make_course(tmp_path / "a course" / "notebooks")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    folder = make_course(tmp_path_factory.mktemp("built course") / "notebooks")
    lines = []
    assert build.build(folder, say=lines.append)
    assert len(lines) == 4
    return folder


@pytest.fixture
def built(built_once, tmp_path):
    """The small course, executed."""
    return shutil.copytree(built_once, tmp_path / "a course" / "notebooks")


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def made(course, number="01"):
    everything = sources.find_sources(course)
    return sources.make_notebooks(sources.find_sources(course, number)[0], everything)


def texts(notebook):
    return [cell.source for cell in notebook.cells]


def test_the_unsolved_notebook_holds_blanks_and_no_solution(course):
    unsolved, _ = made(course)
    assert 'def double(x):\n    """Return twice x."""\n    ...\n\n\nanswer = ...' in texts(unsolved)
    whole = "\n".join(texts(unsolved))
    assert "x + x" not in whole
    assert "SOLUTION" not in whole
    assert "Why: see" not in whole


def test_the_solved_notebook_holds_setup_exercises_answers_and_why(course):
    _, solved = made(course)
    whole = "\n".join(texts(solved))
    assert "    y = x + x\n    return y\n\n\nanswer = double(21)" in whole
    assert "SOLUTION" not in whole
    assert "factorial" not in whole
    assert "import math" in whole
    assert "[the glossary](../glossary.md) and [a paper](https://example.org/x)" in whole


def test_navigation_links_previous_and_next(course):
    assert "[02 Second](02_second.ipynb) →" in texts(made(course, "01")[0])[0]
    assert "← [01 First](01_first.ipynb)" in texts(made(course, "02")[0])[0]


def test_ids_are_stable_when_another_section_changes(course):
    before = {cell.source: cell.id for cell in made(course)[0].cells}
    replace(
        course / "sources" / "01_first.py",
        "# ## One section",
        "# ## New\n\n# %%\n_ = 1\n\n# %% [markdown]\n# ## One section",
    )
    after = {cell.source: cell.id for cell in made(course)[0].cells}
    assert {text: after[text] for text in before} == before
    assert len(set(after.values())) == len(after)


@pytest.mark.parametrize(
    ("old", "new", "phrase"),
    [
        ("    # END SOLUTION\n", "", "a solution marker stands alone"),
        ('# %% tags=["exercise"]', "# %%", "give it the tag 'exercise'"),
        ('tags=["setup"]', 'tags=["set-up"]', "unknown tag ['set-up']"),
        ("# # 01 · First", "# # First", "does not begin with '# 01 · Title'"),
    ],
)
def test_a_bad_source_is_named(course, old, new, phrase):
    replace(course / "sources" / "01_first.py", old, new)
    with pytest.raises(ValueError, match=r"01_first\.py") as caught:
        made(course)
    assert phrase in str(caught.value)


def test_a_built_course_is_executed_and_checks_clean(built):
    assert build.check(built) == []
    stored = nbformat.read(built / "01_first.ipynb", as_version=4)
    assert [c.outputs[0].text for c in stored.cells if c.cell_type == "code" and c.outputs] == ["120\n", "Ellipsis\n"]
    solved = nbformat.read(built / "solutions" / "01_first.ipynb", as_version=4)
    assert [c.outputs[0].text for c in solved.cells if c.cell_type == "code" and c.outputs] == ["42\n"]
    assert stored.metadata.language_info == {"name": "python"}
    nbformat.validate(stored)


def test_what_is_up_to_date_is_not_executed_again(built):
    before = (built / "01_first.ipynb").stat().st_mtime_ns
    lines = []
    replace(built / "sources" / "02_second.py", "factorial(4)", "factorial(3)")
    assert build.build(built, say=lines.append)
    assert [line.split(": ")[1][:8] for line in lines] == ["up to da", "up to da", "built in", "built in"]
    assert (built / "01_first.ipynb").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        (
            lambda d: replace(d / "sources" / "01_first.py", "factorial(5)", "factorial(6)"),
            "cell 4 (one-section-2), its source",
        ),
        (lambda d: replace(d / "sources" / "01_first.py", '["nbval-check-output"]', "[]"), "its tags"),
        (lambda d: replace(d / "sources" / "01_first.py", "x + x", "2 * x"), "solutions/01_first.ipynb"),
        (
            lambda d: replace(d / "01_first.ipynb", '"built_from": "', '"built_from": "0'),
            "executed with another source",
        ),
        (lambda d: replace(d / "01_first.ipynb", '"execution_count": 2', '"execution_count": null'), "not executed"),
        (lambda d: (d / "01_first.ipynb").unlink(), "is missing"),
        (lambda d: (d / "01_first.ipynb").write_text("{"), "cannot be read"),
        (lambda d: (d / "sources" / "02_second.py").unlink(), "02_second.ipynb has no source"),
    ],
)
def test_check_names_what_differs(built, change, phrase):
    change(built)
    assert any(phrase in problem for problem in build.check(built)), build.check(built)


def test_build_does_not_overwrite_a_notebook_that_was_edited_by_hand(built):
    path = built / "01_first.ipynb"
    replace(path, '"answer = ..."', '"answer = 42  # my own work"')
    replace(built / "sources" / "01_first.py", "factorial(5)", "factorial(6)")
    lines = []
    assert not build.build(built, only="01", say=lines.append)
    assert "NOT overwritten, it was edited by hand" in lines[0]
    assert "my own work" in path.read_text()
    assert build.build(built, only="01", force=True, say=lines.append)
    assert "my own work" not in path.read_text()


@pytest.mark.parametrize(
    ("line", "phrase"),
    [("1 / 0", "ZeroDivisionError: division by zero"), ("import sys; print('w', file=sys.stderr)", "stderr: w")],
)
def test_a_notebook_that_fails_or_warns_is_not_written(course, line, phrase):
    replace(course / "sources" / "01_first.py", "print(math.factorial(5))", line)
    lines = []
    assert not build.build(course, only="01", say=lines.append)
    assert phrase in lines[0]
    assert not (course / "01_first.ipynb").exists()
    assert (course / "solutions" / "01_first.ipynb").exists()


def test_run_tells_the_failing_cell_and_goes_on(built, tmp_path):
    replace(built / "01_first.ipynb", "math.factorial(5)", "math.factorial(-5)")
    lines = []
    assert not run.run(built, tmp_path / "pages", say=lines.append)
    text = "\n".join(lines)
    assert "01_first.ipynb, cell 4:\n    print(math.factorial(-5))\n  ValueError: factorial() not defined" in text
    assert [line.split()[-1] for line in lines if line.startswith(("01  ", "02  "))] == ["FAILED", "passed"] * 2
    assert "1 failed" in text
    for name in ("index.html", "01_first.html", "02_second.html", "02_second.ipynb", "solutions/02_second.html"):
        assert (tmp_path / "pages" / name).exists()


def test_ctrl_c_stops_the_run_and_writes_nothing(built, tmp_path):
    replace(
        built / "01_first.ipynb",
        "print(math.factorial(5))",
        "open('running', 'w').close(); __import__('time').sleep(60)",
    )
    code = "import sys; from pathlib import Path; from cnncourse.course.run import run; run(*map(Path, sys.argv[1:]))"
    command = [sys.executable, "-c", code, built, tmp_path / "pages"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not (built / "running").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1].splitlines()[-1]
    assert not (tmp_path / "pages").exists()


def test_run_passes(built, tmp_path):
    lines = []
    assert run.run(built, tmp_path / "pages", only="2", say=lines.append)
    assert any("all passed" in line for line in lines)
    assert "24" in (tmp_path / "pages" / "02_second.html").read_text()


def test_book_writes_pages_without_executing(built, tmp_path):
    replace(built / "01_first.ipynb", "120\\n", "stored as it was\\n")
    run.book(built, tmp_path / "pages", say=lambda line: None)
    assert "stored as it was" in (tmp_path / "pages" / "01_first.html").read_text()
