"""`--mlbench-history DIR`: a run adds what it measured to the history, as results of the commit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.extension import Section

from . import revisions, store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.extension import Run


class Historian:
    """A finisher (see `records/extension.py`)."""

    def finish(self, run: Run) -> Iterable[Section]:
        """Add the cases that passed. If files were changed, say that nothing was added."""
        folder: Path = run.settings.extra["history"]
        if not any(record.outcome == "passed" and record.metrics for record in run.records):
            return
        here = Path.cwd()
        try:
            revisions.clean(here, folder)
            commit = revisions.revision(here)
        except UsageError as error:
            yield Section("history", f"Nothing was added: {error}")
            return
        added = store.add(folder, commit, run.records)
        state = "added" if added.new else "was there before"
        text = f"{added.path}: {added.count} of {commit.short}: {state}\n{run.partial}"
        yield Section("history", text.rstrip())
