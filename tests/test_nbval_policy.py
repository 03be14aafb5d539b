"""Each broken notebook passes under plain nbval and fails under the policy, with a message that says why."""

import json
import os
import runpy
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import nbformat
import nbval.kernel
import pytest

from tests.fixtures.nbval.broken_notebooks import ALONE, APART, GOES_ON, GOOD, HOLES, SOLVED, code_cells
from tests.nbval_kernel import CHECKOUT, PolicyKernel, environment_of
from tests.nbval_policy import pytest_configure
from tests.nbval_rules import PolicyError


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else nbformat.v4.writes(content), encoding="utf-8")


def start(folder, report, *arguments):
    """Starts pytest on the notebooks of a folder, in an environment as a careless caller has it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CNNCOURSE_"))}
    environment = kept | {
        "PYTHONPATH": str(CHECKOUT) if "tests.nbval_policy" in arguments else "",
        "PYTHONSTARTUP": str(folder / "startup.py"),
        "PYTHONWARNINGS": "ignore",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_PATH": str(folder / "jupyter"),
        "MPLBACKEND": "agg",
        "CNNCOURSE_STRICT": "1",
    }
    command = [sys.executable, "-m", "pytest", "-c", "policy.ini", "--nbval-lax", "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def outcomes(folder, report, process):
    """Reads the report: {(notebook, item): (outcome, message)}."""
    text, _ = process.communicate(timeout=300)
    assert process.returncode == 1, text
    found = {}
    for case in ElementTree.parse(folder / report).iter("testcase"):
        faults = [child for child in case if child.tag in ("failure", "error", "skipped")]
        outcome, message = (faults[0].tag, faults[0].text + faults[0].get("message")) if faults else ("passed", "")
        found[case.get("classname"), case.get("name")] = (outcome, message)
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs plain nbval and the policy over all notebooks, once each and side by side."""
    plain, policy = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("policy")
    kernelspec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "a kernel that the user installed",
        "language": "python",
        "env": {"REPLACED": "1"},
    }
    for folder in (plain, policy):
        write(folder / "policy.ini", "[pytest]\nnbval_cell_timeout = 5\n" if folder == policy else "[pytest]\n")
        write(folder / "startup.py", "from_startup = 1\n")
        write(folder / "ipython/profile_default/startup/first.py", "from_profile = 1\n")
        for name in ("python3", "other"):
            write(folder / f"jupyter/kernels/{name}/kernel.json", json.dumps(kernelspec))
        write(folder / "holes/shadow/cnncourse.py", "SHADOW = 1\n")
        for name in HOLES if folder == policy else APART:
            write(folder / f"holes/{name}.ipynb", HOLES[name][0])
        write(folder / "holes/goes_on.ipynb", GOES_ON)
        write(folder / "good.ipynb", GOOD)
        write(folder / "selected.ipynb", GOOD)
    # Plain nbval does not stop at a failure: one kernel shows what it says of each cell of the other notebooks.
    together = {name: code_cells(content) for name, (content, _, _) in HOLES.items() if name not in APART}
    write(
        plain / "together.ipynb",
        nbformat.v4.new_notebook(cells=[cell for cells in together.values() for cell in cells]),
    )
    for name, (content, _, _) in ALONE.items():
        write(policy / f"alone/{name}.ipynb", content)
    write(policy / "notebooks/solutions/solved.ipynb", SOLVED)
    write(policy / "alone/corrupt.ipynb", '{"cells": [')
    processes = (
        start(plain, "report.xml", "holes", "good.ipynb", "together.ipynb"),
        start(
            policy,
            "report.xml",
            *("-p", "tests.nbval_policy", "holes", "good.ipynb", "alone", "notebooks"),
            "selected.ipynb::Cell 6",
        ),
    )
    return SimpleNamespace(
        plain=outcomes(plain, "report.xml", processes[0]),
        policy=outcomes(policy, "report.xml", processes[1]),
        folders=(plain, policy),
        together=[name for name, cells in together.items() for _ in cells],
    )


def items(found, classname):
    """The items of one notebook, in order, with outcome and message."""
    return {name: result for (notebook_name, name), result in found.items() if notebook_name == classname}


def check_failure(found, failing, message):
    """Holds that one item fails with the message, that those before it pass and those after it do not run."""
    position = list(found).index(failing)
    expected = ["passed"] * position + ["failure"] + ["skipped"] * (len(found) - position - 1)
    assert [outcome for outcome, _ in found.values()] == expected
    text = found[failing][1]
    for part in message.split("*"):
        assert part in text
        text = text[text.index(part) + len(part) :]


def test_good_notebook_passes_under_both(runs):
    for found in (runs.plain, runs.policy):
        outcomes_of_good = [outcome for outcome, _ in items(found, "good.ipynb").values()]
        assert outcomes_of_good
        assert set(outcomes_of_good) == {"passed"}
    assert len(items(runs.policy, "good.ipynb")) == len(items(runs.plain, "good.ipynb")) + 1


@pytest.mark.parametrize("name", HOLES)
def test_hole_is_closed(runs, name):
    content, failing, message = HOLES[name]
    classname = f"holes.{name.replace('/', '.')}.ipynb"
    if name in APART:
        plain = [outcome for outcome, _ in items(runs.plain, classname).values()]
    else:
        numbers = [number for number, owner in enumerate(runs.together) if owner == name]
        plain = [runs.plain["together.ipynb", f"Cell {number}"][0] for number in numbers]
    assert len(plain) == len(code_cells(content))
    assert set(plain) <= {"passed", "skipped"}
    check_failure(items(runs.policy, classname), failing, message)


def test_report_names_the_notebook_the_cell_its_source_and_both_texts(runs):
    _, text = items(runs.policy, "holes.goes_on.ipynb")["Cell 0"]
    for part in ("holes/goes_on.ipynb", "Cell 0 (id ", "print(1)", "-2", "+1"):
        assert part in text


def test_failed_cell_stops_its_notebook(runs):
    plain, policy = runs.folders
    assert [outcome for outcome, _ in items(runs.plain, "holes.goes_on.ipynb").values()] == ["failure", "passed"]
    assert (plain / "holes/went_on").exists()
    found = items(runs.policy, "holes.goes_on.ipynb")
    check_failure(found, "Cell 0", "Its output differs")
    assert "not run, because Cell 0 of holes/goes_on.ipynb failed" in found["Cell 1"][1]
    assert not (policy / "holes/went_on").exists()


@pytest.mark.parametrize("name", ALONE)
def test_under_the_policy_alone(runs, name):
    _, failing, message = ALONE[name]
    found = items(runs.policy, f"alone.{name}.ipynb")
    if failing is None:
        assert {outcome for outcome, _ in found.values()} == {"passed"}
    else:
        check_failure(found, failing, message)


def test_solved_notebooks_are_strict(runs):
    found = items(runs.policy, "notebooks.solutions.solved.ipynb")
    assert found == {"rules": ("passed", ""), "Cell 0": ("passed", "")}


def test_file_that_is_no_notebook_fails_and_stops_nothing_else(runs):
    check_failure(items(runs.policy, "alone.corrupt.ipynb"), "rules", "not a valid notebook file")


def test_selected_cell_runs_after_the_cells_that_it_needs(runs):
    assert items(runs.policy, "selected.ipynb") == {"Cell 6": ("passed", "")}


def configuration(**changes):
    """What pytest_configure reads of pytest's configuration, in order but for the changes."""
    option = {
        "nbval": False,
        "nbval_lax": True,
        "nbval_sanitize_with": None,
        "nbval_kernel_name": None,
        "nbval_cell_timeout": 2000,
        "dist": "no",
    }
    ini = {"nbval_cell_timeout": "300", "nbval_output_timeout": "120"}
    ini |= {name: changes.pop(name) for name in tuple(changes) if name == "nbval_output_timeout"}
    return SimpleNamespace(option=SimpleNamespace(**option | changes), getini=ini.get)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dist": "load"}, "use --dist loadscope"),
        ({"dist": "worksteal"}, "use --dist loadscope"),
        ({"nbval_sanitize_with": "sanitize.cfg"}, "drops an empty 'replace:'"),
        ({"nbval_lax": False}, "with --nbval-lax only"),
        ({"nbval": True}, "with --nbval-lax only"),
        ({"nbval_kernel_name": "other"}, "--nbval-kernel-name has no effect"),
        ({"nbval_output_timeout": "soon"}, "nbval_output_timeout = 'soon'"),
        ({"nbval_output_timeout": "-1"}, "give a positive number of seconds"),
    ],
)
def test_options_that_would_test_less_are_refused(changes, message):
    with pytest.raises(pytest.UsageError, match=message):
        pytest_configure(configuration(**changes))


def test_options_that_are_in_order_are_accepted():
    config = configuration(dist="loadscope")
    pytest_configure(config)
    assert config.option.nbval_cell_timeout == 300
    given = configuration(nbval_cell_timeout=7)
    pytest_configure(given)
    assert given.option.nbval_cell_timeout == 7


def test_other_nbval_is_refused_in_one_sentence(monkeypatch):
    monkeypatch.delattr(nbval.kernel.RunningKernel, "get_message")
    with pytest.raises(pytest.UsageError, match=r"written for nbval 0\.11 and cannot work .*get_message"):
        runpy.run_path(CHECKOUT / "tests/nbval_policy.py")


def test_environment_of_kernels(monkeypatch):
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")  # would switch every assert off
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("CNNCOURSE_BUDGET", "full")
    environment = environment_of(Path("/course/notebooks/01_images.ipynb"), "profile")
    assert "PYTHONOPTIMIZE" not in environment
    assert environment["PYTHONPATH"] == os.pathsep.join((str(CHECKOUT), "elsewhere"))
    assert environment["CNNCOURSE_BUDGET"] == "full"
    assert "CNNCOURSE_STRICT" not in environment
    assert "CNNCOURSE_STRICT" not in environment_of(Path("/else/solutions/01_images.ipynb"), "profile")


class DeafKernel(PolicyKernel):
    """A kernel without a process: it gives the messages that it holds, then none."""

    def __init__(self, **channels):
        self.channels = channels
        self.origins = {}
        self.told = []
        self.kc = SimpleNamespace(
            execute=lambda source, **options: "request",
            get_shell_msg=lambda timeout: self.get_message("shell", timeout),
        )
        self.is_alive = lambda: True
        self.interrupt = lambda: self.told.append("interrupt")
        self.stop = lambda: self.told.append("stop")

    def get_message(self, channel, timeout):
        if self.channels.get(channel):
            return self.channels[channel].pop(0)
        raise Empty


@pytest.mark.parametrize("origin", ["'/elsewhere/cnncourse/__init__.py'", "None"])
def test_other_package_is_refused(origin):
    expressions = {"user_expressions": {"origin": {"status": "ok", "data": {"text/plain": origin}}}}
    kernel = DeafKernel(shell=[{"parent_header": {"msg_id": "request"}, "content": expressions}])
    with pytest.raises(PolicyError, match=f"would import cnncourse from {origin.strip(chr(39))}, not from"):
        kernel.refuse_other_package()


def test_outputs_that_do_not_end_fail_after_the_output_timeout():
    reply = {"parent_header": {"msg_id": "request"}, "content": {"status": "ok"}}
    kernel = DeafKernel(shell=[reply])
    with pytest.raises(PolicyError, match=r"the end of its outputs did not come in 0.05 s"):
        kernel.execute("1", "Cell 0", timeout=60, output_timeout=0.05)


def test_cell_that_cannot_be_interrupted_ends_with_its_kernel():
    kernel = DeafKernel()
    with pytest.raises(PolicyError, match=r"ran for 0.05 s and could not be interrupted"):
        kernel.execute("1", "Cell 0", timeout=0.05, output_timeout=0.05)
    assert kernel.told == ["interrupt", "stop"]
