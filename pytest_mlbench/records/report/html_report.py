"""One self-contained HTML file: no network, no external script, everything escaped."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import jinja2

from pytest_mlbench._version import __version__
from pytest_mlbench.records.columns import order
from pytest_mlbench.records.gate.compare import identity
from pytest_mlbench.records.relative import partners

from .charts import roofline, scatter
from .charts.best import best
from .charts.detail import details
from .charts.labels import labels, labels_by_machine, passed
from .charts.matrix import matrices
from .charts.memory import memories
from .clock import microjoules, milliseconds
from .markdown import others
from .profile import operator_sum
from .results_table import run_cycles, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.relative import Reference

    from .charts.memory import Memories

_COLOURS = 8
_SHAPES = {"3": "circle", "s": "square", "2": "triangle", "1": "diamond", "0": "cross"}


def page(
    records: Iterable[Record],
    *,
    columns: Sequence[str] = (),
    reference: Reference | None = None,
    title: str = "Benchmarks",
    clock: int = 0,
    partial: str = "",
) -> str:
    """The file's text. The same records give the same bytes; `clock` in Hz adds times in ms,
    `partial` says what is missing of a run that was stopped."""
    rows = order(records)
    content = _content(rows, columns, reference, clock)
    return (
        environment()
        .get_template("report.html")
        .render(content, title=title, version=__version__, clock=clock, partial=partial)
    )


@functools.cache
def environment() -> jinja2.Environment:
    """The templates' environment, everything escaped. One for all pages: it keeps what it compiled
    of the templates."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("pytest_mlbench.records.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters["thousands"] = lambda number: f"{int(number):,}"
    made.filters["milliseconds"] = milliseconds
    made.filters["microjoules"] = microjoules
    made.filters["script"] = script_data
    return made


def script_data(value: Any) -> str:
    """`value` as JSON that is safe inside <script>."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _content(
    rows: Sequence[Record], columns: Sequence[str], reference: Reference | None, clock: int
) -> dict[str, Any]:
    done = [row for row in rows if row.metrics]
    numbers = {row.case: number for number, row in enumerate(rows)}
    names, winners = labels(done), labels_by_machine(done)
    against = partners([row for row in done if passed(row)], reference) if reference else {}
    first = best(done, against)
    charts = scatter.scatters(done)
    roofs = roofline.rooflines(done)
    drawn = [(point.variant, point.level) for chart in charts for point in chart.points]
    drawn += [(each.work.variant, each.work.level) for chart in roofs for each in chart.points]
    variants = sorted({variant for variant, _ in drawn})
    levels = sorted({level for _, level in drawn})
    rom, ram = memories(done, "rom"), memories(done, "ram")
    made = table(
        done, columns=columns, against=against, best=first, labels=winners, numbers=numbers,
        clock=clock,
    )  # fmt: skip
    return {
        "table": made,
        "best": first,
        "number": numbers,
        "label": names,
        "winner": winners,
        "cycles": {row.case: run_cycles(row) for row in done},
        "reference": str(reference) if reference else "",
        "others": others(rows),
        "passed": sum(passed(row) for row in rows),
        "total": len(rows),
        "samples": sum(int(row.validation.get("matched", 0)) for row in rows if passed(row)),
        "scatters": charts,
        "width": scatter.WIDTH,
        "height": scatter.HEIGHT,
        "rooflines": roofs,
        "roof_size": (roofline.WIDTH, roofline.HEIGHT),
        "energy": {row.case: row.metrics.get("run_nanojoules") for row in done},
        "colour": {name: index % _COLOURS + 1 for index, name in enumerate(variants)},
        "shape": {level: _SHAPES.get(level, "circle") for level in levels},
        "matrices": matrices(done),
        "total_of": {row.case: found for row in done if (found := operator_sum(row))},
        "memories": [("ROM", rom), ("RAM", ram)],
        "part_colour": {"ROM": _part_colours(rom), "RAM": _part_colours(ram)},
        "detail": details([row for row in done if passed(row)], names),
        "provenance": _provenance(rows),
        "notes": sorted({note for row in rows for note in row.notes}),
    }


def _part_colours(found: Iterable[Memories]) -> Mapping[str, int]:
    """Part -> colour, the same in all charts; the biggest parts get different ones."""
    names = dict.fromkeys(part for each in found for part in each.parts)
    return {name: at % _COLOURS + 1 for at, name in enumerate(names)}


def _provenance(rows: Sequence[Record]) -> list[tuple[list[str], list[tuple[str, list[str]]]]]:
    """Provenance as [(cases, [(key, lines)])]: first what all cases share (with no cases), then the
    differences, equal cases together."""
    facts = {row.case: dict.fromkeys(_facts(row)) for row in rows if row.provenance}
    if not facts:
        return []
    first = next(iter(facts.values()))
    common = [fact for fact in first if all(fact in found for found in facts.values())]
    groups: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for case, found in facts.items():
        groups[tuple(fact for fact in found if fact not in common)].append(case)
    made = [(cases, _by_key(rest)) for rest, cases in groups.items() if rest]
    return [([], _by_key(common)), *made] if common else made


def _facts(row: Record) -> Iterator[tuple[str, str]]:
    for key in sorted(row.provenance, key=lambda name: (name == "flags", name)):
        if row.provenance[key] and key != "elf_sha256":
            for line in _lines(row.provenance[key]):
                yield key, line


def _by_key(facts: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for key, line in facts:
        found.setdefault(key, []).append(line)
    return list(found.items())


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{key}: {_words(value[key])}" for key in sorted(value)]
    return [identity(value)]


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else identity(value)
