"""The baseline: a YAML file that is reviewed and merged in git like source code.

One block per case, sorted, one metric and one symbol per line, so that a pull request shows each
number that changed and two pull requests seldom conflict. It holds the metrics, the identity of
all that they depend on, and symbols and operators that show where a change comes from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.files import read_text, write_text
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.record import Record

from .attribute import flags, profiled, symbol_key, symbols
from .baseline_yaml import dump_yaml, load_yaml
from .compare import incomparable
from .schema import check_case

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SCHEMA = 1

HEADER = """\
# Baseline of pytest-mlbench: what each case measured when it was last accepted.
# Do not edit the numbers: run the cases again with --mlbench-save, and commit the difference.
"""

_LAST = ("libraries", "flags")
"""The parts of the identity that come last, because they are long."""


def dumps(records: Iterable[Record]) -> str:
    """The text of the file. The order of the records does not change it."""
    passed = [record for record in records if record.outcome == "passed"]
    cases = {record.case: _block(record) for record in sorted(passed, key=lambda row: row.case)}
    return HEADER + dump_yaml({"schema": SCHEMA, "cases": cases})


def loads(text: str, *, where: str) -> dict[str, Record]:
    """The records of a baseline's text, by case. Raises UsageError saying what is wrong where."""
    data = load_yaml(text, where=where)
    if not isinstance(data, dict) or not isinstance(data.get("cases"), dict):
        raise UsageError(
            "not a baseline: no table of 'cases'",
            where=where,
            remedy="Write one with --mlbench-baseline FILE --mlbench-save",
        )
    if data.get("schema") != SCHEMA:
        raise UsageError(
            f"baseline schema {data.get('schema')!r}, expected {SCHEMA}",
            where=where,
            remedy="Write it again with --mlbench-save and this version of pytest-mlbench",
        )
    for key in data:
        if key not in {"schema", "cases"}:
            raise UsageError(f"unknown key {key!r} beside 'cases'", where=where)
    return {str(case): _record(str(case), block, where) for case, block in data["cases"].items()}


def read(path: Path) -> str:
    """The text of a baseline file. Raises UsageError when it cannot be read."""
    if not path.exists():
        raise UsageError(
            "there is no such baseline",
            where=str(path),
            remedy=f"Write it with --mlbench-baseline {path} --mlbench-save",
        )
    return read_text(path, remedy="Expected what --mlbench-save wrote")


@dataclass(frozen=True)
class Merged:
    """A baseline after a run, and what happened to each case of the run."""

    records: Mapping[str, Record]
    replaced: tuple[str, ...]
    added: tuple[str, ...]
    kept: tuple[tuple[str, str], ...]
    """Cases whose result was not accepted, each with the reason."""


def merge(old: Mapping[str, Record], ran: Iterable[Record]) -> Merged:
    """`old` with the results of `ran`. Only cases that passed are replaced or added.

    A result without a metric that the old block has (built, but not run) is not accepted, because
    the baseline would lose it unnoticed. The operators' cycles of an earlier profile stay as long
    as no number of the case changes.
    """
    records = dict(old)
    replaced: list[str] = []
    added: list[str] = []
    kept: list[tuple[str, str]] = []
    for record in sorted(ran, key=lambda record: record.case):
        before = old.get(record.case)
        lost = [key for key in METRICS if before and key in before.metrics.keys() - record.metrics]
        if record.outcome != "passed":
            kept.append((record.case, f"it was {record.outcome} in this run"))
        elif lost:
            titles = ", ".join(METRICS[key].title for key in lost[:3])
            more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
            kept.append((record.case, f"this run did not measure its {titles}{more}"))
        else:
            records[record.case] = _with_profile(before, record)
            (added if before is None else replaced).append(record.case)
    return Merged(records, tuple(replaced), tuple(added), tuple(kept))


def _with_profile(before: Record | None, record: Record) -> Record:
    if before is None or not profiled(before) or profiled(record):
        return record
    same = dict(before.metrics) == dict(record.metrics) and not (
        incomparable(before, record) or symbols(before, record) or flags(before, record)
    )
    return replace(record, operators=before.operators) if same else record


def write(path: Path, records: Iterable[Record]) -> bool:
    """Replace the file in one step; False if it already has this content."""
    text = dumps(records)
    if path.exists() and path.read_bytes() == text.encode():
        return False
    write_text(path, text)
    return True


def _block(record: Record) -> dict[str, Any]:
    """What the file keeps of a record."""
    sizes: dict[str, dict[str, int]] = {"symbols": {}, "frames": {}}
    for row in record.symbols:
        key = symbol_key(row)
        for name, field in (("symbols", "size"), ("frames", "stack")):
            if field in row:
                sizes[name][key] = sizes[name].get(key, 0) + int(row[field])
    names = sorted(record.provenance, key=lambda name: (name in _LAST, name == "flags", name))
    identity = {
        key: record.provenance[key]
        for key in names
        if record.provenance[key] and key not in ("elf_sha256", "model_path")
    }
    if "flags" in identity:
        identity["flags"] = {
            part: options if isinstance(options, str) else " ".join(options)
            for part, options in identity["flags"].items()
        }
    block = {
        "params": ordered(record.params),
        "metrics": {key: int(record.metrics[key]) for key in METRICS if key in record.metrics},
        "identity": {key: ordered(identity[key]) for key in identity},
        "operators": [_operator(row) for row in record.operators],
        "components": ordered(record.components),
        **{name: ordered(rows) for name, rows in sizes.items()},
    }
    return {key: value for key, value in block.items() if value or key in {"params", "metrics"}}


def _operator(row: Mapping[str, Any]) -> dict[str, Any]:
    """An operator without its bytes, which follow from the model and cannot change alone, and
    without what was predicted for it, which is no measurement."""
    return {key: ordered(row[key]) for key in sorted(row) if key not in ("bytes", "predicted")}


def ordered(value: Any) -> Any:
    """`value` with all its tables sorted by key."""
    if isinstance(value, Mapping):
        return {key: ordered(value[key]) for key in sorted(value)}
    return value


def _record(case: str, block: Any, where: str) -> Record:
    check_case(case, block, where)
    frames = block.get("frames", {})
    symbols = []
    for key, size in block.get("symbols", {}).items():
        component, section, name = key.split(" ", 2)
        row: dict[str, Any] = {
            "component": component,
            "section": section,
            "name": name,
            "size": size,
        }
        if key in frames:
            row["stack"] = frames[key]
        symbols.append(row)
    return Record(
        case=case,
        params=block["params"],
        outcome="passed",
        metrics=block["metrics"],
        provenance=block.get("identity", {}),
        operators=tuple(block.get("operators", ())),
        components=block.get("components", {}),
        symbols=tuple(symbols),
    )
