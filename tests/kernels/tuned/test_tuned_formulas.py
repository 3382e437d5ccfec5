"""Every kernel has a formula: whatever call a candidate returns, for random layers of all kinds and
every set of features."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import moving_layers
import network_layers
import numpy as np
from chosen import optimised

from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned import candidates
from pytest_mlbench.kernels.tuned.predict import FORMULAS, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer

BUILDS = (
    (("tuned",), "rv32gc"),
    (("tuned",), "rv64gc"),
    (("tuned", "dext"), "rv32gc"),
    (("tuned", "xpulp"), "rv32imc_xpulp"),
    (("tuned", "vext"), "rv32gcv_zvl128b"),
    (("tuned", "vext"), "rv32gcv_zvl1024b"),
)


@cache
def layers() -> tuple[Layer, ...]:
    """Layers of all kinds, as the passes leave them."""
    return tuple(_layers())


def _layers() -> Iterator[Layer]:
    generator = np.random.default_rng(9)
    cases = network_layers.layers(80, 5) + moving_layers.layers(52, 5)
    for more in (
        network_layers.arithmetic,
        network_layers.normalisation,
        network_layers.rows,
        network_layers.sums,
        network_layers.three_by_three,
        moving_layers.short_softmax,
    ):
        cases += [more(generator) for _ in range(16)]
    cases += [network_layers.pool(generator, relu=number % 2 == 0) for number in range(24)]
    squares = ((2, 8), (2, 16), (2, 32), (2, 64), (24, 32), (200, 8), (6, 4), (6, 3))
    cases += [network_layers.squares(generator, *shape) for shape in squares]
    for case in cases:
        yield from optimised(case.graph, lambda _layer: True)


def test_every_kernel_has_a_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_layers, "MOST_MACS", 200_000)
    reached: set[str] = set()

    def recorded(one: candidates.Candidate) -> candidates.Candidate:
        def lower(layer: Any, context: LowerContext) -> KernelCall | None:
            call = one.lower(layer, context)
            if call is not None:
                reached.add(one.lower.__name__)
            return call

        return replace(one, lower=lower)

    wanted = {one.lower.__name__ for row in candidates.CANDIDATES.values() for one in row}
    table = {kind: tuple(map(recorded, row)) for kind, row in candidates.CANDIDATES.items()}
    monkeypatch.setattr(candidates, "CANDIDATES", table)
    calls: list[KernelCall] = []
    for layer in layers():
        for features, isa in BUILDS:
            config = {"winograd": "on"} if "dext" in features else {}
            context = LowerContext(features, isa, "3", config)
            calls += candidates.calls(layer, context, features)
    without = {call.function for call in calls if call.predict is None}
    assert not without, f"no formula in predict/: {sorted(without)}"
    assert all(call.predict(call.defines) > 0 for call in calls if call.predict)
    functions = {call.function.removeprefix(PREFIX) for call in calls}
    assert functions == set(FORMULAS), sorted(functions ^ set(FORMULAS))
    assert reached == wanted, wanted - reached
