"""How far before its input an output has to begin: against a walk that is carried out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlbench.kernels.overlap import Walk, distance, distance_of_rows


@st.composite
def walks(draw: st.DrawFn) -> tuple[Walk, tuple[int, int]]:
    """A walk and its filter."""
    filter_ = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    size = [draw(st.integers(1, 9)) for _ in range(2)]
    padding = [draw(st.integers(0, side - 1)) for side in filter_]
    out = []
    for axis in (0, 1):
        behind = draw(st.integers(0, filter_[axis] - 1))
        whole = size[axis] + padding[axis] + behind - filter_[axis]
        out.append(max(whole // stride[axis] + 1, 1))
    batches, c, channels = (draw(st.integers(1, most)) for most in (2, 5, 9))
    shape = (batches, size[0], size[1], c)
    return Walk(shape, (batches, *out, channels), stride, (padding[0], padding[1])), filter_


def survives(walk: Walk, filter_: tuple[int, int], before: int, together: int) -> bool:
    """Whether every byte is still the input's when it is read."""
    batches, height, width, c = walk.input_shape
    _, out_h, out_w, channels = walk.output_shape
    whole = np.zeros(before + batches * (height * width * c + out_h * out_w * channels), bool)
    pending = []
    positions = list(np.ndindex(batches, out_h, out_w))
    for number, (n, y, x) in enumerate(positions):
        rows = [y * walk.stride[0] - walk.padding[0] + i for i in range(filter_[0])]
        columns = [x * walk.stride[1] - walk.padding[1] + i for i in range(filter_[1])]
        window = [
            before + ((n * height + row) * width + column) * c + i
            for row in rows
            for column in columns
            for i in range(c)
            if 0 <= row < height and 0 <= column < width
        ]
        if whole[window].any():
            return False
        own = slice(number * channels, (number + 1) * channels)
        if not together:
            whole[own.start : own.stop - 1] = True
            if whole[window].any() and channels > 1:
                return False
            whole[own] = True
            continue
        pending.append(own)
        if len(pending) == together or number + 1 == len(positions):
            for each in pending:
                whole[each] = True
            pending = []
    return True


@given(walks(), st.integers(0, 6))
@settings(max_examples=300, deadline=None)
def test_nothing_is_overwritten_before_it_is_read(
    case: tuple[Walk, tuple[int, int]], together: int
) -> None:
    walk, filter_ = case
    before = distance(walk, together=together)
    assert survives(walk, filter_, before, together)
    assert survives(walk, filter_, before + 7, together)


@given(walks())
@settings(max_examples=300, deadline=None)
def test_no_row_is_overwritten_before_it_is_read(case: tuple[Walk, tuple[int, int]]) -> None:
    """Whatever the order within a row: all of its outputs are written before its inputs are read
    for the last time."""
    walk, (filter_h, _) = case
    batches, height, width, c = walk.input_shape
    _, out_h, out_w, channels = walk.output_shape
    before = distance_of_rows(walk)
    for number, (n, y) in enumerate(np.ndindex(batches, out_h)):
        top = max(y * walk.stride[0] - walk.padding[0], 0)
        if top < min(y * walk.stride[0] - walk.padding[0] + filter_h, height):
            first_read = before + (n * height + top) * width * c
            assert (number + 1) * out_w * channels <= first_read or before == (
                batches * out_h * out_w * channels
            )


def test_the_distance_is_as_small_as_it_can_be() -> None:
    same = Walk((1, 8, 8, 16), (1, 8, 8, 16), padding=(1, 1))
    assert distance(same, together=1) == (8 + 1) * 16
    assert not survives(same, (3, 3), (8 + 1) * 16 - 1, 1)
    pointwise = Walk((1, 8, 8, 16), (1, 8, 8, 16))
    assert distance(pointwise, together=5) == 0
    assert distance(pointwise) == 16
    wider = Walk((1, 8, 8, 16), (1, 8, 8, 32))
    assert distance(wider, together=1) == 63 * 16


def test_the_distance_is_at_most_the_outputs_size() -> None:
    assert distance(Walk((1, 9, 9, 1), (1, 1, 1, 4))) == 4
