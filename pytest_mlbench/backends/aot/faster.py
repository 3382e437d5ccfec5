"""Fast kernels instead of those that need least memory, wherever the arena does not grow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lowered import Lowered


def faster(slim: Lowered, fast: Lowered) -> Lowered:
    """`slim` with the calls of `fast`, the same program, wherever they do not raise the peak.

    Most operators run while less memory is in use than at the peak, so that scratch memory costs
    nothing there. Those with most MACs are asked first; all bands of an operator change together.
    Sizes that only a probing firmware knows stay as they are.
    """
    found = slim
    operators = slim.program.graph.operators
    macs: dict[int, int] = {}
    for operator, layer, one, other in zip(
        operators, slim.program.layers, slim.calls, fast.calls, strict=True
    ):
        if one is None or other is None:
            continue
        known = all(isinstance(size, int) for size in (other.scratch, other.persistent))
        if known and (one.library, one.kernel) != (other.library, other.kernel):
            macs[operator.index] = macs.get(operator.index, 0) + (layer.macs if layer else 0)
    for index in sorted(macs, key=lambda index: (-macs[index], index)):
        calls = tuple(
            other if operator.index == index else one
            for operator, one, other in zip(operators, found.calls, fast.calls, strict=True)
        )
        tried = replace(found, calls=calls)
        if tried.bound <= found.bound:
            found = tried
    return found if found.memory.peak <= slim.memory.peak else slim
