"""Explains what a checked firmware found: which operator, which buffer, which byte. Pure.

A checked firmware's first output is a `mlbench_check_finding` (mlbench_check.h); the rows of its
arena say which buffer is where.
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FORM = "<6I"
FINDING_BYTES = struct.calcsize(_FORM)
"""The size of a checked firmware's first output."""


PLAN_DIFFERS = (
    "the outputs change when no two buffers share memory: some kernel allows an overlap of output "
    "and input that is not safe (`in_place` or `overlaps` of its KernelCall)"
)
"""The message if measured and checked firmware differ although no operator misuses memory."""


class Kind(enum.IntEnum):
    """`enum mlbench_check_kind` of mlbench_check.h."""

    CLEAN = 0
    WRITE = 1
    READ = 2
    UNWRITTEN = 3


@dataclass(frozen=True)
class Finding:
    """The fault of one operator. `offset` and `result` are offsets in the arena.

    WRITE      it wrote `count` bytes that it must not write, the first at `offset`
    READ       the byte of its output at `result` depends on the byte at `offset`, which nothing has
               written
    UNWRITTEN  it did not write the byte of its output at `offset`
    """

    kind: Kind
    in_setup: bool
    operator: int
    offset: int
    result: int
    count: int


def read(data: bytes) -> Finding | None:
    """The finding in a checked firmware's first output; None if it found nothing.

    Raises ValueError if the bytes are not a finding.
    """
    if len(data) != FINDING_BYTES:
        raise ValueError(f"a finding has {FINDING_BYTES} bytes, found {len(data)}")
    kind, during, operator, offset, result, count = struct.unpack(_FORM, data)
    if kind == Kind.CLEAN:
        return None
    return Finding(Kind(kind), not during, operator, offset, result, count)


def explain(
    found: Finding,
    arena: Sequence[Mapping[str, Any]],
    operators: Sequence[Mapping[str, Any]],
    order: Sequence[int] = (),
) -> str:
    """One sentence. `arena` are the checked firmware's rows, the others the record's."""
    row = next((row for row in operators if row.get("index") == found.operator), {})
    who = f"operator {found.operator} {row.get('name', '')}".rstrip()
    if row.get("library"):
        who += f" ({row.get('kernel')} of {row['library']})"
    if found.in_setup:
        who = f"the set-up of {who}"
    steps = [step + 1 for step, operator in enumerate(order) if operator == found.operator]
    steps = steps or [found.operator + 1]
    place = _place(found.offset, arena, found.operator, steps)
    if found.kind is Kind.WRITE:
        more = f" and {found.count - 1:,} more" if found.count > 1 else ""
        return f"{who} writes {place}{more}, which it must not write"
    if found.kind is Kind.UNWRITTEN:
        return f"{who} does not write {place}"
    result = _place(found.result, arena, found.operator, steps)
    return f"{who} reads {place}, which nothing has written: {result} depends on it"


def _place(
    offset: int, arena: Sequence[Mapping[str, Any]], operator: int, steps: Sequence[int]
) -> str:
    """Describes a byte by the buffer that holds it, or else by the nearest buffer.

    A buffer that the operator uses is preferred if it is within `_NEAR` bytes.
    """

    def distance(row: Mapping[str, Any]) -> int:
        return int(max(row["offset"] - offset, offset - (row["offset"] + row["size"] - 1), 0))

    def rank(row: Mapping[str, Any]) -> tuple[bool, bool, int]:
        far = distance(row)
        live = any(row["first"] <= step <= row["last"] for step in steps)
        return far > 0, not (live and far <= _NEAR), far

    row = min(arena, key=rank)
    far = distance(row)
    whose = f"{_owner(row, operator)} ({row['size']:,} bytes)"
    if far == 0:
        return f"byte {offset - row['offset']:,} of {whose}"
    bytes_ = f"{far:,} byte{'s' * (far > 1)}"
    if offset < row["offset"]:
        return f"the byte {bytes_} before {whose}"
    return f"the byte {bytes_} after the end of {whose}"


_NEAR = 256
"""A byte at most this far from a buffer of the operator is described by that buffer."""


def _owner(row: Mapping[str, Any], operator: int) -> str:
    """A buffer's name from the operator's point of view ('its output')."""
    name = str(row["name"])
    outputs = {part.split(" ", 1)[0] for part in name.split(", ")}
    if row["kind"] == "tensor":
        if str(operator) in outputs:
            return "its output"
        return f"the output of operator {name}" if name[:1].isdigit() else name
    if name.startswith(f"{row['kind']} of {operator} "):
        return "its scratch" if row["kind"] == "scratch" else "its persistent buffer"
    return f"the {name}"
