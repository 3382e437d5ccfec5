"""Which errors fail a case, and which leave it out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("error", "outcome"),
    [("ReferenceFailed", "failed"), ("DiskFull", "failed"), ("Unavailable", "skipped")],
)
def test_only_what_is_missing_here_is_skipped(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult], error: str, outcome: str
) -> None:
    """A reference that dies of the model and a full disk are no reason for exit status 0."""
    conftest = bench.path / "conftest.py"
    breaking = (
        f"\nfrom pytest_mlbench.errors import {error}\n"
        f"def _broken(self):\n    raise {error}('it is so', remedy='Mend it')\n"
        "FakeChain.validate = _broken\n"
    )
    conftest.write_text(conftest.read_text(encoding="utf-8") + breaking, encoding="utf-8")
    bench.makepyfile("def test_one(mlbench):\n    mlbench.run()\n")
    result = run("--mlbench-model=good", "--mlbench-json=r.json")
    result.assert_outcomes(**{outcome: 1})
    assert result.ret == (outcome == "failed")
    (row,) = json.loads((bench.path / "r.json").read_text())["records"]
    assert (row["outcome"], row["reason"]) == (outcome, "it is so. Mend it")
