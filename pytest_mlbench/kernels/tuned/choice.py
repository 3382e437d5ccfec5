"""Which of the kernels that support a layer runs: the one with the least predicted cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.layers import Conv2D, DepthwiseConv2D, FullyConnected

from .predict.facts import CHANNELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer

WORTH_RAM = 0.98
"""A kernel that needs more scratch memory must take at most this share of the other's cycles."""

LEAST_PER_MAC = {32: 2.4, 64: 0.8}
"""XLEN -> fewer instructions per MAC than any integer kernel takes: gemm_5x4.S needs 2.45,
gemm_rv64.S 0.86, an output at the edge of depthwise_3x3.S 2.5."""


def choose(layer: Layer, calls: Iterator[KernelCall], xlen: int) -> KernelCall | None:
    """The call that runs, of `calls` from the richest kernel to the plainest; None if there is
    none.

    The kernel with the fewest predicted instructions is chosen, unless a plainer one needs less
    scratch memory and at most 2 % more. Kernels without a formula are taken in their order. With
    `prefer` = 'ram' or 'rom', the backend, which knows the whole model, chooses among `ranked`
    calls.
    """
    best = next(calls, None)
    fewest = None if best is None else predicted(best)
    # To prove that a kernel is exact takes time: plainer ones are asked for only where they might
    # be cheaper.
    if best is None or fewest is None or fewest < WORTH_RAM * least(layer, xlen):
        return best
    for other in calls:
        expected = predicted(other)
        if expected is not None and expected * _share(other, best) < fewest:
            best, fewest = other, expected
    return best


def ranked(calls: Iterable[KernelCall]) -> tuple[KernelCall, ...]:
    """From the fewest predicted instructions to the most; kernels without a formula stay before
    those that are plainer."""
    left, found = list(calls), []
    while left:
        best, fewest = left[0], predicted(left[0])
        for other in left[1:]:
            expected = predicted(other)
            if fewest is not None and expected is not None and expected < fewest:
                best, fewest = other, expected
        left.remove(best)
        found.append(best)
    return tuple(found)


def _share(other: KernelCall, best: KernelCall) -> float:
    """The share of a plainer kernel's cycles that the other one must not exceed."""
    return WORTH_RAM if int(other.scratch) < int(best.scratch) else 1.0


def predicted(call: KernelCall) -> float | None:
    """The instructions of a call where layers differ in their numbers of channels."""
    if call.predict is None:
        return None
    return call.predict([each for each in call.defines if not each.startswith(CHANNELS)])


def least(layer: Layer, xlen: int) -> float:
    """Instructions that no integer kernel undercuts; 0 if that is not known."""
    if isinstance(layer, (Conv2D, DepthwiseConv2D, FullyConnected)):
        per_mac = 2.4 if isinstance(layer, DepthwiseConv2D) else LEAST_PER_MAC[xlen]
        return per_mac * layer.macs
    return 0.0
