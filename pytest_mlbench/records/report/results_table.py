"""The HTML table of results: a row for each case, models together, every metric a column.

It is written as text: a template would take seconds for a thousand cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import COLUMNS, report_columns
from pytest_mlbench.records.relative import TERMINAL, phrase

from .charts.best import marks
from .charts.labels import by_model, passed
from .clock import HARDWARE, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record

    from .charts.best import Best


RECORDED = "run_microseconds"
"""The metric of a time that the record has itself."""


@dataclass(frozen=True)
class Heading:
    """A column of the page's table. `shown`: whether it is visible at first; `key` as in `columns`,
    or 'valid' or 'time', which only this table has."""

    key: str
    title: str
    number: bool
    shown: bool
    cell: Callable[[Record], str]


@dataclass(frozen=True)
class Table:
    """The columns, and the rows as HTML: one <tbody> for each model."""

    columns: tuple[Heading, ...]
    body: str

    def place(self, key: str) -> int:
        """Where column `key` stands, from 0; -1 if there is none."""
        return next((i for i, column in enumerate(self.columns) if column.key == key), -1)


def table(
    records: Sequence[Record],
    *,
    columns: Sequence[str],
    against: Mapping[str, Record],
    best: Sequence[Best],
    labels: Mapping[str, str],
    numbers: Mapping[str, int],
    clock: int = 0,
) -> Table:
    """The table of `records`; `numbers` is each case's number on the page."""
    headings = _headings(records, columns, clock)
    won = marks(best)
    relative = {key for key in (*TERMINAL, *columns) if key in COLUMNS}
    bodies = []
    for model, rows in by_model(records).items():
        good = sum(passed(row) for row in rows)
        count = f"{len(rows)} case{'' if len(rows) == 1 else 's'}"
        if good < len(rows):
            count += f", {good} passed"
        of = ",".join(str(numbers[row.case]) for row in rows)
        head = (
            f'<tr class="group" data-of="{of}"><th colspan="{len(headings)}" scope="rowgroup">'
            f"<span>{escape(model)} <small>{count}</small></span></th></tr>"
        )
        lines = [
            _row(row, headings, won, relative, against.get(row.case), labels, numbers)
            for row in rows
        ]
        bodies.append(f"<tbody>{head}{''.join(lines)}</tbody>")
    return Table(headings, "\n".join(bodies))


def _headings(records: Sequence[Record], chosen: Sequence[str], clock: int) -> tuple[Heading, ...]:
    """The case, its validity, the chosen columns, then all others, hidden at first."""
    default = [c for c in report_columns(records, chosen) if chosen or _needed(c)]
    if not chosen:  # numbers first: a phone shows three columns
        default.sort(key=lambda column: column.metric is None)
    present = [
        column
        for column in COLUMNS.values()
        if column.metric is None or any(column.key in row.metrics for row in records)
    ]
    shown = {column.key for column in present}
    found = [
        Heading("case", "Case", False, True, lambda row: escape(row.case)),
        Heading("valid", "Valid", False, True, _valid),
    ]
    for column in (*default, *(column for column in present if column not in default)):
        if column.key in {"case", "outcome", "samples"}:
            continue
        found.append(_heading(column, column in default))
        timed = any(HARDWARE in row.metrics for row in records)
        if clock and timed and column.key == "run_cycles" and RECORDED not in shown:
            found.append(
                Heading("time", f"Run ms at {clock / 1e6:g} MHz", True, True, _time(clock))
            )
    return tuple(found)


def _needed(column: Column) -> bool:
    """Whether a column is shown at first; parameters in the case's name are not."""
    return bool(column.metric) or column not in report_columns([], ())


def _heading(column: Column, shown: bool) -> Heading:
    return Heading(
        column.key,
        column.title,
        column.metric is not None,
        shown,
        lambda row: escape(column.text(row)),
    )


def _time(clock: int) -> Callable[[Record], str]:
    return lambda row: milliseconds(run_cycles(row), clock)


def run_cycles(record: Record) -> int | None:
    """Run Cycles if they are those of real hardware; None if a simulator counts instructions."""
    return record.metrics.get("run_cycles") if HARDWARE in record.metrics else None


def _valid(record: Record) -> str:
    """`10/10`; the outcome if it did not pass; a dash if it was only built."""
    checked = record.validation
    samples = f"{checked['matched']}/{checked['samples']}" if "samples" in checked else ""
    if passed(record):
        return samples or "-"
    word = f'<b class="badge {escape(record.outcome)}">{escape(record.outcome)}</b>'
    return f"{word} {samples}".strip()


def _row(
    record: Record,
    headings: Sequence[Heading],
    won: set[tuple[str, str]],
    relative: set[str],
    partner: Record | None,
    labels: Mapping[str, str],
    numbers: Mapping[str, int],
) -> str:
    cells = []
    for heading in headings[1:]:
        kind = "" if heading.number else ' class="l"'
        if (record.case, heading.key) in won:
            kind = ' class="w"'
        change = ""
        if partner is not None and heading.key in relative and passed(record):
            change = _change(heading.key, partner, record)
        cells.append(f"<td{kind}>{heading.cell(record)}{change}</td>")
    bad = "" if passed(record) else f' class="{escape(record.outcome)}"'
    return (
        f'<tr{bad} data-i="{numbers[record.case]}" data-v="{escape(labels[record.case])}">'
        f'<th scope="row">{escape(record.case)}</th>{"".join(cells)}</tr>'
    )


def _change(key: str, partner: Record, record: Record) -> str:
    metric = COLUMNS[key].metric
    if metric is None or key not in record.metrics or key not in partner.metrics:
        return ""
    if partner.case == record.case:
        return "<small>reference</small>"
    return f"<small>{phrase(metric, partner.metrics[key], record.metrics[key])}</small>"
