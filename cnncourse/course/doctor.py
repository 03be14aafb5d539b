"""What is this machine, which device and budget will be used on it, and what to do when a GPU is not seen?"""

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

_QUERY = "name,memory.total,memory.free,driver_version"


def report() -> list[str]:
    """One line for each fact that matters when something does not run.

    >>> report()[0].startswith("Python")
    True
    """
    from .. import backend, training

    keras = backend.keras
    name = keras.backend.backend()
    said = os.environ.get("CNNCOURSE_BUDGET")
    why = "CNNCOURSE_BUDGET says so" if said else f"{'a' if backend.has_gpu() else 'no'} GPU was found"
    return [
        f"Python {platform.python_version()} ({sys.executable})",
        f"Keras {keras.__version__} on {name} {backend.version()}, NumPy {version('numpy')}",
        f"Device {backend.device_name()}",
        f"Main memory: {_main_memory()}",
        *_gpu_lines(backend, name),
        f"Budget {training.budget(quick='quick', full='full')}: {why} (CNNCOURSE_BUDGET=quick or full decides)",
        *_data_lines(),
    ]


def _main_memory() -> str:
    try:
        sizes = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        free, total = (int(sizes[key].split()[0]) / 2**20 for key in ("MemAvailable", "MemTotal"))
    except (OSError, KeyError, ValueError):
        return "unknown"
    return f"{free:.1f} of {total:.1f} GiB free"


def _gpu_lines(backend, name: str) -> list[str]:
    """What NVIDIA's driver says of each GPU, and what to do when the backend sees none."""
    lines = []
    for gpu in installed_gpus():
        model, total, free, driver = gpu
        lines.append(f"GPU in this machine: {model}, {free} of {total} MiB free, driver {driver}")
    if backend.has_gpu():
        quick = "quick" if backend.has_quick_bfloat16() else "slow"
        lines.append(f"{name} uses the GPU; bfloat16 (mixed precision, in recorded runs only) is {quick} there")
    elif lines or Path("/dev/nvidia0").exists():
        lines.append(f"{name} does not see the GPU: {_advice(name)}")
    return lines


def installed_gpus() -> list[tuple[str, ...]]:
    """Name, memory, free memory (MiB) and driver of each NVIDIA GPU, as its driver tells; empty where there is none.

    >>> all(len(gpu) == 4 for gpu in installed_gpus())
    True
    """
    if shutil.which("nvidia-smi") is None:
        return []
    command = ["nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = [tuple(part.strip() for part in line.split(",")) for line in done.stdout.splitlines()]
    return [row for row in rows if len(row) == 4] if done.returncode == 0 else []


def _advice(name: str) -> str:
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if hidden is not None and hidden.strip() in ("", "-1"):
        return f"CUDA_VISIBLE_DEVICES is {hidden!r} and hides it; unset it."
    packages = {"tensorflow": "-e '.[gpu]'", "jax": "'jax[cuda12]'"}
    wanted = packages.get(name, packages["tensorflow"])
    return f"install its CUDA packages with `{sys.executable} -m pip install {wanted}`, then run doctor again."


def _data_lines() -> list[str]:
    from .. import datasets

    lines = []
    for what, load in (
        ("Fashion-MNIST", lambda: datasets.load_fashion_mnist("test", limit=10)),
        ("Photographs", lambda: [datasets.load_photograph(photo) for photo in datasets.photograph_names()]),
        ("Object photos", lambda: datasets.load_object_photos("test")),
    ):
        try:
            load()
            lines.append(f"{what}: complete")
        except (OSError, ValueError) as error:
            lines.append(f"{what}: {error}")
    return lines
