"""The published comparison beside measured records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from synthetic import record

from pytest_mlbench.records.report.published import METRICS, PUBLISHED, comparison
from pytest_mlbench.script.results import Results

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record


def measured(**changes: object) -> list[Record]:
    """The twelve cases, each at half of what was published."""
    found = []
    for (model, library, level), values in PUBLISHED.items():
        features = (library,) if library else ()
        one = record(model, features, level)
        params = {**one.params, "backend": "tflmi", **changes}
        metrics = {**one.metrics, **{k: v // 2 for k, v in zip(METRICS, values, strict=False)}}
        versions = {"tflm": "19aaea85e467", **({library: "1"} if library else {})}
        provenance = {**one.provenance, "libraries": versions}
        name = f"{model}-tflmi-{library or '_'}-O{level}"
        found.append(replace(one, case=name, params=params, metrics=metrics, provenance=provenance))
    return found


def test_all_twelve_are_shown_with_what_was_published_and_the_ratio() -> None:
    text = comparison([*measured(), record("aww")])
    lines = text.splitlines()
    assert len([line for line in lines if "published" in line.split()[:4]]) == 12
    at = next(i for i, line in enumerate(lines) if "muriscvnn" in line and "aww" in line)
    assert lines[at].split()[4:] == [
        "15,658,993",
        "62,644",
        "113,382",
        "176,042",
        "2,124",
        "34,100",
    ]
    assert lines[at + 1].split()[:3] == ["here", "7,829,496", "31,322"]
    assert lines[at + 2].split() == ["ratio", *["0.50"] * 6]
    size = next(i for i, line in enumerate(lines) if "resnet" in line and " s " in line)
    assert lines[size + 2].split() == ["ratio", *["0.50"] * 4]
    whole = " ".join(lines)
    for said in (
        "MLonMCU's harness",
        "proxy kernel",
        "gcc 12.2.0",
        "tflm 19aaea85e467",
        "cmsisnn 1",
    ):
        assert said in whole


@pytest.mark.parametrize(
    "changes",
    [{"backend": "aot"}, {"model": "aww_twin"}, {"isa": "rv32gcv"}, {"config": {"arena": "9"}}],
    ids=str,
)
def test_other_cases_are_not_compared(changes: dict[str, object]) -> None:
    assert comparison(measured(**changes)) == ""


def test_nothing_is_said_unless_all_twelve_passed_with_one_toolchain() -> None:
    records = measured()
    assert comparison(records[1:]) == ""
    assert comparison([replace(records[0], outcome="failed"), *records[1:]]) == ""
    other = {**records[0].provenance, "toolchain": "clang 22.1.8"}
    assert comparison([replace(records[0], provenance=other), *records[1:]]) == ""


def test_a_script_has_it_too() -> None:
    assert Results(measured()).published() == comparison(measured())
    assert Results(measured()[1:]).published() == ""
