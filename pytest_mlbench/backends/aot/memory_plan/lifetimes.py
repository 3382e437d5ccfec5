"""Which tensors share a buffer, and during which steps each buffer is live.

Step 0 writes all inputs; then there is one step per operator; the last step reads all outputs. A
tensor is live from the step that writes it to the last step that reads it; a variable is always
live. The output of an operator that changes no byte (RESHAPE, SQUEEZE) is an alias of its input.
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
    """The buffer that each tensor uses.

    owner      computed tensor -> the tensor whose buffer it uses
    constants  tensor whose bytes are known -> the constant tensor that holds them
    shift      piece of another tensor -> its offset in the owner's buffer, in bytes
    free       indices of operators that need not run, because their tensors are pieces of one
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
    """Finds tensors that share a buffer.

    `unchanged` lists the indices of operators that change no byte. `views` are the operators that
    need not run if their tensors are pieces of one.
    """
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
    """Each owner's buffer: as large as its tensors need, live while any of its tensors is."""
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
