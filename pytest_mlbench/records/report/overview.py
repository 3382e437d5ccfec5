"""Where cycles and bytes go, for many cases in a terminal: a matrix for each model."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pytest_mlbench.case import NO_FEATURES
from pytest_mlbench.records.gate.attribute import profiled

from .charts.labels import NO_FEATURES_WORDS, by_model, labels, passed
from .charts.matrix import LEVELS, matrices
from .charts.memory import memories
from .profile import profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.records.record import Record

    from .charts.matrix import Cell, Matrix
    from .charts.memory import Memories

_HEAT = " ▁▂▃▄▅▆█"
assert len(_HEAT) == LEVELS

_FOOT = (
    "Cycles of the first sample; the bar grows with them, on a logarithmic scale for each model. "
    "Exact numbers, kernels and symbols: --mlbench-html, --mlbench-json, or run one case alone."
)


def overview(records: Sequence[Record], width: int = 80) -> str:
    """The profiles of all profiled records; empty without any.

    A model with one case is shown in full tables. Several cases are the columns of a matrix, split
    into blocks that fit `width` characters.
    """
    known = [row for row in records if profiled(row)]
    names = labels(known)
    parts = []
    several = False
    for rows in by_model(known).values():
        if len(rows) == 1 or not any(map(passed, rows)):
            parts += [profile(row) for row in rows]
            continue
        several = True
        parts += [_operators(found, names, width) for found in matrices(rows)]
        for memory in ("rom", "ram"):
            parts += [_memory(found, names, width) for found in memories(rows, memory)]
        parts += [f"{row.case} did not pass: it has no column" for row in rows if not passed(row)]
    if several:
        parts.append(textwrap.fill(_FOOT, width, break_on_hyphens=False))
    return "\n\n".join(parts)


def _operators(found: Matrix, names: Mapping[str, str], width: int) -> str:
    lines = [
        (f"{line.index} {line.name}", [_cell(cell) for cell in line.cells]) for line in found.lines
    ]
    lines.append(("sum", [short(value) + " " for value in found.sums]))
    lines.append(("Run Cycles", [short(value) + " " for value in found.measured]))
    return _blocks(found.model, [names[case] for case in found.cases], lines, width)


def _cell(cell: Cell | None) -> str:
    return "- " if cell is None else short(cell.value) + _HEAT[cell.heat]


def _memory(found: Memories, names: Mapping[str, str], width: int) -> str:
    sizes = [{segment.part: segment.size for segment in row.segments} for row in found.stacks]
    lines = [
        (part, [f"{row[part]:,}" if part in row else "-" for row in sizes]) for part in found.parts
    ]
    lines.append(("sum", [f"{row.total:,}" for row in found.stacks]))
    title = f"{found.model} {found.memory.upper()}, bytes"
    return _blocks(title, [names[row.case] for row in found.stacks], lines, width)


def _blocks(
    title: str, heads: Sequence[str], lines: Sequence[tuple[str, Sequence[str]]], width: int
) -> str:
    """A table with right-aligned columns, cut into blocks of columns that fit `width`."""
    first = max(len(title), *(len(name) for name, _ in lines))
    words = [_words(head) for head in heads]
    widths = [
        max(max(map(len, words[at])), *(len(cells[at]) for _, cells in lines))
        for at in range(len(heads))
    ]
    blocks = []
    start = 0
    while start < len(heads):
        end = start + 1
        used = first + 1 + widths[start]
        while end < len(heads) and used + 1 + widths[end] <= width:
            used += 1 + widths[end]
            end += 1
        blocks.append(_block(title, first, words[start:end], widths[start:end], [
            (name, cells[start:end]) for name, cells in lines
        ]))  # fmt: skip
        start = end
    return "\n\n".join(blocks)


def _block(
    title: str,
    first: int,
    words: Sequence[Sequence[str]],
    widths: Sequence[int],
    lines: Sequence[tuple[str, Sequence[str]]],
) -> str:
    high = max(map(len, words))
    rows: list[tuple[str, Sequence[str]]] = [
        (title if level == high - 1 else "", [_of(part, level, high) for part in words])
        for level in range(high)
    ]
    rows.append(("-" * first, ["-" * width for width in widths]))
    rows += lines
    return "\n".join(
        " ".join(
            [name.ljust(first), *(cell.rjust(w) for cell, w in zip(cells, widths, strict=True))]
        ).rstrip()
        for name, cells in rows
    )


def _words(head: str) -> list[str]:
    """A column's heading in short lines: `tuned,vext O3` as `tuned,`, `vext`, `O3`."""
    return head.replace(NO_FEATURES_WORDS, NO_FEATURES).replace(",", ", ").split()


def _of(part: Sequence[str], level: int, high: int) -> str:
    at = level - (high - len(part))
    return part[at] if at >= 0 else ""


def short(value: int | None) -> str:
    """Four digits at most, with k or M for thousands and millions."""
    if value is None:
        return "-"
    for limit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= limit:
            scaled = value / limit
            return f"{scaled:.{2 if scaled < 9.995 else 1 if scaled < 99.95 else 0}f}{letter}"
    return str(value)
