"""Rooflines: how many MACs a cycle does, against how many bytes a MAC needs.

One chart for each machine. The bytes of an operator are those of its inputs, constants and outputs,
each counted once, as if nothing were read twice: a property of the model, not of a kernel. Both
roofs are the best that these cases reached, not the limits of the hardware: no operator did more
MACs in a cycle (the flat part), none used more bytes in a cycle (the slope).

Source: S. Williams, A. Waterman, D. Patterson, "Roofline: An Insightful Visual Performance Model",
CACM 52(4), 2009; its operational intensity is the inverse of the bytes per MAC here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import parameter
from pytest_mlbench.records.report.clock import HARDWARE

from .labels import labels, machine, model, passed
from .room import Room
from .scale import Axis, log_axis

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record

    from .room import Label

WIDTH, HEIGHT = 440, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 14, 44

MOST_POINTS = 400
"""With more points than this, a chart has one for each case instead of one for each operator."""


@dataclass(frozen=True)
class Work:
    """MACs, cycles and bytes of one kind of operator in one case, summed.

    `name` is the operator's, empty for the whole model.
    """

    case: str
    model: str
    variant: str
    level: str
    name: str
    macs: int
    cycles: int
    bytes: int

    @property
    def macs_per_cycle(self) -> float:
        """How fast it is."""
        return self.macs / self.cycles

    @property
    def bytes_per_mac(self) -> float:
        """How much memory each MAC needs."""
        return self.bytes / self.macs


@dataclass(frozen=True)
class Point:
    """One mark of the chart."""

    work: Work
    x: float
    y: float
    text: str = ""
    """Model and operator, beside the fastest of its kind where there is room."""
    label: Label | None = None


@dataclass(frozen=True)
class Roofline:
    """One machine's chart, ready to be drawn.

    `real` tells whether its cycles are those of hardware; a simulator that counts instructions
    has one for each. `roof` is the SVG path of both roofs, `peak` the MACs per cycle and `stream`
    the bytes per cycle that make them.
    """

    machine: str
    real: bool
    points: tuple[Point, ...]
    roof: str
    peak: Work
    stream: Work
    x: Axis
    y: Axis


def rooflines(records: Sequence[Record]) -> list[Roofline]:
    """A chart for every machine with at least one case that passed and has MACs, cycles and
    bytes."""
    names = labels(records, level=False)
    machines: dict[str, list[Record]] = {}
    for record in records:
        if passed(record) and any(row.get("bytes") for row in record.operators):
            machines.setdefault(machine(record), []).append(record)
    made = (_roofline(name, rows, names) for name, rows in sorted(machines.items()))
    return [chart for chart in made if chart is not None]


def work(record: Record, variant: str, *, whole: bool = False) -> list[Work]:
    """The work of `record` by kind of operator, where its cycles are known; else, or if `whole`,
    that of the whole model. Operators without MACs do not count."""
    rows = [row for row in record.operators if row.get("macs") and row.get("bytes")]
    if not rows:
        return []
    who = (record.case, model(record), variant, parameter(record, "optimize"))
    if whole or not all("cycles" in row for row in rows):
        cycles = record.metrics.get("run_cycles", 0)
        macs = sum(int(row["macs"]) for row in rows)
        size = sum(int(row["bytes"]) for row in rows)
        return [Work(*who, "", macs, cycles, size)] if cycles else []
    sums: dict[str, list[int]] = {}
    for row in rows:
        total = sums.setdefault(str(row["name"]), [0, 0, 0])
        for at, key in enumerate(("macs", "cycles", "bytes")):
            total[at] += int(row[key])
    return [
        Work(*who, name, macs, cycles, size)
        for name, (macs, cycles, size) in sorted(sums.items())
        if cycles
    ]


def _roofline(name: str, records: Sequence[Record], names: Mapping[str, str]) -> Roofline | None:
    found = [each for row in records for each in work(row, names[row.case])]
    if len(found) > MOST_POINTS:
        found = [each for row in records for each in work(row, names[row.case], whole=True)]
    if not found:
        return None
    peak = max(found, key=lambda each: (each.macs_per_cycle, each.case, each.name))
    stream = max(found, key=lambda each: (each.bytes / each.cycles, each.case, each.name))
    x = log_axis([each.bytes_per_mac for each in found], _LEFT, WIDTH - _RIGHT)
    y = log_axis([each.macs_per_cycle for each in found], HEIGHT - _BOTTOM, _TOP)
    points = _labelled(
        [Point(each, x.place(each.bytes_per_mac), y.place(each.macs_per_cycle)) for each in found]
    )
    real = any(HARDWARE in row.metrics for row in records)
    return Roofline(name, real, tuple(points), _roof(peak, stream, x, y), peak, stream, x, y)


def _labelled(points: Sequence[Point]) -> list[Point]:
    """Model and operator beside the fastest point of each, where there is room."""
    room = Room(_LEFT, _TOP - 8, WIDTH, HEIGHT - _BOTTOM, [(point.x, point.y) for point in points])
    fastest: dict[tuple[str, str], Point] = {}
    for point in points:
        key = (point.work.model, point.work.name)
        known = fastest.setdefault(key, point)
        if point.work.macs_per_cycle > known.work.macs_per_cycle:
            fastest[key] = point
    found = []
    for point in points:
        words = (point.work.model, point.work.name)
        text = " ".join(filter(None, words))
        label = room.place(text, point.x, point.y) if fastest[words] is point else None
        found.append(point if label is None else replace(point, text=text, label=label))
    return found


def _roof(peak: Work, stream: Work, x: Axis, y: Axis) -> str:
    """Flat at the peak up to the ridge, then as many MACs as the bytes allow."""
    highest, bytes_per_cycle = peak.macs_per_cycle, stream.bytes / stream.cycles
    ridge = bytes_per_cycle / highest
    places = sorted({x.low, min(max(ridge, x.low), x.high), x.high})
    corners: Iterable[tuple[float, float]] = (
        (x.place(at), y.place(max(min(highest, bytes_per_cycle / at), y.low))) for at in places
    )
    return "M" + "L".join(f"{across},{up}" for across, up in corners)
