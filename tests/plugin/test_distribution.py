"""How cases are spread over workers that begin with equal blocks of neighbours."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.plugin.distribution import spread

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

BESIDE = """
    import pytest

    def test_before():
        pass

    @pytest.mark.mlbench(models=["good"], optimize=["0", "1", "2", "3"])
    def test_cases(mlbench):
        mlbench.run()

    def test_after():
        pass
"""
NOTE = """
    from pathlib import Path
    from pytest_mlbench.plugin.session import session_of

    def pytest_collection_finish(session):
        if getattr(session.config, "workerinput", {}).get("workerid") == "gw0":
            Path(__file__).with_name("order.txt").write_text(
                " ".join(item.name for item in session.items)
            )
            jobs = list(session_of(session.config).toolbox.cache.meanwhile)
            Path(__file__).with_name("jobs.txt").write_text(str(len(jobs)))
"""


@given(st.integers(0, 60), st.integers(1, 8))
def test_each_worker_gets_one_of_every_round(count: int, workers: int) -> None:
    order = spread(count, workers)
    assert sorted(order) == list(range(count))
    if count % workers == 0:
        size = count // workers
        for worker in range(workers):
            own = order[worker * size : (worker + 1) * size]
            assert sorted(number // workers for number in own) == list(range(size))


def test_two_workers_take_turns_at_the_first_choice() -> None:
    assert spread(8, 2) == [0, 3, 4, 7, 1, 2, 5, 6]


@pytest.mark.parametrize(
    ("dist", "order"), [("worksteal", (0, 3, 1, 2)), ("load", (0, 1, 2, 3))], ids=str
)
def test_only_cases_move_and_only_where_runs_are_handed_out(
    bench: pytest.Pytester, run: Run, dist: str, order: tuple[int, ...]
) -> None:
    bench.makepyfile(BESIDE)
    conftest = bench.path / "conftest.py"
    own = conftest.read_text(encoding="utf-8") if conftest.exists() else ""
    bench.makeconftest(f"{own}\n{textwrap.dedent(NOTE)}")
    run("-n2", f"--dist={dist}").assert_outcomes(passed=6)
    levels = [f"test_cases[good-aot-_-O{level}]" for level in order]
    found = (bench.path / "order.txt").read_text(encoding="utf-8").split()
    assert found == ["test_before", *levels, "test_after"]
    jobs = (bench.path / "jobs.txt").read_text(encoding="utf-8")
    assert jobs == "2", "simulator and outputs, for while another worker provisions the compiler"
