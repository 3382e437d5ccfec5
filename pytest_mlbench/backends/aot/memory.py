"""Which tensors need memory and when, which may share it, and where each lies.

Steps: in step 0 all inputs are written, then comes one step per operator, and in the last one all
outputs are read. A tensor is live from the step that writes it to the last that reads it. Tensors
are one buffer when an operator changes no byte (RESHAPE, SQUEEZE); an output may lie over an input
that nobody reads later where its kernel allows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .plan import Buffer, Overlap, lower_bound, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_mlbench.models.tflite.graph import Graph


@dataclass(frozen=True)
class Over:
    """Tensor `output` may lie over tensor `source` if it begins `distance` bytes before it, or,
    unless `exact`, more."""

    source: int
    output: int
    distance: int = 0
    exact: bool = True


@dataclass(frozen=True)
class Need:
    """What one operator needs beside its tensors. `over`: where its outputs may lie over its
    inputs. Sizes in bytes."""

    over: tuple[Over, ...] = ()
    same_bytes: bool = False
    scratch: int = 0
    persistent: int = 0


@dataclass(frozen=True)
class Block:
    """One buffer in the arena: `size` bytes at `offset`, live from step `first` to step `last`.

    tensors   the tensors that it holds, in the order in which they are written; empty for others
    kind      'tensor', 'scratch' or 'persistent'
    operator  the place of the operator that it is for; -1 for tensors
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
    """tensors: tensor index -> offset in the arena. constants: tensor index -> the constant that
    holds its bytes. scratch and persistent: operator's place -> offset. blocks: all of them, by
    their place in the arena."""

    tensors: Mapping[int, int]
    constants: Mapping[int, int]
    scratch: Mapping[int, int]
    persistent: Mapping[int, int]
    peak: int
    bound: int
    blocks: tuple[Block, ...] = ()


@dataclass
class _Lives:
    """The classes of tensors that share a buffer: each tensor's class is its first member."""

    of: dict[int, int]
    size: dict[int, int]
    first: dict[int, int]
    last: dict[int, int]
    constants: dict[int, int] = field(default_factory=dict)

    def merge(self, source: int, output: int) -> None:
        """`output` takes the buffer of `source`; it has no reader before its own writer."""
        into, gone = self.of[source], self.of[output]
        self.size[into] = max(self.size[into], self.size.pop(gone))
        self.first[into] = min(self.first[into], self.first.pop(gone))
        self.last[into] = max(self.last[into], self.last.pop(gone))
        for tensor, owner in self.of.items():
            if owner == gone:
                self.of[tensor] = into


def arrange(graph: Graph, needs: Sequence[Need]) -> Memory:
    """The memory of `graph`; `needs[i]` belongs to operator i."""
    extras, keys = _extras(needs)
    lives = _lives(graph, needs)
    classes = sorted(lives.size)
    buffers = [Buffer(lives.size[c], lives.first[c], lives.last[c]) for c in classes]
    buffers += extras
    numbers = {owner: number for number, owner in enumerate(classes)}
    overlaps = [
        Overlap(numbers[lives.of[o.output]], numbers[lives.of[o.source]], o.distance, o.exact)
        for number, need in enumerate(needs)
        for o in _possible(graph, need, number, lives)
    ]
    found = plan(buffers, overlaps)
    places = dict(zip(classes, found.offsets, strict=False))
    rest = dict(zip(keys, found.offsets[len(classes) :], strict=True))
    return Memory(
        tensors={t: places[c] for t, c in sorted(lives.of.items())},
        constants=lives.constants,
        scratch=_only(rest, "scratch"),
        persistent=_only(rest, "persistent"),
        peak=found.peak,
        bound=lower_bound(buffers, overlaps),
        blocks=_blocks(lives, classes, keys, buffers, found.offsets),
    )


def _blocks(
    lives: _Lives,
    classes: Sequence[int],
    keys: Sequence[tuple[str, int]],
    buffers: Sequence[Buffer],
    offsets: Sequence[int],
) -> tuple[Block, ...]:
    members: dict[int, list[int]] = {}
    for tensor, owner in lives.of.items():
        members.setdefault(owner, []).append(tensor)
    whose = [("tensor", -1, tuple(members[owner])) for owner in classes]
    whose += [(kind, operator, ()) for kind, operator in keys]
    found = [
        Block(offset, buffer.size, buffer.first, buffer.last, kind, tensors, operator)
        for buffer, offset, (kind, operator, tensors) in zip(buffers, offsets, whose, strict=True)
    ]
    return tuple(sorted(found, key=lambda block: (block.offset, block.first, block.size)))


def _only(rest: Mapping[tuple[str, int], int], what: str) -> dict[int, int]:
    return {number: offset for (kind, number), offset in rest.items() if kind == what}


def _extras(needs: Sequence[Need]) -> tuple[list[Buffer], list[tuple[str, int]]]:
    """Scratch and persistent buffers, and what each is for."""
    buffers: list[Buffer] = []
    keys: list[tuple[str, int]] = []
    for number, need in enumerate(needs):
        if need.scratch:
            buffers.append(Buffer(need.scratch, number + 1, number + 1))
            keys.append(("scratch", number))
        if need.persistent:
            buffers.append(Buffer(need.persistent, 0, len(needs) + 1))
            keys.append(("persistent", number))
    return buffers, keys


def _lives(graph: Graph, needs: Sequence[Need]) -> _Lives:
    """Every computed tensor in a class of its own, then those without a byte changed joined."""
    lives = _Lives({}, {}, {}, {})
    for tensor in graph.tensors:
        if tensor.data is not None:
            lives.constants[tensor.index] = tensor.index
    written = dict.fromkeys(graph.inputs, 0)
    for operator in graph.operators:
        for tensor_index in operator.outputs:
            written[tensor_index] = operator.index + 1
    for index, step in written.items():
        if index not in lives.constants:
            lives.of[index] = index
            lives.size[index] = graph.tensors[index].bytes
            lives.first[index] = lives.last[index] = step
    for operator in graph.operators:
        for index in operator.inputs:
            if index in lives.of:
                lives.last[index] = operator.index + 1
    for index in graph.outputs:
        if index in lives.of:
            lives.last[index] = len(needs) + 1
    for operator, need in zip(graph.operators, needs, strict=True):
        if need.same_bytes:
            source, output = operator.inputs[0], operator.outputs[0]
            if source in lives.constants:
                lives.constants[output] = lives.constants[source]
                for table in (lives.of, lives.size, lives.first, lives.last):
                    table.pop(output, None)
            else:
                lives.merge(source, output)
    return lives


def _possible(graph: Graph, need: Need, number: int, lives: _Lives) -> Iterator[Over]:
    """Those of `need.over` whose input nobody reads later, nor this operator in another place."""
    for each in need.over:
        if each.source not in lives.of or each.output not in lives.of:
            continue
        owner = lives.of[each.source]
        if owner == lives.of[each.output] or lives.last[owner] != number + 1:
            continue
        # Every place in which the operator reads this buffer must be one the kernel allows for.
        read = [t for t in graph.operators[number].inputs if lives.of.get(t) == owner]
        ways = [o for o in need.over if o.output == each.output and lives.of.get(o.source) == owner]
        alike = [o.source for o in ways if (o.distance, o.exact) == (each.distance, each.exact)]
        if sorted(read) == sorted(alike):
            yield each
