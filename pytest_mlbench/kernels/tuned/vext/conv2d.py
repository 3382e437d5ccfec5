"""CONV_2D for V 1.0, with channels or positions as lanes, whichever needs fewer instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .blocking import planes_cost
from .channels import channels_cost, lower_channels
from .common import vector_length
from .cost import CODE
from .planes import lower_planes

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelCall, LowerContext
    from pytest_mlbench.models.operators.layers import Conv2D


def lower_vector_conv2d(layer: Conv2D, context: LowerContext) -> KernelCall | None:
    """The call for `layer`; None if it is grouped or neither kernel supports it."""
    vlen = vector_length(context.isa)
    channels, positions = channels_cost(layer, vlen), planes_cost(layer, vlen)
    if channels is None:
        return None
    kernels = [lower_channels, lower_planes]
    if positions is not None and positions * CODE < channels:
        kernels.reverse()
    return kernels[0](layer, context.isa) or kernels[1](layer, context.isa)
