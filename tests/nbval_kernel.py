"""The kernels that notebooks are tested in: where they run, and everything that a cell did in them."""

import ast
import subprocess
import tempfile
import time
from pathlib import Path
from queue import Empty
from types import SimpleNamespace

import nbformat
from jupyter_client import KernelManager
from nbval.kernel import RunningKernel

from cnncourse.course.kernels import keep_private, kernel_environment
from tests.nbval_rules import PolicyError

CHECKOUT = Path(__file__).resolve().parents[1]
POLL_SECONDS = 0.2
DRAIN_SECONDS = 1.0  # a kernel sends buffered text every 0.2 s, later where the machine is busy
OUTPUT_MESSAGES = {"stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"}


def environment_of(path, folder):
    """The environment of a notebook's kernel: small budgets, and in a solved notebook every exercise correct."""
    solved = path.parent.name == "solutions" and path.parent.parent.name == "notebooks"
    return {"CNNCOURSE_BUDGET": "quick", **kernel_environment(folder, solved=solved)}


class PolicyKernel(RunningKernel):
    """A kernel in pytest's own environment that tells everything a cell did, also what came late."""

    def __init__(self, path, startup_timeout):
        self.folder = tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True)
        self.log = Path(self.folder.name, "stderr.txt")
        self.origins = {}
        try:
            with self.log.open("w") as stderr:
                self.km = KernelManager()
                keep_private(self.km, self.folder.name)
                environment = environment_of(path, self.folder.name)
                self.km.start_kernel(stdout=subprocess.DEVNULL, stderr=stderr, cwd=str(path.parent), env=environment)
                self.kc = self.km.client()
                self.kc.start_channels()
                self.kc.wait_for_ready(timeout=startup_timeout)
            self._ensure_iopub_up()
            self.refuse_other_package()
        except Exception as error:
            words = self.last_words()
            self.close()
            if isinstance(error, PolicyError):
                raise
            raise PolicyError(f"the kernel did not start: {error!r}{words}") from error

    def last_words(self):
        """The exit status of a dead kernel and the end of what its process wrote to its own stderr."""
        process = self.km.provisioner.process if hasattr(self, "km") else None
        status = f" (exit status {process.returncode})" if process is not None else ""
        lines = self.log.read_text(errors="replace").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("[IPKernelApp]"))[-1500:]
        return f"{status}. Its stderr ends with:\n{text}" if text else f"{status}."

    def refuse_other_package(self):
        """Raises where the kernel would import another cnncourse than the one beside these tests."""
        find = "__import__('importlib.util').util.find_spec('cnncourse')"
        message_id = self.kc.execute("", silent=True, user_expressions={"origin": f"getattr({find}, 'origin', None)"})
        while (reply := self.kc.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != message_id:
            pass
        origin = ast.literal_eval(reply["content"]["user_expressions"]["origin"]["data"]["text/plain"])
        if origin is None or Path(origin).resolve().parent != CHECKOUT / "cnncourse":
            raise PolicyError(f"the kernel would import cnncourse from {origin}, not from {CHECKOUT}")

    def execute(self, source, name, timeout, output_timeout):
        """Runs a source as a front end does and returns its outputs, reply, late messages and time-out."""
        # With store_history=False, as nbval has it, a trailing ';' silences nothing.
        message_id = self.kc.execute(source, store_history=True, allow_stdin=False, stop_on_error=False)
        self.origins[message_id] = name
        run = SimpleNamespace(outputs=[], rewrites=set(), late=[], reply=None, timed_out=False)
        idle, deadline, last = False, time.monotonic() + timeout, time.monotonic()
        while not (idle and run.reply):
            message = self.message("iopub", POLL_SECONDS)
            if message is not None:
                last = time.monotonic()
                idle = self.sort(message, message_id, run) or idle
            if idle or message is None:
                run.reply = run.reply or self.reply(message_id)
            if message is None and not (idle and run.reply) and not self.is_alive():
                raise PolicyError(f"the kernel died in this cell{self.last_words()}")
            if run.reply and not idle and time.monotonic() > last + output_timeout:
                raise PolicyError(f"the cell is done, but the end of its outputs did not come in {output_timeout:g} s")
            if not run.reply and time.monotonic() > deadline:
                if run.timed_out:
                    self.stop()
                    raise PolicyError(f"the cell ran for {timeout:g} s and could not be interrupted")
                self.interrupt()
                run.timed_out, deadline = True, time.monotonic() + output_timeout
        return run

    def message(self, channel, timeout):
        """The next message of a channel, or None."""
        try:
            return self.get_message(channel, timeout=timeout)
        except Empty:
            return None

    def reply(self, message_id):
        """The content of the reply to one request, or None as long as it is not there."""
        while (message := self.message("shell", 0)) is not None:
            if message["parent_header"].get("msg_id") == message_id:
                return message["content"]
        return None

    def sort(self, message, message_id, run):
        """Files a message under the run that is going on, and says whether the run is over."""
        kind, content = message["msg_type"], message["content"]
        origin = message["parent_header"].get("msg_id")
        if kind not in OUTPUT_MESSAGES:
            return kind == "status" and content["execution_state"] == "idle" and origin == message_id
        if origin != message_id:
            if origin in self.origins:
                run.late.append((self.origins[origin], content.get("text") or content.get("evalue") or kind))
        elif kind in ("clear_output", "update_display_data"):
            run.rewrites.add(kind)
        else:
            run.outputs.append(nbformat.from_dict({"output_type": kind, **content}))
        return False

    def drain(self, run):
        """Waits for what comes after the last cell's end."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline:
            if (message := self.message("iopub", POLL_SECONDS)) is not None:
                self.sort(message, None, run)

    def close(self):
        """Ends the kernel, alive or dead, and removes its folder."""
        if hasattr(self, "km"):
            self.stop()
        self.folder.cleanup()
