"""Plots of results, by matplotlib's object interface: no global state, no window."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.records.columns import parameter
from pytest_mlbench.records.relative import partners
from pytest_mlbench.records.report.charts.labels import variant
from pytest_mlbench.records.report.charts.scale import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.records.relative import Reference


_SPREAD = 20
"""The axis is logarithmic if the greatest value is this many times the least or more."""


def bars(
    records: Sequence[Record], column: Column, *, reference: Reference | None, title: str = ""
) -> Figure:
    """Bars of one metric, a group per model and level, relative to `reference` if there is one.

    A case without the metric has no bar. Raises Unavailable without matplotlib.
    """
    figure_type = _figure()
    heights = _heights(records, column, reference)
    groups = list(dict.fromkeys(_group(row) for row in records if row.case in heights))
    series = list(dict.fromkeys(variant(row) for row in records if row.case in heights))
    wide = max(0.9 * len(groups), 0.35 * len(groups) * (len(series) + 1))
    figure: Figure = figure_type(figsize=(max(5.0, 1.2 + wide), 4.0))
    axes = figure.subplots()
    width = 0.8 / max(len(series), 1)
    for index, name in enumerate(series):
        rows = [row for row in records if row.case in heights and variant(row) == name]
        places = [
            groups.index(_group(row)) + (index - (len(series) - 1) / 2) * width for row in rows
        ]
        axes.bar(places, [heights[row.case] for row in rows], width, label=name)
    axes.set_xticks(range(len(groups)), groups)
    values = [value for value in heights.values() if value > 0]
    if values and max(values) >= _SPREAD * min(values):
        axes.set_yscale("log")
    if reference:
        axes.axhline(1, linewidth=0.8, color="0.4", linestyle="--")
        axes.set_ylabel(f"{column.title}, {reference} = 1")
    else:
        unit = column.metric.unit if column.metric else ""
        axes.set_ylabel(f"{column.title} [{unit}]")
        axes.yaxis.set_major_formatter(lambda value, _: short(value))
    axes.set_title(title or column.title)
    if len(series) > 1:
        axes.legend()
    figure.tight_layout()
    return figure


def _heights(
    records: Sequence[Record], column: Column, reference: Reference | None
) -> dict[str, float]:
    rows = [row for row in records if row.outcome == "passed" and column.key in row.metrics]
    if not reference:
        return {row.case: row.metrics[column.key] for row in rows}
    against = partners(records, reference)
    return {
        row.case: row.metrics[column.key] / against[row.case].metrics[column.key]
        for row in rows
        if row.case in against and against[row.case].metrics.get(column.key)
    }


def _group(row: Record) -> str:
    return f"{parameter(row, 'model')}\n-O{parameter(row, 'optimize')}"


def _figure() -> type[Figure]:
    """matplotlib's Figure, made to show as a picture in notebooks with any backend."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Unavailable(
            "matplotlib is not installed", remedy="pip install 'pytest-mlbench[script]'"
        ) from error

    class Shown(Figure):
        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            self.savefig(picture, format="png")
            return picture.getvalue()

    return Shown
