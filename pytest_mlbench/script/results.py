"""What a study measured: records, a frame, relative figures, plots, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import Unavailable, UsageError, unknown
from pytest_mlbench.records import record
from pytest_mlbench.records.columns import (
    COLUMNS,
    find_column,
    find_columns,
    measured,
    option_text,
    order,
    parameter,
)
from pytest_mlbench.records.relative import (
    PARAMETERS,
    Reference,
    parse_reference,
    partners,
    phrase,
    unmatched,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    from matplotlib.figure import Figure

    from pytest_mlbench.records.columns import Column
    from pytest_mlbench.records.record import Record

_ALWAYS = ("model", "backend", "features", "optimize")


class Results:
    """Records, sorted by case, and views of them. Nothing is measured here.

    records    what `--mlbench-json` would hold
    notes      stand-in -> why the original model could not be had
    reference  the variant that others are compared with, or None
    partial    what is missing in the results of a stopped run; empty for those of a whole one
    """

    def __init__(
        self,
        records: Iterable[Record],
        *,
        notes: Mapping[str, str] | None = None,
        reference: Reference | None = None,
        partial: str = "",
    ) -> None:
        self.records = tuple(order(records))
        self.notes = dict(notes or {})
        self.reference = reference
        self.partial = partial

    @classmethod
    def load(cls, path: str | Path) -> Results:
        """The results in a JSON file or a baseline. Raises UsageError for anything else."""
        from pytest_mlbench.records.gate import load as results

        records = results.load(Path(path)).values()
        return cls(records, partial=results.partial(Path(path)))

    def save(self, path: str | Path) -> Path:
        """Write the records as `--mlbench-json` does."""
        from pytest_mlbench.records.files import write_text

        return write_text(Path(path), record.dumps(self.records, partial=self.partial))

    @property
    def failed(self) -> tuple[Record, ...]:
        """The cases that did not pass: failed or skipped, each with its reason."""
        return tuple(row for row in self.records if row.outcome != "passed")

    def published(self) -> str:
        """MLonMCU's published comparison of muRISCV-NN with CMSIS-NN beside what was measured here,
        as a table; empty unless all twelve cases of it passed."""
        from pytest_mlbench.records.report.published import comparison

        return comparison(self.records)

    def where(self, **params: object) -> Results:
        """The cases with these parameters: `results.where(model="aww", optimize="s")`."""
        wanted = self._reference(params).params
        rows = [
            row
            for row in self.records
            if all(parameter(row, key) == value for key, value in wanted.items())
        ]
        return self._with(rows, self.reference)

    def relative(self, to: Mapping[str, object] | str) -> Results:
        """The same results compared with a variant: `relative(to={"features": "_"})`.

        Each case is compared with the one that differs from it in these parameters only, so always
        of the same model. Raises UsageError if no measured case is of that variant.
        """
        reference = parse_reference(to, where="to") if isinstance(to, str) else self._reference(to)
        if why := unmatched(self.records, reference):
            raise UsageError(why, where="relative")
        return self._with(self.records, reference)

    def _with(self, records: Iterable[Record], reference: Reference | None) -> Results:
        return Results(records, notes=self.notes, reference=reference, partial=self.partial)

    def _reference(self, params: Mapping[str, object]) -> Reference:
        for key in params:
            if key not in PARAMETERS:
                raise unknown("parameter", key, PARAMETERS)
        return Reference({key: _reference_text(key, value) for key, value in params.items()})

    @property
    def df(self) -> pd.DataFrame:
        """A row per case, columns named as in the table, metrics as (nullable) integers.

        With a reference each metric is followed by its `ratio` (this case divided by the
        reference) and its `change` in words.
        """
        pandas = _pandas()
        against = partners(self.records, self.reference) if self.reference else {}
        frame = {}
        for column in self._columns():
            values = [column.value(row) for row in self.records]
            if column.metric is None:
                frame[column.title] = pandas.Series(values, dtype="object")
                continue
            frame[column.title] = pandas.Series(values, dtype="Int64")
            if self.reference:
                pairs = [_pair(row, against.get(row.case), column) for row in self.records]
                frame[f"{column.title} ratio"] = pandas.Series(
                    [now / was if was and now is not None else None for was, now in pairs],
                    dtype="Float64",
                )
                frame[f"{column.title} change"] = pandas.Series(
                    [phrase(column.metric, was, now) for was, now in pairs], dtype="object"
                )
        made: pd.DataFrame = pandas.DataFrame(frame)
        return made

    def _columns(self) -> list[Column]:
        """The parameters that tell cases apart, outcome and reason, and all measured metrics."""
        found = [
            COLUMNS[key]
            for key in PARAMETERS
            if key in _ALWAYS or len({parameter(row, key) for row in self.records}) > 1
        ]
        found += find_columns(("outcome", "samples"))
        if self.failed:
            found.append(COLUMNS["reason"])
        return [*found, *measured(self.records)]

    def plot(self, metric: str = "Total Cycles", *, title: str = "") -> Figure:
        """Bars of one metric: a group per model and level, a bar per variant.

        With a reference the bars are ratios to it. Returns a matplotlib figure; show or save it.
        """
        from .plots import bars

        column = find_column(metric)
        if column.metric is None:
            raise UsageError(f"{column.title} is not a metric", where="plot")
        _pandas()
        return bars(self.records, column, reference=self.reference, title=title)

    def markdown(self, *columns: str) -> str:
        """The results as Markdown, with these columns or those of written reports."""
        from pytest_mlbench.records.report import markdown, partial

        find_columns(columns)
        made = markdown.results(self.records, columns=columns, reference=self.reference)
        return partial.markdown(made, self.partial)

    def html(self, path: str | Path) -> Path:
        """Write the self-contained HTML report."""
        from pytest_mlbench.records.files import write_text
        from pytest_mlbench.records.report import html_report

        text = html_report.page(self.records, reference=self.reference, partial=self.partial)
        return write_text(Path(path), text)

    def __str__(self) -> str:
        from pytest_mlbench.records.relative import terminal_changes
        from pytest_mlbench.records.report.table import TableView, render

        extra = terminal_changes(self.records, self.reference, ()) if self.reference else None
        why = [f"* {name}: {reason}" for name, reason in sorted(self.notes.items())]
        table = render(self.records, TableView(extra=extra))
        return "\n".join([table, *why, *filter(None, [self.partial])])

    def __len__(self) -> int:
        return len(self.records)

    def _repr_html_(self) -> str:
        return str(self.df.to_html(index=False, na_rep="-"))


def _pair(row: Record, partner: Record | None, column: Column) -> tuple[int | None, int | None]:
    if partner is None:
        return None, None
    return partner.metrics.get(column.key), row.metrics.get(column.key)


def _reference_text(key: str, value: object) -> str:
    return option_text(key, value) if key == "features" else str(value)


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise Unavailable(
            "pandas is not installed", remedy="pip install 'pytest-mlbench[script]'"
        ) from error
    return pd
