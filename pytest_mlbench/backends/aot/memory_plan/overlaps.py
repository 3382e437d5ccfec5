"""Which of the overlaps that kernels allow are safe in a graph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_mlbench.models.tflite.graph import Graph

    from .lifetimes import Aliases
    from .need import Need, TensorOverlap
    from .problem import Buffer


def usable(
    graph: Graph, need: Need, place: int, shared: Aliases, live: Mapping[int, Buffer]
) -> Iterator[TensorOverlap]:
    """The overlaps that are safe: no later operator reads the input, nor does this operator read
    the input's buffer in a way that forbids the overlap. Distances are between buffers."""
    owner = shared.owner
    for each in need.overlaps:
        if each.source not in owner or each.output not in owner:
            continue
        source = owner[each.source]
        if source == owner[each.output] or live[source].last != place + 1:
            continue
        # Every input through which the operator reads this buffer must allow the same overlap.
        read = [index for index in graph.operators[place].inputs if owner.get(index) == source]
        if {source, owner[each.output]} & shared.wholes:
            if set(read) == {each.source} and _alone(graph, place, each, shared, live):
                yield _between_buffers(each, shared)
            continue
        allowed = [
            other.source
            for other in need.overlaps
            if other.output == each.output
            and owner.get(other.source) == source
            and (other.distance, other.exact) == (each.distance, each.exact)
        ]
        if sorted(read) == sorted(allowed):
            yield each


def _alone(
    graph: Graph, place: int, each: TensorOverlap, shared: Aliases, live: Mapping[int, Buffer]
) -> bool:
    """Is the output, in a buffer with other tensors, the first and only one written at this step?

    Then nothing else in the buffer is of value yet.
    """
    outputs = graph.operators[place].outputs
    return outputs == (each.output,) and live[shared.owner[each.output]].first == place + 1


def _between_buffers(each: TensorOverlap, shared: Aliases) -> TensorOverlap:
    """`each`, with the distance between the buffers that hold the two tensors as pieces."""
    shift = shared.shift.get(each.output, 0) - shared.shift.get(each.source, 0)
    distance = each.distance + shift
    return replace(each, distance=distance if each.exact else max(distance, 0))
