"""What is this machine, and which budget will be used on it?"""

import os
import platform
import sys
from importlib.metadata import version


def report() -> list[str]:
    """One line for each fact that matters when something does not run.

    >>> report()[0].startswith("Python")
    True
    """
    from .. import backend, datasets, training

    keras = backend.keras
    name = keras.backend.backend()
    said = os.environ.get("CNNCOURSE_BUDGET")
    why = "CNNCOURSE_BUDGET says so" if said else f"{'a' if backend.has_gpu() else 'no'} GPU was found"
    lines = [
        f"Python {platform.python_version()} ({sys.executable})",
        f"Keras {keras.__version__} on {name} {version(name)}, NumPy {version('numpy')}",
        f"Device {backend.device_name()}",
        f"Budget {training.budget(quick='quick', full='full')}: {why}",
    ]
    for what, load in (
        ("Fashion-MNIST", lambda: datasets.load_fashion_mnist("test", limit=10)),
        ("Photographs", lambda: [datasets.load_photograph(photo) for photo in datasets.photograph_names()]),
    ):
        try:
            load()
            lines.append(f"{what}: complete")
        except (OSError, ValueError) as error:
            lines.append(f"{what}: {error}")
    return lines
