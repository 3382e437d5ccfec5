"""Comparing two records of one case, metric by metric. Pure: no files, no pytest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.records.metrics import METRICS, followed
from pytest_mlbench.settings import LOCAL

from .tolerance import NONE, Rules, Tolerance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_mlbench.records.record import Record


@dataclass(frozen=True)
class Change:
    """One metric of one case. `verdict`: worse, within (worse, but allowed), better, equal,
    changed (a fact of the model), unmeasured (only the old one has it), added (only the new)."""

    metric: str
    was: int | None
    now: int | None
    verdict: str
    tolerance: Tolerance = NONE


@dataclass(frozen=True)
class Difference:
    """Something that makes two records incomparable: `what` was `was`, is `now`."""

    what: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.what} was {self.was or 'not recorded'}, is {self.now or 'not recorded'}"


@dataclass(frozen=True)
class CaseComparison:
    """One case. `state`: regressed, improved, changed, equal, incomparable, new, missing, failed.

    `failed` is a case that ran and did not pass; `missing` one that should have run.
    """

    case: str
    state: str
    changes: tuple[Change, ...] = ()
    differences: tuple[Difference, ...] = ()
    reason: str = ""
    old: Record | None = field(default=None, compare=False)
    new: Record | None = field(default=None, compare=False)

    def having(self, *verdicts: str) -> tuple[Change, ...]:
        """The changes with one of `verdicts`."""
        return tuple(change for change in self.changes if change.verdict in verdicts)

    def causes(self, *verdicts: str) -> tuple[Change, ...]:
        """`having`, without changes that only follow from another one: one instruction more is one
        finding, not one for each metric that counts it."""
        found = self.having(*verdicts)
        steps = {change.metric: (change.now or 0) - (change.was or 0) for change in found}
        return tuple(
            change
            for change in found
            if not followed(change.metric) & set(steps)
            and not any(
                steps.get(part) == steps[change.metric] for part in _WITHIN.get(change.metric, ())
            )
        )


_WITHIN = {"ram_bss": ("arena_peak", "arena_declared")}
"""Metrics that are part of another one without being a summand of it."""

_RATIO = "run_millinstructions_per_mac"


def compare(old: Record, new: Record, rules: Rules | None = None) -> CaseComparison:
    """Compare `new` with `old`. A metric without a rule may not get worse at all."""
    if old.outcome != "passed" or new.outcome != "passed":
        record = new if new.outcome != "passed" else old
        age = "" if record is new else "in the older results "
        reason = f"{age}{record.outcome}: {record.reason}" if record.reason else record.outcome
        state = "missing" if new.outcome == "skipped" else "failed"
        return CaseComparison(new.case, state, reason=reason, old=old, new=new)
    differences = incomparable(old, new)
    if differences:
        return CaseComparison(new.case, "incomparable", (), differences, old=old, new=new)
    changes = {}
    for key in METRICS:
        change = _change(key, old, new, rules or Rules())
        if change is not None:
            changes[key] = change
    if rules and _RATIO in changes and _RATIO not in rules.metrics:
        # So many instructions more are another number of thousandths for every model.
        verdicts = {changes[key].verdict for key in followed(_RATIO) if key in changes}
        if changes[_RATIO].verdict == "worse" and verdicts and "worse" not in verdicts:
            changes[_RATIO] = replace(changes[_RATIO], verdict="within")
    found = tuple(changes.values())
    return CaseComparison(new.case, _state(found), found, old=old, new=new)


def _change(key: str, old: Record, new: Record, rules: Rules) -> Change | None:
    was, now = old.metrics.get(key), new.metrics.get(key)
    if was is None and now is None:
        return None
    tolerance = rules.of(key, old.metrics)
    if now is None:
        return Change(key, was, None, "unmeasured")
    if was is None:
        return Change(key, None, now, "added")
    if was == now:
        return Change(key, was, now, "equal", tolerance)
    better = METRICS[key].better
    if not better:
        return Change(key, was, now, "changed")
    growth = now - was if better == "less" else was - now
    if growth < 0:
        return Change(key, was, now, "better", tolerance)
    verdict = "worse" if growth > tolerance.allowed(was) else "within"
    return Change(key, was, now, verdict, tolerance)


def _state(changes: Iterable[Change]) -> str:
    verdicts = {change.verdict for change in changes}
    if "worse" in verdicts:
        return "regressed"
    if "better" in verdicts:
        return "improved"
    return "changed" if verdicts & {"within", "changed"} else "equal"


def incomparable(old: Record, new: Record) -> tuple[Difference, ...]:
    """Why the two cannot be compared: tools, model, library versions, ISA or parameters.

    Compile options are not among them: changing them changes the firmware, which is judged. Nor is
    a library given by path, which is the code under test, nor a library that only one of the two
    used: an operator that fell back to other kernels has to be judged, too.
    """
    pairs: list[tuple[str, Any, Any]] = [
        ("toolchain", old.provenance.get("toolchain"), new.provenance.get("toolchain")),
        ("model", old.provenance.get("model_sha256"), new.provenance.get("model_sha256")),
    ]
    pairs += [
        (_PARAMETER.get(key, key), old.params.get(key), new.params.get(key))
        for key in sorted({*old.params, *new.params})
    ]
    target = str(new.params.get("target", ""))
    if target in old.provenance and target in new.provenance:  # one may be built only, not run
        pairs.append(("simulator", old.provenance[target], new.provenance[target]))
    was, now = (dict(record.provenance.get("libraries", {})) for record in (old, new))
    pairs += [
        (f"library {name}", was[name], now[name])
        for name in sorted({*was} & {*now})
        if not identity(now[name]).startswith(LOCAL)
    ]
    return tuple(
        Difference(what, identity(before), identity(after))
        for what, before, after in pairs
        if identity(before) != identity(after)
    )


_PARAMETER = {"isa": "ISA"}


def identity(value: Any) -> str:
    """A version, a list or a table of them as one line of text."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{key} {identity(value[key])}" for key in sorted(value))
    if isinstance(value, (list, tuple)):
        return ",".join(identity(item) for item in value)
    return str(value)


def compare_all(
    old: Iterable[Record],
    new: Iterable[Record],
    rules: Rules | None = None,
    *,
    selected: Iterable[str] | None = None,
) -> list[CaseComparison]:
    """All cases, sorted by name.

    `selected` are the cases that should have run; other old cases are ignored. Without it, every
    old case should have run.
    """
    before = {record.case: record for record in old}
    after = {record.case: record for record in new}
    wanted = set(before) if selected is None else set(selected)
    found = []
    for case in sorted({*before, *after}):
        if case in before and case in after:
            found.append(compare(before[case], after[case], rules))
        elif case in after:
            found.append(_new(after[case]))
        elif case in wanted:
            found.append(CaseComparison(case, "missing", reason="did not run", old=before[case]))
    return found


def _new(record: Record) -> CaseComparison:
    if record.outcome == "passed":
        return CaseComparison(record.case, "new", new=record)
    state = "missing" if record.outcome == "skipped" else "failed"
    reason = f"{record.outcome}: {record.reason}" if record.reason else record.outcome
    return CaseComparison(record.case, state, reason=reason, new=record)
