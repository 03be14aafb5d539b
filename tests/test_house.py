"""The house: imports one way, short files, one place for requirements, both CI runners call the same command."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cnncourse"
# A room imports only rooms before it.
ROOMS = [
    "bootstrap",
    "storage",
    "arguments",
    "arithmetic",
    "reference",
    "backend",
    "datasets",
    "layers",
    "models",
    "costs",
    "inspection",
    "training",
    "recording",
    "figures",
    "widgets",
    "exercises",
    "course",
    "__main__",
]
NUMPY_ONLY = {"arguments", "arithmetic", "reference"}
LONGEST_FILE = 300
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def python_files():
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    """The absolute dotted names that a file of the package imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = ("cnncourse", *path.relative_to(PACKAGE).parts[:-1])
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", python_files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path):
    room = room_of(path)
    if path.name == "__init__.py" and path.parent == PACKAGE:
        assert not list(imports_of(path)), "importing cnncourse alone must start nothing"
        return
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "cnncourse":
            assert ROOMS.index(parts[1]) <= ROOMS.index(room), f"{room} imports {name}"
        elif room in NUMPY_ONLY:
            assert parts[0] == "numpy" or parts[0] in sys.stdlib_module_names, f"{room} imports {name}"
        elif room == "bootstrap":
            assert parts[0] in sys.stdlib_module_names, f"bootstrap imports {name}"


def test_every_room_is_in_the_order():
    rooms = {room_of(path) for path in python_files()} - {"__init__"}
    assert rooms == set(ROOMS)


def test_importing_the_package_starts_neither_keras_nor_tensorflow():
    code = "import cnncourse, cnncourse.arithmetic, cnncourse.reference, sys; print('keras' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "False\n"


def test_starting_tensorflow_writes_nothing():
    code = "from cnncourse import training\nimport keras\nkeras.layers.Dense(2)(keras.ops.ones((1, 2)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("", "")


def test_files_are_short_enough_to_read():
    folders = [PACKAGE, ROOT / "tests", ROOT / "data"]
    long = [p.name for f in folders for p in f.rglob("*.py") if len(p.read_text().splitlines()) > LONGEST_FILE]
    assert not long


@pytest.mark.parametrize("arguments", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_finds_nothing(arguments):
    done = subprocess.run([sys.executable, "-m", "ruff", *arguments, "."], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def conda_environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def test_environment_yml_installs_this_package_and_pins_nothing_twice():
    *packages, pip = conda_environment()["dependencies"]
    assert pip == {"pip": ["-e .[test]"]}
    declared = {Requirement(text).name: Requirement(text) for text in PROJECT["dependencies"]}
    for text in packages:
        requirement = Requirement(text)
        if requirement.name == "python":
            assert requirement.specifier == SpecifierSet(PROJECT["requires-python"]), text
        elif requirement.name != "pip":
            assert requirement == declared.get(requirement.name), f"environment.yml says {text}"


def test_constraints_lie_within_the_declared_ranges():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and line[0] != "#"]
    pinned = {Requirement(line).name.lower().replace("_", "-"): Requirement(line) for line in lines}
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]:
        requirement = Requirement(text)
        (specifier,) = pinned[requirement.name.lower()].specifier
        assert specifier.operator == "=="
        assert requirement.specifier.contains(specifier.version), (
            f"constraints.txt pins {requirement.name} outside {text}"
        )


def test_the_extras_are_there():
    assert set(PROJECT["optional-dependencies"]) == {"test", "gpu", "jax"}


def test_both_ci_runners_call_the_test_command_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert script.splitlines()[-1] == "exec make test"
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    assert [step["run"] for step in job["steps"] if "run" in step] == ["bash .ci/run"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {name.split("-")[0] for name in job["strategy"]["matrix"]["os"]} == {"ubuntu", "macos"}


def test_the_readme_names_the_commands_that_the_makefile_has():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for target in ("course", "test", "lab", "build", "clean"):
        assert f"\n{target}:" in makefile
        assert f"make {target}" in readme
