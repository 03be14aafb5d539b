"""A pytest plugin that makes nbval strict: what a student sees in a stored notebook is what a fresh run gives.

nbval finds the notebooks and starts their kernels. This plugin replaces its classes for files, cells and kernels,
because nbval lets pass what `nbval_rules.faults_of`, `nbval_kernel.PolicyKernel` and `PolicyCell.problems` refuse.
`test_nbval_policy.py` holds a broken notebook for each hole. The options in pyproject.toml switch the policy on.
"""

import re

import pytest

try:
    from nbval.kernel import RunningKernel
    from nbval.plugin import IPyNbCell, IPyNbFile

    for owner, name in (
        *((IPyNbFile, name) for name in ("collect", "setup", "teardown")),
        *((IPyNbCell, name) for name in ("runtest", "setup", "repr_failure", "reportinfo")),
        *((RunningKernel, name) for name in ("_ensure_iopub_up", "get_message", "is_alive", "interrupt", "stop")),
    ):
        getattr(owner, name)
    from tests.nbval_kernel import PolicyKernel
except (ImportError, AttributeError) as error:
    raise pytest.UsageError(
        f"tests/nbval_policy.py is written for nbval 0.11 and cannot work with the one installed ({error}): "
        "install the test requirements of pyproject.toml, or adapt the plugin."
    ) from error

from tests.nbval_rules import PolicyError, difference, expects_exception, faults_of, file_fault, label

NBVAL_CELL_TIMEOUT = 2000  # nbval's default; another value comes from the command line and wins
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def pytest_addoption(parser):
    """Adds the two ini options of this plugin."""
    parser.addini("nbval_cell_timeout", "seconds that a notebook cell may run", default="300")
    parser.addini("nbval_output_timeout", "seconds that a finished cell's outputs may take", default="120")


def seconds(config, name):
    """Reads an ini option that holds a positive number of seconds."""
    text = config.getini(name)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not value > 0:
        raise pytest.UsageError(f"{name} = {text!r} in pytest's ini options: give a positive number of seconds.")
    return value


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    """Refuses options with which notebooks would be tested less than they seem to be."""
    option = config.option
    if not getattr(option, "nbval_lax", False) or option.nbval:
        raise pytest.UsageError("the notebook policy needs nbval's lax mode: call pytest with --nbval-lax only.")
    if option.nbval_sanitize_with:
        raise pytest.UsageError(
            "--nbval-sanitize-with hides differences and drops an empty 'replace:': print exact text in compared "
            "cells and leave the option out."
        )
    if option.nbval_kernel_name:
        raise pytest.UsageError("--nbval-kernel-name has no effect: kernels run in pytest's own environment.")
    if not hasattr(config, "workerinput") and getattr(option, "dist", "no") not in ("no", "loadscope"):
        raise pytest.UsageError(
            f"--dist {option.dist} spreads the cells of one notebook over several kernels: use --dist loadscope."
        )
    if option.nbval_cell_timeout == NBVAL_CELL_TIMEOUT:
        option.nbval_cell_timeout = seconds(config, "nbval_cell_timeout")
    seconds(config, "nbval_output_timeout")


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Puts the policy's file class in the place of nbval's."""
    found = yield
    return [PolicyFile.from_parent(parent, path=node.path) if type(node) is IPyNbFile else node for node in found]


class PolicyFile(IPyNbFile):
    """A notebook: its rules first, then its code cells, in their order and up to the first that fails."""

    culprit = None
    done = 0

    def collect(self):
        """Yields the rules of the notebook and its code cells."""
        fault = file_fault(self.path)
        cells = [] if fault else list(super().collect())
        self.faults = [fault] if fault else faults_of(self.nb)
        self.cells = [
            PolicyCell.from_parent(self, name=c.name, cell_num=c.cell_num, cell=c.cell, options=c.options)
            for c in cells
        ]
        yield NotebookRules.from_parent(self, name="rules")
        yield from self.cells

    def setup(self):
        """Leaves the kernel to the first cell that runs."""

    def teardown(self):
        """Ends the kernel."""
        if self.kernel is not None:
            self.kernel.close()

    def running_kernel(self):
        """The notebook's kernel, started when first asked for."""
        if self.kernel is None:
            self.kernel = PolicyKernel(self.path, self.config.option.nbval_kernel_startup_timeout)
        return self.kernel

    def refuse_faults(self):
        """Raises where the stored notebook breaks the rules."""
        if self.faults:
            raise PolicyError(
                "\n".join((self.faults[0].splitlines()[0], "", f"All faults of {self.nodeid}:", *self.faults))
            )


class NotebookRules(pytest.Item):
    """What the policy asks of the stored notebook as a whole; needs no kernel."""

    def runtest(self):
        """Fails with all faults at once."""
        if self.parent.faults:
            self.parent.culprit = self.name
        self.parent.refuse_faults()

    def repr_failure(self, excinfo):
        """Shows the faults without a traceback."""
        return str(excinfo.value) if excinfo.errisinstance(PolicyError) else super().repr_failure(excinfo)

    def reportinfo(self):
        """Names the item in reports."""
        return self.path, 0, f"{self.path.name}::rules"


class PolicyCell(IPyNbCell):
    """A code cell that passes only if a fresh run gives what is stored."""

    def __init__(self, name, parent, cell_num, cell, options):
        super().__init__(name, parent, cell_num, cell, options)
        self.output_timeout = seconds(self.config, "nbval_output_timeout")

    def runtest(self):
        """Runs the cells before this one that have not run yet (with ::Cell 5 or --lf), then this one."""
        notebook = self.parent
        if self.cell_num < notebook.done:
            raise PolicyError(f"{self.name} has run in this kernel: cells run once and in order")
        if notebook.culprit:
            pytest.skip(f"not run, because {notebook.culprit} of {notebook.nodeid} failed")
        try:
            notebook.refuse_faults()
            for cell in notebook.cells[notebook.done : self.cell_num + 1]:
                notebook.done += 1
                cell.run_and_judge()
        except Exception:
            notebook.culprit = self.name
            raise

    def run_and_judge(self):
        """Raises with the notebook, the cell, its source and everything that is wrong with its run."""
        if not self.cell.source.strip():
            return
        try:
            kernel = self.parent.running_kernel()
            limit = self.config.option.nbval_cell_timeout
            run = kernel.execute(self.cell.source, self.name, limit, self.output_timeout)
            self.test_outputs = run.outputs
            problems = list(self.problems(run)) or list(self.late_problems(run))
        except PolicyError as error:
            problems = [str(error)]
        if problems:
            name = label(self.cell, self.cell_num)
            source = f"{self.parent.nodeid}, source of the cell:\n{self.cell.source}"
            raise PolicyError("\n\n".join((f"{name}: {problems[0].splitlines()[0]}", source, *problems)))

    def problems(self, run):
        """Yields what is wrong with a run of the cell."""
        cell = self.cell
        errors = [out for out in run.outputs if out.output_type == "error"]
        stderr = "".join(out.text for out in run.outputs if out.output_type == "stream" and out.name == "stderr")
        if run.timed_out:
            yield f"It was interrupted after {self.config.option.nbval_cell_timeout:g} s, the limit for a cell."
        if errors and not (expects_exception(cell) and not run.timed_out):
            yield "It raised an exception:\n" + ANSI.sub("", "\n".join(errors[0].traceback))
            return
        if expects_exception(cell):
            stored = next(out.ename for out in cell.outputs if out.output_type == "error")
            if [out.ename for out in errors] != [stored]:
                received = errors[0].ename if errors else "no exception"
                yield f"It is tagged to raise {stored}, but gives {received}."
        elif run.reply["status"] != "ok":
            yield f"It failed without a traceback, as an unknown magic does ({run.reply.get('evalue')})."
        if stderr:
            yield f"It writes to stderr (a warning or a log line):\n{stderr}"
        if run.rewrites:
            yield f"It rewrites its output ({', '.join(sorted(run.rewrites))}), which only a watching person may see."
        if run.reply.get("payload"):
            yield f"It asks the front end for {run.reply['payload'][0].get('source')}, which no notebook stores."
        if cell.execution_count != run.reply["execution_count"]:
            yield (
                f"Its stored execution count is {cell.execution_count}, a fresh run from the top gives "
                f"{run.reply['execution_count']}: build the notebook anew."
            )
        if self.options["check"]:
            if lines := difference(cell.outputs, run.outputs):
                yield "Its output differs from the stored one:\n" + lines
        elif bool(cell.outputs) != bool(run.outputs):
            yield f"It stores {len(cell.outputs)} outputs, and this run gives {len(run.outputs)}."

    def late_problems(self, run):
        """Yields what cells wrote after their end; after the last cell it waits for that."""
        if not any(later.cell.source.strip() for later in self.parent.cells[self.cell_num + 1 :]):
            self.parent.kernel.drain(run)
        for name, text in run.late:
            yield f"Text that {name} wrote after its end came here and is in no stored output:\n{text}"

    def repr_failure(self, excinfo):
        """Shows the report without the plugin's traceback."""
        return str(excinfo.value) if excinfo.errisinstance(PolicyError) else super().repr_failure(excinfo)
