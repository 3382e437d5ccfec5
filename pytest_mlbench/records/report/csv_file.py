"""All parameters and metrics as CSV: one row per case, plain integers, keys as column names."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import COLUMNS, measured, order, parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record

_PROVENANCE = ("model_sha256", "elf_sha256", "toolchain")


PARTIAL = "partial"
"""The last column of a file that holds only a part of a run: every row says so."""


def dumps(records: Iterable[Record], *, sort: Sequence[str] = (), partial: str = "") -> str:
    """The text of the file. An empty cell is a metric that was not measured.

    The last columns are what each case was made with: model, firmware, compiler, and for each
    target the version of the simulator. `partial`, if not empty, fills one more column, `PARTIAL`.
    """
    rows = order(records, sort)
    parameters = [  # the toolchain's full identity is among the last columns
        column
        for column in COLUMNS.values()
        if column.metric is None and column.key not in _PROVENANCE
    ]
    metrics = measured(rows)
    targets = sorted({parameter(row, "target") for row in rows})
    provenance = [*_PROVENANCE, *targets]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    more = [PARTIAL] if partial else []
    writer.writerow([column.key for column in (*parameters, *metrics)] + provenance + more)
    for row in rows:
        writer.writerow(
            [parameter(row, column.key) for column in parameters]
            + [_number(row, column) for column in metrics]
            + [_identity(row.provenance.get(key)) for key in provenance]
            + ([partial] if partial else [])
        )
    return stream.getvalue()


def partial(text: str) -> str:
    """What the text of a file says is missing in it; empty if it holds all of its run."""
    rows = csv.reader(io.StringIO(text))
    try:
        heading, first = next(rows, []), next(rows, [])
    except csv.Error:
        return ""
    return first[-1] if heading[-1:] == [PARTIAL] and len(first) == len(heading) else ""


def _number(row: Record, column: Column) -> str:
    value = row.metrics.get(column.key)
    return "" if value is None else str(value)


def _identity(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={value[key]}" for key in sorted(value))
    return "" if value is None else str(value)
