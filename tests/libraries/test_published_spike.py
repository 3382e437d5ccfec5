"""The published comparison on records of the real chain, with doubles of the sources."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from synthetic import record

from pytest_mlbench.case import Case
from pytest_mlbench.measure.chain import run_case
from pytest_mlbench.records.report.published import METRICS, PUBLISHED, comparison

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.record import Record

pytestmark = pytest.mark.spike

FEATURES = {"": "3", "cmsisnn": "s", "muriscvnn": "3"}
"""The level of the case that is run with each library."""

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_addition_is_exact_with_a_library(
    toolbox_with: Callable[..., Toolbox], known: Registry, passed: Callable[[Record], Record]
) -> None:
    case = Case("resnet_twin", "tflmi", ("cmsisnn",), "s")
    found = run_case(case, toolbox_with(samples=1), known)
    assert "ADD" in {row["name"] for row in passed(found).operators}


def test_measured_records_stand_beside_the_published_ones(
    toolbox_with: Callable[..., Toolbox], known: Registry, passed: Callable[[Record], Record]
) -> None:
    """Three of the twelve are measured, the others are filled in. aww's twin takes its name,
    because the original cannot be fetched everywhere."""
    some = replace(known, models={"aww": replace(known.models["aww_twin"], name="aww")})
    toolbox = toolbox_with(samples=1)
    measured = {}
    for library, level in FEATURES.items():
        case = Case("aww", "tflmi", (library,) if library else (), level)
        measured["aww", library, level] = found = passed(run_case(case, toolbox, some))
        executed = {row["name"]: row["library"] for row in found.operators}
        assert executed.pop("RESHAPE") == "tflm"
        assert set(executed.values()) == {library or "tflm"}
    toolchain = next(iter(measured.values())).provenance["toolchain"]
    records = list(measured.values())
    for model, library, level in sorted(set(PUBLISHED) - set(measured)):
        one = record(model, (library,) if library else (), level)
        provenance = {**one.provenance, "toolchain": toolchain}
        params = {**one.params, "backend": "tflmi"}
        records.append(replace(one, params=params, provenance=provenance))
    lines = comparison(records).splitlines()
    for (model, library, level), found in measured.items():
        start = [model, library or "_", level, "published"]
        at = next(i for i, line in enumerate(lines) if line.split()[:4] == start)
        here = [f"{found.metrics[name]:,}" for name in METRICS]
        assert lines[at + 1].split() == ["here", *here]
        published = PUBLISHED[model, library, level]
        ratio = found.metrics["total_cycles"] / published[0]
        assert lines[at + 2].split()[:2] == ["ratio", f"{ratio:.2f}"]
        assert len(lines[at + 2].split()) == 1 + len(published)
    assert "tflm contract double" in " ".join(lines)


@pytest.mark.skipif("MLBENCH_MIRROR" not in os.environ, reason="MLBENCH_MIRROR names no mirror")
def test_all_twelve_cases_end_in_the_comparison(
    pytester: pytest.Pytester, sources: dict[str, Path]
) -> None:
    """The benchmarks as they are, on the original models."""
    given = [f"--mlbench-source={name}={path}" for name, path in sources.items()]
    result = pytester.runpytest_subprocess(
        f"{BENCHMARKS / 'test_published.py'}::test_published",
        f"--rootdir={BENCHMARKS.parent}",
        "--mlbench-samples=1",
        "-pno:cacheprovider",
        *given,
        timeout=900,
    )
    result.assert_outcomes(passed=12)
    result.stdout.fnmatch_lines(["*mlbench: published / here / ratio*"])
    rows = [line.split() for line in result.outlines]
    assert sum(row[:1] == ["here"] for row in rows) == 12
    assert sum(row[:1] == ["ratio"] for row in rows) == 12
