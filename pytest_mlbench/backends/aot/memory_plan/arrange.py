"""Plans the memory of a graph from the needs of its operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .apart import spread
from .bounds import live_bytes, lower_bound
from .lifetimes import Aliases, aliases, lifetimes
from .need import Need
from .overlaps import usable
from .problem import Buffer, BufferOverlap
from .search import plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.models.tflite.graph import Graph

    from .views import Views


@dataclass(frozen=True)
class Block:
    """One buffer in the arena: `size` bytes at `offset`, live from step `first` to step `last`.

    kind      'tensor', 'scratch' or 'persistent'
    tensors   the tensors that it holds, in the order in which they are written
    operator  the index of the operator that owns a scratch or persistent buffer; -1 for tensors
    """

    offset: int
    size: int
    first: int
    last: int
    kind: str
    tensors: tuple[int, ...] = ()
    operator: int = -1


@dataclass(frozen=True)
class Memory:
    """The finished memory plan.

    tensors              tensor index -> offset in the arena
    constants            tensor index -> index of the constant tensor that holds its bytes
    scratch, persistent  operator index -> offset in the arena
    blocks               all buffers, sorted by their offset
    free                 indices of operators with `views` that need not run
    """

    tensors: Mapping[int, int]
    constants: Mapping[int, int]
    scratch: Mapping[int, int]
    persistent: Mapping[int, int]
    peak: int
    bound: int
    blocks: tuple[Block, ...] = ()
    free: frozenset[int] = frozenset()


def arrange(graph: Graph, needs: Sequence[Need], *, apart: bool = False) -> Memory:
    """Plans the memory of `graph`; `needs[i]` belongs to operator i.

    Views are used if they do not raise the peak. With `apart`, no two buffers share a byte, and
    there are guard zones between them.
    """
    plain = _arranged(graph, needs, {}, apart=apart)
    views = {place: need.views for place, need in enumerate(needs) if need.views}
    if not views or apart:
        return plain
    found = _arranged(graph, needs, views)
    return found if found.free and found.peak <= plain.peak else plain


def bound(graph: Graph, needs: Sequence[Need]) -> int:
    """The lower bound of `arrange`'s peak, without the search for a plan."""
    views = {place: need.views for place, need in enumerate(needs) if need.views}
    return min(_problem(graph, needs, each).bound for each in ({}, views))


def in_use(graph: Graph, needs: Sequence[Need], *, views: bool) -> list[int]:
    """The bytes in use while each operator runs, with or without views; no plan needs fewer."""
    pieces = {place: need.views for place, need in enumerate(needs) if need.views and views}
    problem = _problem(graph, needs, pieces)
    live = live_bytes(problem.buffers, problem.overlaps)
    return [live.get(place + 1, 0) for place in range(len(needs))]


@dataclass(frozen=True)
class _Problem:
    """The planner's problem: the tensors' buffers come first, then scratch and persistent ones."""

    shared: Aliases
    live: Mapping[int, Buffer]
    keys: Sequence[tuple[str, int]]
    buffers: Sequence[Buffer]
    overlaps: Sequence[BufferOverlap]

    @property
    def bound(self) -> int:
        return lower_bound(self.buffers, self.overlaps)


def _problem(graph: Graph, needs: Sequence[Need], views: Mapping[int, Views]) -> _Problem:
    shared = aliases(graph, (i for i, need in enumerate(needs) if need.same_bytes), views)
    # An operator without work needs no memory.
    needs = [Need() if i in shared.free else need for i, need in enumerate(needs)]
    live = lifetimes(graph, shared)
    extras, keys = _extras(needs)
    numbers = {owner: number for number, owner in enumerate(live)}
    overlaps = [
        BufferOverlap(
            numbers[shared.owner[each.output]],
            numbers[shared.owner[each.source]],
            each.distance,
            each.exact,
        )
        for place, need in enumerate(needs)
        for each in usable(graph, need, place, shared, live)
    ]
    return _Problem(shared, live, keys, [*live.values(), *extras], overlaps)


def _arranged(
    graph: Graph, needs: Sequence[Need], views: Mapping[int, Views], *, apart: bool = False
) -> Memory:
    problem = _problem(graph, needs, views)
    shared, live, keys = problem.shared, problem.live, problem.keys
    buffers = problem.buffers
    found = spread(buffers) if apart else plan(buffers, problem.overlaps)
    places = dict(zip(live, found.offsets, strict=False))
    extra_offsets = dict(zip(keys, found.offsets[len(live) :], strict=True))
    return Memory(
        tensors={
            index: places[owner] + shared.shift.get(index, 0)
            for index, owner in sorted(shared.owner.items())
        },
        constants=shared.constants,
        scratch=_only(extra_offsets, "scratch"),
        persistent=_only(extra_offsets, "persistent"),
        peak=found.peak,
        bound=problem.bound,
        blocks=_blocks(shared, live, keys, buffers, found.offsets),
        free=shared.free,
    )


def _blocks(
    shared: Aliases,
    owners: Iterable[int],
    keys: Sequence[tuple[str, int]],
    buffers: Sequence[Buffer],
    offsets: Sequence[int],
) -> tuple[Block, ...]:
    members: dict[int, list[int]] = {}
    for tensor, owner in shared.owner.items():
        members.setdefault(owner, []).append(tensor)
    whose = [("tensor", -1, tuple(members[owner])) for owner in owners]
    whose += [(kind, operator, ()) for kind, operator in keys]
    found = [
        Block(offset, buffer.size, buffer.first, buffer.last, kind, tensors, operator)
        for buffer, offset, (kind, operator, tensors) in zip(buffers, offsets, whose, strict=True)
    ]
    return tuple(sorted(found, key=lambda block: (block.offset, block.first, block.size)))


def _only(extra_offsets: Mapping[tuple[str, int], int], what: str) -> dict[int, int]:
    return {place: offset for (kind, place), offset in extra_offsets.items() if kind == what}


def _extras(needs: Sequence[Need]) -> tuple[list[Buffer], list[tuple[str, int]]]:
    """Scratch and persistent buffers, and for each its (kind, operator index)."""
    buffers: list[Buffer] = []
    keys: list[tuple[str, int]] = []
    for place, need in enumerate(needs):
        if need.scratch:
            buffers.append(Buffer(need.scratch, place + 1, place + 1))
            keys.append(("scratch", place))
        if need.persistent:
            buffers.append(Buffer(need.persistent, 0, len(needs) + 1))
            keys.append(("persistent", place))
    return buffers, keys
