"""Other tools' formats, each a module with its `FORMAT`; `builtin.py` registers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.files import write_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pytest_mlbench.records.extension import Format
    from pytest_mlbench.records.record import Record


def write(form: Format, records: Iterable[Record], path: Path) -> list[Path]:
    """Write the passed ones of `records` in a format; returns the files written.

    Raises UsageError if no case passed, because an empty file could be taken for a result, and if
    the path cannot be written.
    """
    rows = [record for record in records if record.outcome == "passed" and record.metrics]
    if not rows:
        raise UsageError(
            f"no case passed, so there is nothing to write as {form.name}",
            where=str(path),
            remedy="See why the cases did not pass",
        )
    files = form.files(sorted(rows, key=lambda record: record.case))
    return [write_text(path / name if name else path, text) for name, text in files.items()]
