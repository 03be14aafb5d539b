"""Make .venv ready: the first step of every `make` target.

Runs before anything is installed, so it uses the standard library alone, in a syntax that old Pythons read.
A second call finds the environment ready and returns at once.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST = (3, 11)
TESTED = ("python3.13", "python3.12", "python3.11")
NEEDED_BYTES = 4 * 1000**3  # the environment takes about 2.5 GB, and pip unpacks beside it
JUPYTERLAB_SETTINGS = {  # linked Markdown pages open to be read, not as text
    "@jupyterlab/docmanager-extension:plugin": {"defaultViewers": {"markdown": "Markdown Preview"}},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


class NotReady(Exception):
    """The environment cannot be made; the text is one sentence for the person at the terminal."""


def environment_python(root=ROOT):
    """The path of the environment's Python."""
    return os.path.join(root, ".venv", "bin", "python")


def wanted_state(root=ROOT):
    """All that the installed packages depend on: when it changes, the environment is made anew."""
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        with open(os.path.join(root, name), "rb") as file:
            digest.update(file.read())
    return {"root": root, "requirements": digest.hexdigest()}


def is_ready(root=ROOT):
    """Whether an earlier call has installed exactly these requirements in this folder."""
    try:
        with open(_state_file(root)) as file:
            return json.load(file) == wanted_state(root) and os.path.exists(environment_python(root))
    except (OSError, ValueError):
        return False


def choose_python(version=sys.version_info, find=shutil.which):
    """The Python to make the environment with: this one, or a newer one that is installed.

    Raises NotReady if this Python is too old and no newer one is found.
    """
    if tuple(version[:2]) >= OLDEST:
        return sys.executable
    for name in TESTED:
        if find(name):
            return find(name)
    raise NotReady(
        "this is Python {}.{}, and the course needs 3.11, 3.12 or 3.13: install one of them, "
        "or name it, as in `make course PYTHON=python3.12`.".format(*version[:2])
    )


def check_venv_module(python):
    """Raise NotReady if that Python cannot make virtual environments (Debian packs the module apart)."""
    if subprocess.call([python, "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL):
        raise NotReady(
            f"{python} has no venv module: install it (on Debian and Ubuntu `sudo apt install python3-venv`) "
            "and run make again."
        )


def check_disk(root=ROOT, free=None):
    """Raise NotReady if there is too little room for the packages."""
    free = shutil.disk_usage(root).free if free is None else free
    if free < NEEDED_BYTES:
        raise NotReady(
            f"the disk has {free / 1000**3:.1f} GB free, and the packages need {NEEDED_BYTES / 1000**3:.0f} GB: "
            "free some space and run make again."
        )


def install(python, root=ROOT):
    """Make .venv anew and install the package, its tests' needs and nothing newer than constraints.txt says."""
    print(f"Setting up .venv with {python}: packages of about 1 GB are installed, once.", flush=True)
    venv = os.path.join(root, ".venv")
    if subprocess.call([python, "-m", "venv", "--clear", venv]):
        raise NotReady(f"the virtual environment {venv} could not be made; the lines above say why.")
    pip = [environment_python(root), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    pip += ["-c", os.path.join(root, "constraints.txt")]
    log = os.path.join(venv, "install.log")
    # The pip that comes with an older Python cannot read the newest packages' metadata, so pip comes first.
    if _run_with_progress([*pip, "--upgrade", "pip"], log) or _run_with_progress([*pip, "-e", root + "[test]"], log):
        raise NotReady(_why_pip_failed(log))
    settings = os.path.join(venv, "share", "jupyter", "lab", "settings")
    os.makedirs(settings, exist_ok=True)
    with open(os.path.join(settings, "overrides.json"), "w") as file:
        json.dump(JUPYTERLAB_SETTINGS, file, indent=2)
    with open(_state_file(root), "w") as file:
        json.dump(wanted_state(root), file)


def _state_file(root):
    return os.path.join(root, ".venv", "cnncourse-ready.json")


def _run_with_progress(command, log):
    """Run pip, keep all it says in a log, show on one line what it is at."""
    with open(log, "a") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        for line in process.stdout:
            file.write(line)
            if sys.stdout.isatty() and line.split(" ")[0] in ("Collecting", "Installing"):
                sys.stdout.write(f"\r  {line.strip():70.70}\r")
                sys.stdout.flush()
        code = process.wait()
    if sys.stdout.isatty():
        sys.stdout.write("\r" + " " * 72 + "\r")
    return code


def _why_pip_failed(log):
    with open(log) as file:
        lines = [line.strip() for line in file if line.strip()]
    text = "\n".join(lines)
    if "No space left on device" in text:
        return f"the disk is full: free {NEEDED_BYTES / 1000**3:.0f} GB and run make again."
    errors = [line for line in lines if line.startswith("ERROR:")] or lines[-1:]
    if re.search("Retrying .* after connection|NewConnectionError|[Nn]ame resolution|Name or service not known", text):
        reason = "no package index could be reached; connect to the network once and run make again"
    else:
        reason = "pip says: " + (errors[0] if errors else "nothing")
    return f"the packages were not installed: {reason} (all of it in {log})."


def main():
    """Make the environment if need be; return the exit code."""
    if is_ready():
        return 0
    try:
        python = choose_python()
        check_venv_module(python)
        check_disk()
        install(python)
    except NotReady as problem:
        print(f"cnncourse: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cnncourse: .venv could not be made: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncnncourse: stopped; run make again to set up .venv.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
