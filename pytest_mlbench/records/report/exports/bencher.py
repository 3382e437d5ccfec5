"""Bencher's own format (BMF, `--adapter json`): case -> measure -> value."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_mlbench.records.extension import Format
from pytest_mlbench.records.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.record import Record


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


FORMAT = Format("bencher", "Bencher's own (BMF)", lambda records: {"": dumps(records)})
