"""Instructions of moves.c: PAD, CONCATENATION, SPLIT, slices, TRANSPOSE, RESIZE_NEAREST_NEIGHBOR.

What the C code around the copies takes is counted in GCC's code at -O3, where the loops over
dimensions are unrolled, and at -Os.
"""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

from .copies import copy_rows, fill, move_bytes, places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .facts import Facts

CLEARED = 70
"""What -Os adds for the indices, which `memset` clears."""


def pad(layer: Facts) -> float:
    """mlbench_tuned_pad: the output is filled, then the input's rows are copied into it."""
    *outer, rows, run = layer.numbers("size")
    *steps, pitch, _ = layer.numbers("output_step")
    dense = [rows * run * prod(outer[place + 1 :]) for place in range(len(outer))]
    at = places(layer["first"], 0, zip(outer, steps, dense, strict=True))
    copied = copy_rows(layer.machine, at, rows, pitch, run, run)
    around = 50 + _nest(layer, outer, each=(14, 18), wrap=(8, 14))
    return around + fill(layer.machine, layer["output_bytes"]) + copied


def concatenation(layer: Facts) -> float:
    """mlbench_tuned_concatenation: input by input."""
    return _columns(layer, to_row=True)


def split(layer: Facts) -> float:
    """mlbench_tuned_split: output by output."""
    return _columns(layer, to_row=False)


def _columns(layer: Facts, *, to_row: bool) -> float:
    """Columns of rows, copied from (or to) tensors of their own."""
    widths, rows = [int(width) for width in layer.values("row_bytes")], layer["rows"]
    row, first = sum(widths), 0
    total = 41.0 + (24 if layer.machine.small else 20) * len(widths)
    for width in widths:
        at = places(first, 0, []) if to_row else places(0, first, [])
        pitches = (row, width) if to_row else (width, row)
        total += copy_rows(layer.machine, at, rows, *pitches, width)
        first += width
    return total


def strided_copy(layer: Facts) -> float:
    """mlbench_tuned_strided_copy: runs, a step apart, many at once."""
    *outer, rows = layer.numbers("size")
    *steps, step = layer.numbers("step")
    run = layer["run"]
    around = 51 + _nest(layer, outer, each=(21, 21), wrap=(9, 14))
    if run == 1:
        return around + prod(outer) * move_bytes(layer.machine, rows)
    dense = [rows * run * prod(outer[place + 1 :]) for place in range(len(outer))]
    at = places(0, layer["first"], zip(outer, dense, steps, strict=True))
    return around + copy_rows(layer.machine, at, rows, run, step, run)


def transpose(layer: Facts) -> float:
    """mlbench_tuned_transpose: bytes along the longest dimension."""
    *outer, count = layer.numbers("size")
    around = 41 + _nest(layer, outer, each=(13, 18), wrap=(12, 18))
    return around + prod(outer) * move_bytes(layer.machine, count)


def pick(layer: Facts) -> float:
    """mlbench_tuned_pick: an output row equal to the one before is copied from there."""
    sizes, run, small = layer.numbers("size"), layer["run"], layer.machine.small
    tables = [[int(at) for at in layer.values(f"table[{place}]")] for place in range(len(sizes))]
    row = sizes[-1] * run
    groups = _groups(tables[-1], run)
    each, merged, between = (26, 9, 0) if small else (16, 7, 3)
    total, to, before = 45 + _nest(layer, sizes[:-1], each=(33, 61), wrap=(12, 11)), 0, -1
    for starts in product(*tables[:-1]):
        outer = sum(starts)
        if outer == before:
            total += 7 + _one_row(layer, to, to - row, row)
        else:
            total += 5 + between * (len(groups) - 1)
            for at, start, size in groups:
                total += each + merged * (size // run - 1)
                total += _one_row(layer, to + at, outer + start, size)
        before, to = outer, to + row
    return total


def _nest(
    layer: Facts, sizes: Sequence[int], *, each: tuple[int, int], wrap: tuple[int, int]
) -> float:
    """A nest of loops: what each innermost turn takes, and what it takes when a loop ends; both at
    -O3 and at -Os."""
    small = layer.machine.small
    ends = sum(prod(sizes[:depth]) for depth in range(len(sizes)))
    return each[small] * prod(sizes) + wrap[small] * (ends - 1) + CLEARED * small


def _groups(table: list[int], run: int) -> list[tuple[int, int, int]]:
    """Neighbouring runs that one copy takes: where they go, where they come from, their bytes."""
    found: list[tuple[int, int, int]] = []
    for place, start in enumerate(table):
        if found and start == found[-1][1] + found[-1][2]:
            at, first, size = found[-1]
            found[-1] = (at, first, size + run)
        else:
            found.append((place * run, start, run))
    return found


def _one_row(layer: Facts, to: int, start: int, count: int) -> float:
    return copy_rows(layer.machine, places(to, start, []), 1, count, count, count)
