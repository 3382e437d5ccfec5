"""The symbols and the arena of every case as compact data: the page draws the chosen one.

Names are written once, and so is an arena's plan that several cases share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .memory import part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.records.record import Record

MOST = 40_000
"""Symbols on one page; if there are more, the smallest of each case are summed up."""

_LEAST = 12
_KINDS = ("tensor", "scratch", "persistent")


class _Numbers:
    """Texts by number, in the order of their first use."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.ram: set[int] = set()

    def of(self, text: str) -> int:
        return self.texts.setdefault(text, len(self.texts))


def details(records: Sequence[Record], labels: Mapping[str, str]) -> dict[str, Any]:
    """Plain data for JSON.

    cases    [case, label, model] of each record that has symbols or an arena
    symbols  per case a flat list: name, part, size, ...; names and parts are numbers of `names`
    ram      the parts that are RAM, the others are ROM
    arena    per case the number of its plan in `plans`, -1 for none
    plans    {steps, peak, order, rows: flat lists of name, kind, offset, size, first, last}
    """
    names = _Numbers()
    known = [row for row in records if row.symbols or row.arena]
    limit = max(_LEAST, MOST // max(1, len(known)))
    plans: dict[str, int] = {}
    made: list[dict[str, Any]] = []
    arenas = []
    for row in known:
        if not row.arena:
            arenas.append(-1)
            continue
        plan = _plan(row, names)
        key = repr(plan)
        if key not in plans:
            plans[key] = len(made)
            made.append(plan)
        arenas.append(plans[key])
    return {
        "cases": [[row.case, labels[row.case], str(row.params.get("model", ""))] for row in known],
        "symbols": [_symbols(row, names, limit) for row in known],
        "arena": arenas,
        "plans": made,
        "ram": sorted(names.ram),
        "names": list(names.texts),
    }


def _symbols(record: Record, names: _Numbers, limit: int) -> list[int]:
    ranked = sorted(record.symbols, key=lambda row: (-int(row["size"]), str(row["name"])))
    rest: dict[int, int] = {}
    flat: list[int] = []
    for number, row in enumerate(ranked):
        memory, name = part(str(row["component"]), str(row["section"]))
        of = names.of(name)
        if memory == "ram":
            names.ram.add(of)
        if number < limit:
            flat += names.of(str(row["name"])), of, int(row["size"])
        else:
            rest[of] = rest.get(of, 0) + int(row["size"])
    for of, size in rest.items():
        flat += names.of("(smaller symbols)"), of, size
    return flat


def _plan(record: Record, names: _Numbers) -> dict[str, Any]:
    rows: list[int] = []
    for row in record.arena:
        kind = _KINDS.index(row["kind"]) if row["kind"] in _KINDS else 0
        rows += [names.of(str(row["name"])), kind]
        rows += [int(row[key]) for key in ("offset", "size", "first", "last")]
    last = max(int(row["last"]) for row in record.arena)
    peak = max(int(row["offset"]) + int(row["size"]) for row in record.arena)
    steps = [f"{row['index']} {row['name']}" for row in record.operators]
    return {
        "peak": peak,
        "last": last,
        "rows": rows,
        "steps": [names.of(text) for text in steps],
        "order": list(record.order),
    }
