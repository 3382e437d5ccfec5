"""By prediction: more features and longer vectors never cost a network instructions, and more
features never cost memory for nothing. `tox -e networks` measures the same."""

from __future__ import annotations

import pytest
from predicted import LARGE, SETS, VLENS, both, graph, networks, predicted

from pytest_mlbench.testing.profiles import THOROUGH

NAMES = [name for name in networks() if THOROUGH or name not in LARGE]

PAIRS = [
    *(("tuned", features) for features in SETS if features != "tuned"),
    *((f"vext{vlen}", f"vext{2 * vlen}") for vlen in VLENS[:-1]),
]
"""A set of features and a richer one, or one with longer vectors. RV64 has the same vector kernels,
so that one length says enough there."""

WORTH_RAM = 0.98
"""As in `benchmarks/orderings.py`."""


@pytest.mark.parametrize("name", NAMES)
def test_more_features_cost_neither_instructions_nor_memory_for_nothing(name: str) -> None:
    for features in SETS:
        assert unpredicted(name, features) == [], features
    for xlen in ("rv32", "rv64"):
        for plain, rich in PAIRS if xlen == "rv32" else PAIRS[:2]:
            one, other = predicted(name, plain, xlen), predicted(name, rich, xlen)
            before, after = both(one, other)
            assert after <= before, (xlen, plain, rich)
            if plain != "tuned":
                continue
            for index, counts in enumerate(zip(one.instructions, other.instructions, strict=True)):
                # A kernel with less scratch memory may take 2 % more.
                assert None in counts or WORTH_RAM * counts[1] <= counts[0], (xlen, rich, index)
            if other.peak > one.peak:
                assert after <= WORTH_RAM * before, (xlen, rich, one.peak, other.peak)


def unpredicted(name: str, features: str) -> list[int]:
    """Operators with MACs that have no prediction: nothing can be said of them."""
    weighted = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}
    found = predicted(name, features, "rv32")
    return [
        operator.index
        for operator in graph(name).operators
        if operator.kind in weighted and found.instructions[operator.index] is None
    ]


def test_all_networks_are_there() -> None:
    assert len(networks()) == 42
    assert set(LARGE) <= set(networks())
