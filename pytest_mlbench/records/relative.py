"""Records relative to a reference variant, in words that cannot be misread: 3.4x faster, +30 kB.

A ratio is always at least one and says its direction in words; a difference always has its sign
and its unit. `partners` decides which record each one is compared with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.case import WAITS
from pytest_mlbench.errors import UsageError, unknown

from .columns import option_text, parameter
from .metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .columns import Column
    from .metrics import Metric
    from .record import Record

PARAMETERS = ("model", "backend", "features", "optimize", "target", "isa", "config")
"""What a reference can be chosen by."""

_FOLLOWERS = ("isa", "config")
"""Parameters that a feature may change (`vext` changes the ISA): equal if a record has them so."""

TERMINAL = ("total_cycles", "rom_total", "ram_total")
"""The metrics shown relative to a reference if no columns were chosen."""

_WORDS = {"cycles": ("faster", "slower"), "bytes": ("smaller", "bigger")}


@dataclass(frozen=True)
class Reference:
    """The variant that others are compared with: parameter -> value as in tables."""

    params: Mapping[str, str]

    def __str__(self) -> str:
        return ",".join(f"{key}={value}" for key, value in self.params.items())

    def holds(self, record: Record) -> bool:
        """Is `record` of this variant?"""
        return all(parameter(record, key) == value for key, value in self.params.items())


def parse_reference(text: str, *, where: str = "--mlbench-reference") -> Reference:
    """`features=_` or `backend=tflmi features=_`: blanks between pairs, commas within features.

    Raises UsageError for an unknown parameter, a pair without `=`, or nothing at all.
    """
    params: dict[str, str] = {}
    for pair in text.split():
        key, equals, value = pair.partition("=")
        if not equals or not value:
            raise UsageError(
                f"{pair!r} is not PARAMETER=VALUE", where=where, remedy="For example features=_"
            )
        if key not in PARAMETERS:
            raise unknown("parameter", key, PARAMETERS, where=where)
        params[key] = option_text(key, value)
    if not params:
        raise UsageError("no reference is given", where=where, remedy="For example features=_")
    return Reference(params)


def partners(records: Iterable[Record], reference: Reference) -> dict[str, Record]:
    """For each case the record of `reference` that agrees with it in every other parameter.

    Only cases that passed are compared: a firmware that computes something else is not faster.
    ISA and config may differ if no record agrees in them as well and exactly one record is left: a
    vector feature brings its own ISA. Target and memory never differ unless the reference names
    them, because cycles of different cores cannot be compared. A case without such a record is
    not in the result.
    """
    rows = [row for row in records if row.outcome == "passed"]
    equal = [key for key in PARAMETERS if key not in reference.params]
    similar = [key for key in equal if key not in _FOLLOWERS]
    waits = () if "config" in reference.params else WAITS

    def exact(row: Record) -> tuple[object, ...]:
        return tuple(parameter(row, key) for key in equal)

    def near(row: Record) -> tuple[object, ...]:
        memory = row.params.get("config", {})
        return (*(parameter(row, key) for key in similar), *(memory.get(key) for key in waits))

    by_exact: dict[tuple[object, ...], list[Record]] = {}
    by_near: dict[tuple[object, ...], list[Record]] = {}
    for row in rows:
        if row.metrics and reference.holds(row):
            by_exact.setdefault(exact(row), []).append(row)
            by_near.setdefault(near(row), []).append(row)
    candidates = {row.case: by_exact.get(exact(row)) or by_near.get(near(row), []) for row in rows}
    return {case: found[0] for case, found in candidates.items() if len(found) == 1}


def unmatched(records: Iterable[Record], reference: Reference) -> str:
    """Why nothing can be compared with `reference`; empty if something can."""
    rows = [row for row in records if reference.holds(row)]
    if not rows:
        return f"no case of this run has {reference}, so nothing is shown relative to it"
    if any(row.outcome == "passed" and row.metrics for row in rows):
        return ""
    return f"no case with {reference} passed, so nothing is shown relative to it"


def phrase(metric: Metric, was: int | None, now: int | None) -> str:
    """`now` compared with `was`: a ratio for counts, a difference for bytes, `-` without both.

    >>> from pytest_mlbench.records.metrics import METRICS
    >>> phrase(METRICS["total_cycles"], 3400, 1000), phrase(METRICS["rom_total"], 0, 30000)
    ('3.4x faster', '+30 kB')
    """
    if was is None or now is None:
        return "-"
    if metric.unit == "bytes":
        return difference(now - was)
    return ratio(metric, was, now)


def difference(count: int) -> str:
    """A signed number of bytes: exact below 10,000, in kB (1,000 bytes) above."""
    if count == 0:
        return "same"
    if abs(count) < 10_000:
        return f"{count:+,} B"
    return f"{_half_up(count, 1000):+,} kB"


def ratio(metric: Metric, was: int, now: int) -> str:
    """How many times `now` is better or worse than `was`; tiny changes as a signed difference."""
    if was == now:
        return "same"
    unit = "" if metric.unit == "milli" else f" {metric.unit}"
    if abs(now - was) == 1:
        unit = unit.removesuffix("s")
    big, small = max(was, now), min(was, now)
    if small <= 0 or big * 1000 < small * 1005:
        return f"{now - was:+,}{unit}" if unit else f"{(now - was) / 1000:+.3f}"
    if big * 10 < small * 11:
        times = f"{big / small:.2f}"
    elif big < small * 100:
        times = f"{big / small:.1f}"
    else:
        times = f"{_half_up(big, small):,}"
    less, more = _WORDS.get(metric.unit, ("fewer", "more"))
    return f"{times}x {less if now < was else more}"


def percent(was: int, now: int) -> str:
    """The change as a signed percentage; a change is never rounded to zero."""
    if was == now:
        return "+0 %"
    if was == 0:
        return "from nothing"
    change = 100 * (now - was) / was
    for digits in range(1, 7):
        text = f"{change:+.{digits}f}"
        if float(text) != 0:
            return f"{text} %"
    return "+<0.000001 %" if now > was else "-<0.000001 %"


def _half_up(count: int, unit: int) -> int:
    whole = (2 * abs(count) + unit) // (2 * unit)
    return -whole if count < 0 else whole


def changes(
    records: Iterable[Record], reference: Reference, metrics: Iterable[Metric]
) -> dict[str, dict[str, str]]:
    """Relative columns for a table: heading -> case -> phrase; `reference` in its own rows."""
    rows = list(records)
    against = partners(rows, reference)
    found: dict[str, dict[str, str]] = {}
    for metric in metrics:
        cells = {
            row.case: phrase(
                metric, against[row.case].metrics.get(metric.key), row.metrics.get(metric.key)
            )
            if against[row.case].case != row.case
            else "reference"
            for row in rows
            if row.case in against
        }
        found[f"{metric.short or metric.title} change"] = cells
    return found


def terminal_changes(
    records: Iterable[Record], reference: Reference, columns: Iterable[Column]
) -> dict[str, dict[str, str]]:
    """`changes` of the chosen metric columns; if none is chosen, of cycles, ROM and RAM."""
    chosen = [column.metric for column in columns if column.metric]
    found = changes(records, reference, chosen or [METRICS[key] for key in TERMINAL])
    # The word stands in several narrow columns.
    return {
        heading: {case: text.replace("reference", "ref") for case, text in cells.items()}
        for heading, cells in found.items()
    }
