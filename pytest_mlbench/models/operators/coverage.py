"""Checks whether a graph is supported. All unsupported operators are reported before a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

from .catalogue import OPERATORS
from .rules import problems as rule_problems
from .state import SETUP
from .view import OperatorView

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_mlbench.models.tflite.graph import Graph, Operator


def problems(graph: Graph) -> dict[int, str]:
    """Operator index -> a clause that says what is not supported. Empty if all is supported."""
    clauses: dict[int, str] = {}
    for operator in graph.operators:
        if not folded(graph, operator):
            problem = operator_problem(OperatorView.of(graph, operator))
            if problem:
                clauses[operator.index] = problem
    return clauses


def folded(graph: Graph, operator: Operator) -> bool:
    """Was `operator`, in a graph returned by `fold`, computed at build time?"""
    if operator.kind in SETUP:
        return not operator.options
    return bool(operator.outputs) and all(
        graph.tensors[index].data is not None for index in operator.outputs
    )


def operator_problem(view: OperatorView) -> str:
    """What is not supported about one operator; empty if it is supported."""
    return next(_problems(view), "")


def _problems(view: OperatorView) -> Iterator[str]:
    known = OPERATORS.get(view.kind)
    if known is None:
        yield "not a supported operator"
        return
    yield from rule_problems(view, known.rule)
    problem = known.shape(view)
    if problem:
        yield problem


def refusal(graph: Graph, found: Mapping[int, str], *, where: str = "") -> UsageError:
    """One error that names everything in `found`; equal problems are grouped."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index in sorted(found):
        groups.setdefault((graph.operators[index].kind, found[index]), []).append(index)
    listed = "; ".join(
        f"{_places(places)} {kind}: {text}" for (kind, text), places in groups.items()
    )
    what = f"the aot backend does not cover {len(found)} of {len(graph.operators)} operators: "
    return UsageError(what + listed, where=where, remedy=_remedy(graph, found))


def _remedy(graph: Graph, found: Mapping[int, str]) -> str:
    """The remedy: another conversion, or another operator."""
    for dtype, advice in _CONVERSIONS.items():
        if any(f" is {dtype}" in text or f"from {dtype}" in text for text in found.values()):
            return advice
    unknown = {graph.operators[index].kind for index in found} - OPERATORS.keys()
    if unknown:
        return f"Covered: {', '.join(OPERATORS)}"
    return "docs/aot.md says which forms of each operator are covered"


_CONVERSIONS = {
    "float32": "Convert the model with full integer quantisation (int8)",
    "uint8": "Convert the model with int8 activations and weights; uint8 is TensorFlow 1's scheme",
    "int16": "Convert the model with int8 activations (TFLITE_BUILTINS_INT8)",
}
"""Unsupported type -> how to convert the model instead."""


def _places(places: list[int], most: int = 6) -> str:
    if len(places) == 1:
        return f"operator {places[0]}"
    rest = f" and {len(places) - most} more" if len(places) > most else ""
    return f"operators {', '.join(map(str, places[:most]))}{rest}"
