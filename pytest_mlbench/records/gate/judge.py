"""The gate in pytest: judges each record where it was measured, then reports on the run.

The controller reads the baseline and sends its text to the workers, which may be other machines.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.extension import Section, Verdict
from pytest_mlbench.records.lock import locked
from pytest_mlbench.records.record import dumps as record_text
from pytest_mlbench.records.record import loads as read_records

from . import baseline, sentences
from .compare import CaseComparison, compare, compare_all
from .summary import summary
from .tolerance import Rules, parse_all, together

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pytest_mlbench.records.extension import Run
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.settings import Settings


_NEED_BASELINE = {
    "save": "file to save to",
    "tolerance": "baseline to compare with",
    "gate": "baseline to compare with",
}


@dataclass(frozen=True)
class GateSettings:
    """The gate's options. `path` is only read and written on the controller."""

    path: Path
    save: bool
    mode: str
    rules: Rules
    strict: bool

    @classmethod
    def of(cls, settings: Settings) -> GateSettings | None:
        """The gate's part of all settings, None without a baseline.

        Raises UsageError for options that need one.
        """
        path = settings.extra.get("baseline")
        save = bool(settings.extra.get("save"))
        if path is None:
            for name, what in _NEED_BASELINE.items():
                if settings.chosen(name) or (name == "save" and save):
                    raise UsageError(
                        f"there is no {what}",
                        where=f"--mlbench-{name}",
                        remedy="Name it with --mlbench-baseline FILE",
                    )
            return None
        return cls(
            path=path,
            save=save,
            mode=settings.extra.get("gate") or "fail",
            rules=together(settings.extra.get("tolerance") or ()),
            strict=settings.strict,
        )


@dataclass(frozen=True)
class Gate:
    """A judge and a finisher (see `pytest_mlbench.records.extension`)."""

    settings: GateSettings
    command: str
    """The command that accepts a change."""
    records: Mapping[str, Record] = field(default_factory=dict)
    """The baseline as it was at the start, by case."""
    missing: bool = False
    """Whether there is no baseline yet."""

    def state(self) -> Mapping[str, Any]:
        """The records (as JSON, which reads faster than YAML) and the command: all that a worker
        cannot know by itself."""
        return {
            "records": record_text(self.records.values()),
            "command": self.command,
            "missing": self.missing,
        }

    def judge(self, record: Record, tolerance: Mapping[str, str]) -> Verdict | None:
        """The verdict on one passed record; None when it equals its baseline or is not judged."""
        if self.settings.mode == "off" or record.outcome != "passed":
            return None
        mark = parse_all(
            [f"{name}={amount}" for name, amount in tolerance.items()], where="mark mlbench"
        )
        rules = self.settings.rules.under(mark)
        before = self.records.get(record.case)
        if before is not None:
            return self._verdict(compare(before, record, rules), rules)
        if not rules.fails("new") or self.settings.mode != "fail" or self.settings.save:
            return None
        text = f"not in the baseline yet, and new=fail; accept it with: {self.command}"
        return Verdict(True, text, "", "N", "NEW", "new")

    def _verdict(self, found: CaseComparison, rules: Rules) -> Verdict | None:
        """The verdict on a compared case. While saving nothing fails, since everything is
        accepted."""
        save = self.settings.save
        fails = self.settings.mode == "fail" and not save
        text = sentences.sentence(found, "" if save else self.command)
        if found.state == "regressed":
            details = sentences.details(found)
            if fails:
                return Verdict(True, text, details)
            letter, word = ("", "") if save else ("r", "regressed")
            return Verdict(False, text, details, letter, word)
        if found.state == "incomparable":
            letter, word = ("", "") if save else ("N", "NOT COMPARABLE")
            return Verdict(fails and self.settings.strict, text, "", letter, word, "not comparable")
        if found.state == "improved" and fails and rules.fails("improved"):
            text = f"{text} (improved=fail)"
            return Verdict(True, text, sentences.details(found), "I", "IMPROVED", "improved")
        if found.state in {"improved", "changed"}:
            return Verdict(False, text, sentences.details(found), "", "", found.state)
        return None

    def compared(self, run: Run) -> list[CaseComparison]:
        """All cases of the run compared with the baseline at its start, as the tests were
        judged."""
        found = compare_all(
            self.records.values(),
            run.records,
            self.settings.rules,
            selected=[record.case for record in run.records],
        )
        return [self._as_judged(comparison, run) for comparison in found]

    def finish(self, run: Run) -> Iterable[Section]:
        """Report what changed, then write the baseline if asked to."""
        if self.missing and not self.settings.save and self.settings.mode != "off":
            text = (
                f"There is no {self.settings.path} yet, so nothing was compared. "
                f"Save this run as the baseline with: {self.command}"
            )
            yield Section("no baseline", text, failed=self.settings.strict)
        elif self.settings.mode != "off":
            untouched = sorted(set(self.records) - {record.case for record in run.records})
            text = summary(
                self.compared(run), untouched, command="" if self.settings.save else self.command
            )
            yield Section(f"compared with {self.settings.path.name}", text)
        if self.settings.save:
            text = save(self.settings.path, run.records)[0]
            yield Section("baseline", f"{text}\n{run.partial}".rstrip())

    def _as_judged(self, found: CaseComparison, run: Run) -> CaseComparison:
        """The comparison as the test was judged: its mark may allow more than the run's rules."""
        keys = {verdict.key for verdict in run.verdicts.get(found.case, ())}
        if found.state == "regressed" and "regressed" not in keys and self.settings.mode != "off":
            changes = tuple(
                replace(change, verdict="within") if change.verdict == "worse" else change
                for change in found.changes
            )
            state = "improved" if "improved" in keys else "changed"
            return replace(found, state=state, changes=changes, reason="allowed by the test's mark")
        return found


def save(path: Path, records: Iterable[Record]) -> tuple[str, int]:
    """Accept `records` into the baseline at `path`. Returns a text on what was done, and how many
    cases were accepted."""
    with locked(path):
        # Read again: another run may have saved its own cases since this one began.
        merged = baseline.merge(_known(path, saving=True), records)
        if not merged.records:
            return f"{path}: not written, because no case passed", 0
        written = baseline.write(path, merged.records.values())
    taken = len(merged.replaced) + len(merged.added)
    return saved(str(path), merged, written, total=len(merged.records)), taken


def saved(path: str, merged: baseline.Merged, written: bool, *, total: int) -> str:
    """What `--mlbench-save` did, in a line or two."""
    taken = len(merged.replaced) + len(merged.added)
    untouched = total - taken - sum(case in merged.records for case, _ in merged.kept)
    lines = [
        f"{path}: {len(merged.added)} added, {len(merged.replaced)} measured again, "
        f"{untouched} not in this run and left alone"
        + ("" if written else "; nothing had changed, the file was not touched")
    ]
    lines += [f"  not taken: {case}: {reason}" for case, reason in merged.kept]
    return "\n".join(lines)


def make(
    settings: Settings, state: Mapping[str, Any] | None, arguments: Sequence[str] = ()
) -> Gate | None:
    """The gate of this process: from the file on the controller, from `state` in a worker.

    `arguments` are pytest's, for the command that accepts a change. A missing baseline is no error:
    the run says how to save one. Raises UsageError for a damaged one.
    """
    chosen = GateSettings.of(settings)
    if chosen is None:
        return None
    if state is not None:
        rows = read_records(str(state["records"]), where=str(chosen.path))
        known = {row.case: row for row in rows}
        return Gate(chosen, str(state["command"]), known, missing=bool(state["missing"]))
    records = _known(chosen.path, saving=chosen.save)
    command = accept_command(arguments, chosen.path)
    return Gate(chosen, command, records, missing=not chosen.path.exists())


def _known(path: Path, *, saving: bool) -> Mapping[str, Record]:
    """The records of the baseline; none if there is no baseline yet.

    Raises UsageError if an empty baseline is to be compared with: everything would pass.
    """
    if not path.exists() or (saving and not baseline.read(path).strip()):
        return {}
    records = baseline.loads(baseline.read(path), where=str(path))
    if not records and not saving:
        raise UsageError(
            "the baseline holds no case, so that everything would pass",
            where=str(path),
            remedy="Take the file back from git, or write it with --mlbench-save",
        )
    return records


def accept_command(arguments: Sequence[str], path: Path) -> str:
    """The command that runs the same again and saves what it measures. `arguments` are those of
    pytest, or of `mlbench run` with `run` first."""
    program = ["mlbench"] if arguments[:1] == ["run"] else ["pytest"]
    at = arguments.index("--") if "--" in arguments else len(arguments)
    given, rest = [*arguments[:at]], arguments[at:]
    if not any(word.startswith(("--mlbench-baseline", "--baseline")) for word in given):
        given.append(f"--mlbench-baseline={path}")
    return shlex.join([*program, *given, "--mlbench-save", *rest])
