"""The command line: what its commands print, and their exit codes."""

import subprocess
import sys

import pytest

from cnncourse import __main__, exercises
from cnncourse.course import build, run, sources


def test_an_unknown_notebook_is_one_sentence(capsys):
    assert __main__.main(["build", "--check", "--only", "77"]) == 1
    assert capsys.readouterr().err.startswith("cnncourse: there is no notebook '77'; expected one of 01, 02")


def test_list_names_every_notebook(capsys):
    assert __main__.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(sources.find_sources())
    assert sum(int(line.split("(")[1].split()[0]) for line in lines) == len(exercises.names())


def test_a_reader_who_has_enough_lines_is_no_error():
    command = [sys.executable, "-m", "cnncourse", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as listing:
        listing.stdout.close()  # as head does
        complaint = listing.stderr.read()
    assert "BrokenPipe" not in complaint
    assert "Traceback" not in complaint
    assert listing.returncode == 141


def test_list_tells_stars_wrong_answers_and_hints(capsys):
    assert __main__.main(["list", "--exercises"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    assert [line.split()[0] for line in lines] == list(exercises.names())
    one = exercises.find("02.1")
    assert (
        f"    02.1  {'★' * one.stars:3}  {len(one.mistakes)} wrong answers known, {len(one.hints)} hints:" in lines[4]
    )


@pytest.mark.parametrize(("passed", "code"), [(True, 0), (False, 1)])
def test_run_exits_with_what_happened(monkeypatch, passed, code):
    monkeypatch.setattr(run, "run", lambda only: passed)
    assert __main__.main(["run"]) == code


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["one is missing."], 1)])
def test_check_exits_with_what_it_found(monkeypatch, problems, code):
    monkeypatch.setattr(build, "check", lambda only: problems)
    assert __main__.main(["build", "--check"]) == code
