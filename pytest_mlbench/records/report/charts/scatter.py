"""Cycles against ROM, with the Pareto front: what no other case beats.

One chart for each model and machine, because cycles of different machines cannot be compared. Cases
that failed are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import parameter

from .labels import labels, machine, passed
from .room import Room
from .scale import Axis, axis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record

WIDTH, HEIGHT = 380, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 14, 14, 44
CYCLES, ROM = "total_cycles", "rom_total"


@dataclass(frozen=True)
class Point:
    """One case: its place, its series, and whether it is on the front."""

    case: str
    variant: str
    level: str
    cycles: int
    rom: int
    x: float
    y: float
    best: bool
    label: str = ""
    label_x: float = 0
    label_y: float = 0
    anchor: str = "start"


@dataclass(frozen=True)
class Scatter:
    """One model's chart on one machine, ready to be drawn."""

    model: str
    target: str
    points: tuple[Point, ...]
    front: str
    """The front as an SVG path."""
    x: Axis
    y: Axis


def pareto(points: Iterable[tuple[str, int, int]]) -> list[str]:
    """The names of the points that no other point beats in one value without losing in the other.

    Each point is (name, cycles, rom); less is better. Sorted from the fastest to the smallest;
    equal points are all on the front.
    """
    ranked = sorted(points, key=lambda point: (point[1], point[2], point[0]))
    front: list[tuple[str, int, int]] = []
    for name, cycles, rom in ranked:
        if not front or rom < front[-1][2] or (cycles, rom) == front[-1][1:]:
            front.append((name, cycles, rom))
    return [name for name, _, _ in front]


def scatters(records: Iterable[Record]) -> list[Scatter]:
    """A chart for every model and machine with at least two measured cases that passed."""
    records = list(records)
    names = labels(records, level=False)
    panels: dict[tuple[str, str], list[Record]] = {}
    for record in sorted(records, key=lambda row: row.case):
        if passed(record) and CYCLES in record.metrics and ROM in record.metrics:
            key = parameter(record, "model"), machine(record)
            panels.setdefault(key, []).append(record)
    return [_scatter(*key, panels[key], names) for key in sorted(panels) if len(panels[key]) > 1]


def _scatter(
    model: str, target: str, records: Sequence[Record], names: Mapping[str, str]
) -> Scatter:
    x = axis([row.metrics[CYCLES] for row in records], _LEFT, WIDTH - _RIGHT)
    y = axis([row.metrics[ROM] for row in records], HEIGHT - _BOTTOM, _TOP)
    best = pareto((row.case, row.metrics[CYCLES], row.metrics[ROM]) for row in records)
    points = [_point(row, names[row.case], x, y, row.case in best) for row in records]
    by_case = {point.case: point for point in points}
    return Scatter(
        model, target, tuple(_labelled(points)), _path([by_case[name] for name in best]), x, y
    )


def _point(record: Record, name: str, x: Axis, y: Axis, best: bool) -> Point:
    cycles, rom = record.metrics[CYCLES], record.metrics[ROM]
    level = parameter(record, "optimize")
    return Point(record.case, name, level, cycles, rom, x.place(cycles), y.place(rom), best)


def _path(points: Sequence[Point]) -> str:
    """The front as a staircase."""
    if not points:
        return ""
    steps = [f"M{points[0].x},{points[0].y}"]
    steps += [f"H{point.x}V{point.y}" for point in points[1:]]
    return "".join(steps)


def _labelled(points: Sequence[Point]) -> list[Point]:
    """Names beside the points of the front, where they do not lie over each other or a point."""
    room = Room(_LEFT, _TOP - 8, WIDTH, HEIGHT - _BOTTOM, [(point.x, point.y) for point in points])
    found = []
    for point in points:
        text = f"{point.variant} O{point.level}"
        label = room.place(text, point.x, point.y) if point.best else None
        if label is None:
            found.append(point)
        else:
            found.append(
                replace(point, label=text, label_x=label.x, label_y=label.y, anchor=label.anchor)
            )
    return found
