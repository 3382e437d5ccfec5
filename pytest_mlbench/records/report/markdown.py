"""Results as Markdown (GitHub's flavour): files, comments, CI step summaries. Pure text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import group, order, report_columns
from pytest_mlbench.records.relative import TERMINAL, partners, phrase

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.relative import Reference


def escape(text: str) -> str:
    """`text` with Markdown's special characters escaped: names come from users."""
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_\[\]<>|~#@$])", r"\\\1", flat.replace("&", "&amp;"))


def code(text: str) -> str:
    """`text` in code type, on one line."""
    flat = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", flat)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if longest else ""
    return f"{fence}{gap}{flat}{gap}{fence}"


def table(heading: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> str:
    """A table; the columns numbered in `right` are right-aligned."""
    numbers = set(right)
    rule = ["---:" if index in numbers else ":---" for index in range(len(heading))]
    lines = [
        [escape(cell) for cell in heading],
        rule,
        *([escape(cell) for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def results(
    records: Iterable[Record],
    *,
    columns: Sequence[str] = (),
    sort: Sequence[str] = (),
    group_by: Sequence[str] = (),
    reference: Reference | None = None,
    title: str = "Benchmarks",
) -> str:
    """A table per group, relative columns after the metrics they belong to, then other cases."""
    rows = list(records)
    measured = [row for row in rows if row.metrics]
    chosen = report_columns(measured, columns)
    against = partners(rows, reference) if reference else {}
    compared = [c.key for c in chosen if c.metric and (columns or c.key in TERMINAL)]
    lines = [f"## {escape(title)}", ""]
    for label, members in group(order(measured, sort), group_by):
        lines += [f"### {escape(label)}", ""] if label else []
        lines += [_table(members, chosen, against, compared if reference else ()), ""]
    if reference:
        lines += [f"Relative to {code(str(reference))}.", ""]
    for (outcome, reason), cases in others(order(rows)).items():
        lines.append(f"- {outcome} {', '.join(map(code, cases))}: {escape(reason)}")
    notes = sorted({note for row in rows for note in row.notes})
    lines += [f"- {escape(note)}" for note in notes]
    return "\n".join(lines).rstrip() + "\n"


def others(rows: Iterable[Record]) -> dict[tuple[str, str], list[str]]:
    """What did not pass: (outcome, reason) -> cases."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.outcome != "passed":
            groups.setdefault((row.outcome, row.reason or "no reason"), []).append(row.case)
    return groups


def _table(
    rows: Sequence[Record],
    columns: Sequence[Column],
    against: dict[str, Record],
    compared: Collection[str],
) -> str:
    """`compared` are the metrics that a column of changes follows."""
    heading: list[str] = []
    right: list[int] = []
    for column in columns:
        more = column.key in compared
        if column.metric:
            right += range(len(heading), len(heading) + 1 + more)
        heading += [column.title, "change"] if more else [column.title]
    cells = []
    for row in rows:
        line = []
        for column in columns:
            line.append(column.text(row))
            if column.key in compared:
                line.append(relative_text(row, column, against.get(row.case)))
        cells.append(line)
    return table(heading, cells, right)


def relative_text(row: Record, column: Column, partner: Record | None) -> str:
    """The relative cell of a metric: `reference` for the reference's own row."""
    if column.metric is None or partner is None:
        return "-"
    if partner.case == row.case:
        return "reference"
    return phrase(column.metric, partner.metrics.get(column.key), row.metrics.get(column.key))
