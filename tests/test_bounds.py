"""Each bound that a notebook asserts of a trained net keeps its distance from five fresh seeds' values."""

import ast
import json
import statistics

import pytest

from cnncourse.course.bounds import Bound, find_bounds, measuring
from cnncourse.course.sources import find_sources
from tests.measure_bounds import BOUNDS, FRESH_SEEDS, keeps_margin

RECORD = json.loads(BOUNDS.read_text())
ASSERTED = [(s.number, b) for s in find_sources() for b in find_bounds(s.path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(("number", "bound"), ASSERTED, ids=lambda value: getattr(value, "quantity", value))
def test_each_bound_is_measured_and_keeps_its_margin(number, bound):
    measured = RECORD["notebooks"][number][bound.quantity]
    assert measured["asserted"] == f"{bound.sign} {bound.literal:g}"
    assert len(measured["values"]) == len(FRESH_SEEDS) == len(RECORD["seeds"]) == 5
    assert measured["mean"] == pytest.approx(statistics.mean(measured["values"]), rel=1e-4)
    assert measured["sd"] == pytest.approx(statistics.stdev(measured["values"]), rel=1e-4)
    assert keeps_margin(bound, measured["values"]), f"{bound}: measured {measured}"


def test_nothing_is_recorded_that_no_notebook_asserts():
    recorded = {(number, quantity) for number, found in RECORD["notebooks"].items() for quantity in found}
    assert recorded == {(number, bound.quantity) for number, bound in ASSERTED}


def test_a_notebook_that_trains_asserts_a_bound():
    for source in find_sources():
        text = source.path.read_text(encoding="utf-8")
        if "training.fit(" in text:
            assert find_bounds(text), f"{source.slug} trains and asserts no bound"


@pytest.mark.parametrize(
    ("literal", "sign", "kept"),
    [
        (0.80, ">", True),
        (0.86, ">", False),
        (0.95, ">", False),
        (0.95, "<", True),
        (0.91, "<", False),
        (0.8, "<", False),
    ],
)
def test_the_margin_is_three_deviations_or_one_and_a_half_ranges(literal, sign, kept):
    values = [0.88, 0.89, 0.90, 0.89, 0.88]  # mean .888, range .02, sd .0084: the margin is .03
    assert keeps_margin(Bound("q", sign, literal), values) is kept


def test_the_script_replaces_the_seed_and_records_in_place_of_asserting():
    text = "SEED = 1\nfall = SEED / 100\nassert fall > 5  # bound\nassert SEED == 7\n"
    scope = {"__measured__": []}
    exec(compile(measuring(text, seed=7), "text", "exec"), scope)
    assert scope["__measured__"] == [("fall", 0.07)]
    assert find_bounds(text) == [Bound("fall", ">", 5.0)]


def test_a_bound_may_be_recorded_and_asserted_all_the_same():
    scope = {"__measured__": []}
    with pytest.raises(AssertionError):
        exec(compile(measuring("SEED = 1\nassert SEED > 5  # bound\n", keep=True), "text", "exec"), scope)
    assert scope["__measured__"] == [("SEED", 1.0)]


@pytest.mark.parametrize("line", ["assert x  # bound", "assert 0 < x < 1  # bound", "assert x > y  # bound"])
def test_a_bound_that_the_script_cannot_read_is_refused(line):
    with pytest.raises(ValueError, match="line 1: write a bound as"):
        find_bounds(line)


def test_a_source_without_one_seed_is_refused():
    assert ast.unparse(measuring("SEED = 1", seed=3)) == "SEED = 3"
    with pytest.raises(ValueError, match="sets SEED 0 times"):
        measuring("x = 1", seed=3)


@pytest.mark.parametrize("sign", [">", ">=", "<", "<="])
def test_every_sign_is_told_as_it_stands(sign):
    assert find_bounds(f"assert a {sign} 0.5  # bound") == [Bound("a", sign, 0.5)]
