"""How much worse a metric may get: `METRIC=N` in its own unit or `METRIC=N%` of what it was.

The nearest rule wins: the case's mark, then the run's (the command line's over the ini file's),
then zero.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UserMistake
from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS, find

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_AMOUNT = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*(%?)", re.ASCII)


@dataclass(frozen=True)
class Tolerance:
    """An allowance for the worse: `amount` in the metric's unit, or in percent of the old value."""

    amount: Fraction = Fraction(0)
    relative: bool = False

    def allowed(self, was: int) -> Fraction:
        """How far from `was` the new value may lie."""
        return abs(was) * self.amount / 100 if self.relative else self.amount

    def __str__(self) -> str:
        return f"{_decimal(self.amount):,f}{' %' if self.relative else ''}"

    @property
    def spelled(self) -> str:
        """As it is written after `METRIC=`."""
        return f"{_decimal(self.amount):f}{'%' if self.relative else ''}"


def _decimal(amount: Fraction) -> Decimal:
    """Exact: amounts are read from decimal fractions."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


NONE = Tolerance()
"""Cycles and sizes are exact, so nothing is allowed unless somebody says so."""


def parse(text: str, *, where: str) -> tuple[str, Tolerance]:
    """`Run Cycles=2%` or `rom_total=64` -> the metric's key and its tolerance.

    Raises UserMistake for an unknown metric (with the nearest one) or an amount that is none.
    """
    name, equals, amount = text.partition("=")
    if not equals:
        raise UserMistake(
            f"{text!r} is not METRIC=N or METRIC=N%",
            where=where,
            remedy="For example run_cycles=2%",
        )
    metric = find(name.strip(), where=where)
    if not metric.better:
        raise UserMistake(
            f"{metric.title} is a fact of the model: it cannot get worse, so it has no tolerance",
            where=where,
        )
    return metric.key, parse_amount(amount, name=metric.key, where=where)


def parse_amount(amount: str | float, *, name: str, where: str) -> Tolerance:
    """`2%`, `0.5%`, `64`, or a number from a mark."""
    match = _AMOUNT.fullmatch(str(amount).strip().replace("_", ""))
    if match is None or isinstance(amount, bool):
        raise UserMistake(
            f"the tolerance of {name} is {str(amount)!r}, expected a number from 0, with or "
            "without %",
            where=where,
            remedy=f"For example {name}=64 or {name}=2%",
        )
    return Tolerance(Fraction(match[1]), bool(match[2]))


def parse_all(texts: Iterable[str], *, where: str) -> dict[str, Tolerance]:
    """Several `METRIC=N|N%`; of two for one metric the last counts."""
    return dict(parse(text, where=where) for text in texts if text.strip())


def parse_mark(value: object, *, where: str) -> dict[str, Tolerance]:
    """A mark's `tolerance`: a dictionary, one `METRIC=N|N%`, or a list of them."""
    if isinstance(value, str):
        return parse_all([value], where=where)
    if isinstance(value, dict):
        return parse_all([f"{name}={amount}" for name, amount in value.items()], where=where)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return parse_all(value, where=where)
    raise UserMistake(
        f"tolerance={value!r} is not a dictionary of metrics",
        where=where,
        remedy="For example tolerance={'run_cycles': '2%'}",
    )


def resolve(rules: Mapping[str, Tolerance], mark: Mapping[str, Tolerance]) -> dict[str, Tolerance]:
    """The rule for every metric that can get worse: the mark's, else the run's, else none."""
    return {
        key: mark.get(key, rules.get(key, NONE)) for key, metric in METRICS.items() if metric.better
    }


def allowance(metric: str, tolerance: Tolerance, was: int) -> str:
    """What a sentence says is allowed: `0`, `64`, or `2 % (147,116)`."""
    if not tolerance.relative or tolerance.amount == 0:
        return str(tolerance) if tolerance.amount else "0"
    return f"{tolerance} ({write(METRICS[metric], int(tolerance.allowed(was)))})"
