"""The columns of every table: their names, their values in a record, their text.

A column is a parameter of the case or a metric of the catalogue. Terminal, Markdown, CSV, HTML and
data frames all use these, so that a number has one name everywhere.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench.case import NO_FEATURES
from pytest_mlbench.errors import unknown
from pytest_mlbench.options import GCC

from .metrics import METRICS, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .record import Record


@dataclass(frozen=True)
class Column:
    """One column. `short` is its heading in narrow tables; `metric` is None for parameters;
    `others` are further names that it is found by."""

    key: str
    title: str
    short: str = ""
    metric: Metric | None = None
    others: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """The shortest name that a table may use."""
        return self.short or self.title

    def value(self, record: Record) -> int | str | None:
        """What `record` holds here: an integer for a metric, None where it was not measured."""
        if self.metric is not None:
            return record.metrics.get(self.key)
        return parameter(record, self.key)

    def text(self, record: Record) -> str:
        """`value` for people: thousands separators, `-` where nothing was measured."""
        if self.key == VALID:
            return validity(record)
        value = self.value(record)
        if isinstance(value, str):
            return value
        return write(self.metric, value) if self.metric else ""


VALID = "samples"
"""The column that says whether the numbers of a case are valid. Every table has it."""

_PARAMETERS = (
    Column("case", "Case"),
    Column("model", "Model"),
    Column("backend", "Backend"),
    Column("features", "Features"),
    Column("optimize", "Opt", others=("level",)),
    Column("target", "Target"),
    Column("isa", "ISA"),
    Column("toolchain", "Toolchain"),
    Column("revision", "Revision"),
    Column("config", "Config"),
    Column("outcome", "Outcome"),
    Column(VALID, "Valid", others=("validation",)),
    Column("reason", "Reason"),
)

COLUMNS: dict[str, Column] = {
    column.key: column
    for column in (
        *_PARAMETERS,
        *(Column(key, metric.title, metric.short, metric) for key, metric in METRICS.items()),
    )
}
"""Every column by its key: parameters first, then the metrics in the order of the catalogue."""

REPORT = (
    *("model", "backend", "features", "optimize", "total_cycles", "run_cycles"),
    *("run_millicycles_per_instruction", "run_microseconds", "run_nanojoules"),
    *("rom_code", "rom_rodata", "rom_total", "ram_total", "stack_peak", "arena_peak"),
    VALID,
)
"""The columns of written reports (Markdown, HTML), which have more room than a terminal."""

_VARYING = ("target", "isa", "toolchain", "revision", "config")
"""Parameters that are shown only if they differ between cases."""


def find_column(name: str, *, where: str = "") -> Column:
    """The column whose key, title or heading is `name`, ignoring blanks, dashes and case.

    Raises UsageError with the nearest match.
    """
    wanted = _normalised(name)
    for column in COLUMNS.values():
        if wanted in map(_normalised, (column.key, column.title, column.heading, *column.others)):
            return column
    choices = COLUMNS if "_" in name else [column.title for column in COLUMNS.values()]
    raise unknown("column", name, choices, where=where)


def find_columns(names: Iterable[str], *, where: str = "") -> tuple[Column, ...]:
    """The columns called `names`, each once, in the order given."""
    found = {column.key: column for column in (find_column(name, where=where) for name in names)}
    return tuple(found.values())


def varying(records: Sequence[Record]) -> list[Column]:
    """Those of target, ISA, toolchain, revision and config that differ between records."""
    return [
        COLUMNS[key] for key in _VARYING if len({COLUMNS[key].text(row) for row in records}) > 1
    ]


def report_columns(records: Sequence[Record], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns called `names`; without names those of `REPORT` that have a value, and the
    parameters that differ between records. `VALID` is always among them if a case did not pass."""
    if names:
        return with_validity(find_columns(names), records)
    default = find_columns(REPORT)
    parameters = [column for column in default if column.metric is None and column.key != VALID]
    present = [c for c in default if c.metric and any(c.key in row.metrics for row in records)]
    return (*parameters, *varying(records), *present, COLUMNS[VALID])


def with_validity(columns: Iterable[Column], records: Iterable[Record]) -> tuple[Column, ...]:
    """`columns`, and `VALID` last if one of `records` did not pass: its numbers are not valid."""
    chosen = tuple(columns)
    if COLUMNS[VALID] in chosen or all(record.outcome == "passed" for record in records):
        return chosen
    return (*chosen, COLUMNS[VALID])


def validity(record: Record) -> str:
    """`10/10`: samples with all output bytes right; for a case that did not pass, FAILED or
    SKIPPED."""
    count = parameter(record, VALID)
    if record.outcome == "passed":
        return count
    return f"{'' if count == '-' else count} {record.outcome.upper()}".strip()


def parameter(record: Record, key: str) -> str:
    """The parameter `key` of `record` as tables write it: features by commas, `_` for none."""
    if key == "case":
        return record.case
    if key == "outcome":
        return record.outcome
    if key == "reason":
        return record.reason
    if key == VALID:
        checked = record.validation
        return f"{checked['matched']}/{checked['samples']}" if "samples" in checked else "-"
    if key == "toolchain":
        return str(record.params.get(key, GCC))
    return option_text(key, record.params.get(key, ""))


def option_text(key: str, value: Any) -> str:
    """The value of a parameter as it is written in an option."""
    if key == "features":
        names = value.replace("+", ",") if isinstance(value, str) else ",".join(map(str, value))
        return names or NO_FEATURES
    if isinstance(value, dict):
        return ",".join(f"{name}={value[name]}" for name in sorted(value))
    return str(value)


def write(metric: Metric, value: int | None) -> str:
    """A metric's value with thousands separators; thousandths as a decimal; `-` for None."""
    if value is None:
        return "-"
    if metric.unit == "milli":
        return f"{'-' if value < 0 else ''}{abs(value) // 1000:,}.{abs(value) % 1000:03d}"
    return f"{value:,}"


def measured(records: Iterable[Record]) -> tuple[Column, ...]:
    """The metric columns that at least one of `records` has a value for."""
    present = {key for record in records for key in record.metrics}
    return tuple(column for column in COLUMNS.values() if column.metric and column.key in present)


def order(records: Iterable[Record], sort: Sequence[str] = ()) -> list[Record]:
    """`records` sorted by the columns named in `sort` (a leading `-` reverses one), else unchanged.

    Numbers sort as numbers; a record without the value comes last in both directions.
    """
    rows = list(records)
    for name in reversed(sort):
        column = find_column(name.removeprefix("-"))
        down = name.startswith("-")
        has = [row for row in rows if column.value(row) is not None]
        rest = [row for row in rows if column.value(row) is None]
        has.sort(key=column.value, reverse=down)  # type: ignore[arg-type]
        rows = has + rest
    return rows


def group(records: Iterable[Record], by: Sequence[str]) -> list[tuple[str, list[Record]]]:
    """`records` in groups that agree in the columns `by`, in order of first appearance.

    Each group comes with its label, `model=aww optimize=3`; without `by` there is one, unlabelled.
    """
    columns = [find_column(name) for name in by]
    groups: dict[str, list[Record]] = {}
    for record in records:
        label = " ".join(f"{column.key}={column.text(record)}" for column in columns)
        groups.setdefault(label, []).append(record)
    return list(groups.items())


@functools.cache
def _normalised(name: str) -> str:
    return "".join(name.replace("_", " ").replace("-", " ").lower().split())
