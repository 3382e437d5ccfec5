"""Reading result files: JSON of a run or a baseline; and merging shards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError, visible
from pytest_mlbench.records import record
from pytest_mlbench.records.files import read_text

from . import baseline
from .schema import check_record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_mlbench.records.record import Record


def load(path: Path) -> dict[str, Record]:
    """The records of a results file (JSON) or of a baseline (YAML), by case.

    Raises UsageError for a file that is neither, or that holds a case twice.
    """
    text = read_text(path, remedy="Expected what --mlbench-json or --mlbench-save wrote")
    if not text.lstrip().startswith(("{", "[")) and path.suffix != ".json":
        return baseline.loads(text, where=str(path))
    found: dict[str, Record] = {}
    for row in record.loads(text, where=str(path)):
        if row.case in found:
            raise UsageError(f"case {row.case} is in it twice", where=str(path))
        check_record(row, str(path))
        found[row.case] = row
    return found


def partial(path: Path) -> str:
    """What a results file says is missing in it; empty for one that holds all of its run."""
    try:
        return partial_text(read_text(path))
    except UsageError:
        return ""


def partial_text(text: str) -> str:
    """The same from the text of the file."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    return visible(str(data.get("partial", ""))) if isinstance(data, dict) else ""


def partials(paths: Iterable[Path]) -> str:
    """What several results files say is missing in them, each by its name; empty for none."""
    missing = [(path, partial(path)) for path in paths]
    return "; ".join(f"{path}: {text}" for path, text in missing if text)


def merge(shards: Iterable[tuple[str, Iterable[Record]]]) -> list[Record]:
    """The records of all shards, sorted; each shard as (name, records).

    The same record in two shards is fine. Raises UsageError when two shards have one case with
    different results, naming both and what differs.
    """
    found: dict[str, tuple[str, Record]] = {}
    for name, records in shards:
        for row in records:
            other, known = found.setdefault(row.case, (name, row))
            if known != row:
                raise UsageError(
                    f"case {row.case} has two different results: {_difference(known, row)}",
                    where=f"{other} and {name}",
                    remedy="Exact measurements do not differ: find out which is of other code or "
                    "another toolchain, and leave that file out",
                )
    return [found[case][1] for case in sorted(found)]


def _difference(one: Record, other: Record) -> str:
    if one.outcome != other.outcome:
        return f"{one.outcome} and {other.outcome}"
    for key in sorted({*one.metrics, *other.metrics}):
        was, now = one.metrics.get(key), other.metrics.get(key)
        if was != now:
            return f"{key} is {was} and {now}"
    for key in sorted({*one.provenance, *other.provenance}):
        if one.provenance.get(key) != other.provenance.get(key):
            return f"{key} is {one.provenance.get(key)} and {other.provenance.get(key)}"
    differing = [key for key, value in one.to_dict().items() if other.to_dict()[key] != value]
    return f"{', '.join(differing)} differ"
