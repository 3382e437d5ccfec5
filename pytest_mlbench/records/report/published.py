"""The published comparison of muRISCV-NN with CMSIS-NN, beside what was measured here. Pure.

The figures are those of MLonMCU's notebook "Code size comparison: muRISCV-NN vs. CMSIS-NN": target
Spike, rv32gc, TensorFlow Lite Micro's interpreter.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import tabulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.records.record import Record

METRICS = ("total_cycles", "rom_rodata", "rom_code", "rom_total", "ram_data", "ram_bss")
"""The metrics of each published row, in order. RAM was published for -O3 only."""

TITLES = ("Total Cycles", "ROM read-only", "ROM code", "Total ROM", "RAM data", "RAM zero-init")

Key = tuple[str, str, str]
"""Model, kernel library ('' for TFLM's own kernels), optimisation level."""

PUBLISHED: Mapping[Key, tuple[int, ...]] = {
    ("aww", "", "3"): (53_427_082, 62_643, 83_558, 146_217, 2_108, 34_100),
    ("aww", "cmsisnn", "3"): (16_946_083, 62_643, 112_950, 175_609, 2_124, 34_100),
    ("aww", "muriscvnn", "3"): (15_658_993, 62_644, 113_382, 176_042, 2_124, 34_100),
    ("aww", "", "s"): (175_065_985, 62_603, 69_752, 132_371),
    ("aww", "cmsisnn", "s"): (17_057_796, 62_603, 104_900, 167_519),
    ("aww", "muriscvnn", "s"): (17_033_402, 62_604, 88_136, 150_756),
    ("resnet", "", "3"): (169_950_655, 101_491, 92_082, 193_589, 2_112, 66_868),
    ("resnet", "cmsisnn", "3"): (64_017_261, 101_491, 110_688, 212_195, 2_112, 66_868),
    ("resnet", "muriscvnn", "3"): (54_873_560, 101_492, 110_016, 211_524, 2_112, 66_868),
    ("resnet", "", "s"): (746_108_611, 101_451, 71_482, 172_949),
    ("resnet", "cmsisnn", "s"): (64_103_855, 101_451, 96_358, 197_825),
    ("resnet", "muriscvnn", "s"): (81_325_784, 101_452, 83_790, 185_258),
}

REMARK = (
    "Published: MLonMCU's harness with GCC and newlib, on Spike under the proxy kernel, whose work "
    "is counted; the arenas were declared by hand; CMSIS-NN was built at one level for all rows. "
    "Here: bare metal, the smallest arena that was found, everything at the level of its row, "
    "outputs compared bit for bit."
)


def comparison(records: Iterable[Record]) -> str:
    """The table "published / here / ratio" with a remark on what differs.

    Empty unless all twelve cases ran and passed: on the models themselves, backend `tflmi`, target
    Spike, rv32gc, one toolchain.
    """
    found = {key: record for record in records if (key := _key(record)) in PUBLISHED}
    toolchains = {record.provenance.get("toolchain", "") for record in found.values()}
    if len(found) < len(PUBLISHED) or len(toolchains) != 1:
        return ""
    rows = [row for key, values in PUBLISHED.items() for row in _rows(key, values, found[key])]
    text = tabulate.tabulate(
        rows,
        headers=("Model", "Features", "Opt", "", *TITLES),
        tablefmt="simple",
        disable_numparse=True,
        colalign=("left", "left", "left", "left", *("right" for _ in TITLES)),
    )
    return "\n".join((text, "", *textwrap.wrap(_remark(found.values()), 80)))


def _key(record: Record) -> Key | None:
    params = record.params
    comparable = (
        record.outcome == "passed"
        and params["backend"] == "tflmi"
        and params["target"] in ("", "spike")
        and params["isa"] == "rv32gc"
        and not params["config"]
    )
    return (
        (params["model"], ",".join(params["features"]), params["optimize"]) if comparable else None
    )


def _rows(key: Key, published: Sequence[int], record: Record) -> list[tuple[str, ...]]:
    model, library, level = key
    here = [record.metrics.get(name, 0) for name in METRICS]
    ratios = [
        f"{mine / theirs:.2f}" if theirs else ""
        for mine, theirs in zip(here, published, strict=False)
    ]
    return [
        (model, library or "_", level, "published", *_counts(published)),
        ("", "", "", "here", *_counts(here)),
        ("", "", "", "ratio", *ratios, *[""] * (len(METRICS) - len(ratios))),
    ]


def _counts(values: Sequence[int]) -> list[str]:
    return [*(f"{value:,}" for value in values), *[""] * (len(METRICS) - len(values))]


def _remark(records: Iterable[Record]) -> str:
    versions: dict[str, str] = {}
    toolchain = ""
    for record in records:
        versions |= record.provenance.get("libraries", {})
        toolchain = record.provenance.get("toolchain", toolchain)
    named = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    return f"{REMARK} Compiler: {toolchain}. Versions: {named}."
