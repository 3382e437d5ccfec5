"""A comparison as Markdown, for a pull request's comment or a CI summary. Pure text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.records.columns import write
from pytest_mlbench.records.gate.sentences import details, sentence
from pytest_mlbench.records.gate.summary import STATES, counts
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.relative import percent

from .markdown import code, escape, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.records.gate.compare import CaseComparison

_MARKS = {"worse": "worse", "within": "worse, allowed", "better": "better", "changed": "changed"}


def comparison(found: Sequence[CaseComparison], *, title: str = "Comparison") -> str:
    """Counts, a table of every changed metric, what cannot be compared, and the causes folded."""
    lines = [f"## {escape(title)}", "", f"{counts(found)}.", ""]
    rows = [
        [
            row.case,
            METRICS[change.metric].title,
            write(METRICS[change.metric], change.was),
            write(METRICS[change.metric], change.now),
            percent(change.was or 0, change.now or 0),
            _MARKS[change.verdict],
        ]
        for state in STATES
        for row in found
        if row.state == state
        for change in row.causes(*_MARKS)
    ]
    if rows:
        heading = ["Case", "Metric", "Was", "Is", "Change", "Verdict"]
        lines += [table(heading, rows, right=(2, 3, 4)), ""]
    others = [row for row in found if row.state in {"failed", "missing", "incomparable", "new"}]
    lines += [f"- {code(row.case)}: {escape(sentence(row))}" for row in others]
    if others:
        lines.append("")
    for row in found:
        if row.state in {"regressed", "improved"} and (text := details(row)):
            lines += [f"<details><summary>{escape(row.case)}: causes</summary>", ""]
            lines += ["```text", text.replace("```", "'''"), "```", "", "</details>", ""]
    return "\n".join(lines).rstrip() + "\n"
