"""Where results meet the parts that act on them: judges, finishers, formats, and their options.

A *judge* looks at every record in the process that measured it and may fail the test (the gate).
A *finisher* gets all records once, on the controller, after the last test (baseline files,
Markdown, CSV, HTML). A *format* is how `--mlbench-export` writes records for another tool. They
come through the hooks `pytest_mlbench_judges`, `pytest_mlbench_finishers` and
`pytest_mlbench_formats` (see `hookspec`); the options are rows in `report/options.py` and
`gate/options.py`, and their values are in `Settings.extra` under the row's name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pytest_mlbench.settings import Settings

    from .record import Record


@dataclass(frozen=True)
class Verdict:
    """What a judge says of one measured record.

    failed     whether the passed test becomes a failed one; else the verdict is only shown
    sentence   metric, was, is, change, allowed, and the command that accepts it
    details    further lines for the failure's section: symbols and operators that grew
    letter     pytest's progress letter ('R'); empty for that of a passed test
    word       the word in the summary ('REGRESSED')
    key        the kind of verdict ('regressed', 'improved')
    """

    failed: bool
    sentence: str
    details: str = ""
    letter: str = "R"
    word: str = "REGRESSED"
    key: str = "regressed"


class Judge(Protocol):
    """Made once in every process. `state` is sent from the controller to the workers, which need
    not see the controller's files: plain dicts, lists, strings and numbers only."""

    def state(self) -> Mapping[str, Any]:
        """What a worker needs to make the same judge."""
        ...

    def judge(self, record: Record, tolerance: Mapping[str, str]) -> Verdict | None:
        """The verdict on a record with outcome 'passed'; None when there is nothing to say.

        `tolerance` is the test's own, from its mark: metric as written -> 'N' or 'N%'.
        """
        ...


@dataclass(frozen=True)
class Part:
    """How a file says that it holds only a part of a run.

    mark  the file's text and a sentence on how much it holds -> a text with that sentence
    read  a file's text -> its sentence, empty if it holds a whole run. Never raises
    """

    mark: Callable[[str, str], str]
    read: Callable[[str], str]


@dataclass(frozen=True)
class Format:
    """Another tool's format: how records become the text of its file.

    name   what `--mlbench-export NAME=PATH` and `mlbench export NAME` call it
    help   what it is for, in a few words
    files  records that passed, sorted by case -> file name -> text. The empty name is PATH itself;
           any other makes PATH a folder
    part   how its files say that the run was stopped before its end. Without it, the files of such
           a run have `.stopped` in their names
    """

    name: str
    help: str
    files: Callable[[Sequence[Record]], Mapping[str, str]]
    part: Part | None = None


@dataclass(frozen=True)
class Run:
    """The whole run, as finishers see it.

    records      in the order the cases were asked for, each case once
    verdicts     case -> the judges' verdicts
    settings     the options in force
    interrupted  whether the run was stopped early (-x, Ctrl-C, crash), so that cases are missing
    selected     how many cases were selected; 0 if that is not known
    formats      what `--mlbench-export` can write, by name
    """

    records: tuple[Record, ...]
    settings: Settings
    verdicts: Mapping[str, tuple[Verdict, ...]] = field(default_factory=dict)
    interrupted: bool = False
    selected: int = 0
    formats: Mapping[str, Format] = field(default_factory=dict)

    @property
    def partial(self) -> str:
        """How much of the run the records are, in words; empty if no selected case is missing."""
        if len(self.records) >= self.selected:
            return ""
        measured = f"{len(self.records)} of {self.selected} cases"
        return f"{measured}: the run was stopped before the others"


@dataclass(frozen=True)
class Section:
    """Text for the end of pytest's output. `failed` makes the run's exit status 1."""

    title: str
    text: str
    failed: bool = False


class Finisher(Protocol):
    """Writes files and reports on the run. An MlbenchError is shown, and the exit status is 1."""

    def finish(self, run: Run) -> Iterable[Section]:
        """Called once, on the controller, before the table is shown."""
        ...
