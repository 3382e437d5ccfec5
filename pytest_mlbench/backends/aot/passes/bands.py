"""Splits a convolution and the pool that follows it into bands of rows, for a lower peak of memory.

A pool needs only some rows of the convolution's output at a time. For each band of the pool's rows,
the convolution computes the rows that these windows cover into a small tensor, which the pool then
reads. The whole output of the convolution never exists (Alwani et al., "Fused-Layer CNN
Accelerators", 2016, section III; here with one layer of rows that are computed anew).

A band consists of ordinary layers: a slice of rows of the input, a convolution, a pool; at the end,
a concatenation joins the pools' rows. The memory plan makes the slices and the concatenation views,
which copy nothing, wherever the rows begin at aligned addresses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from pytest_mlbench.kernels.interface import ALIGNMENT
from pytest_mlbench.models.operators.layers import (
    Concatenation,
    Conv2D,
    DepthwiseConv2D,
    Layer,
    Pool2D,
)
from pytest_mlbench.models.operators.strided import StridedCopy, dense_steps
from pytest_mlbench.models.tflite.graph import Operator

from .program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.models.tflite.graph import Tensor

    Shape = tuple[int, int, int, int]

COUNTS = (2, 3, 4, 6, 8, 12, 16)
"""The numbers of bands that are tried."""

MOST_COMPUTED = 1.25
"""The convolution's rows in all bands, where windows of neighbouring bands overlap, are at most so
many times its rows."""


class Pair(NamedTuple):
    """A convolution and the pool that alone reads it, by their operators' indices."""

    convolution: int
    pool: int


@dataclass(frozen=True)
class Band:
    """Rows from the first of a pair to before the second, of the convolution's input, of its
    output and of the pool's output."""

    read: tuple[int, int]
    between: tuple[int, int]
    written: tuple[int, int]


def pairs(program: Program) -> tuple[Pair, ...]:
    """Every pair that can be split, in the order of the model."""
    return tuple(
        Pair(program.graph.operators[place].index, program.graph.operators[reader].index)
        for place, reader in _places(program)
    )


def heights(program: Program, pair: Pair) -> tuple[int, ...]:
    """How many rows of the pool's output a band may have, for few bands first.

    Bands begin at aligned addresses of the pool's output if there are rows enough.
    """
    convolution, pool = _layers(program, pair)
    _, rows, width, channels = pool.output_shape
    unit = ALIGNMENT // gcd(ALIGNMENT, width * channels)
    found = []
    for count in COUNTS:
        height = -(-rows // count)
        if unit < rows:
            height = -(-height // unit) * unit
        if height < rows and height not in found and _pays(convolution, pool, height):
            found.append(height)
    return tuple(found)


def split(program: Program, pair: Pair, height: int) -> Program:
    """`program` with `pair` in bands of `height` rows of the pool's output.

    The bands' operators stand in the convolution's place, with the indices of their operators; the
    pool's own place is gone.
    """
    convolution, pool = _layers(program, pair)
    place, reader = _place(program, pair.convolution), _place(program, pair.pool)
    graph = program.graph
    tensors = list(graph.tensors)
    kept = graph.operators[place].inputs[1:]
    made: list[tuple[Operator, Layer]] = []
    pieces = []

    def rows_of(index: int, rows: tuple[int, int]) -> int:
        """A new tensor with some rows of tensor `index`."""
        whole: Tensor = tensors[index]
        n, _, width, channels = whole.shape
        name = f"{whole.name} rows {rows[0]} to {rows[1]}"
        shape = (n, rows[1] - rows[0], width, channels)
        tensors.append(replace(whole, index=len(tensors), name=name, shape=shape))
        return len(tensors) - 1

    source, (between,), (output,) = convolution.inputs[0], convolution.outputs, pool.outputs
    for band in bands(convolution, pool, height):
        read, middle, written = (
            rows_of(index, rows)
            for index, rows in (
                (source, band.read),
                (between, band.between),
                (output, band.written),
            )
        )
        pieces.append(written)
        cut = _slice(convolution, band, read)
        made.append((Operator(cut.index, cut.kind, cut.inputs, cut.outputs), cut))
        first = _convolution(convolution, band, read, middle)
        made.append((Operator(first.index, first.kind, (read, *kept), (middle,)), first))
        second = _pool(pool, band, middle, written)
        made.append((Operator(second.index, second.kind, (middle,), (written,)), second))
    joined = Concatenation(
        index=pool.index,
        kind="CONCATENATION",
        inputs=tuple(pieces),
        outputs=(output,),
        macs=0,
        input_shapes=tuple(tensors[piece].shape for piece in pieces),
        output_shape=pool.output_shape,
        axis=1,
    )
    made.append((Operator(pool.index, joined.kind, joined.inputs, joined.outputs), joined))
    together = list(zip(graph.operators, program.layers, strict=True))
    del together[reader]
    together[place : place + 1] = made
    operators, layers = zip(*together, strict=True)
    return Program(
        replace(graph, tensors=tuple(tensors), operators=operators), layers, program.inside
    )


def bands(convolution: Conv2D, pool: Pool2D, height: int) -> tuple[Band, ...]:
    """The bands of `height` rows each; the last one may have fewer."""
    rows = pool.output_shape[1]
    return tuple(
        _band(convolution, pool, first, min(first + height, rows))
        for first in range(0, rows, height)
    )


def _band(convolution: Conv2D, pool: Pool2D, first: int, last: int) -> Band:
    between = _covered(pool, first, last, pool.filter[0])
    reach = (convolution.weights.shape[1] - 1) * convolution.dilation[0] + 1
    return Band(_covered(convolution, *between, reach), between, (first, last))


def _covered(layer: Conv2D | Pool2D, first: int, last: int, window: int) -> tuple[int, int]:
    """The rows of the input that the windows of output rows `first` to `last` - 1 cover."""
    top = first * layer.stride[0] - layer.padding[0]
    bottom = (last - 1) * layer.stride[0] - layer.padding[0] + window
    return max(top, 0), min(bottom, layer.input_shape[1])


def _above(layer: Conv2D | Pool2D, first: int) -> int:
    """The rows of padding above the window of output row `first`."""
    return max(layer.padding[0] - first * layer.stride[0], 0)


def _slice(convolution: Conv2D, band: Band, output: int) -> StridedCopy:
    _, _, width, channels = convolution.input_shape
    first, last = band.read
    return StridedCopy(
        index=convolution.index,
        kind="SLICE",
        inputs=convolution.inputs[:1],
        outputs=(output,),
        macs=0,
        sizes=(1, last - first, width, channels),
        steps=dense_steps(convolution.input_shape),
        first=first * width * channels,
        item=1,
    )


def _convolution(whole: Conv2D, band: Band, source: int, output: int) -> Conv2D:
    first, last = band.between
    return replace(
        whole,
        inputs=(source, *whole.inputs[1:]),
        outputs=(output,),
        input_shape=_with_rows(whole.input_shape, band.read),
        output_shape=_with_rows(whole.output_shape, band.between),
        padding=(_above(whole, first), whole.padding[1]),
        macs=whole.macs // whole.output_shape[1] * (last - first),
    )


def _pool(whole: Pool2D, band: Band, source: int, output: int) -> Pool2D:
    return replace(
        whole,
        inputs=(source,),
        outputs=(output,),
        input_shape=_with_rows(whole.input_shape, band.between),
        output_shape=_with_rows(whole.output_shape, band.written),
        padding=(_above(whole, band.written[0]), whole.padding[1]),
    )


def _with_rows(shape: Shape, rows: tuple[int, int]) -> Shape:
    return shape[0], rows[1] - rows[0], shape[2], shape[3]


def _pays(convolution: Conv2D, pool: Pool2D, height: int) -> bool:
    """Has every band rows to compute, in windows that reach into the image, and few of them anew?

    Kernels require that the first window reaches into the image and the last one begins in it.
    """
    found = bands(convolution, pool, height)
    for band in found:
        for layer, rows, read in (
            (convolution, band.between, band.read),
            (pool, band.written, band.between),
        ):
            begins = (rows[1] - 1) * layer.stride[0] - layer.padding[0]
            if read[0] >= read[1] or begins >= read[1]:
                return False
    computed = sum(band.between[1] - band.between[0] for band in found)
    return computed <= MOST_COMPUTED * convolution.output_shape[1]


def _places(program: Program) -> Iterator[tuple[int, int]]:
    """The places of convolution and pool of every pair."""
    tensors = program.graph.tensors
    for place, layer in enumerate(program.layers):
        if type(layer) not in (Conv2D, DepthwiseConv2D):
            continue
        assert isinstance(layer, Conv2D)
        source, reader = tensors[layer.inputs[0]], program.only_reader(layer.outputs[0])
        if reader is None or type(program.layers[reader]) is not Pool2D:
            continue
        if source.variable or source.data is not None or layer.input_shape[0] != 1:
            continue
        # A tensor may be declared with other dimensions than the layer sees (a row for an image).
        if source.shape == layer.input_shape:
            yield place, reader


def _place(program: Program, index: int) -> int:
    return next(i for i, each in enumerate(program.graph.operators) if each.index == index)


def _layers(program: Program, pair: Pair) -> tuple[Conv2D, Pool2D]:
    convolution = program.layers[_place(program, pair.convolution)]
    pool = program.layers[_place(program, pair.pool)]
    assert isinstance(convolution, Conv2D)
    assert isinstance(pool, Pool2D)
    return convolution, pool
