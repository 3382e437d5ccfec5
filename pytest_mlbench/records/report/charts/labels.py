"""Short labels that distinguish the cases of one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.case import NO_FEATURES, WAITS
from pytest_mlbench.records.columns import parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.records.record import Record

NO_FEATURES_WORDS = "no features"
"""The text for the empty set of features on pages."""

_FIRST = ("backend", "features", "optimize")


def labels(records: Sequence[Record], *, level: bool = True) -> dict[str, str]:
    """Case -> its name without the model, without what all `records` share, and without the
    optimisation level unless `level`.

    Further parameters (target, ISA, settings) are added if two cases of a model would have the same
    label without them.
    """
    keys = _FIRST if level else _FIRST[:-1]
    shown = [key for key in keys if len({parameter(row, key) for row in records}) > 1]
    found = {row.case: [_word(row, key) for key in shown or ["features"]] for row in records}
    further = sorted({key for row in records for key in row.params} - {"model", *_FIRST})
    for key in further:
        values: dict[tuple[str, ...], set[str]] = {}
        called = {row.case: (model(row), *_level(row, level), *found[row.case]) for row in records}
        for row in records:
            values.setdefault(called[row.case], set()).add(parameter(row, key))
        for row in records:
            if len(values[called[row.case]]) > 1 and parameter(row, key):
                found[row.case] = [*found[row.case], _word(row, key)]
    return {case: " ".join(words) for case, words in found.items()}


def labels_by_machine(records: Sequence[Record]) -> dict[str, str]:
    """`labels` among the cases of the same machine, for places that name the machine anyway."""
    machines: dict[str, list[Record]] = {}
    for row in records:
        machines.setdefault(machine(row), []).append(row)
    return {case: label for rows in machines.values() for case, label in labels(rows).items()}


def variant(record: Record) -> str:
    """Backend, features and whatever else is in the case's name, except model and level."""
    words = [parameter(record, "backend"), parameter(record, "features")]
    for key in sorted(set(record.params) - {"model", *_FIRST}):
        value = parameter(record, key)
        # The default target does not stand in a case's name.
        where = record.case.split("-") if key == "target" else record.case
        if value and value in where:
            words.append(value)
    return " ".join(words)


def _level(record: Record, shown: bool) -> tuple[str, ...]:
    return () if shown else (parameter(record, "optimize"),)


def _word(record: Record, key: str) -> str:
    text = parameter(record, key)
    if key == "optimize":
        return f"O{text}"
    return NO_FEATURES_WORDS if key == "features" and text == NO_FEATURES else text


def model(record: Record) -> str:
    """The record's model."""
    return parameter(record, "model")


def by_model(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The records of each model, models by name, records in their order."""
    found: dict[str, list[Record]] = {}
    for row in records:
        found.setdefault(model(row), []).append(row)
    return {name: found[name] for name in sorted(found)}


def machine(record: Record) -> str:
    """The target, and its memory if that has wait states."""
    config = record.params.get("config", {})
    waits = [f"{key}={config[key]}" for key in WAITS if key in config]
    return " ".join((parameter(record, "target"), *waits))


def by_machine(records: Sequence[Record]) -> dict[str, list[Record]]:
    """The records of each model on each machine, because cycles of different machines cannot be
    compared. If there is only one machine, the key is the model's name alone.
    """
    several = len({machine(row) for row in records}) > 1
    found: dict[str, list[Record]] = {}
    for row in records:
        name = f"{model(row)} on {machine(row)}" if several else model(row)
        found.setdefault(name, []).append(row)
    return {name: found[name] for name in sorted(found)}


def passed(record: Record) -> bool:
    """Whether the record's numbers are valid: a case that failed is never the best."""
    return record.outcome == "passed"
