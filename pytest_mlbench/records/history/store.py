"""The folder of a history.

`entries/COMMIT-CONTENT.json` holds what was added at once for one commit: for each case its metrics
and what they depend on. `details/CONTENT.json` holds a case's symbols, operators, components and
flags, once for all commits that share them: they say where a step comes from.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError, visible
from pytest_mlbench.records.files import read_text, write_text
from pytest_mlbench.records.lock import locked
from pytest_mlbench.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .revisions import Revision

SCHEMA = 1

_UNSHARED = ("elf_sha256", "flags", "model_path")
"""Provenance that may differ between two comparable results."""


@dataclass(frozen=True)
class Result:
    """What one case measured at one commit. `identity` is the provenance that has to be equal for
    two results to be comparable; `detail` names the file with the rest."""

    params: Mapping[str, Any]
    metrics: Mapping[str, int]
    identity: Mapping[str, Any]
    detail: str


@dataclass(frozen=True)
class Entry:
    """The results of one commit, all additions together."""

    commit: str
    date: int
    subject: str
    results: Mapping[str, Result]


@dataclass(frozen=True)
class Added:
    """What an addition wrote: the entry's file and the number of its cases; `new` is False where
    the same was there before."""

    path: Path
    cases: int
    new: bool

    @property
    def count(self) -> str:
        """The number of cases in words."""
        return f"{self.cases} case{'' if self.cases == 1 else 's'}"


def add(folder: Path, revision: Revision, records: Iterable[Record]) -> Added:
    """Write the measured cases of `records` that passed as results of `revision`.

    Several processes may add at the same time. Raises UsageError when no case passed, or when one
    disagrees with what is there: exact measurements of one commit do not differ.
    """
    passed = [row for row in records if row.outcome == "passed" and row.metrics]
    if not passed:
        raise UsageError(
            "no case passed: there is nothing to add", where=str(folder),
            remedy="A history holds the cases that passed",
        )  # fmt: skip
    details = {row.case: _detail(row) for row in passed}
    names = {case: _digest(text) for case, text in details.items()}
    text = _entry_text(revision, passed, names)
    path = folder / "entries" / f"{revision.commit}-{_digest(text)[:12]}.json"
    with locked(path):  # from looking for disagreements to writing, or two could both find none
        known = _of_commit(folder, revision.commit)
        for row in passed:
            _agree(row, known.get(row.case), revision)
        new = not path.exists()
        for case, content in sorted(details.items()):
            place = _detail_path(folder, names[case])
            if not place.exists():
                write_text(place, content)
        if new:
            write_text(path, text)  # last: whoever sees it finds its details
    return Added(path, len(passed), new)


def _agree(row: Record, known: Result | None, revision: Revision) -> None:
    if known is None or dict(known.identity) != _identity(row):
        return
    for key in sorted(row.metrics.keys() & known.metrics.keys()):
        if row.metrics[key] != known.metrics[key]:
            raise UsageError(
                f"{row.case} has {key} {known.metrics[key]:,} in the history at commit "
                f"{revision.short}, and {row.metrics[key]:,} now",
                remedy="Measurements of one commit do not differ: one is from changed files",
            )


def load(folder: Path) -> dict[str, Entry]:
    """All entries by commit, unsorted. Raises UsageError if the folder is no history."""
    entries = folder / "entries"
    if not entries.is_dir():
        raise UsageError(
            "there is no history in this folder", where=str(folder),
            remedy="Add results with `history add`, or --mlbench-history DIR in a run",
        )  # fmt: skip
    found: dict[str, Entry] = {}
    for path in sorted(entries.glob("*.json")):
        entry = _read(path)
        before = found.get(entry.commit)
        found[entry.commit] = entry if before is None else _together(before, entry)
    return found


def detailed(folder: Path, case: str, result: Result) -> Record:
    """The result as a record, with its symbols, operators, components and flags."""
    try:
        data = json.loads(read_text(_detail_path(folder, result.detail)))
        return Record(
            case=case,
            params=result.params,
            outcome="passed",
            metrics=result.metrics,
            provenance={**result.identity, "flags": data["flags"]},
            operators=tuple(data["operators"]),
            components=data["components"],
            symbols=tuple(data["symbols"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(
            f"the details of {case} are damaged", where=str(_detail_path(folder, result.detail)),
            remedy="Take the file back from git",
        ) from error  # fmt: skip


def _of_commit(folder: Path, commit: str) -> dict[str, Result]:
    found: dict[str, Result] = {}
    for path in sorted((folder / "entries").glob(f"{commit}-*.json")):
        found |= _read(path).results
    return found


def _together(one: Entry, other: Entry) -> Entry:
    return Entry(one.commit, one.date, one.subject, {**one.results, **other.results})


def _read(path: Path) -> Entry:
    try:
        data = json.loads(path.read_bytes())
        if data["schema"] != SCHEMA:
            raise UsageError(
                f"schema {data['schema']!r}, expected {SCHEMA}", where=str(path),
                remedy="Read it with the version of pytest-mlbench that wrote it",
            )  # fmt: skip
        identities = data["identities"]
        results = {
            case: Result(row["params"], row["metrics"], identities[row["identity"]], row["detail"])
            for case, row in data["cases"].items()
        }
        return Entry(str(data["commit"]), int(data["date"]), str(data["subject"]), results)
    except (OSError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"not an entry of a history: {type(error).__name__} {error}", where=str(path),
            remedy="Take it back from git, or remove it",
        ) from error  # fmt: skip


def _entry_text(revision: Revision, rows: Iterable[Record], details: Mapping[str, str]) -> str:
    """The file's text: a line for each case, sorted, the same bytes for the same results."""
    ranked = sorted(rows, key=lambda row: row.case)
    texts = {row.case: _json(_identity(row)) for row in ranked}
    identities = sorted(set(texts.values()))
    lines = [
        f"{_json(row.case)}:"
        + _json({
            "params": dict(row.params),
            "metrics": dict(row.metrics),
            "identity": identities.index(texts[row.case]),
            "detail": details[row.case],
        })
        for row in ranked
    ]  # fmt: skip
    head = {"schema": SCHEMA, "commit": revision.commit, "date": revision.date}
    subject = _json(visible(revision.subject))
    return (
        f'{_json(head)[:-1]},"subject":{subject},\n'
        f'"identities":[\n{_lines(identities)}\n],\n"cases":{{\n{_lines(lines)}\n}}}}\n'
    )


def _lines(texts: Iterable[str]) -> str:
    return ",\n".join(texts)


def _identity(row: Record) -> dict[str, Any]:
    return {key: value for key, value in row.provenance.items() if value and key not in _UNSHARED}


def _detail(row: Record) -> str:
    return _json({
        "operators": [dict(each) for each in row.operators],
        "components": {key: dict(value) for key, value in row.components.items()},
        "symbols": [dict(each) for each in row.symbols],
        "flags": row.provenance.get("flags", {}),
    }) + "\n"  # fmt: skip


def _detail_path(folder: Path, name: str) -> Path:
    return folder / "details" / name[:2] / f"{name}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
