"""The gate's texts: a sentence for each finding, then where the change comes from. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import write
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import percent

from . import attribute
from .tolerance import allowance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .attribute import Shift
    from .compare import CaseComparison, Change

_FIRST = (
    *("run_cycles", "total_cycles", "setup_cycles"),
    *("rom_total", "rom_code", "rom_rodata", "ram_total", "arena_peak", "ram_bss", "stack_peak"),
)
"""If several metrics changed, the sentence is about the first of these."""


def moved(change: Change) -> str:
    """`Run Cycles was 100, is 101: +1 (+1.0 %)`."""
    metric = METRICS[change.metric]
    was, now = change.was or 0, change.now or 0
    step = f"{'+' if now > was else ''}{write(metric, now - was)}"
    return (
        f"{metric.title} was {write(metric, was)}, is {write(metric, now)}: "
        f"{step} ({percent(was, now)})"
    )


def headline(changes: Iterable[Change]) -> tuple[Change, int]:
    """The change that the sentence is about, and how many others there are."""
    ranked = sorted(
        changes,
        key=lambda change: _FIRST.index(change.metric) if change.metric in _FIRST else len(_FIRST),
    )
    return ranked[0], len(ranked) - 1


def sentence(comparison: CaseComparison, accept: str = "") -> str:
    """The finding about one case; `accept` is the command that accepts it into the baseline."""
    accepted = f"; accept it with: {accept}" if accept else ""
    if comparison.state == "regressed":
        change, others = headline(comparison.causes("worse"))
        allowed = allowance(change.metric, change.tolerance, change.was or 0)
        more = f"; {_count(others, 'more metric')} got worse" if others else ""
        return f"{moved(change)}, allowed {allowed}{more}{accepted}"
    if comparison.state == "improved":
        change, others = headline(comparison.causes("better"))
        more = f"; {_count(others, 'more metric')} got better" if others else ""
        return f"{moved(change)}{more}{accepted}"
    if comparison.state == "changed":
        change, others = headline(comparison.causes("within", "changed"))
        if change.verdict == "changed":
            return f"{moved(change)}{accepted}"
        if comparison.reason:
            return f"{moved(change)}, {comparison.reason}{accepted}"
        allowed = allowance(change.metric, change.tolerance, change.was or 0)
        return f"{moved(change)}, within the {allowed} allowed{accepted}"
    if comparison.state == "incomparable":
        return f"not comparable: {'; '.join(map(str, comparison.differences))}{accepted}"
    if comparison.state == "new":
        return f"not in the baseline yet{accepted}"
    if comparison.state in {"missing", "failed"}:
        return f"in the baseline, but {comparison.reason}" if comparison.old else comparison.reason
    return "equal"


def details(comparison: CaseComparison) -> str:
    """What changed in a case, then the symbols, components, operators and flags behind it."""
    lines = []
    for verdict, heading in (
        ("worse", "Worse"),
        ("within", "Worse, but allowed"),
        ("better", "Better"),
        ("changed", "Changed"),
    ):
        lines += _block(heading, [moved(change) for change in comparison.causes(verdict)])
    return "\n".join([*lines, *causes(comparison)])


def causes(comparison: CaseComparison) -> list[str]:
    """Where the bytes and cycles went: what grew most, or, if nothing grew, what shrank most."""
    old, new = comparison.old, comparison.new
    if old is None or new is None or comparison.state in {"equal", "incomparable"}:
        return []
    lines: list[str] = []
    for heading, shifts in (
        ("Symbols", attribute.symbols(old, new)),
        ("Stack frames", attribute.frames(old, new)),
        ("Components", attribute.components(old, new)),
        ("Operators", attribute.operators(old, new)),
    ):
        lines += _block(*_most(heading, shifts))
    lines += _block("Compiled or run differently", map(shift_text, attribute.flags(old, new)))
    cycles = [change for change in comparison.having("worse") if "cycles" in change.metric]
    if cycles and not (attribute.profiled(old) and attribute.profiled(new)):
        lines.append(
            "Which operator takes longer is known when both the baseline and this run are made "
            "with --mlbench-profile."
        )
    return lines


def _most(heading: str, shifts: list[Shift], limit: int = 5) -> tuple[str, list[str]]:
    grew = attribute.grown(shifts, len(shifts))
    shrank = [shift for shift in reversed(shifts) if shift.change < 0]
    verb, chosen = ("that grew most", grew) if grew else ("that shrank most", shrank)
    lines = [shift_text(shift) for shift in chosen[:limit]]
    if len(chosen) > limit:
        lines.append(f"... and {len(chosen) - limit} more")
    return f"{heading} {verb}", lines


def shift_text(shift: Shift) -> str:
    """`+12 bytes  kernels .text conv2d: 812 -> 824`, or the two texts."""
    if isinstance(shift.was, str) or isinstance(shift.now, str):
        return f"{shift.name}: {_text(shift.was)} -> {_text(shift.now)}"
    was = "new" if shift.was is None else f"{shift.was:,}"
    now = "gone" if shift.now is None else f"{shift.now:,}"
    return f"{shift.change:+,} {shift.unit}  {shift.name}: {was} -> {now}"


def _text(value: object) -> str:
    return "none" if value is None else str(value)


def _block(heading: str, lines: Iterable[str]) -> list[str]:
    rows = [f"  {line}" for line in lines]
    return [f"{heading}:", *rows] if rows else []


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
