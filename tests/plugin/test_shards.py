"""Shards: runs that do not know of one another and yet split the cases among them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import synthetic
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.__main__ import main
from pytest_mlbench.errors import UsageError
from pytest_mlbench.plugin.distribution import OVERHEAD, costs, shards
from pytest_mlbench.settings import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = """
    import pytest

    @pytest.mark.mlbench(models=["good", "other"], optimize=["0", "1", "2", "3"])
    def test_run(mlbench):
        mlbench.run()

    @pytest.mark.mlbench(models=["good"], optimize=["0", "3"])
    def test_again(mlbench):
        mlbench.run()

    def test_plain():
        pass
"""


@given(st.dictionaries(st.text("abc", max_size=4), st.integers(0, 1000)), st.integers(1, 6))
def test_every_case_is_in_one_shard_and_none_is_much_longer(
    cost_of: dict[str, int], count: int
) -> None:
    found = shards(cost_of, count)
    assert set(found) == set(cost_of)
    assert set(found.values()) <= set(range(1, count + 1))
    load = [0] * (count + 1)
    for case, shard in found.items():
        load[shard] += cost_of[case]
    # The last case went to the shard that had least, which was at most the average.
    assert max(load) <= sum(cost_of.values()) / count + max(cost_of.values(), default=0)
    assert found == shards(dict(reversed(cost_of.items())), count)


def test_costs_come_from_the_baseline_and_are_usual_for_a_new_case() -> None:
    rows = synthetic.zoo()[:3]
    found = costs([*(row.case for row in rows), "new"], rows)
    assert found[rows[0].case] == 10 * rows[0].metrics["run_cycles"] + OVERHEAD
    assert found["new"] in [found[row.case] for row in rows]
    assert costs(["a", "b"], []) == {"a": OVERHEAD, "b": OVERHEAD}


@pytest.mark.parametrize(
    "text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/99999999", "1//2"]
)
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="shard"):
        ROWS["shard"].read(text, where="--mlbench-shard")


@pytest.mark.parametrize(("count", "workers"), [(3, ()), (2, ("-n2",))])
def test_the_shards_of_a_run_are_the_run(
    bench: pytest.Pytester,
    run: Callable[..., pytest.RunResult],
    count: int,
    workers: tuple[str, ...],
) -> None:
    bench.makepyfile(TESTS)
    run("--mlbench-json=whole.json").assert_outcomes(passed=11)
    passed = 0
    parts = [f"{number}.json" for number in range(1, count + 1)]
    for number, path in enumerate(parts, 1):
        result = run(f"--mlbench-shard={number}/{count}", f"--mlbench-json={path}", *workers)
        counts = result.parseoutcomes()
        assert counts.get("failed", 0) == 0
        if not workers:
            assert counts["passed"] + counts["deselected"] == 11
        passed += counts["passed"]
    assert passed == 11
    assert main(["merge", *parts, "--output", "merged.json"]) == 0
    whole, merged = ((bench.path / name).read_text() for name in ("whole.json", "merged.json"))
    assert merged == whole
    assert len(json.loads(whole)["records"]) == 8


def test_what_another_shard_uses_is_not_refused(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    bench.makepyfile("def test_one(mlbench):\n    mlbench.run()\n")
    arguments = ("--mlbench-model=good", "--mlbench-features=_", "--mlbench-features=small")
    for number in (1, 2):
        run(*arguments, f"--mlbench-shard={number}/2").assert_outcomes(passed=1, deselected=1)


def test_a_wrong_baseline_is_a_mistake_for_a_shard_too(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    bench.makepyfile("def test_one(mlbench):\n    mlbench.run()\n")
    (bench.path / "b.yaml").write_text("no baseline")
    result = run("--mlbench-model=good", "--mlbench-shard=1/2", "--mlbench-baseline=b.yaml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_a_shard_without_a_case_is_no_failure_of_the_others(
    bench: pytest.Pytester, run: Callable[..., pytest.RunResult]
) -> None:
    bench.makepyfile("def test_one(mlbench):\n    mlbench.run()\n")
    arguments = ("--mlbench-model=good", "--mlbench-optimize=3")
    run(*arguments, "--mlbench-shard=1/2").assert_outcomes(passed=1)
    result = run(*arguments, "--mlbench-shard=2/2")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
