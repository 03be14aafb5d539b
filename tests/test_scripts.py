"""Sources and recording commands run under JAX on a machine without Jupyter and TensorFlow."""

import json

import pytest

from cnncourse.course.sources import find_sources
from tests.bare_machine import ROOT, run_bare

SCRIPTS = ("02", "03", "09")  # a filter that is learned, a layer as a matrix, nets that are trained


@pytest.mark.parametrize("number", SCRIPTS)
def test_a_source_runs_as_a_script_under_jax(tmp_path, number):
    (source,) = find_sources(only=number)
    done = run_bare(tmp_path, str(source.path))
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == ""
    code = "from cnncourse import backend; print(backend.keras.backend.backend(), backend.has_gpu())"
    assert run_bare(tmp_path, "-c", code).stdout.startswith("jax")


def test_no_source_imports_jupyter():
    for source in find_sources():
        text = source.path.read_text(encoding="utf-8")
        for name in ("IPython", "ipywidgets", "get_ipython", "\n%", "\n!", "import tensorflow", "import jax"):
            assert name not in text, f"{source.slug} holds {name!r}"


def test_the_bare_machine_lacks_what_it_should(tmp_path):
    done = run_bare(tmp_path, "-c", "import ipywidgets")
    assert done.returncode == 1
    assert "there is no ipywidgets here" in done.stderr


def test_recording_needs_no_jupyter(tmp_path):
    logs = tmp_path / "logs"
    words = ("-m", "cnncourse", "record-sources", "--only", "03", "--budget", "quick", "--folder", str(logs))
    done = run_bare(tmp_path, *words)
    assert done.returncode == 0, done.stderr
    log = json.loads((logs / "jax_quick.json").read_text())
    assert [row["notebook"] for row in log["rows"]] == ["03"]
    assert log["rows"][0]["passed"]
    assert "recorded already" in run_bare(tmp_path, *words).stdout
    words = ("resnet20", "--side", "16", "--batch-size", "2", "--steps", "1", "--repeats", "2", "--folder", str(logs))
    done = run_bare(tmp_path, "-m", "cnncourse", "record-throughput", *words)
    assert done.returncode == 0, done.stderr
    row = json.loads((logs / "jax_float32.json").read_text())["rows"][0]
    assert (row["model"], row["side"], row["parameters"], len(row["training"])) == ("resnet20", 16, 269_722, 2)


def test_doctor_runs_on_a_bare_machine(tmp_path):
    done = run_bare(tmp_path, "-m", "cnncourse", "doctor", CNNCOURSE_BUDGET="full")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("Keras") and " on jax " in line for line in lines)
    assert "Budget full: CNNCOURSE_BUDGET says so (CNNCOURSE_BUDGET=quick or full decides)" in lines


@pytest.mark.parametrize("text", [(ROOT / "README.md").read_text(encoding="utf-8")])
def test_the_readme_says_how(text):
    assert "KERAS_BACKEND=jax .venv/bin/python notebooks/sources/09_strided_convolution.py" in text
