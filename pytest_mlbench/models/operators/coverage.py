"""What of a graph is covered. Everything that is not is refused at once, before a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UserMistake

from .catalogue import OPERATORS
from .rules import problems as rule_problems
from .view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_mlbench.models.tflite.graph import Graph


def problems(graph: Graph) -> dict[int, str]:
    """What is not covered: operator's place -> a clause. Empty when all is well."""
    found: dict[int, str] = {}
    for operator in graph.operators:
        problem = next(_problems(View.of(graph, operator)), None)
        if problem is not None:
            found[operator.index] = problem
    return found


def _problems(view: View) -> Iterator[str]:
    known = OPERATORS.get(view.kind)
    if known is None:
        yield "not a supported operator"
        return
    yield from rule_problems(view, known.rule)
    problem = known.shape(view)
    if problem:
        yield problem


def refusal(graph: Graph, found: Mapping[int, str], *, where: str = "") -> UserMistake:
    """The one error that names everything in `found`, equal problems together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index in sorted(found):
        groups.setdefault((graph.operators[index].kind, found[index]), []).append(index)
    listed = "; ".join(
        f"{_places(places)} {kind}: {text}" for (kind, text), places in groups.items()
    )
    what = f"the aot backend does not cover {len(found)} of {len(graph.operators)} operators: "
    if any("float32" in text for text in found.values()):
        remedy = "Convert the model with full integer quantisation (int8)"
    else:
        remedy = f"Covered: {', '.join(OPERATORS)}"
    return UserMistake(what + listed, where=where, remedy=remedy)


def _places(places: list[int], most: int = 6) -> str:
    if len(places) == 1:
        return f"operator {places[0]}"
    rest = f" and {len(places) - most} more" if len(places) > most else ""
    return f"operators {', '.join(map(str, places[:most]))}{rest}"
