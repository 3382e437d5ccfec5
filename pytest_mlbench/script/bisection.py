"""`bisect METRIC`: git bisect in a work tree; each commit is judged by measuring it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import MlbenchError, UsageError, unknown
from pytest_mlbench.records.gate.compare import compare, incomparable
from pytest_mlbench.records.gate.sentences import causes
from pytest_mlbench.records.history import words
from pytest_mlbench.records.history.revisions import ask, commit_of, git, revision
from pytest_mlbench.records.metrics import METRICS

from .worktree import measure, work_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.records.record import Record

    from .worktree import WorkTree


_SKIPPED = "skip'ped commits"
"""What git prints if only commits are left that cannot be measured; it then exits with 2."""


@dataclass(frozen=True)
class Found:
    """The first bad commit, empty if it could not be found, and the text to print."""

    commit: str
    text: str


@dataclass
class Search:
    """A search for the first commit at which `metric` of a case is worse than at the good end."""

    metric: str
    arguments: tuple[str, ...]
    repository: Path = field(default_factory=Path)
    case: str = ""
    _known: dict[str, Mapping[str, Record]] = field(default_factory=dict)

    def run(self, good: str, bad: str) -> Found:
        """Measure both ends, then the commits that git bisect asks for.

        Raises UsageError when nothing got worse, or an end cannot be measured.
        """
        if METRICS[self.metric].better != "less":
            raise UsageError(f"{METRICS[self.metric].title} does not get worse by growing")
        first, last = commit_of(self.repository, good), commit_of(self.repository, bad)
        if git(self.repository, "merge-base", "--is-ancestor", first, last).returncode:
            raise UsageError(
                f"{good} is no ancestor of {bad}", remedy="Name a commit that came before"
            )
        with work_tree(self.repository, last) as tree:
            case, limit = self._worst(self._measured(tree, first), self._measured(tree, last))
            ask(tree.top, "bisect", "start", "--no-checkout", last, first)
            log = ask(tree.top, "bisect", "log")
            while True:
                commit = ask(tree.top, "rev-parse", "BISECT_HEAD")
                if self._settled(tree):
                    break
                done = git(tree.top, "bisect", *self._answer(tree, commit, case, limit))
                log = done.text
                if "first bad commit" in log or _SKIPPED in log:
                    break
                if done.returncode:
                    raise UsageError(done.error_text.strip() or log, where="git bisect")
            return self._report(tree, log, case, limit)

    def _settled(self, tree: WorkTree) -> bool:
        """Whether no commit is left between the good and the bad end."""
        bad = ask(tree.top, "rev-parse", "refs/bisect/bad")
        goods = ask(tree.top, "for-each-ref", "--format=^%(objectname)", "refs/bisect/good-*")
        between = ask(tree.top, "rev-list", bad, *goods.split())
        return between.split() == [bad]

    def _measured(self, tree: WorkTree, commit: str) -> Mapping[str, Record]:
        if commit not in self._known:
            found = tree.checkout(commit)
            self._known[commit] = measure(tree.folder, self.arguments, what=words.commit(found))
        return self._known[commit]

    def _worst(self, good: Mapping[str, Record], bad: Mapping[str, Record]) -> tuple[str, int]:
        """The case that got worse by the largest ratio, and its value at the good end."""
        growth: dict[str, float] = {}
        for case in sorted(good.keys() & bad.keys()):
            was, now = (self._value(records, case) for records in (good, bad))
            if was is not None and now is not None and not incomparable(good[case], bad[case]):
                growth[case] = (now - was) / max(was, 1)
        if self.case and self.case not in growth:
            raise unknown("case", self.case, growth, where="measured at both ends")
        title = METRICS[self.metric].title
        if not growth:
            raise UsageError(f"no case has a comparable {title} at both ends")
        case = self.case or max(growth, key=lambda name: growth[name])
        if growth[case] <= 0:
            raise UsageError(f"{title} of {case} did not get worse between the two")
        limit = self._value(good, case)
        assert limit is not None
        return case, limit

    def _value(self, records: Mapping[str, Record], case: str) -> int | None:
        record = records.get(case)
        if record is None or record.outcome != "passed":
            return None
        return record.metrics.get(self.metric)

    def _answer(self, tree: WorkTree, commit: str, case: str, limit: int) -> tuple[str, str]:
        """git bisect's answer for one commit, good, bad or skip; prints it, too."""
        try:
            value = self._value(self._measured(tree, commit), case)
        except MlbenchError as error:
            print(f"  cannot be measured: {error}")
            return "skip", commit
        if value is None:
            print(f"  {case} did not pass: skipped")
            return "skip", commit
        print(f"  {words.moved(self.metric, limit, value)}: {'bad' if value > limit else 'good'}")
        return ("bad" if value > limit else "good"), commit

    def _report(self, tree: WorkTree, log: str, case: str, limit: int) -> Found:
        if _SKIPPED in log:
            names = re.findall(r"^[0-9a-f]{40}$", log, re.MULTILINE)
            lines = [f"  {words.commit(revision(tree.top, name))}" for name in names]
            return Found("", "\n".join(["One of these; not all can be measured:", *lines]))
        commit = ask(tree.top, "rev-parse", "refs/bisect/bad")
        parents = ask(tree.top, "rev-list", "--parents", "-n", "1", commit).split()[1:]
        new = self._measured(tree, commit)[case]
        lines = [f"First bad commit: {words.commit(revision(tree.top, commit))}"]
        old = self._measured(tree, parents[0]).get(case) if parents else None
        was = old.metrics.get(self.metric, limit) if old else limit
        title = METRICS[self.metric].title
        lines.append(f"{case}: {title} {words.moved(self.metric, was, new.metrics[self.metric])}")
        if old is not None:
            lines += causes(compare(old, new))
        return Found(commit, "\n".join(lines))
