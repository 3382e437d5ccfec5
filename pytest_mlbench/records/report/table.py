"""The terminal's table: records in, text out. It fits the given width unless columns were chosen.

Target, ISA and config are shown if they differ between rows. If the default columns are too wide,
those with the same value in every row move into a line above the table; then Run Cycles is dropped
(Total Cycles stays), then Total ROM (ROM code stays); then long names are cut.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tabulate

from pytest_mlbench.records.columns import (
    COLUMNS,
    VALID,
    Column,
    group,
    order,
    varying,
    with_validity,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pytest_mlbench.records.record import Record

DEFAULT = (
    *("model", "backend", "features", "optimize"),
    *(
        "total_cycles",
        "run_cycles",
        "run_millicycles_per_instruction",
        "run_microseconds",
        "run_nanojoules",
    ),
    *("rom_code", "rom_total", "ram_total", VALID),
)
"""Keys of the default columns. A column that no record has a value for is left out."""

_FOLDED = ("backend", "optimize", VALID, "features")
_DROPPED = ("run_cycles", "rom_total")
_CUT = ("model", "isa", "config", "features")
_LEAST = 8
_READABLE = 100
"""The width of sentences, however wide the table is."""


@dataclass(frozen=True)
class TableView:
    """How the table is arranged; the defaults are one group, by case.

    columns   chosen ones, empty for `DEFAULT`; if all are metrics, the case's parameters lead
    extra     further columns: heading -> case -> text (relative figures)
    quiet     reasons and notes that are shown elsewhere
    """

    columns: tuple[Column, ...] = ()
    group_by: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    extra: Mapping[str, Mapping[str, str]] | None = None
    quiet: frozenset[str] = frozenset()


def render(records: Sequence[Record], view: TableView | None = None, *, width: int = 80) -> str:
    """The table of `records`, with what failed or was skipped, and why, below it."""
    view = view or TableView()
    rows = [record for record in records if record.metrics]
    parts = []
    for label, members in group(order(rows, view.sort), view.group_by):
        block = _block(members, view, width)
        parts.append(f"{label}\n{block}" if label else block)
    rest = _others([record for record in records if record.reason not in view.quiet], width)
    notes = _notes(records, view.quiet)
    return "\n\n".join(part for part in (*parts, rest, notes) if part)


def _block(records: Sequence[Record], view: TableView, width: int) -> str:
    extra = view.extra or {}
    telling = varying(records)
    if view.columns:
        chosen = list(view.columns)
        if all(column.metric for column in chosen):
            chosen = [*(COLUMNS[key] for key in DEFAULT[:4]), *telling, *chosen]
        return _grid(records, with_validity(chosen, records), extra)
    columns = [
        COLUMNS[key] for key in DEFAULT if any(_filled(COLUMNS[key], row) for row in records)
    ]
    columns[4:4] = telling
    common: list[str] = []
    for key in _FOLDED:
        text = _grid(records, columns, extra)
        if _wide(text) <= width:
            break
        column = next((column for column in columns if column.key == key), None)
        values = {column.text(record) for record in records} if column else set()
        if column and len(values) == 1:
            columns.remove(column)
            common.append(f"{column.title} {values.pop()}")
    for key in _DROPPED:
        if _wide(_grid(records, columns, extra)) > width:
            columns = [column for column in columns if column.key != key]
    over = _wide(_grid(records, columns, extra)) - width
    limits: dict[str, int] = {}
    for key in _CUT:
        if over > 0 and any(column.key == key for column in columns):
            texts = {COLUMNS[key].text(record) for record in records}
            longest = max(map(len, texts))
            limits[key] = _least(texts, max(_LEAST, longest - over))
            over -= longest - min(limits[key], longest)
    text = _grid(records, columns, extra, limits)
    return "\n".join([*([", ".join(common)] if common else []), text, *_whole(records, limits)])


def _whole(records: Sequence[Record], limits: Mapping[str, int]) -> list[str]:
    """The full text of everything that is cut in the table."""
    texts = {COLUMNS[key].text(row): limit for key, limit in limits.items() for row in records}
    return [
        f"{short}: {text}"
        for text, limit in sorted(texts.items())
        if (short := _cut(text, limit)) != text
    ]


def _filled(column: Column, record: Record) -> bool:
    return column.text(record) not in {"-", ""}


def _grid(
    records: Sequence[Record],
    columns: Sequence[Column],
    extra: Mapping[str, Mapping[str, str]],
    limits: Mapping[str, int] | None = None,
) -> str:
    table = [
        [
            *(_cut(column.text(record), (limits or {}).get(column.key, 0)) for column in columns),
            *(cells.get(record.case, "-") for cells in extra.values()),
        ]
        for record in records
    ]
    titles = [column.title for column in columns]
    words = [title.rpartition(" ") for title in (*titles, *extra)]
    # The headings are rows: tabulate would pad real ones by two characters each.
    heads = [[first for first, _, _ in words], [last for _, _, last in words]]
    if not any(heads[0]):
        del heads[0]
    widths = [max(map(len, cells)) for cells in zip(*heads, *table, strict=True)]
    right = [bool(column.metric) or column.key == VALID for column in columns]
    return tabulate.tabulate(
        [*heads, ["-" * width for width in widths], *table],
        tablefmt="plain",
        disable_numparse=True,
        colalign=["right" if numeric else "left" for numeric in right] + ["right"] * len(extra),
    )


def _cut(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, its end kept: names differ there (`_twin`, `_v2`)."""
    if not limit or len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return f"{text[: limit - 1 - tail]}…{text[len(text) - tail :]}"


def _least(texts: set[str], limit: int) -> int:
    """The least length of at least `limit` at which the cut texts are still different."""
    while len({_cut(text, limit) for text in texts}) < len(texts):
        limit += 1
    return limit


def _wide(text: str) -> int:
    return max((len(line) for line in text.splitlines()), default=0)


def _others(records: Sequence[Record], width: int) -> str:
    """One paragraph for each reason why cases failed or were skipped, with all their names."""
    cases: dict[tuple[str, str], list[str]] = {}
    for record in sorted(records, key=lambda record: record.outcome):  # failed before skipped
        if record.outcome != "passed":
            reason = record.reason.removeprefix(f"{record.case}: ")
            cases.setdefault((record.outcome, reason), []).append(record.case)
    lines: list[str] = []
    for (outcome, reason), names in cases.items():
        text = f"{outcome.upper()} {', '.join(names)}" + (f": {reason}" if reason else "")
        lines += textwrap.wrap(
            text, min(width, _READABLE), subsequent_indent="    ", break_on_hyphens=False
        )
    return "\n".join(lines)


def _notes(records: Sequence[Record], quiet: frozenset[str]) -> str:
    """Each note once, in the order of the cases."""
    notes = dict.fromkeys(note for record in order(records) for note in record.notes)
    return "\n".join(f"* {note}" for note in notes if note not in quiet)
