"""Where and when was something measured? The fields that every log shares."""

import datetime
import platform
from importlib.metadata import version


def made_here() -> dict:
    """Device, backend, versions and time (UTC), for a log that is written now; starts Keras.

    >>> sorted(made_here())
    ['backend', 'date', 'device', 'versions']
    """
    from .. import backend

    name = backend.keras.backend.backend()
    versions = {"python": platform.python_version(), "keras": backend.keras.__version__}
    versions |= {name: backend.version(), "numpy": version("numpy")}
    return {
        "device": backend.device_name(),
        "backend": name,
        "versions": versions,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M"),
    }
