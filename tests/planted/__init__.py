"""The errors that are planted: the house's, the models', then notebook by notebook; each module here has its own."""

import importlib
import pkgutil

from .errors import PlantedError

__all__ = ["ERRORS", "PlantedError"]

GENERAL = ("house", "models")

_NAMES = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name in GENERAL or m.name.startswith("notebook_"))
ERRORS = tuple(error for name in _NAMES for error in importlib.import_module(f"{__name__}.{name}").ERRORS)
