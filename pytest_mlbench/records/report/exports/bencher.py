"""Bencher's own format (BMF, `--adapter json`): case -> measure -> value."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pytest_mlbench.records.extension import Format, Part
from pytest_mlbench.records.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.record import Record


MISSING = "missing_cases"
"""The measure of a stopped run: how many cases it did not come to."""


def dumps(records: Iterable[Record]) -> str:
    """Every metric that can get worse, of every case."""
    data = {
        record.case: {
            key: {"value": record.metrics[key]}
            for key, metric in METRICS.items()
            if metric.better and key in record.metrics
        }
        for record in records
    }
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def mark(text: str, partial: str) -> str:
    """One more benchmark, with the sentence as its name: the format has no other room for it."""
    found = re.match(r"(\d+) of (\d+) cases", partial)
    missing = int(found.group(2)) - int(found.group(1)) if found else 1
    data = {**json.loads(text), partial: {MISSING: {"value": missing}}}
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def read(text: str) -> str:
    """The name of that benchmark; empty if there is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    rows = data.items() if isinstance(data, dict) else ()
    return next((name for name, row in rows if isinstance(row, dict) and MISSING in row), "")


FORMAT = Format(
    "bencher", "Bencher's own (BMF)", lambda records: {"": dumps(records)}, Part(mark, read)
)
