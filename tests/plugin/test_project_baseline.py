"""The project's own baseline: no kernel, flag or tool makes the zoo's firmware worse unnoticed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_mlbench import process

ROOT = Path(__file__).parents[2]
ACCEPT = "pytest benchmarks/test_zoo.py --mlbench-baseline benchmarks/baseline.yaml --mlbench-save"


@pytest.mark.spike
def test_the_zoo_is_no_worse_than_its_baseline(tmp_path: Path) -> None:
    """The originals, or the twins where those cannot be had; the baseline has both."""
    results = tmp_path / "results.json"
    done = process.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "benchmarks/test_zoo.py"),
            *("--mlbench-baseline", "benchmarks/baseline.yaml", "--mlbench-json", results),
        ],
        timeout=1200,
        cwd=ROOT,
    )
    told = f"{done.text[-6000:]}\nAccept it with: {ACCEPT}"
    if "8 skipped" in done.text:
        pytest.skip("no compiler or simulator can be had here")
    assert done.returncode == 0, told
    assert "8 passed" in done.text, told
