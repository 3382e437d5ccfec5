"""Properties for pytest's JUnit file: append them to `item.user_properties` during the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.metrics.catalogue import METRICS

if TYPE_CHECKING:
    from pytest_mlbench.record import Record


def properties(record: Record) -> list[tuple[str, str]]:
    """`mlbench_case` and every metric as `mlbench_<key>`, in the order of the catalogue."""
    found = [("mlbench_case", record.case)]
    found += [
        (f"mlbench_{key}", str(record.metrics[key])) for key in METRICS if key in record.metrics
    ]
    return found
