"""The kernels that notebooks are executed in: shut off from the network, the caller's settings, and everybody else."""

import os
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

from .sources import ROOT

LONGEST_SOCKET = 90  # characters; macOS allows 104 for the path of a socket
# What a caller may have set and what would change how the cells of a notebook behave.
_DROPPED = {
    *("PYTHONOPTIMIZE", "PYTHONSTARTUP", "PYTHONWARNINGS", "PYTHONINSPECT", "CNNCOURSE_STRICT"),
    *("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"),
}


def kernel_environment(folder: str, *, solved: bool = False) -> dict[str, str]:
    """The environment of a kernel that nobody watches: the caller's, less what would change the cells' behaviour.

    The kernel imports the package of this checkout, shows no progress line and no widget, and stores figures.
    ipykernel does not show what is written to file descriptors 1 and 2 (TensorFlow's log lines, for one) where
    pytest's variables are set, and the user's IPython folder holds start-up files that other people do not have.

    Args:
        folder: an empty folder that takes the place of the user's IPython folder.
        solved: whether each exercise must be correct.
    """
    kept = {
        name: value for name, value in os.environ.items() if name not in _DROPPED and not name.startswith("PYTEST_")
    }
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH")))),
        "IPYTHONDIR": folder,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "CNNCOURSE_UNATTENDED": "1",
        **({"CNNCOURSE_STRICT": "1"} if solved else {}),
    }


class ThisPython(KernelSpecManager):
    """Knows one kernel: the Python that runs this. A person's own kernel of the same name does not count."""

    def get_kernel_spec(self, kernel_name):
        """The kernel of this Python, whatever it is called.

        Args:
            kernel_name: not looked at.
        """
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3 (ipykernel)", language="python")


def keep_private(manager, folder: str) -> None:
    """Let a kernel run in this Python and speak through sockets in a folder of its own.

    No network is needed then, not even the machine's own, and nobody else can listen.

    Args:
        manager: a jupyter_client KernelManager that has not started its kernel.
        folder: an empty folder; where its path is too long for a socket, the kernel speaks over TCP.
    """
    manager.kernel_spec_manager = ThisPython()
    socket = str(Path(folder) / "k")
    if len(socket) <= LONGEST_SOCKET:
        manager.transport, manager.ip = "ipc", socket
