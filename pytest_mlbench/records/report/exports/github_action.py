"""Files for github-action-benchmark's tool `customSmallerIsBetter`: one per metric.

It has one alert threshold per file, and cycles and bytes need different ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_mlbench.records.extension import Format, Part
from pytest_mlbench.records.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.record import Record


_PARTIAL = "; partial: "


def files(records: Iterable[Record]) -> dict[str, str]:
    """`<metric>.json` -> text, for every metric of which less is better."""
    rows = sorted(records, key=lambda record: record.case)
    found = {}
    for key, metric in METRICS.items():
        entries = [
            {
                "name": record.case,
                "unit": "1/1000" if metric.unit == "milli" else metric.unit,
                "value": record.metrics[key],
                "extra": metric.title,
            }
            for record in rows
            if metric.better == "less" and key in record.metrics
        ]
        if entries:
            found[f"{key}.json"] = json.dumps(entries, indent=2) + "\n"
    return found


def mark(text: str, partial: str) -> str:
    """The sentence in every entry's `extra`, which the charts show with the value."""
    rows = [{**row, "extra": f"{row['extra']}{_PARTIAL}{partial}"} for row in json.loads(text)]
    return json.dumps(rows, indent=2) + "\n"


def read(text: str) -> str:
    """The sentence in the first entry; empty for a whole run."""
    try:
        return str(json.loads(text)[0]["extra"]).partition(_PARTIAL)[2]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""


FORMAT = Format(
    "github-action",
    "a folder for github-action-benchmark, one file per metric",
    files,
    Part(mark, read),
)
