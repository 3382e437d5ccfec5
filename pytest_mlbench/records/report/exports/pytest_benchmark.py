"""JSON that `pytest-benchmark compare` reads (pytest-benchmark 5).

All its statistics are the one exact value. The metric is in the names of group and test, and so is
its unit: pytest-benchmark prints "seconds" for any unit.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_mlbench._version import __version__
from pytest_mlbench.records.columns import parameter
from pytest_mlbench.records.extension import Format, Part
from pytest_mlbench.records.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.record import Record

_PARAMETERS = ("model", "backend", "features", "optimize", "target", "isa")


def dumps(records: Iterable[Record]) -> str:
    """One benchmark for each case and metric, grouped by metric, without host or time."""
    rows = sorted(records, key=lambda record: record.case)
    node = ", ".join(sorted({parameter(record, "target") for record in rows}))
    benchmarks = [
        _benchmark(record, key) for record in rows for key in METRICS if key in record.metrics
    ]
    data = {
        "machine_info": {"node": node, "machine": "riscv", "system": "bare metal", "cpu": {}},
        "commit_info": {},
        "benchmarks": benchmarks,
        "datetime": "1970-01-01T00:00:00+00:00",
        "version": f"pytest-mlbench {__version__}",
    }
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def _benchmark(record: Record, key: str) -> dict[str, Any]:
    value = record.metrics[key]
    metric = METRICS[key]
    params = {name: parameter(record, name) for name in _PARAMETERS}
    return {
        "group": f"{metric.title} ({metric.unit})",
        "name": f"{record.case}[{key}]",
        "fullname": f"mlbench::{record.case}[{key}]",
        "param": key,
        "params": {**params, "metric": key},
        "extra_info": {"unit": metric.unit, "better": metric.better},
        "options": {},
        "stats": _stats(value),
    }


def _stats(value: int) -> dict[str, Any]:
    same = ("min", "max", "mean", "median", "q1", "q3", "ld15iqr", "hd15iqr", "total")
    return {
        **dict.fromkeys(same, value),
        **dict.fromkeys(("stddev", "iqr", "iqr_outliers", "stddev_outliers"), 0),
        "outliers": "0;0",
        "rounds": 1,
        "iterations": 1,
        "ops": 1 / value if value else 0,
    }


def mark(text: str, partial: str) -> str:
    """The sentence as `partial`, beside the benchmarks and in each one's `extra_info`."""
    data = {**json.loads(text), "partial": partial}
    for row in data["benchmarks"]:
        row["extra_info"]["partial"] = partial
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def read(text: str) -> str:
    """That sentence; empty for a whole run."""
    from pytest_mlbench.records.gate.load import partial_text

    return partial_text(text)


FORMAT = Format(
    "pytest-benchmark",
    "JSON that `pytest-benchmark compare` reads",
    lambda records: {"": dumps(records)},
    Part(mark, read),
)
