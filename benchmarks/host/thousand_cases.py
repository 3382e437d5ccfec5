"""What a thousand cases cost on the host: table, HTML page, baseline, JSON, and a long history.

    python benchmarks/host/thousand_cases.py

The cases are made up, as big as those of MLPerf Tiny: 17 operators, 75 symbols, a plan of 30
buffers. Printed is processor time, the least of three, beside what is promised.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.case import Case
from pytest_mlbench.records import record
from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.gate.compare import compare_all
from pytest_mlbench.records.gate.tolerance import Rules
from pytest_mlbench.records.history import page, store
from pytest_mlbench.records.history.revisions import Revision
from pytest_mlbench.records.history.series import history
from pytest_mlbench.records.metrics import METRICS
from pytest_mlbench.records.record import Record
from pytest_mlbench.records.relative import changes, parse_reference
from pytest_mlbench.records.report import html_report
from pytest_mlbench.records.report.table import TableView, render

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 3
MODELS, VARIANTS = 20, 25
COMMITS, CASES = 1_000, 50


def made_up(model: int, variant: int, level: str) -> Record:
    """A record of the usual size; none of its numbers is a measurement."""
    case = Case(f"model{model}", "aot", (f"variant{variant}",) if variant else (), level)
    cycles = 1_000_000 * (model + 1) // (variant + 1)
    metrics = {
        key: 1_000 + variant
        for key, metric in METRICS.items()
        if metric.unit in ("bytes", "cycles")
    }
    return Record(
        case=case.name,
        params={
            "model": case.model, "backend": "aot", "features": list(case.features),
            "optimize": level, "target": "spike", "isa": "rv32gc", "config": {},
        },
        outcome="passed",
        metrics={**metrics, "run_cycles": cycles, "total_cycles": cycles + 100, "macs": 500_000},
        validation={"samples": 10, "matched": 10, "reference": "tflite-micro"},
        provenance={
            "model_sha256": "ab" * 32, "elf_sha256": "cd" * 32, "toolchain": "gcc 12.2.0",
            "spike": "1.1.1", "flags": {"model": [f"-O{level}"]},
        },
        operators=tuple(
            {
                "index": at, "name": "CONV_2D", "shape": f"1x{at}x5x64", "kernel": "conv2d",
                "library": "reference", "macs": 30_000, "bytes": 12_000,
                "cycles": cycles // 17, "instructions": cycles // 17,
            }
            for at in range(17)
        ),
        components={"model": {"rom": 30_000, "ram": 8_000}, "kernels": {"rom": 4_000, "ram": 0}},
        symbols=tuple(
            {
                "component": ("model", "kernels")[at % 2], "section": (".rodata", ".text")[at % 2],
                "name": f"symbol_of_some_length_{at}", "size": 4_000 // (at + 1) + variant,
            }
            for at in range(75)
        ),
        arena=tuple(
            {"name": f"{at} CONV_2D", "kind": "tensor", "offset": 4_000 * (at % 3), "size": 4_000,
             "first": at, "last": at + 1}
            for at in range(30)
        ),
    )  # fmt: skip


def measure(name: str, promised: float, function: Callable[[], object]) -> None:
    """Print the least processor time of some calls."""
    times = []
    for _ in range(ROUNDS):
        before = time.process_time()
        function()
        times.append(time.process_time() - before)
    limit = f"{promised:g} s promised" if promised else ""
    print(f"{name:<46} {min(times):6.2f} s  {limit}".rstrip(), flush=True)


def of_results() -> None:
    """The table, the page, the baseline, the JSON file."""
    rows = [
        made_up(model, variant, level)
        for model in range(MODELS) for variant in range(VARIANTS) for level in ("3", "s")
    ]  # fmt: skip
    print(f"{len(rows):,} cases")
    metrics = [METRICS["total_cycles"]]
    measure("table, 80 columns", 0, lambda: render(rows, TableView(), width=80))
    for text in ("features=_", "optimize=3"):
        reference = parse_reference(text)
        measure(f"relative to {text}", 0, lambda: changes(rows, reference, metrics))  # noqa: B023
    measure(
        "HTML page, made",
        0,
        lambda: html_report.page(rows, reference=parse_reference("features=_")),
    )
    size = len(html_report.page(rows, reference=parse_reference("features=_")).encode())
    print(f"{'':<46} {size / 1e6:6.2f} MB 3 MB promised")
    text = baseline.dumps(rows)
    measure("baseline, written", 0, lambda: baseline.dumps(rows))
    measure("baseline, read", 1.5, lambda: baseline.loads(text, where="here"))
    old = list(baseline.loads(text, where="here").values())
    cases = [row.case for row in rows]
    measure("compared with it", 0, lambda: compare_all(old, rows, Rules(), selected=cases))
    json = record.dumps(rows)
    measure("JSON, read", 0, lambda: record.loads(json))


def of_history(folder: Path) -> None:
    """A history read and shown as a page."""
    line = [Revision(f"{at:040x}", at * 3_600, f"Change {at}") for at in range(COMMITS)]
    rows = [
        replace(made_up(case % 4, case // 4, "3"), operators=(), arena=()) for case in range(CASES)
    ]
    for at, revision in enumerate(line):
        cycles = 1_000_000 + at // 100
        store.add(
            folder,
            revision,
            [replace(row, metrics={**row.metrics, "total_cycles": cycles}) for row in rows],
        )

    def show() -> None:
        page.page(history(store.load(folder), line), lambda _: "")

    print(f"{COMMITS:,} commits of {CASES} cases")
    measure("history, read and shown", 3, show)


def main() -> None:
    """Measure and print everything."""
    of_results()
    with tempfile.TemporaryDirectory() as name:
        of_history(Path(name))


if __name__ == "__main__":
    main()
