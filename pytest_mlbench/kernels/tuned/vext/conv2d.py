"""CONV_2D for V 1.0, with channels or positions as lanes, whichever needs fewer instructions."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from .blocking import planes_cost
from .channels import channels_cost, lower_channels
from .common import vector_length
from .cost import CODE
from .planes import lower_planes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D


def lower_vector_conv2d(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None if it is grouped or neither kernel supports it."""
    return next(_calls(layer, context), None)


def lower_other_vector_conv2d(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call of the other kernel, which may need less memory; None unless both cover it."""
    return next(itertools.islice(_calls(layer, context), 1, None), None)


def _calls(layer: Conv2D, context: LowerContext) -> Iterator[KernelCall]:
    """The calls of the kernels that support `layer`, first the one with the lower estimate."""
    vlen = vector_length(context.isa)
    channels, positions = channels_cost(layer, vlen), planes_cost(layer, vlen)
    if channels is None:
        return
    kernels = [lower_channels, lower_planes]
    if positions is not None and positions * CODE < channels:
        kernels.reverse()
    for kernel in kernels:
        call = kernel(layer, context.isa)
        if call is not None:
            yield call
