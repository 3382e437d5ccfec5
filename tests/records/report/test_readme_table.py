"""The README's tables fit 80 columns, and are what the terminal's table looks like."""

from __future__ import annotations

import re
from pathlib import Path

import synthetic

from pytest_mlbench.records.report.table import render

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^(?P<model>\w+) +(?P<features>[\w,]+) +(?P<level>[0-3s]) +(?P<total>[\d,]+) +(?P<run>[\d,]+)"
    r" +(?P<code>[\d,]+) +(?P<rom>[\d,]+) +(?P<ram>[\d,]+) +10/10$"
)


def test_the_table_of_the_readme_is_the_terminals() -> None:
    """Its rows as records, rendered for 80 columns, are the same text again."""
    blocks = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    block = next(text for text in blocks if any(map(ROW.match, text.splitlines())))
    rows = [found.groupdict() for line in block.splitlines() if (found := ROW.match(line))]
    records = [
        synthetic.record(
            row["model"],
            () if row["features"] == "_" else tuple(row["features"].split(",")),
            row["level"],
            metrics={
                key: int(row[name].replace(",", ""))
                for key, name in (
                    ("total_cycles", "total"), ("run_cycles", "run"), ("rom_code", "code"),
                    ("rom_total", "rom"), ("ram_total", "ram"),
                )
            },
        )
        for row in rows
    ]  # fmt: skip
    assert len(records) > 10
    table = render(records, width=80)
    assert max(map(len, table.splitlines())) <= 80
    assert table in block


def test_what_the_readme_shows_fits_80_columns() -> None:
    blocks = re.findall(r"```(?:text|console)\n(.*?)```", README, re.DOTALL)
    shown = [line for block in blocks for line in block.splitlines() if not line.startswith("$ ")]
    assert len(shown) > 20
    assert [line for line in shown if len(line) > 80] == []
