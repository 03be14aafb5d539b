"""What the notebook policy asks of a stored notebook, before any kernel starts, and how outputs are compared."""

import difflib
import json
import re
import warnings

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from nbformat.warnings import DuplicateCellId, MissingIDFieldWarning

LEFT_OUT_TAGS = {"nbval-skip", "nbval-ignore-output", "pytest-validate-ignore-output", "skip-execution"}
KNOWN_TAGS = {"nbval-check-output", "nbval-raises-exception"}
MARKER = re.compile(r"^\s*#+\s*(nbval[_-]|pytest_validate)\w*", re.IGNORECASE | re.MULTILINE)
SHELL = re.compile(
    r"get_ipython\(\)\.(system|getoutput)\(|run_(line|cell)_magic\('(sx|system|capture)'|--no-raise-error"
)
UNCOMPARED_KINDS = {"image/png", "image/jpeg", "application/vnd.jupyter.widget-view+json"}


class PolicyError(Exception):
    """A notebook breaks the policy; the text is the whole report."""


def label(cell, cell_num):
    """Names a code cell as pytest does, any other by its type, with the id that the notebook file has."""
    name = f"{cell.cell_type} cell" if cell_num is None else f"Cell {cell_num}"
    return f"{name} (id {cell.get('id', 'none')})"


def tags_of(cell):
    """The tags of a cell."""
    return set(cell.metadata.get("tags", ()))


def stored_text(cell, name):
    """The text that a cell's stored outputs hold in one stream."""
    return "".join(out.text for out in cell.outputs if out.output_type == "stream" and out.name == name)


def file_fault(path):
    """Says what is wrong with the notebook file as such, or None; nbformat only logs it."""
    try:
        with warnings.catch_warnings():
            for category in (DuplicateCellId, MissingIDFieldWarning):
                warnings.simplefilter("error", category)
            nbformat.validate(json.loads(path.read_text(encoding="utf-8")))
    except Exception as error:
        return f"not a valid notebook file: {str(error).strip().splitlines()[0]}"
    return None


def faults_of(notebook):
    """Lists what the policy refuses in a stored notebook, before any kernel starts."""
    faults = []
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        faults.append(f"the kernel is {kernel!r}; the course's notebooks run in 'python3'")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not any("nbval-check-output" in tags_of(cell) for cell in code):
        faults.append("no code cell has the tag nbval-check-output, so nothing would be compared")
    numbers = {id(cell): number for number, cell in enumerate(code)}
    for cell in notebook.cells:
        name = label(cell, numbers.get(id(cell)))
        faults += [f"{name}: {fault}" for fault in (*marking_faults(cell), *stored_faults(cell))]
    return faults


def marking_faults(cell):
    """Yields what is wrong with the tags and the marker comments of a cell of any type."""
    for marker in MARKER.finditer(cell.source):
        yield f"the comment {marker.group().strip()!r} steers nbval: use tags, and leave no cell out"
    for tag in sorted(tags_of(cell)):
        if tag.lower().replace("_", "-") in LEFT_OUT_TAGS:
            yield f"the tag {tag!r} leaves a cell out of the tests"
        elif re.match("nbval|raises", tag, re.IGNORECASE) and tag not in {*KNOWN_TAGS, "raises-exception"}:
            yield f"nbval does not know the tag {tag!r}: write nbval-check-output or raises-exception"
        elif tag in KNOWN_TAGS and cell.cell_type != "code":
            yield f"the tag {tag!r} has a meaning for code cells only"


def stored_faults(cell):
    """Yields what is wrong with the source and the stored outputs of a code cell."""
    if cell.cell_type != "code":
        return
    if SHELL.search(TransformerManager().transform_cell(cell.source)):
        yield "it calls a shell or hides its output, where a failure or a warning would not be seen: use Python"
    errors = [out for out in cell.outputs if out.output_type == "error"]
    if cell.source.strip() and cell.execution_count is None:
        yield "it has no execution count: build the notebook anew, with its outputs"
    elif "nbval-check-output" in tags_of(cell) and not any(
        text.strip() for kind, text in readable(cell.outputs) if "image" not in kind
    ):
        yield "its output is to be compared, but no text is stored: build the notebook anew, or remove the tag"
    if not cell.source.strip() and cell.outputs:
        yield "it has outputs but no source"
    if text := stored_text(cell, "stderr"):
        yield f"stderr is stored in it:\n{text}"
    if re.search(r"\r|\x08", stored_text(cell, "stdout")):
        yield "a carriage return or a backspace is stored in it (a progress bar)"
    if errors and not expects_exception(cell):
        yield f"a failure is stored in it: {errors[0].ename}: {errors[0].evalue}"
    if not errors and expects_exception(cell):
        yield "the tag raises-exception demands an exception, but none is stored"


def expects_exception(cell):
    """Whether a cell is tagged to raise."""
    return bool({"raises-exception", "nbval-raises-exception"} & tags_of(cell))


def readable(outputs):
    """Turns outputs into (kind, text) pairs in their order; text that came in several pieces is one.

    Figures and widgets count as present, their content is not compared.
    """
    pairs = []
    for output in outputs:
        if output.output_type == "stream":
            if pairs and pairs[-1][0] == output.name:
                pairs[-1] = (output.name, pairs[-1][1] + output.text)
            else:
                pairs.append((output.name, output.text))
        elif output.output_type == "error":
            pairs.append(("error", f"{output.ename}: {output.evalue}"))
        else:
            figure = "with an image" if UNCOMPARED_KINDS & set(output.data) else ""
            for kind, content in sorted(output.data.items()):
                text = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
                text = "(not compared)" if kind in UNCOMPARED_KINDS else text
                pairs.append((f"{output.output_type} {kind} {figure}".strip(), text))
    return pairs


def difference(stored, received):
    """Shows stored and received outputs as one text, line by line; '' where they are equal."""
    if readable(stored) == readable(received):
        return ""
    sides = [
        [line for kind, text in readable(outputs) for line in (f"[{kind}]", *text.split("\n"))]
        for outputs in (stored, received)
    ]
    lines = difflib.unified_diff(*sides, "expected (stored in the notebook)", "received (this run)", lineterm="")
    return "\n".join(lines)
