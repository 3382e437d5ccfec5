"""A lower bound on the arena's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .problem import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .problem import Buffer, BufferOverlap


def lower_bound(buffers: Sequence[Buffer], overlaps: Iterable[BufferOverlap] = ()) -> int:
    """The largest number of bytes that are live at one step; bytes that may overlap count once.

    No plan has a lower peak.
    """
    return max(live_bytes(buffers, overlaps).values(), default=0)


def live_bytes(buffers: Sequence[Buffer], overlaps: Iterable[BufferOverlap] = ()) -> dict[int, int]:
    """Step -> bytes that are live then, for every step at which a buffer begins."""
    saved: dict[int, dict[int, int]] = {}
    for each in overlaps:
        output, source = buffers[each.output], buffers[each.source]
        if output.meets(source):
            common = min(source.aligned_size, output.aligned_size - aligned(each.distance))
            of_step = saved.setdefault(max(output.first, source.first), {})
            of_step[each.output] = of_step.get(each.output, 0) + max(common, 0)
    found = {}
    for step in sorted({buffer.first for buffer in buffers}):
        live = sum(b.aligned_size for b in buffers if b.first <= step <= b.last)
        for number, common in saved.get(step, {}).items():
            live -= min(common, buffers[number].aligned_size)
        found[step] = live
    return found
