"""What a checked firmware found, in words: which operator, which buffer, which byte. Pure.

A checked firmware's first output is a `mlbench_check_finding` (mlbench_check.h); the rows of its
arena say what lies where.
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
    "with every buffer in memory of its own the outputs are others: some output may not lie over "
    "its input as its kernel says (`in_place` and `behind` of its KernelCall)"
)
"""What is wrong when measured and checked firmware differ and every operator is clean."""


class Kind(enum.IntEnum):
    """`enum mlbench_check_kind` of mlbench_check.h."""

    CLEAN = 0
    WRITE = 1
    READ = 2
    UNWRITTEN = 3


@dataclass(frozen=True)
class Finding:
    """What is wrong with one operator. `offset` and `result` are places in the arena.

    WRITE      it wrote `count` bytes that it must not write, the first at `offset`
    READ       byte `result` of its output depends on the byte at `offset`, which nothing has
               written
    UNWRITTEN  it left the byte at `offset`, of its output, unwritten
    """

    kind: Kind
    in_setup: bool
    operator: int
    offset: int
    result: int
    count: int


def read(data: bytes) -> Finding | None:
    """The finding in a checked firmware's first output, None when it found nothing.

    Raises ValueError for bytes that are none.
    """
    if len(data) != FINDING_BYTES:
        raise ValueError(f"a finding has {FINDING_BYTES} bytes, and these are {len(data)}")
    kind, during, operator, offset, result, count = struct.unpack(_FORM, data)
    if kind == Kind.CLEAN:
        return None
    return Finding(Kind(kind), not during, operator, offset, result, count)


def explain(
    found: Finding, arena: Sequence[Mapping[str, Any]], operators: Sequence[Mapping[str, Any]]
) -> str:
    """One sentence. `arena` are the checked firmware's rows, `operators` those of the record."""
    row = next((row for row in operators if row.get("index") == found.operator), {})
    who = f"operator {found.operator} {row.get('name', '')}".rstrip()
    if row.get("library"):
        who += f" ({row.get('kernel')} of {row['library']})"
    if found.in_setup:
        who = f"the set-up of {who}"
    place = _place(found.offset, arena, found.operator)
    if found.kind is Kind.WRITE:
        more = f" and {found.count - 1:,} more" if found.count > 1 else ""
        return f"{who} writes {place}{more}, which it must not write"
    if found.kind is Kind.UNWRITTEN:
        return f"{who} does not write {place}"
    result = _place(found.result, arena, found.operator)
    return f"{who} reads {place}, which nothing has written: {result} depends on it"


def _place(offset: int, arena: Sequence[Mapping[str, Any]], operator: int) -> str:
    """A byte's place by the buffer that holds it, else by the nearest one, the operator's own
    where it is as near as any zone reaches."""

    def distance(row: Mapping[str, Any]) -> int:
        return int(max(row["offset"] - offset, offset - (row["offset"] + row["size"] - 1), 0))

    def rank(row: Mapping[str, Any]) -> tuple[bool, bool, int]:
        far = distance(row)
        live = row["first"] <= operator + 1 <= row["last"]
        return far > 0, not (live and far <= _NEAR), far

    row = min(arena, key=rank)
    far = distance(row)
    whose = f"{_owner(row, operator)} ({row['size']:,} bytes)"
    if far == 0:
        return f"byte {offset - row['offset']:,} of {whose}"
    bytes_ = f"{far:,} byte{'s' * (far > 1)}"
    if offset < row["offset"]:
        return f"the byte that lies {bytes_} before {whose}"
    return f"the byte that lies {bytes_} after the last one of {whose}"


_NEAR = 256
"""How far from an operator's buffer a byte is told by that buffer, though another is nearer."""


def _owner(row: Mapping[str, Any], operator: int) -> str:
    """A buffer as its operator would call it."""
    name = str(row["name"])
    outputs = {part.split(" ", 1)[0] for part in name.split(", ")}
    if row["kind"] == "tensor":
        if str(operator) in outputs:
            return "its output"
        return f"the output of operator {name}" if name[:1].isdigit() else name
    if name.startswith(f"{row['kind']} of {operator} "):
        return "its scratch" if row["kind"] == "scratch" else "its persistent buffer"
    return f"the {name}"
