"""What does a notebook assert of the nets that it trains? Its bounds, read from the source, and its values in a run.

A line `assert quantity > 0.3  # bound` names a trained quantity. Only the standard library is needed here, so that a
source can be run as a plain script on a machine without Jupyter.
"""

import ast
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from ..storage import write_text

_SIGNS = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}


@dataclass(frozen=True)
class Bound:
    """One asserted bound: a quantity, a sign and a literal."""

    quantity: str
    sign: str
    literal: float


def find_bounds(text: str) -> list[Bound]:
    """The bounds that a source asserts, in order.

    Raises:
        ValueError: if an assertion marked `# bound` is not one comparison of a quantity with a literal.

    >>> find_bounds("assert accuracy > 0.9  # bound")
    [Bound(quantity='accuracy', sign='>', literal=0.9)]
    """
    return [_read(node) for node in ast.walk(ast.parse(text)) if _is_bound(node, text.splitlines())]


def measuring(text: str, *, seed: int | None = None, keep: bool = False) -> ast.Module:
    """A source's syntax tree that puts each bounded quantity into the list `__measured__`, as [quantity, value].

    Args:
        text: of the source.
        seed: takes the place of its SEED; None leaves it.
        keep: whether the bounds are asserted all the same, after that.

    Raises:
        ValueError: if a seed is given and the source has not one line that sets SEED.
    """
    lines = text.splitlines()

    class Change(ast.NodeTransformer):
        seeds = 0

        def visit_Assign(self, node):
            if seed is not None and ast.unparse(node.targets[0]) == "SEED":
                self.seeds += 1
                node.value = ast.Constant(seed)
            return node

        def visit_Assert(self, node):
            if not _is_bound(node, lines):
                return node
            quantity = _read(node).quantity
            call = ast.parse(f"__measured__.append(({quantity!r}, float({quantity})))").body[0]
            return [ast.copy_location(call, node), *([node] if keep else [])]

    change = Change()
    tree = ast.fix_missing_locations(change.visit(ast.parse(text)))
    if seed is not None and change.seeds != 1:
        raise ValueError(f"the source sets SEED {change.seeds} times; expected one line `SEED = 1`.")
    return tree


def _is_bound(node, lines) -> bool:
    return isinstance(node, ast.Assert) and lines[node.end_lineno - 1].rstrip().endswith("# bound")


def _read(node: ast.Assert) -> Bound:
    test = node.test
    try:
        (operator,), (right,) = test.ops, test.comparators
        return Bound(ast.unparse(test.left), _SIGNS[type(operator)], float(ast.literal_eval(right)))
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"line {node.lineno}: write a bound as `assert quantity > 0.3  # bound`.") from error


def main(path: str, target: str) -> None:
    """Run a source as a plain script, its bounds asserted; write the measured pairs to a JSON file, come what may."""
    measured = []
    scope = {"__name__": "__main__", "__file__": path, "__measured__": measured}
    try:
        exec(compile(measuring(Path(path).read_text(encoding="utf-8"), keep=True), path, "exec"), scope)
    finally:
        write_text(Path(target), json.dumps(measured))


if __name__ == "__main__":
    main(*sys.argv[1:])
