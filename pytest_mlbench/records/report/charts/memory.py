"""What ROM and RAM hold, with the model's weights apart from code; one scale for each model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .labels import by_model, passed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record

_WRITABLE = (".data", ".bss", ".sdata", ".sbss", ".tdata", ".tbss", ".noinit")
"""Prefixes of sections that are in RAM."""

WEIGHTS, ARENA = "weights", "arena"


@dataclass(frozen=True)
class Segment:
    """A part's bytes, and its width in percent of the model's biggest case."""

    part: str
    size: int
    width: float


@dataclass(frozen=True)
class Stack:
    """One case's bytes by part."""

    case: str
    total: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Memories:
    """One model's cases: `parts` by their greatest size, and a stack for each case."""

    model: str
    memory: str
    parts: tuple[str, ...]
    stacks: tuple[Stack, ...]


def memories(records: Sequence[Record], memory: str) -> list[Memories]:
    """`memory` ('rom' or 'ram') of every model that has components, cases that passed only."""
    known = [row for row in records if row.components and passed(row)]
    return [_memories(model, rows, memory) for model, rows in by_model(known).items()]


def _memories(model: str, rows: Sequence[Record], memory: str) -> Memories:
    sizes = {row.case: parts(row, memory) for row in rows}
    names = _by_size(sizes.values())
    longest = max((sum(size.values()) for size in sizes.values()), default=0) or 1
    stacks = tuple(
        Stack(
            case,
            sum(size.values()),
            tuple(
                Segment(name, size[name], round(100 * size[name] / longest, 2))
                for name in names
                if size.get(name)
            ),
        )
        for case, size in sizes.items()
    )
    return Memories(model, memory, tuple(names), stacks)


def parts(record: Record, memory: str) -> dict[str, int]:
    """Part -> bytes. Their sum is that of the components, even if symbols are missing."""
    whole = {name: int(row.get(memory, 0)) for name, row in record.components.items()}
    whole = {name: size for name, size in whole.items() if size}
    return _rom(record, whole) if memory == "rom" else _ram(record, whole)


def part(component: str, section: str) -> tuple[str, str]:
    """('rom' or 'ram', part) of a symbol, by component and section."""
    if section.startswith(_WRITABLE):
        return "ram", f"{component} variables"
    if component == "padding":
        return "rom", component
    if section.startswith((".rodata", ".srodata")):
        return "rom", WEIGHTS if component == "model" else f"{component} constants"
    return "rom", f"{component} code"


def _rom(record: Record, whole: Mapping[str, int]) -> dict[str, int]:
    """Constants and code of each component; the constants of the model are its weights."""
    sizes: dict[str, dict[str, int]] = {}
    for row in record.symbols:
        component = str(row["component"])
        memory, name = part(component, str(row["section"]))
        if memory == "rom":
            of = sizes.setdefault(component, {})
            of[name] = of.get(name, 0) + int(row["size"])
    found: dict[str, int] = {}
    for component, size in whole.items():
        split = sizes.get(component, {})
        # Where the symbols do not add up to the component, they do not tell.
        found |= split if sum(split.values()) == size else {component: size}
    return found


def _ram(record: Record, whole: Mapping[str, int]) -> dict[str, int]:
    """The arena apart from the model's other variables."""
    found = dict(whole)
    arena = record.metrics.get("arena_peak", 0)
    if 0 < arena <= whole.get("model", 0):
        found[ARENA] = arena
        found["model"] -= arena
        if not found["model"]:
            del found["model"]
    return found


def _by_size(sizes: Iterable[Mapping[str, int]]) -> list[str]:
    greatest: dict[str, int] = {}
    for row in sizes:
        for name, size in row.items():
            greatest[name] = max(greatest.get(name, 0), size)
    return sorted(greatest, key=lambda name: (-greatest[name], name))
