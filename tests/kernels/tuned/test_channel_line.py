"""ADD, SUB and MUL with constants, and batch normalisations, as lines per channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from normalisations import CHAINS
from proofs import VARIANTS, on_runners, prove

from pytest_mlbench.kernels.tuned.requantise.channel_line import (
    STORED,
    Function,
    channel_line,
    function,
    moving_side,
)
from pytest_mlbench.models.operators.layers import Elementwise, Operand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlbench.kernels.tuned.requantise.channel_line import ChannelLine

HALF = 1 << 30
TUNED = [name for name in VARIANTS if name not in ("none", "dext-rv64", "xpulp")]
ON_HOST = ("tuned", "rv64", "vext128", "vext512")
"""The host runs the same C for the others, with other lengths of vectors."""


def mul(
    values: list[int], multiplier: int = HALF, shift: int = -6, shape: tuple[int, ...] = (2, 3)
) -> Elementwise:
    data = np.array(values, np.int8)
    return Elementwise(
        0, "MUL", (0, 1), (2,), 0,
        left=Operand(shape, 5), right=Operand(data.shape, -3, data=data),
        output_shape=shape, left_shift=0, output_offset=7, output_multiplier=multiplier,
        output_shift=shift, activation_min=-100, activation_max=90,
    )  # fmt: skip


def computed(line: ChannelLine) -> NDArray[np.int64]:
    """[channels, 256]"""
    sums = STORED[None, :] * line.slope[:, None] + line.offset[:, None]
    sums = (sums + 2**31) % 2**32 - 2**31
    sums += np.where(sums < line.threshold, line.step, 0)
    return np.clip(sums >> line.shift, line.low, line.high)


@pytest.mark.parametrize("multiplier", [HALF, HALF + 1, 1518500250, 2**31 - 1])
@pytest.mark.parametrize("shift", [-2, -6, -9])
def test_a_line_gives_all_outputs_of_every_channel(multiplier: int, shift: int) -> None:
    wanted = function(mul([-128, 1, 127], multiplier, shift), 3)
    line = channel_line(wanted)
    assert line is not None
    np.testing.assert_array_equal(computed(line), wanted.outputs)
    moved = channel_line(wanted, base=wanted.low)
    assert moved is not None
    np.testing.assert_array_equal(computed(moved) + wanted.low, wanted.outputs)


def test_halves_on_both_sides_of_zero_are_rounded_away_from_it() -> None:
    wanted = function(mul([5, 5, 5], HALF, -1), 3)  # (x + 5) / 2
    assert list(wanted.outputs[0, [122, 124]] - 7) == [-1, 1]  # -0.5 and 0.5
    line = channel_line(wanted)
    assert line is not None
    np.testing.assert_array_equal(computed(line), wanted.outputs)


def test_one_wrong_output_of_one_channel_refuses_the_line() -> None:
    wanted = function(mul([-128, 1, 127]), 3)
    outputs = wanted.outputs.copy()
    outputs[2, 100] += 1
    outputs[2, 101] -= 1
    broken = Function(outputs, wanted.slopes, wanted.low, wanted.high)
    assert channel_line(broken) is None


def test_only_values_that_occur_count() -> None:
    wanted = function(mul([-128, 1, 127]), 3)
    outputs = wanted.outputs.copy()
    outputs[2, 0] += 1
    outputs[2, 2] -= 1
    broken = Function(outputs, wanted.slopes, wanted.low, wanted.high)
    assert channel_line(broken, np.arange(-125, 128)) is not None


@pytest.mark.parametrize(
    ("constant", "expected"),
    [((3,), 0), ((1, 3), 0), ((1,), 0), ((), 0), ((2, 1), None), ((2, 3), None)],
)
def test_constants_are_one_value_or_one_per_channel(
    constant: tuple[int, ...], expected: int | None
) -> None:
    assert moving_side(with_constant(np.ones(constant, np.int8))) == expected


def with_constant(data: NDArray[Any]) -> Elementwise:
    layer = mul([1])
    right = Operand(data.shape, 0, data=data)
    return Elementwise(**{**vars(layer), "right": right})


@pytest.mark.kinds(tuple(CHAINS), at_once=len(CHAINS))
@on_runners(TUNED, ON_HOST)
def test_equals_tflm(kinds: list[str], variant: str, runner: str) -> None:
    operators = prove({kind: CHAINS[kind] for kind in kinds}, variant, runner)
    prefix = "vector_" if variant.startswith("vext") else ""
    for kind in kinds:
        kernels = {row["kernel"].removesuffix("_signed") for row in operators[kind]}
        wanted = "channel_lines" if "-" in kind else "channel_line"
        assert prefix + wanted in kernels, f"no {kind} ran on the kernel"
