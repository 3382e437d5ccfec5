"""How much worse a metric may get: `METRIC=N` in its own unit or `METRIC=N%` of what it was.

`METRIC` may be a group (`cycles`, `rom`, `all`, ...) or a pattern (`run_*`); a rule for a single
metric takes precedence over both. The first rule of these counts: the case's mark, the command
line, the ini file, the rule of the metric that this one follows (`metrics.SOURCES`), zero.
`new=fail` and `improved=fail` are rules for cases instead of metrics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS, SOURCES, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(%?)", re.ASCII)


@dataclass(frozen=True)
class Tolerance:
    """How much worse a metric may get: `amount` in its unit, or in percent of the old value."""

    amount: Fraction = Fraction(0)
    relative: bool = False

    def allowed(self, was: int) -> Fraction:
        """How far from `was` the new value may lie."""
        return abs(was) * self.amount / 100 if self.relative else self.amount

    def __str__(self) -> str:
        return f"{_decimal(self.amount):,f}{' %' if self.relative else ''}"

    @property
    def as_written(self) -> str:
        """As it is written after `METRIC=`."""
        return f"{_decimal(self.amount):f}{'%' if self.relative else ''}"


def _decimal(amount: Fraction) -> Decimal:
    """Exact: amounts are read from decimal fractions."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


NONE = Tolerance()
"""The default: cycles and sizes are exact, so nothing is allowed."""

GROUPS = {
    "all": "*",
    "cycles": "*_cycles*",
    "instructions": "*instructions*",
    "rom": "rom_*",
    "ram": "ram_*",
}
"""Group -> the pattern of its metrics' keys."""

CASES = ("new", "improved")
"""Rules for whole cases: `fail`, or `pass`, the default."""


@dataclass(frozen=True)
class Rule:
    """One rule. With `single` it names a single metric, and takes precedence over groups and
    patterns."""

    metrics: tuple[str, ...]
    tolerance: Tolerance = NONE
    single: bool = True
    cases: tuple[tuple[str, bool], ...] = ()
    """'new' or 'improved' -> whether it fails the test; for a rule without metrics."""


@dataclass(frozen=True)
class Rules:
    """All rules: metric -> tolerance, and which cases fail although nothing got worse."""

    metrics: Mapping[str, Tolerance] = field(default_factory=dict)
    cases: Mapping[str, bool] = field(default_factory=dict)

    def fails(self, case: str) -> bool:
        """Does a case that is 'new' or 'improved' fail?"""
        return self.cases.get(case, False)

    def under(self, nearer: Rules) -> Rules:
        """These rules, overridden by those of `nearer`."""
        return Rules({**self.metrics, **nearer.metrics}, {**self.cases, **nearer.cases})

    def of(self, key: str, was: Mapping[str, int]) -> Tolerance:
        """The tolerance of metric `key`; `was` has the old values.

        A metric without a rule has the tolerance of the metrics it follows: a sum that of all its
        parts together, another measure of the same work the same.
        """
        sources = SOURCES.get(key, ())
        if key in self.metrics or not sources:
            return self.metrics.get(key, NONE)
        if len(sources) == 1:
            return self.of(sources[0], was)
        parts = (self.of(part, was).allowed(was[part]) for part in sources if part in was)
        return Tolerance(sum(parts, Fraction(0)))


def parse(text: str, *, where: str) -> Rule:
    """`Run Cycles=2%`, `rom=64`, `run_*=1%` or `new=fail`.

    Raises UsageError for an unknown metric (with the nearest one), a pattern that matches none,
    or an amount that is none.
    """
    name, equals, amount = (part.strip() for part in text.partition("="))
    if not equals:
        raise UsageError(
            f"{text!r} is not METRIC=N or METRIC=N%",
            where=where,
            remedy="For example run_cycles=2%",
        )
    if name in CASES:
        if amount not in {"fail", "pass"}:
            raise UsageError(f"{name}={amount}, expected {name}=fail or {name}=pass", where=where)
        return Rule((), cases=((name, amount == "fail"),))
    pattern = GROUPS.get(name.lower(), name if set(name) & set("*?[") else "")
    if pattern:
        keys = tuple(
            key for key, metric in METRICS.items() if metric.better and fnmatchcase(key, pattern)
        )
        if not keys:
            raise UsageError(f"no metric matches {name!r}", where=where)
        return Rule(keys, parse_amount(amount, name=name, where=where), single=False)
    metric = find(name, where=where)
    if not metric.better:
        raise UsageError(
            f"{metric.title} is a fact of the model: it cannot get worse, so it has no tolerance",
            where=where,
        )
    return Rule((metric.key,), parse_amount(amount, name=metric.key, where=where))


def parse_amount(amount: str | float, *, name: str, where: str) -> Tolerance:
    """`2%`, `0.5%`, `64`, or a number from a mark."""
    match = _AMOUNT.fullmatch(str(amount).strip().replace("_", ""))
    if match is None or isinstance(amount, bool):
        raise UsageError(
            f"the tolerance of {name} is {str(amount)!r}, expected a number from 0, with or "
            "without %",
            where=where,
            remedy=f"For example {name}=64 or {name}=2%",
        )
    return Tolerance(Fraction(match[1]), bool(match[2]))


def together(rules: Iterable[Rule]) -> Rules:
    """Combine rules: single metrics before groups and patterns, else the last one counts."""
    metrics: dict[str, Tolerance] = {}
    cases: dict[str, bool] = {}
    for rule in sorted(rules, key=lambda rule: rule.single):
        metrics |= dict.fromkeys(rule.metrics, rule.tolerance)
        cases |= dict(rule.cases)
    return Rules(metrics, cases)


def parse_all(texts: Iterable[str], *, where: str) -> Rules:
    """Several rules as they are written."""
    return together(parse(text, where=where) for text in texts if text.strip())


def allowance(metric: str, tolerance: Tolerance, was: int) -> str:
    """The tolerance in a sentence: `0`, `64`, or `2 % (147,116)`."""
    if not tolerance.relative or tolerance.amount == 0:
        return str(tolerance) if tolerance.amount else "0"
    return f"{tolerance} ({write(METRICS[metric], int(tolerance.allowed(was)))})"
