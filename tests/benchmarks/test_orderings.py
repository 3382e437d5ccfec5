"""The check on the networks' results, without running them."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import synthetic

if TYPE_CHECKING:
    from pytest_mlbench.records.record import Record

PATH = Path(__file__).parents[2] / "benchmarks" / "orderings.py"


@pytest.fixture(scope="module")
def orderings() -> Any:
    spec = importlib.util.spec_from_file_location("orderings", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def record(features: str, cycles: int, *, vlen: int = 0, ram: int = 100, **other: str) -> Record:
    one = replace(synthetic.record(), case=f"net-{features}-{vlen}")
    isa = f"rv32gcv_zvl{vlen}b" if vlen else "rv32gc"
    params = {**one.params, "model": "net", "features": features.split(","), "isa": isa, **other}
    metrics = {**one.metrics, "run_cycles": cycles, "ram_total": ram}
    return replace(one, params=params, metrics=metrics)


def test_nothing_is_said_where_all_is_in_order(orderings: Any) -> None:
    rows = [
        record("tuned", 1000),
        record("tuned,dext", 900, ram=200),
        record("tuned,vext", 500, vlen=128, ram=300),
        record("tuned,vext", 500, vlen=256, ram=400),
    ]
    assert orderings.broken(rows) == []


@pytest.mark.parametrize(
    ("rich", "words"),
    [
        (record("tuned,dext", 1001), "net-tuned,dext-0 takes 1,001 cycles, net-tuned-0 1,000"),
        (record("tuned,vext", 1001, vlen=512), "takes 1,001 cycles"),
        (record("tuned,dext", 990, ram=101), "needs 101 bytes of RAM"),
    ],
)
def test_a_richer_feature_set_may_not_cost_more(orderings: Any, rich: Record, words: str) -> None:
    (sentence,) = orderings.broken([rich, record("tuned", 1000)])
    assert words in sentence


def test_longer_vectors_may_not_take_more_cycles(orderings: Any) -> None:
    rows = [record("tuned,vext", 10 + vlen, vlen=vlen) for vlen in (128, 512, 1024)]
    (sentence,) = orderings.broken(rows)
    assert "net-tuned,vext-1024 takes 1,034 cycles, net-tuned,vext-512" in sentence


def test_only_equal_cases_that_passed_are_compared(orderings: Any) -> None:
    plain, rich = record("tuned", 1000), record("tuned,dext", 2000)
    assert orderings.broken([replace(plain, outcome="failed"), rich]) == []
    assert orderings.broken([record("tuned", 1000, optimize="s"), rich]) == []
    assert orderings.broken([record("cmsisnn", 1000), rich]) == []
