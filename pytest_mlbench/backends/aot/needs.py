"""What the kernel calls of a program need of the memory plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Overlap
from pytest_mlbench.models.operators.coverage import folded

from .memory_plan.need import Need, TensorOverlap
from .memory_plan.views import views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph


def needs(
    graph: Graph, layers: Sequence[Layer | None], calls: Sequence[KernelCall | None]
) -> list[Need]:
    """One for each operator. A size that only a probing firmware knows counts as 0."""
    found = []
    for operator, layer, call in zip(graph.operators, layers, calls, strict=True):
        if layer is None or call is None:
            alias = bool(operator.outputs) and not folded(graph, operator)
            found.append(Need(same_bytes=alias))
            continue
        over = tuple(
            TensorOverlap(
                layer.inputs[each.input], operator.outputs[each.output], each.distance, each.exact
            )
            for each in (*call.overlaps, *(Overlap(0, True, *pair) for pair in call.in_place))
        )
        found.append(
            Need(
                overlaps=over,
                scratch=_number(call.scratch),
                persistent=_number(call.persistent),
                views=views(layer),
            )
        )
    return found


def _number(size: int | str) -> int:
    return size if isinstance(size, int) else 0
