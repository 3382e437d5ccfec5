"""Which kernel is chosen, by predicted instructions, scratch memory and constants."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

import pytest
from test_tuned_plan import layer

from pytest_mlbench.kernels.interface import KernelCall, LowerContext
from pytest_mlbench.kernels.tuned.choice import choose, least, ranked
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.layers import Softmax

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.operators.layers import Conv2D


def counted(one: Conv2D) -> Conv2D:
    """`one` with its MACs."""
    return replace(one, macs=prod(one.output_shape) * prod(one.weights.shape[1:]))


LAYER = layer((1, 1, 4), (1, 1, 4))
"""Without MACs: nothing is known of its kernels' costs in advance."""


def call(kernel: str, predicted: int | None, *, scratch: int = 0) -> KernelCall:
    return KernelCall(
        kernel=kernel,
        library="tuned",
        function=kernel,
        header="",
        arguments=(),
        scratch=scratch,
        predict=None if predicted is None else lambda _defines: predicted,
    )


def chosen(*calls: KernelCall) -> str:
    found = choose(LAYER, iter(calls), 32)
    assert found is not None
    return found.kernel


def test_the_fewest_predicted_instructions_win() -> None:
    assert chosen(call("rich", 1000), call("plain", 1001)) == "rich"
    assert chosen(call("rich", 1000), call("plain", 1000)) == "rich"
    assert chosen(call("rich", 1001), call("plain", 1000)) == "plain"
    assert chosen(call("rich", 1001), call("middle", 1000), call("plain", 900)) == "plain"


@pytest.mark.parametrize(("plain", "expected"), [(1019, "plain"), (1021, "rich")])
def test_scratch_memory_must_be_worth_two_percent(plain: int, expected: str) -> None:
    assert chosen(call("rich", 1000, scratch=64), call("plain", plain)) == expected
    assert chosen(call("rich", 1000), call("plain", plain, scratch=64)) == "rich"


def test_kernels_without_a_formula_are_taken_in_their_order() -> None:
    assert chosen(call("rich", None), call("plain", 1)) == "rich"
    assert chosen(call("rich", 1000), call("plain", None)) == "rich"
    assert choose(LAYER, iter(()), 32) is None


def test_candidates_are_ranked_by_their_predictions() -> None:
    calls = [call("a", 300), call("b", 100), call("rich", None), call("c", 200)]
    assert [each.kernel for each in ranked(calls)] == ["b", "c", "a", "rich"]
    assert [each.kernel for each in ranked(calls[2:])] == ["rich", "c"]


def test_plainer_kernels_are_only_asked_for_where_they_might_be_cheaper() -> None:
    one = counted(layer((32, 32, 16), (3, 3, 16)))

    def calls() -> Iterator[KernelCall]:
        yield call("rich", one.macs)
        raise AssertionError("an integer kernel needs more than two instructions per MAC")

    found = choose(one, calls(), 32)
    assert found is not None
    assert found.kernel == "rich"


@pytest.mark.parametrize(("isa", "xlen"), [("rv32gc", 32), ("rv64gc", 64)])
def test_no_integer_kernel_undercuts_the_least(isa: str, xlen: int) -> None:
    for each in (
        layer((49, 10, 1), (10, 4, 64), stride=2),
        layer((64, 64, 64), (3, 3, 64)),
        layer((40, 40, 256), (1, 1, 256)),
    ):
        one = counted(each)
        found = TunedLibrary().lower(one, LowerContext(("tuned",), isa, "3"))
        assert found is not None
        assert found.predict is not None
        assert found.predict(found.defines) > least(one, xlen) > one.macs / 2


def test_a_vector_kernel_yields_where_the_integer_kernel_takes_less() -> None:
    """A softmax of many short rows computes every exponential twice, for few lanes."""

    def softmax(rows: int, depth: int) -> Softmax:
        return Softmax(
            kind="SOFTMAX", index=0, inputs=(0,), outputs=(1,), macs=0, rows=rows, depth=depth,
            multiplier=1 << 30, shift=23, diff_min=-200,
        )  # fmt: skip

    context = LowerContext(("tuned", "vext"), "rv32gcv_zvl128b", "3")
    for rows, depth, expected in ((200, 3, "softmax_table"), (1, 200, "vector_softmax")):
        found = TunedLibrary().lower(softmax(rows, depth), context)
        assert found is not None
        assert found.kernel == expected
