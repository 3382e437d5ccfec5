"""The layout of images in planes for vector_planes.c, and how many outputs are computed at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
class Geometry:
    """The images of a layer. A pointwise layer is treated as one-pixel rows of all images.

    planes  input channels; each one becomes one plane per phase or tap
    """

    images: int
    input_h: int
    input_w: int
    output_h: int
    output_w: int
    planes: int
    depthwise: bool


@dataclass(frozen=True)
class Layout:
    """How an image is divided into planes.

    Normally there is one plane per phase of rows and columns, and a filter of `vertical` and
    `horizontal` taps runs over the planes. For images with few channels there is one plane per tap
    of the real filter (`expanded`): then the filter has a single tap, and all planes are its
    channels.

    starts  rows and columns of the first pixel of each phase, or of each tap
    row     elements in a row of a plane
    """

    expanded: bool
    starts: tuple[tuple[int, int], ...]
    vertical: Taps
    horizontal: Taps
    row: int


@dataclass(frozen=True)
class Blocking:
    """How many outputs are computed at once.

    lanes  elements of a vector
    rows   rows of a plane that one vector needs
    """

    geometry: Geometry
    layout: Layout
    lmul: int
    lanes: int
    rows: int = 0

    @property
    def all_lanes(self) -> int:
        """Lanes of an image: its rows of outputs, including the elements between rows."""
        return (self.geometry.output_h - 1) * self.layout.row + self.geometry.output_w

    @property
    def vectors(self) -> int:
        return -(-self.all_lanes // self.lanes)

    @property
    def channels(self) -> int:
        """Planes per tap of the filter that runs over them."""
        if self.geometry.depthwise:
            return 1
        return self.geometry.planes * (len(self.layout.starts) if self.layout.expanded else 1)

    @property
    def pitch(self) -> int:
        """Distance between planes in bytes."""
        return 2 * self.rows * self.layout.row

    @property
    def plane_bytes(self) -> int:
        return len(self.layout.starts) * self.geometry.planes * self.pitch

    @property
    def gathered_bytes(self) -> int:
        """Bytes from the first pixel gathered for a vector to the end of the last."""
        pixels = (self.rows - 1) * self.layout.vertical.stride * self.geometry.input_w
        pixels += (self.layout.row - 1) * self.layout.horizontal.stride
        return (pixels + 1) * self.geometry.planes

    @property
    def has_short_numbers(self) -> bool:
        """Do 16 bits suffice to compare all requested rows and columns with the existing ones?"""
        asked = [
            start + output * taps.stride
            for taps, outputs, starts in (
                (self.layout.vertical, self.geometry.output_h, [y for y, _ in self.layout.starts]),
                (
                    self.layout.horizontal,
                    self.geometry.output_w,
                    [x for _, x in self.layout.starts],
                ),
            )
            for start in (*taps.starts, *starts)
            for output in (0, outputs)
        ]
        largest = max(self.geometry.input_h, self.geometry.input_w, *asked)
        return largest <= MOST_PIXELS and min(asked) >= -MOST_PIXELS

    def steps(self) -> Iterator[tuple[int, int]]:
        """For each vector of an image, as in vector_planes.c: rows of planes that are gathered, and
        rows that are moved."""
        top = made = 0
        for lane in range(0, self.all_lanes, self.lanes):
            first = lane // self.layout.row
            last = min(lane + self.lanes, self.all_lanes) - 1
            end = max(last // self.layout.row + self.layout.vertical.reach, made)
            yield end - made, made - first if first > top else 0
            top, made = first, end

    def may_be_in_place(self, channels: int) -> bool:
        """May outputs with `channels` channels overwrite the input?

        A vector's inputs are read before its outputs are written, and inputs that the next vectors
        need are kept.
        """
        pixel_row = self.geometry.input_w * self.geometry.planes
        image = self.geometry.input_h * pixel_row
        if (
            self.geometry.images > 1
            and self.geometry.output_h * self.geometry.output_w * channels > image
        ):
            return False
        first = min(y for y, _ in self.layout.starts)
        for end in range(self.lanes, self.all_lanes, self.lanes):
            row, column = divmod(end - 1, self.layout.row)
            written = (
                row * self.geometry.output_w + min(column + 1, self.geometry.output_w)
            ) * channels
            unread = (
                (row + self.layout.vertical.reach) * self.layout.vertical.stride + first
            ) * pixel_row
            if max(unread, 0) < min(written, image):
                return False
        return True
