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


def write(
    form: Format, records: Iterable[Record], path: Path, *, partial: str = "", asked: bool = False
) -> list[Path]:
    """Write the passed ones of `records` in a format; returns the files written.

    `partial` says what is missing in a stopped run. Its files say so, and do not replace those of a
    whole run unless that is `asked`. Raises UsageError if no case passed, because an empty file
    could be taken for a result, and if the path cannot be written.
    """
    from pytest_mlbench.records.report.partial import place

    rows = [record for record in records if record.outcome == "passed" and record.metrics]
    if not rows:
        raise UsageError(
            f"no case passed, so there is nothing to write as {form.name}",
            where=str(path),
            remedy="See why the cases did not pass",
        )
    files = form.files(sorted(rows, key=lambda record: record.case))
    written = []
    for name, text in files.items():
        to = path / name if name else path
        if form.part is None:
            to = place(to, partial, None)
        elif partial:
            to = to if asked else place(to, partial, form.part.read)
            text = form.part.mark(text, partial)
        written.append(write_text(to, text))
    return written
