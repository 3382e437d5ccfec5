"""Which tensors share a buffer, and from which step to which each buffer is needed.

In step 0 all inputs are written, then comes one step per operator, and in the last one all outputs
are read. A tensor is live from the step that writes it to the last that reads it, a variable all
the time. An operator that changes no byte (RESHAPE, SQUEEZE) makes its output an alias of its
input.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from .problem import Buffer
from .views import Pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.models.tflite.graph import Graph

    from .views import Views


@dataclass(frozen=True)
class Aliases:
    """Which buffer each tensor lies in.

    owner      a computed tensor -> the tensor whose buffer it lies in
    constants  a tensor whose bytes are known -> the constant that holds them
    shift      a piece of another tensor -> where it begins in the owner's buffer, in bytes
    free       places of operators that need not run, because their tensors are pieces
    wholes     owners whose buffers have pieces
    """

    owner: Mapping[int, int]
    constants: Mapping[int, int]
    shift: Mapping[int, int]
    free: frozenset[int]
    wholes: frozenset[int]


def aliases(
    graph: Graph, unchanged: Iterable[int], views: Mapping[int, Views] = MappingProxyType({})
) -> Aliases:
    """Who shares a buffer; `unchanged` are the operators' places whose output is their input,
    `views` those that need not run if their tensors are pieces of one."""
    constants = {t.index: t.index for t in graph.tensors if t.data is not None}
    variables = [tensor.index for tensor in graph.tensors if tensor.variable]
    computed = [index for operator in graph.operators for index in operator.outputs]
    written = [*graph.inputs, *variables, *computed]
    owner = {index: index for index in written if index not in constants}
    pieces = Pieces(graph, owner)
    same, free = set(unchanged), set()
    for place, operator in enumerate(graph.operators):
        if place in views and pieces.take(views[place]):
            free.add(place)
        if place not in same:
            continue
        source, output = operator.inputs[0], operator.outputs[0]
        if source in constants:
            constants[output] = constants[source]
            owner.pop(output, None)
        else:
            owner[output] = owner[source]
            pieces.shift[output] = pieces.shift.get(source, 0)
    return Aliases(owner, constants, pieces.shift, frozenset(free), frozenset(pieces.wholes))


def lifetimes(graph: Graph, shared: Aliases) -> dict[int, Buffer]:
    """Each owner's buffer: as big as its tensors need, as long-lived as all together."""
    owner = shared.owner
    first: dict[int, int] = {}
    last: dict[int, int] = {}

    def touch(index: int, step: int) -> None:
        if index in owner:
            first[owner[index]] = min(first.get(owner[index], step), step)
            last[owner[index]] = max(last.get(owner[index], step), step)

    for index in graph.inputs:
        touch(index, 0)
    for place, operator in enumerate(graph.operators):
        for index in (*operator.inputs, *operator.outputs):
            touch(index, place + 1)
    for index in graph.outputs:
        touch(index, len(graph.operators) + 1)
    for tensor in graph.tensors:
        if tensor.variable:
            touch(tensor.index, 0)
            touch(tensor.index, len(graph.operators) + 1)
    size: dict[int, int] = {}
    for index, owned_by in owner.items():
        end = shared.shift.get(index, 0) + graph.tensors[index].bytes
        size[owned_by] = max(size.get(owned_by, 0), end)
    return {each: Buffer(size[each], first[each], last[each]) for each in sorted(size)}
