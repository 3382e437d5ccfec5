"""Other tools' formats, each a pure function from records to text.

`write(format, records, path)` is what `--mlbench-export FORMAT=PATH` and the command call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UserMistake, unknown
from pytest_mlbench.records.files import write_text
from pytest_mlbench.records.report.options import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_mlbench.records.record import Record


def write(name: str, records: Iterable[Record], path: Path) -> list[Path]:
    """Write `records` in format `name`; returns the files written.

    Raises UserMistake for an unknown format, nothing to write, or a path that cannot be written.
    """
    if name not in FORMATS:
        raise unknown("format", name, FORMATS)
    rows = [record for record in records if record.outcome == "passed" and record.metrics]
    if not rows and name == "github-action":
        raise UserMistake(
            "no case passed, and github-action-benchmark refuses an empty file",
            where=str(path),
            remedy="See why the cases did not pass",
        )
    if name == "pytest-benchmark":
        from .pytest_benchmark import dumps

        return [write_text(path, dumps(rows))]
    if name == "bencher":
        from .bencher import dumps as dump_bencher

        return [write_text(path, dump_bencher(rows))]
    from .github_action import files

    return [write_text(path / file, text) for file, text in files(rows).items()]
