"""Where does an interrupted run go on? One file with everything after the last whole epoch, replaced as a whole.

It holds the model's weights with the state of its dropout, the optimizer's momenta and its count of steps, and the
curves so far; so weights and curves can never be of two different epochs.
"""

import io
import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from ..datasets import files
from ..storage import write_bytes
from .logs import CURVES
from .settings import Settings


class DamagedState(ValueError):
    """A state cannot be read; its text is one sentence."""


@dataclass
class Progress:
    """What is known of a run after its last whole epoch.

    Args:
        curves: one list for each name in `CURVES`, an entry an epoch.
        training_seconds: of each epoch, without its evaluation.
        evaluation_seconds: of each epoch.
        interruptions: how often the run was stopped and taken up again.
        devices: what it ran on, each name once, in order.
    """

    curves: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in CURVES})
    training_seconds: list[float] = field(default_factory=list)
    evaluation_seconds: list[float] = field(default_factory=list)
    interruptions: int = 0
    devices: list[str] = field(default_factory=list)

    @property
    def epochs(self) -> int:
        """How many epochs are whole."""
        return len(self.training_seconds)


def path_of(settings: Settings) -> Path:
    """The file that a run's state lies in, below build/recording/."""
    return files.REPOSITORY_DATA.parent / "build" / "recording" / settings.name / "state.npz"


def save(path: Path, settings: Settings, model, progress: Progress) -> None:
    """Write the state whole or not at all.

    Args:
        path: as `path_of`.
        settings: the run, kept so that no other run takes the state for its own.
        model: compiled, with an optimizer that is built.
        progress: what was measured so far.

    Raises:
        CannotWrite: if the disk is full or the folder cannot be written; the state of the epoch before stays.
    """
    header = json.dumps({"run": settings.command, "progress": asdict(progress)})
    arrays = {f"variable_{k}": np.asarray(v) for k, v in enumerate(_variables(model))}
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(header), **arrays)
    write_bytes(path, buffer.getvalue())


def load(path: Path, settings: Settings, model) -> Progress:
    """Give a compiled model the weights, momenta and dropout states of a state; it changes wholly or not at all.

    Returns:
        The progress that was saved with them.

    Raises:
        DamagedState: if the file cannot be read.
        ValueError: if it belongs to another run, or to a net with other weights.
    """
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        header = json.loads(str(arrays.pop("header")))
        run, progress = header["run"], Progress(**header["progress"])
    except Exception as error:  # NumPy and zipfile raise a dozen kinds on a broken file
        raise DamagedState(f"the state {path} is damaged ({' '.join(str(error).split())}).") from error
    variables = _variables(model)
    kept = [arrays.get(f"variable_{k}") for k in range(len(arrays))]
    same_form = [None if a is None else a.shape for a in kept] == [tuple(v.shape) for v in variables]
    if run != settings.command or not same_form:
        raise ValueError(
            f"the state {path} belongs to another run or to an older form of {settings.model}; delete its folder to "
            "begin anew."
        )
    for variable, array in zip(variables, kept, strict=True):
        variable.assign(array)
    return progress


def remove(path: Path) -> None:
    """Delete a run's folder, once its log is written."""
    shutil.rmtree(path.parent, ignore_errors=True)


def _variables(model) -> list:
    """All that training changes: `model.variables` has the states of dropout beside the weights."""
    return [*model.variables, *model.optimizer.variables]
