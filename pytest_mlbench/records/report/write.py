"""The written reports of a run: which files are asked for, and their text."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import MlbenchError
from pytest_mlbench.records.extension import Section
from pytest_mlbench.records.files import append_text, write_text
from pytest_mlbench.records.record import dumps

from . import exports
from .partial import READ, markdown, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_mlbench.records.extension import Run
    from pytest_mlbench.records.gate.judge import Gate
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.relative import Reference
    from pytest_mlbench.settings import Settings


@dataclass(frozen=True)
class ReportView:
    """How results are shown: which columns, in which order and groups, relative to what.

    `partial` says what is missing where the results are not all of a run.
    """

    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    reference: Reference | None = None
    clock: int = 0
    partial: str = ""

    @classmethod
    def of(cls, settings: Settings) -> ReportView:
        """The view that the options describe."""
        extra = settings.extra
        return cls(
            columns=settings.columns,
            sort=tuple(extra.get("sort") or ()),
            group_by=tuple(extra.get("group-by") or ()),
            reference=extra.get("reference"),
            clock=settings.clock,
        )


def text(name: str, records: Sequence[Record], view: ReportView) -> str:
    """The report `name`: html, markdown or csv."""
    if name == "csv":
        from . import csv_file

        return csv_file.dumps(records, sort=view.sort, partial=view.partial)
    if name == "markdown":
        from .markdown import results

        made = results(
            records,
            columns=view.columns,
            sort=view.sort,
            group_by=view.group_by,
            reference=view.reference,
        )
        return markdown(made, view.partial)
    from . import html_report

    return html_report.page(
        records,
        columns=view.columns,
        reference=view.reference,
        clock=view.clock,
        partial=view.partial,
    )


NOTHING = "No case was measured, so these stay as they were:"

STOPPED = "`.stopped` is in the names so that no file of a complete run is replaced."


def _view(run: Run) -> ReportView:
    return replace(ReportView.of(run.settings), partial=run.partial)


class Writer:
    """A finisher (see `records/extension.py`): writes all reports that options ask for."""

    def __init__(
        self, gate: Gate | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self._gate = gate
        self._environment = os.environ if environment is None else environment

    def finish(self, run: Run) -> Iterable[Section]:
        """Show profiles, write the files, append to the CI step's summary where there is one.

        A run that measured nothing does not change existing files.
        """
        if run.settings.profile:
            from .overview import overview

            profiles = overview(run.records, shutil.get_terminal_size().columns)
            if profiles:
                yield Section("where cycles and bytes go", profiles)
        measured = any(record.outcome != "skipped" for record in run.records)
        written: list[Path] = []
        left: list[Path] = []
        for path, write in self._asked(run):
            if not measured and path.exists():
                left.append(path)
                continue
            try:
                written += write(path)
            except MlbenchError as error:
                yield Section("not written", str(error), failed=True)
        summary = self._environment.get("GITHUB_STEP_SUMMARY")
        if summary and run.records:
            append_text(Path(summary), self._text("markdown", run, _view(run)) + "\n")
        if written:
            beside = any(".stopped" in path.name for path in written)
            said = [run.partial, STOPPED if beside else "", *map(str, written)]
            yield Section("written", "\n".join(filter(None, said)))
        if left:
            yield Section("not changed", "\n".join([NOTHING, *map(str, left)]))

    def _asked(self, run: Run) -> Iterable[tuple[Path, Callable[[Path], list[Path]]]]:
        """Every file that options ask for, and the function that writes it. The JSON comes first,
        so that an error in a report cannot lose the results."""
        if run.settings.json is not None:
            yield run.settings.json, partial(self._json, run)
        for name in ("markdown", "csv", "html"):
            if path := run.settings.extra.get(name):
                yield path, partial(self._report, name, run)
        for name, path in run.settings.extra.get("export") or ():
            yield path, partial(exports.write, run.formats[name], run.records, partial=run.partial)

    def _json(self, run: Run, path: Path) -> list[Path]:
        to = place(path, run.partial, READ["json"])
        return [write_text(to, dumps(run.records, partial=run.partial))]

    def _report(self, name: str, run: Run, path: Path) -> list[Path]:
        to = place(path, run.partial, READ[name])
        return [write_text(to, self._text(name, run, _view(run)))]

    def _text(self, name: str, run: Run, view: ReportView) -> str:
        """The report, Markdown with the gate's comparison after the results."""
        made = text(name, run.records, view)
        if name != "markdown" or self._gate is None or self._gate.settings.mode == "off":
            return made
        from .comparison import comparison

        title = f"Compared with {self._gate.settings.path.name}"
        return f"{made}\n{comparison(self._gate.compared(run), title=title)}"
