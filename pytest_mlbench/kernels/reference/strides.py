"""Sizes and steps of a kernel's loops over a tensor, with neighbouring dimensions merged.

Two neighbouring dimensions can be merged if, in every tensor, the outer step is the inner step
times the inner size. Dimensions of size 1 are dropped.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DIMS = 6
"""MLBENCH_MAX_DIMS of mlbench_kernels.h."""

T = TypeVar("T")


def padded(items: Sequence[T], filler: T, count: int) -> list[T]:
    """`items`, filled up at the front to `count` items. Raises ValueError if there are more."""
    if len(items) > count:
        raise ValueError(f"{len(items)} dimensions, expected at most {count}")
    return [filler] * (count - len(items)) + list(items)


def strides(shape: Sequence[int]) -> list[int]:
    """Elements per step in each dimension of a dense tensor."""
    return [math.prod(shape[i + 1 :]) for i in range(len(shape))]


def merged(
    sizes: Sequence[int], steps: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """`sizes` and each row of `steps` with neighbouring dimensions merged where possible."""
    out_sizes: list[int] = []
    out_steps: list[list[int]] = [[] for _ in steps]
    for place, size in enumerate(sizes):
        if size == 1:
            continue
        if out_sizes and all(
            outer[-1] == row[place] * size for outer, row in zip(out_steps, steps, strict=True)
        ):
            out_sizes[-1] *= size
            for outer, row in zip(out_steps, steps, strict=True):
                outer[-1] = row[place]
        else:
            out_sizes.append(size)
            for outer, row in zip(out_steps, steps, strict=True):
                outer.append(row[place])
    return out_sizes, out_steps


def broadcast_steps(
    output: Sequence[int], left: Sequence[int], right: Sequence[int]
) -> tuple[list[int], list[int], list[int]]:
    """Sizes and both operands' steps, MAX_DIMS of each, by numpy's broadcasting rules."""
    rank = len(output)
    rows = []
    for shape in (left, right):
        full = [1] * (rank - len(shape)) + list(shape)
        rows.append(
            [0 if size == 1 else step for size, step in zip(full, strides(full), strict=True)]
        )
    sizes, steps = merged(output, rows)
    return (
        padded(sizes, 1, MAX_DIMS),
        padded(steps[0], 0, MAX_DIMS),
        padded(steps[1], 0, MAX_DIMS),
    )


def pad_steps(
    shape: Sequence[int], output: Sequence[int], before: Sequence[int]
) -> tuple[list[int], list[int], int]:
    """Sizes of the input, steps of the output (MAX_DIMS of each), offset of the first element.

    The innermost step is 1, so that the innermost dimension is copied as one run.
    """
    out = strides(output)
    first = sum(amount * step for amount, step in zip(before, out, strict=True))
    dense = strides(shape)
    sizes, (steps, _) = merged(shape, [out, dense])
    if not steps or steps[-1] != 1:
        sizes.append(1)
        steps.append(1)
    return padded(sizes, 1, MAX_DIMS), padded(steps, 0, MAX_DIMS), first


def kept_and_reduced(
    shape: Sequence[int], axes: Sequence[int]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """(size, step) of the kept dimensions and of the reduced ones (along `axes`)."""
    dense = strides(shape)

    def chosen(places: list[int]) -> list[tuple[int, int]]:
        sizes, (steps,) = merged([shape[i] for i in places], [[dense[i] for i in places]])
        return list(zip(sizes, steps, strict=True))

    return (
        chosen([i for i in range(len(shape)) if i not in axes]),
        chosen([i for i in range(len(shape)) if i in axes]),
    )
