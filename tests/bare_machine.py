"""A Python without Jupyter and TensorFlow, for tests of what must run on a bare machine with JAX."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ABSENT = ("tensorflow", "ipywidgets", "IPython", "ipykernel", "jupytext", "nbformat", "nbclient", "nbconvert", "bs4")


def run_bare(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess:
    """Run Python with these words, JAX as backend and stubs that cannot be imported in place of the absent packages.

    Args:
        folder: empty; the stubs go there.
        words: of the command line after `python`.
        environment: further variables.
    """
    for name in ABSENT:
        (folder / f"{name}.py").write_text(f"raise ModuleNotFoundError('there is no {name} here')\n")
    path = os.pathsep.join([str(folder), str(ROOT)])
    fixed = {"KERAS_BACKEND": "jax", "PYTHONPATH": path, "MPLBACKEND": "Agg", "CNNCOURSE_UNATTENDED": "1"}
    inherited = {name: value for name, value in os.environ.items() if name != "CNNCOURSE_BUDGET"}
    return subprocess.run(
        [sys.executable, *words],
        env=inherited | fixed | environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
