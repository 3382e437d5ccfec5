"""Every operator is registered with all it needs; what is missing is named."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from tiny_models import one_of_each

import pytest_mlbench
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.reference.families import SOURCES
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.catalogue import FAMILIES, OPERATORS
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.testing import LAYERS, LayerCase
from pytest_mlbench.testing.profiles import draw_layers

PACKAGE = Path(pytest_mlbench.__file__).parent
DOCS = Path(__file__).parents[3] / "docs" / "aot.md"


TYPES = ("int8", "int16", "float32")
"""The columns of the table."""


@cache
def case_of(kind: str) -> LayerCase:
    return draw_layers(LAYERS[kind], 1)[0]


@cache
def documented() -> list[str]:
    """The operators in the first column of the table under "## Operators"."""
    return [name for row in rows() for name in re.findall(r"[A-Z][A-Z0-9_]+", row[0])]


@cache
def rows() -> list[list[str]]:
    """The cells of that table."""
    section = DOCS.read_text(encoding="utf-8").split("\n## Operators\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def types_of(kind: str) -> set[str]:
    """The types of what an operator computes and of what it computes it from."""
    rule = OPERATORS[kind].rule
    source = next((given for given in rule.inputs if not given.constant), None)
    return {*rule.outputs, *(source.types if source else ())}


def lacks(kind: str) -> list[str]:
    """What is missing of an operator, or wrong: a sentence each."""
    operator = OPERATORS[kind]
    found = []
    if (operator.reference is None) != (operator.lower is None):
        found.append("it has no numpy reference, or one that is never called")
    if kind not in LAYERS:
        found.append("it has no strategy in pytest_mlbench/testing/strategies")
    elif kind not in {drawn.kind for drawn in case_of(kind).graph.operators}:
        found.append("its strategy draws no layer of it")
    if kind not in {one.kind for one in one_of_each().operators}:
        found.append("it is not in the tiny model of all operators")
    if documented().count(kind) != 1:
        return [*found, "it is not in one row of docs/aot.md"]
    (row,) = (row for row in rows() if kind in row[0].split(", "))
    told = {name for name, cell in zip(TYPES, row[1:4], strict=True) if cell == "yes"}
    if not set(row[1:4]) <= {"yes", "-"} or told != types_of(kind) & set(TYPES):
        found.append(f"its row in docs/aot.md has other types: {row[1:4]}")
    return found


@pytest.mark.parametrize("kind", OPERATORS)
def test_nothing_of_an_operator_is_missing(kind: str) -> None:
    assert lacks(kind) == []


@pytest.mark.parametrize("kind", [kind for kind in OPERATORS if OPERATORS[kind].lower])
def test_it_has_a_c_kernel(kind: str) -> None:
    graph = case_of(kind).graph
    calls = [
        ReferenceLibrary().lower(layer, LowerContext((), "rv32gc", "s"))
        for layer in lower(fold(graph))
        if layer is not None and layer.kind == kind
    ]
    assert calls, f"no {kind} in {graph.operators}"
    for call in calls:
        assert call is not None, f"{kind}: no kernel in pytest_mlbench/kernels/reference"
        source = PACKAGE / "kernels" / "reference" / SOURCES[call.kernel]
        header = PACKAGE / "kernels" / "include" / call.header
        definition = f"void {call.function}("
        assert definition in source.read_text(encoding="utf-8"), f"{kind}: {source.name}"
        assert definition in header.read_text(encoding="utf-8"), f"{kind}: {header.name}"


def test_nothing_is_documented_or_drawn_that_is_not_covered() -> None:
    assert set(documented()) == set(OPERATORS)
    for name in LAYERS:
        drawn = {operator.kind for operator in case_of(name).graph.operators}
        assert drawn <= set(OPERATORS)
        assert any(name.startswith(kind) for kind in drawn)


def test_no_operator_is_registered_twice() -> None:
    assert sum(len(family.OPERATORS) for family in FAMILIES) == len(OPERATORS)
