"""How a convolution is divided for vector_planes.c, and what that should cost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from .conv2d import is_pointwise
from .vector_cost import LARGE, groups, making_planes, position_lanes

if TYPE_CHECKING:
    from pytest_mlbench.kernels.layers import Conv2D


@dataclass(frozen=True)
class Taps:
    """One dimension of a filter: a tap that begins at pixel output * stride + start is pixel
    `output + shift` of those whose number has the phase (is start modulo stride)."""

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
        """Pixels of a phase from the first tap to the last."""
        return max(self.shifts) - min(self.shifts) + 1

    def pixels(self, size: int, outputs: int) -> int:
        """How many pixels of a phase `outputs` need of an image of `size`."""
        needed = (
            min(outputs + start // self.stride, -(-(size - start % self.stride) // self.stride))
            for start in self.starts
        )
        return max(needed)


@dataclass(frozen=True)
class Plan:
    """How a layer is divided: `row` elements in a row of a plane, `lanes` per vector, `rows` of a
    plane for one vector."""

    images: int
    input_h: int
    input_w: int
    output_h: int
    output_w: int
    vertical: Taps
    horizontal: Taps
    planes: int
    lmul: int
    row: int
    lanes: int
    rows: int

    @property
    def all_lanes(self) -> int:
        """Lanes of an image: rows of outputs with what is between them."""
        return (self.output_h - 1) * self.row + self.output_w

    @property
    def vectors(self) -> int:
        return -(-self.all_lanes // self.lanes)

    @property
    def phases(self) -> int:
        return len(self.vertical.phases) * len(self.horizontal.phases)

    @property
    def pitch(self) -> int:
        """Bytes of a plane."""
        return 2 * self.rows * self.row

    def may_be_in_place(self, channels: int) -> bool:
        """Whether no output is written over an input that is still to be read: a vector's inputs
        are read before its outputs are written, and kept as long as the next ones need them."""
        if self.images * self.vectors == 1:
            return True
        return (
            self.vertical.stride == 1
            and self.vertical.shifts[-1] >= 0
            and self.output_w * channels <= self.input_w * self.planes
            and self.output_h <= self.input_h
        )


def planes_cost(layer: Conv2D, vlen: int) -> float | None:
    """The estimated instructions for `layer`; None where vector_planes.c takes no such."""
    plan = planned(layer, vlen)
    return None if plan is None else _cost(plan, len(layer.weights), vlen)


def planned(layer: Conv2D, vlen: int) -> Plan | None:
    """How `layer` is best divided, or None: grouped convolutions and single channels."""
    plans = [plan for lmul in LARGE if (plan := _planned(layer, vlen, lmul)) is not None]
    return min(plans, key=lambda plan: _cost(plan, len(layer.weights), vlen), default=None)


def _planned(layer: Conv2D, vlen: int, lmul: int) -> Plan | None:
    images, input_h, input_w, c = layer.input_shape
    channels, filter_h, filter_w, filter_c = layer.weights.shape
    _, output_h, output_w, _ = layer.output_shape
    if filter_c != c or groups(channels, lmul) is None:
        return None
    if is_pointwise(layer):  # rows of one pixel, of all images
        images, input_h, input_w = 1, images * input_h * input_w, 1
        output_h, output_w = input_h, 1
    vertical, horizontal = (
        Taps(
            layer.stride[i],
            tuple(tap * layer.dilation[i] - layer.padding[i] for tap in range(size)),
        )
        for i, size in enumerate((filter_h, filter_w))
    )
    row = max(output_w, horizontal.pixels(input_w, output_w))
    most = vlen // 32 * lmul
    plan = Plan(
        images, input_h, input_w, output_h, output_w, vertical, horizontal, c, lmul, row, most, 0
    )  # fmt: skip
    lanes = -(-plan.all_lanes // plan.vectors)
    whole_rows = -(-lanes // row) * row
    plan = replace(plan, lanes=whole_rows if whole_rows <= most else lanes)
    starts = range(0, plan.all_lanes, plan.lanes)
    touched = max(
        (min(start + plan.lanes, plan.all_lanes) - 1) // row - start // row + 1 for start in starts
    )
    return replace(plan, rows=touched - 1 + vertical.reach)


def _cost(plan: Plan, channels: int, vlen: int) -> float:
    vectors = plan.images * plan.vectors
    new = (plan.rows - plan.vertical.reach + 1) * plan.row
    return position_lanes(
        channels,
        plan.lmul,
        planes=plan.planes,
        filter_h=len(plan.vertical.starts),
        filter_w=len(plan.horizontal.starts),
        vectors=vectors,
    ) + making_planes(new, vectors, planes=plan.planes, phases=plan.phases, vlen=vlen)
