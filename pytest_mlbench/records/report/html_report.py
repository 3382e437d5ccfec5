"""One self-contained HTML file: no network, no external script, everything escaped."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import jinja2

from pytest_mlbench._version import __version__
from pytest_mlbench.records.columns import COLUMNS, measured, order, report_columns
from pytest_mlbench.records.gate.compare import identity
from pytest_mlbench.records.relative import partners

from .charts import bars, scatter
from .markdown import others, relative_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.relative import Reference

_COLOURS = 8
_SHAPES = {"3": "circle", "s": "square", "2": "triangle", "1": "diamond", "0": "cross"}


def page(
    records: Iterable[Record],
    *,
    columns: Sequence[str] = (),
    reference: Reference | None = None,
    title: str = "Benchmarks",
) -> str:
    """The file's text. The same records give the same bytes."""
    rows = order(records)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_mlbench.records.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["thousands"] = lambda number: f"{int(number):,}"
    return environment.get_template("report.html").render(
        _content(rows, columns, reference), title=title, version=__version__
    )


def _content(
    rows: Sequence[Record], columns: Sequence[str], reference: Reference | None
) -> dict[str, Any]:
    done = [row for row in rows if row.metrics]
    present = {column.key for column in measured(done)}
    chosen = [
        column
        for column in report_columns(done, columns)
        if column.metric is None or column.key in present
    ]
    further = [
        column
        for column in COLUMNS.values()
        if column.metric and column.key in present and column not in chosen
    ]
    charts = scatter.scatters(done)
    variants = sorted({point.variant for chart in charts for point in chart.points})
    levels = sorted({point.level for chart in charts for point in chart.points})
    rom_names, rom_stacks = bars.stacks(done, "rom")
    ram_names, ram_stacks = bars.stacks(done, "ram")
    components = list(dict.fromkeys([*rom_names, *ram_names]))
    colours = {name: at % _COLOURS + 1 for at, name in enumerate(components)}
    return {
        "columns": chosen,
        "further": further,
        "rows": _cells(done, chosen, reference),
        "all_rows": _cells(done, [COLUMNS["case"], *further], None),
        "reference": str(reference) if reference else "",
        "others": others(rows),
        "passed": sum(row.outcome == "passed" for row in rows),
        "total": len(rows),
        "samples": sum(int(row.validation.get("matched", 0)) for row in rows),
        "scatters": charts,
        "width": scatter.WIDTH,
        "height": scatter.HEIGHT,
        "colour": {name: index % _COLOURS + 1 for index, name in enumerate(variants)},
        "shape": {level: _SHAPES.get(level, "circle") for level in levels},
        "operators": [found for row in done if (found := bars.operators(row))],
        "memories": [
            (title, names, found, colours)
            for title, names, found in (
                ("ROM by component", rom_names, rom_stacks),
                ("RAM by component", ram_names, ram_stacks),
            )
            if found
        ],
        "symbols": [
            (row.case, bars.top_symbols(row), len(row.symbols)) for row in done if row.symbols
        ],
        "provenance": _provenance(rows),
        "notes": sorted({note for row in rows for note in row.notes}),
    }


def _cells(
    rows: Sequence[Record], columns: Sequence[Column], reference: Reference | None
) -> list[list[dict[str, Any]]]:
    against = partners(rows, reference) if reference else {}
    return [
        [
            {
                "text": column.text(row),
                "value": column.value(row),
                "number": column.metric is not None,
                "change": relative_text(row, column, against.get(row.case))
                if reference and column.metric
                else "",
            }
            for column in columns
        ]
        for row in rows
    ]


def _provenance(rows: Sequence[Record]) -> list[tuple[list[str], list[tuple[str, list[str]]]]]:
    """What the numbers rest on, cases with the same together: (cases, [(what, lines)])."""
    groups: dict[tuple[tuple[str, tuple[str, ...]], ...], list[str]] = defaultdict(list)
    for row in rows:
        facts = tuple(
            (key, tuple(_lines(row.provenance[key])))
            for key in sorted(row.provenance, key=lambda name: (name == "flags", name))
            if row.provenance[key] and key != "elf_sha256"
        )
        if facts:
            groups[facts].append(row.case)
    return [
        (cases, [(key, list(lines)) for key, lines in facts]) for facts, cases in groups.items()
    ]


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}: {_words(value[key])}" for key in sorted(value)]
    return [identity(value)]


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else identity(value)
