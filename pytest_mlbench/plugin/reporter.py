"""Collects the records on the controller; at the end writes the files and shows the table."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import MlbenchError

from .session import session_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.records.collect import Collection
    from pytest_mlbench.records.extension import Section, Verdict
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.settings import Settings

# What runs of projects without benchmarks do not need is imported where it is used.

NAME = "mlbench-reporter"
WIDTH = 80
_PIPE = 1000
_FILES = ("json", "markdown", "csv", "html", "export", "save")
_STOPPED = (
    pytest.ExitCode.INTERRUPTED,
    pytest.ExitCode.INTERNAL_ERROR,
    pytest.ExitCode.USAGE_ERROR,
)


class Reporter:
    """Runs on the controller only. It sees reports, never items or fixtures."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self._started: dict[str, dict[str, Any]] = {}
        self._verdicts: dict[str, tuple[Verdict, ...]] = {}
        self._stand_ins: dict[str, str] = {}
        self._unused: dict[str, None] = {}
        self._selected = 0
        self._not_fetched: dict[str, str] = {}
        self._records: tuple[Record, ...] = ()
        self._sections: list[Section] = []

    @functools.cached_property
    def _collection(self) -> Collection:
        from pytest_mlbench.records.collect import Collection

        return Collection()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the record off a report; a crashed worker's case becomes a failed record."""
        case = getattr(report, "mlbench_case", None)
        if case is not None:
            self._started[report.nodeid] = case
        data = getattr(report, "mlbench", None)
        if data is not None and str(report.outcome) != "rerun":
            self._add(data)
        elif str(report.when) == "???" and report.nodeid in self._started:
            from pytest_mlbench.records.record import Record

            reason = "the worker process crashed while it ran this case"
            known = self._started[report.nodeid]
            self._collection.add(Record(**known, outcome="failed", reason=reason))

    def _add(self, data: dict[str, Any]) -> None:
        from pytest_mlbench.records.extension import Verdict
        from pytest_mlbench.records.record import Record

        record = Record.from_dict(data["record"])
        self._collection.add(record, data["place"])
        self._stand_ins.update(data["stand_ins"])
        self._unused.update(dict.fromkeys(data["unused"]))
        self._selected = max(self._selected, data["selected"])
        self._not_fetched.update(data["unavailable"])
        if verdicts := data.get("verdicts"):
            self._verdicts[record.case] = tuple(Verdict(**verdict) for verdict in verdicts)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Let the finishers write their files, and set the exit status.

        A run without any record writes nothing, so that earlier results stay.
        """
        if "_collection" in self.__dict__:
            self._records = self._collection.records
        if not self._records:
            self._name_unwritten_files()
            return
        from pytest_mlbench.measure.registry import collect
        from pytest_mlbench.records.extension import Run

        for conflict in self._collection.conflicts.values():
            self._fail("conflicting measurements", conflict)
        if self._unused:
            self._fail("not used", "\n".join(self._unused))
        stopped = exitstatus in _STOPPED or bool(session.shouldstop) or bool(session.shouldfail)
        run = Run(
            self._records,
            self.settings,
            dict(sorted(self._verdicts.items())),
            interrupted=stopped,
            selected=self._selected,
            formats=collect(self.config.hook).formats,
        )
        finishers = self.config.hook.pytest_mlbench_finishers(
            settings=self.settings, judges=session_of(self.config).judges
        )
        for finisher in (finisher for answer in finishers for finisher in answer):
            with self._errors_in_section("mlbench"):
                # One by one: what was told before an error is told.
                for section in finisher.finish(run):
                    self._sections.append(section)
        harmless = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if session.exitstatus in harmless and any(part.failed for part in self._sections):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _name_unwritten_files(self) -> None:
        """Name the files that were asked for on the command line and are not written."""
        asked = [name for name in _FILES if self.settings.chosen(name)]
        if not asked:
            return
        from pytest_mlbench.records.extension import Section

        flags = ", ".join(f"--mlbench-{name}" for name in asked)
        text = f"No case was run, so nothing is written for {flags}."
        self._sections.append(Section("nothing measured", text))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table, then the finishers' sections."""
        if self._records:
            terminalreporter.section("mlbench")
            for line in self._table(bool(terminalreporter.isatty)).splitlines():
                terminalreporter.write_line(line)
        for part in self._sections:
            terminalreporter.section(f"mlbench: {part.title}", red=part.failed)
            for line in part.text.splitlines():
                terminalreporter.write_line(line, red=part.failed)

    def _table(self, terminal: bool) -> str:
        """The table as wide as the terminal; files and pipes get every column and whole names."""
        import textwrap

        from pytest_mlbench.records.columns import find_columns
        from pytest_mlbench.records.relative import terminal_changes, unmatched
        from pytest_mlbench.records.report.absent import left_out, paragraph, quiet
        from pytest_mlbench.records.report.table import TableView, render

        columns, extra = find_columns(self.settings.columns), self.settings.extra
        reference = extra.get("reference")
        view = TableView(
            columns=columns,
            group_by=extra.get("group-by") or (),
            sort=extra.get("sort") or (),
            extra=terminal_changes(self._records, reference, columns) if reference else None,
            quiet=quiet(self._records, self._not_fetched, self._stand_ins),
        )
        width = max(WIDTH, self.config.get_terminal_writer().fullwidth) if terminal else _PIPE
        text = render(self._records, view, width=width)
        if reference and (unrelated := unmatched(self._records, reference)):
            text += f"\n* {unrelated}"
        skipped = left_out(self._records, self._not_fetched)
        why = paragraph(skipped, self._not_fetched, self._stand_ins)
        wrapped = textwrap.wrap(why, WIDTH, break_on_hyphens=False, break_long_words=False)
        return "\n\n".join(filter(None, (text, "\n".join(wrapped))))

    def _fail(self, title: str, text: str) -> None:
        from pytest_mlbench.records.extension import Section

        self._sections.append(Section(title, text, failed=True))

    @contextlib.contextmanager
    def _errors_in_section(self, title: str) -> Iterator[None]:
        try:
            yield
        except MlbenchError as error:
            self._fail(title, str(error))
