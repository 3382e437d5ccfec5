"""How a convolution is divided for vector_planes.c, and its estimated cost."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import MOST_SCRATCH, is_pointwise, padded
from pytest_mlbench.models.operators.layers import DepthwiseConv2D

from .cost import CODE, LARGE, groups, making_planes, position_lanes
from .layout import MOST_PIXELS, Blocking, Geometry, Layout, Taps

if TYPE_CHECKING:
    from pytest_mlbench.models.operators.layers import Conv2D


MOST_EXPANDED = 16 << 10
"""The most bytes of scratch for planes of all taps, which save only a few instructions."""

MOST_GATHERED = 1 << 16
"""Limit on offsets in a plane, which have 16 bits."""


SHORTEST = 128
"""Bits of the shortest vectors."""


def planes_cost(layer: Conv2D, vlen: int) -> float | None:
    """The estimated instructions for `layer`; None if vector_planes.c does not support it."""
    blocking = blocked(layer, vlen)
    return None if blocking is None else _cost(blocking, layer.output_shape[3], vlen)


def blocked(layer: Conv2D, vlen: int) -> Blocking | None:
    """The best division of `layer`; None if it is grouped, has a single channel, or needs too much
    scratch. If whole vectors need too much scratch, halves of vectors are tried, then quarters and
    so on."""
    channels, depthwise = layer.output_shape[3], isinstance(layer, DepthwiseConv2D)
    if layer.input_shape[3] != (channels if depthwise else layer.weights.shape[3]):
        return None
    if depthwise and channels == 1:
        return None
    ways = [
        (lmul, expanded)
        for lmul, expanded in ([(8, False)] if depthwise else product(LARGE, (False, True)))
        if groups(channels, lmul) is not None
    ]
    used = vlen
    while used >= SHORTEST:
        fit = [
            each
            for each in (_blocked(layer, used // 32 * way[0], *way) for way in ways)
            if _fits(each, vlen)
        ]
        if fit:
            return min(
                fit,
                key=lambda each: _cost(each, channels, vlen) * (1 if each.lmul == 8 else CODE),
            )
        used //= 2
    return None


def mask_bytes(blocking: Blocking, vlen: int) -> int:
    """Bytes of the masks that vector_planes.S computes for a vector's columns."""
    return padded(vlen // 32 * (len(blocking.layout.horizontal.starts) + 1), 16)


def _fits(blocking: Blocking, vlen: int) -> bool:
    most = MOST_EXPANDED if blocking.layout.expanded else MOST_SCRATCH
    return (
        blocking.plane_bytes <= most
        and mask_bytes(blocking, vlen) + blocking.plane_bytes <= MOST_SCRATCH
        and blocking.gathered_bytes <= MOST_GATHERED
        and blocking.has_short_numbers
    )


def _geometry(layer: Conv2D) -> Geometry:
    images, input_h, input_w, c = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    pixels = images * input_h * input_w
    depthwise = isinstance(layer, DepthwiseConv2D)
    if is_pointwise(layer) and pixels <= MOST_PIXELS:
        return Geometry(1, pixels, 1, pixels, 1, c, depthwise)
    return Geometry(images, input_h, input_w, output_h, output_w, c, depthwise)


def _layout(layer: Conv2D, geometry: Geometry, *, expanded: bool) -> Layout:
    vertical, horizontal = (
        Taps(
            layer.stride[i],
            tuple(tap * layer.dilation[i] - layer.padding[i] for tap in range(size)),
        )
        for i, size in enumerate(layer.weights.shape[1:3])
    )
    width = geometry.output_w
    if expanded:
        starts = tuple((y, x) for x in horizontal.starts for y in vertical.starts)
        one = Taps(layer.stride[0], (0,)), Taps(layer.stride[1], (0,))
        return Layout(expanded, starts, *one, row=width)
    top = min(vertical.shifts) * vertical.stride
    starts = tuple((top + y, x) for y in vertical.phases for x in horizontal.phases)
    row = max(width, horizontal.pixels(geometry.input_w, width))
    return Layout(expanded, starts, vertical, horizontal, row)


def _blocked(layer: Conv2D, most: int, lmul: int, expanded: bool) -> Blocking:
    """Divides `layer` into vectors of at most `most` lanes, of equal length if possible, and of
    whole rows if these fit."""
    geometry = _geometry(layer)
    layout = _layout(layer, geometry, expanded=expanded)
    widest = Blocking(geometry, layout, lmul, most)
    row, all_lanes = layout.row, widest.all_lanes
    lanes = -(-all_lanes // widest.vectors)
    whole_rows = -(-lanes // row) * row
    lanes = whole_rows if whole_rows <= most else lanes
    touched = max(
        (min(first + lanes, all_lanes) - 1) // row - first // row + 1
        for first in range(0, all_lanes, lanes)
    )
    return replace(widest, lanes=lanes, rows=touched - 1 + layout.vertical.reach)


def _cost(blocking: Blocking, channels: int, vlen: int) -> float:
    geometry, layout = blocking.geometry, blocking.layout
    multiply = position_lanes(
        channels,
        blocking.lmul,
        planes=blocking.channels,
        filter_h=len(layout.vertical.starts),
        filter_w=len(layout.horizontal.starts),
        vectors=blocking.vectors,
        depthwise=geometry.depthwise,
    )
    make = sum(
        making_planes(
            new * layout.row,
            kept * layout.row,
            planes=geometry.planes,
            phases=len(layout.starts),
            vlen=vlen,
        )
        for new, kept in blocking.steps()
    )
    return geometry.images * (multiply + make)
