"""How a convolution is divided for vector_planes.c, and its estimated cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from pytest_mlbench.kernels.tuned.geometry import MOST_SCRATCH, is_pointwise
from pytest_mlbench.models.operators.layers import DepthwiseConv2D

from .cost import CODE, LARGE, groups, making_planes, position_lanes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.operators.layers import Conv2D


MOST_EXPANDED = 16 << 10
"""The most bytes of scratch for planes of all taps, which save only a few instructions."""

MOST_GATHERED = 1 << 16
"""Limit on offsets in a plane, which have 16 bits."""


MOST_PIXELS = (1 << 15) - 1
"""Limit on column and row numbers, including padding, which are compared as 16 bits."""


@dataclass(frozen=True)
class Taps:
    """The taps of one dimension of a filter, split by phase = start % stride.

    A tap that starts at pixel `start` reads pixel output * stride + start for each output. Among
    the pixels of its phase that is element `output + shift`, shift = start // stride.
    """

    stride: int
    starts: tuple[int, ...]

    @cached_property
    def shifts(self) -> tuple[int, ...]:
        return tuple(start // self.stride for start in self.starts)

    @cached_property
    def phases(self) -> tuple[int, ...]:
        return tuple(sorted({start % self.stride for start in self.starts}))

    @cached_property
    def reach(self) -> int:
        """The distance in pixels of a phase between the first tap and the last."""
        return max(self.shifts) - min(self.shifts) + 1

    def pixels(self, size: int, outputs: int) -> int:
        """How many pixels of a phase `outputs` outputs need from an image of `size`."""
        return max(
            min(outputs + start // self.stride, -(-(size - start % self.stride) // self.stride))
            for start in self.starts
        )


@dataclass(frozen=True)
class Plan:
    """How an image is divided into planes.

    Normally there is one plane per phase of rows and columns, and a filter of `vertical` and
    `horizontal` taps runs over the planes. For images with few channels there is one plane per tap
    of the real filter (`expanded`): then the filter has a single tap, and all planes are its
    channels.

    starts  rows and columns of the first pixel of each phase, or of each tap
    row     elements in a row of a plane
    lanes   elements of a vector
    rows    rows of a plane that one vector needs
    """

    images: int
    input_h: int
    input_w: int
    output_h: int
    output_w: int
    planes: int
    depthwise: bool
    expanded: bool
    starts: tuple[tuple[int, int], ...]
    vertical: Taps
    horizontal: Taps
    lmul: int
    row: int
    lanes: int
    rows: int = 0

    @property
    def all_lanes(self) -> int:
        """Lanes of an image: its rows of outputs, including the elements between rows."""
        return (self.output_h - 1) * self.row + self.output_w

    @property
    def vectors(self) -> int:
        return -(-self.all_lanes // self.lanes)

    @property
    def channels(self) -> int:
        """Planes per tap of the filter that runs over them."""
        if self.depthwise:
            return 1
        return self.planes * (len(self.starts) if self.expanded else 1)

    @property
    def pitch(self) -> int:
        """Distance between planes in bytes."""
        return 2 * self.rows * self.row

    @property
    def plane_bytes(self) -> int:
        return len(self.starts) * self.planes * self.pitch

    @property
    def gathered_bytes(self) -> int:
        """Bytes from the first pixel gathered for a vector to the end of the last."""
        pixels = (self.rows - 1) * self.vertical.stride * self.input_w
        pixels += (self.row - 1) * self.horizontal.stride
        return (pixels + 1) * self.planes

    @property
    def has_short_numbers(self) -> bool:
        """Do 16 bits suffice to compare all requested rows and columns with the existing ones?"""
        asked = [
            start + output * taps.stride
            for taps, outputs, starts in (
                (self.vertical, self.output_h, [y for y, _ in self.starts]),
                (self.horizontal, self.output_w, [x for _, x in self.starts]),
            )
            for start in (*taps.starts, *starts)
            for output in (0, outputs)
        ]
        largest = max(self.input_h, self.input_w, *asked)
        return largest <= MOST_PIXELS and min(asked) >= -MOST_PIXELS

    def steps(self) -> Iterator[tuple[int, int]]:
        """For each vector of an image, as in vector_planes.c: rows of planes that are gathered, and
        rows that are moved."""
        top = made = 0
        for lane in range(0, self.all_lanes, self.lanes):
            first = lane // self.row
            last = min(lane + self.lanes, self.all_lanes) - 1
            end = max(last // self.row + self.vertical.reach, made)
            yield end - made, made - first if first > top else 0
            top, made = first, end

    def may_be_in_place(self, channels: int) -> bool:
        """May outputs with `channels` channels overwrite the input?

        A vector's inputs are read before its outputs are written, and inputs that the next vectors
        need are kept.
        """
        pixel_row = self.input_w * self.planes
        image = self.input_h * pixel_row
        if self.images > 1 and self.output_h * self.output_w * channels > image:
            return False
        first = min(y for y, _ in self.starts)
        for end in range(self.lanes, self.all_lanes, self.lanes):
            row, column = divmod(end - 1, self.row)
            written = (row * self.output_w + min(column + 1, self.output_w)) * channels
            unread = ((row + self.vertical.reach) * self.vertical.stride + first) * pixel_row
            if max(unread, 0) < min(written, image):
                return False
        return True


def planes_cost(layer: Conv2D, vlen: int) -> float | None:
    """The estimated instructions for `layer`; None if vector_planes.c does not support it."""
    plan = planned(layer, vlen)
    return None if plan is None else _cost(plan, layer.output_shape[3], vlen)


def planned(layer: Conv2D, vlen: int) -> Plan | None:
    """The best division of `layer`; None if it is grouped, has a single channel, or needs too much
    scratch."""
    channels, depthwise = layer.output_shape[3], isinstance(layer, DepthwiseConv2D)
    if layer.input_shape[3] != (channels if depthwise else layer.weights.shape[3]):
        return None
    if depthwise and channels == 1:
        return None
    plans = [
        _planned(layer, vlen, lmul, expanded=expanded)
        for lmul, expanded in ([(8, False)] if depthwise else product(LARGE, (False, True)))
        if groups(channels, lmul) is not None
    ]
    fit = [
        plan
        for plan in plans
        if plan.plane_bytes <= (MOST_EXPANDED if plan.expanded else MOST_SCRATCH)
        and plan.gathered_bytes <= MOST_GATHERED
        and plan.has_short_numbers
    ]
    return min(
        fit,
        key=lambda plan: _cost(plan, channels, vlen) * (1 if plan.lmul == 8 else CODE),
        default=None,
    )


def _planned(layer: Conv2D, vlen: int, lmul: int, *, expanded: bool) -> Plan:
    images, input_h, input_w, c = layer.input_shape
    _, output_h, output_w, _ = layer.output_shape
    pixels = images * input_h * input_w
    if is_pointwise(layer) and pixels <= MOST_PIXELS:  # rows of one pixel, of all images
        images, input_h, input_w = 1, pixels, 1
        output_h, output_w = pixels, 1
    vertical, horizontal = (
        Taps(
            layer.stride[i],
            tuple(tap * layer.dilation[i] - layer.padding[i] for tap in range(size)),
        )
        for i, size in enumerate(layer.weights.shape[1:3])
    )
    if expanded:
        starts = tuple((y, x) for x in horizontal.starts for y in vertical.starts)
        vertical, horizontal = Taps(layer.stride[0], (0,)), Taps(layer.stride[1], (0,))
        row = output_w
    else:
        top = min(vertical.shifts) * vertical.stride
        starts = tuple((top + y, x) for y in vertical.phases for x in horizontal.phases)
        row = max(output_w, horizontal.pixels(input_w, output_w))
    most = vlen // 32 * lmul
    plan = Plan(
        images, input_h, input_w, output_h, output_w, c, isinstance(layer, DepthwiseConv2D),
        expanded, starts, vertical, horizontal, lmul, row, most,
    )  # fmt: skip
    lanes = -(-plan.all_lanes // plan.vectors)
    whole_rows = -(-lanes // row) * row
    plan = replace(plan, lanes=whole_rows if whole_rows <= most else lanes)
    touched = max(
        (min(first + plan.lanes, plan.all_lanes) - 1) // row - first // row + 1
        for first in range(0, plan.all_lanes, plan.lanes)
    )
    return replace(plan, rows=touched - 1 + vertical.reach)


def _cost(plan: Plan, channels: int, vlen: int) -> float:
    multiply = position_lanes(
        channels,
        plan.lmul,
        planes=plan.channels,
        filter_h=len(plan.vertical.starts),
        filter_w=len(plan.horizontal.starts),
        vectors=plan.vectors,
        depthwise=plan.depthwise,
    )
    make = sum(
        making_planes(
            new * plan.row,
            kept * plan.row,
            planes=plan.planes,
            phases=len(plan.starts),
            vlen=vlen,
        )
        for new, kept in plan.steps()
    )
    return plan.images * (multiply + make)
