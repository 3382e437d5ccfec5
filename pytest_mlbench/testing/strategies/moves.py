"""Operators that move values: slices, transposition, splitting, stacking, picking the nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _numbers(build: GraphBuilder, name: str, values: Any) -> int:
    return build.constant(name, np.array(values, np.int32))


def _moved(
    draw: d.Draw,
    kind: str,
    size: tuple[int, ...],
    output: tuple[int, ...],
    constants: list[Any],
    *,
    types: tuple[str, ...] = ("int8",),
    **options: Any,
) -> LayerCase:
    """One input, constants behind it, one output of the same type and scale."""
    build, generator = GraphBuilder(), d.rng(draw)
    dtype = draw(st.sampled_from(types))
    known = d.quantised(draw, dtype)
    x = build.input("x", size, dtype, **known)
    inputs = [x, *(_numbers(build, f"c{place}", one) for place, one in enumerate(constants))]
    y = build.activation("y", output, dtype, **known)
    build.op(kind, inputs, [y], **options)
    return d.case(build, y, generator)


@st.composite
def strided_slice(draw: d.Draw) -> LayerCase:
    """STRIDED_SLICE with begins, ends and strides of both signs, masked and shrunk."""
    size = d.shape(draw, 1, 4, 7)
    begin, end, stride, output = [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for place, extent in enumerate(size):
        step = draw(st.sampled_from([1, 1, 1, 2, 3, -1, -2]))
        first = draw(st.integers(-extent, extent - 1))
        last = draw(st.integers(-extent - 1, extent + 2))
        chosen = slice(first, last, step)
        if draw(st.integers(0, 3)) == 0:
            masks["begin_mask"] |= 1 << place
            chosen = slice(None, chosen.stop, step)
        if draw(st.integers(0, 3)) == 0:
            masks["end_mask"] |= 1 << place
            chosen = slice(chosen.start, None, step)
        count = len(range(extent)[chosen])
        if draw(st.integers(0, 4)) == 0 and len(size) > 1:
            masks["shrink_axis_mask"] |= 1 << place
            masks["begin_mask"] &= ~(1 << place)
            step = 1
        else:
            assume(count > 0)
            output.append(count)
        begin.append(first)
        end.append(last)
        stride.append(step)
    assume(output)
    return _moved(
        draw, "STRIDED_SLICE", size, tuple(output), [begin, end, stride],
        types=("int8", "int8", "int16", "int32", "float32"), **masks,
    )  # fmt: skip


@st.composite
def slice_(draw: d.Draw) -> LayerCase:
    """SLICE, now and then to the end."""
    size = d.shape(draw, 1, 5, 6)
    begin = [draw(st.integers(0, extent - 1)) for extent in size]
    counts = [draw(st.integers(1, extent - one)) for extent, one in zip(size, begin, strict=True)]
    told = [
        -1 if one + count == extent and draw(st.booleans()) else count
        for extent, one, count in zip(size, begin, counts, strict=True)
    ]
    return _moved(
        draw, "SLICE", size, tuple(counts), [begin, told],
        types=("int8", "int8", "int16", "int32", "float32"),
    )  # fmt: skip


@st.composite
def transpose(draw: d.Draw) -> LayerCase:
    """TRANSPOSE by any permutation."""
    size = d.shape(draw, 1, 5, 5)
    order = draw(st.permutations(range(len(size))))
    output = tuple(size[place] for place in order)
    return _moved(draw, "TRANSPOSE", size, output, [list(order)], types=("int8", "int16"))


@st.composite
def reverse(draw: d.Draw) -> LayerCase:
    """REVERSE_V2 along one axis."""
    size = d.shape(draw, 1, 4, 5)
    axis = draw(st.integers(0, len(size) - 1))
    return _moved(draw, "REVERSE_V2", size, size, [[axis]])


@st.composite
def broadcast_to(draw: d.Draw) -> LayerCase:
    """BROADCAST_TO along any dimensions, with new ones in front."""
    output = d.shape(draw, 1, 4, 5)
    size = tuple(1 if draw(st.booleans()) else extent for extent in output)
    size = size[draw(st.integers(0, len(size) - 1)) :]
    return _moved(draw, "BROADCAST_TO", size, output, [list(output)])


def _blocks(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def blocks(draw: d.Draw) -> LayerCase:
        block = draw(st.integers(1, 3))
        batch, height, width, channels = (d.small(draw, most) for most in (2, 4, 4, 5))
        wide = (batch, height * block, width * block, channels)
        deep = (batch, height, width, channels * block * block)
        size, output = (wide, deep) if kind == "SPACE_TO_DEPTH" else (deep, wide)
        return _moved(draw, kind, size, output, [], block_size=block)

    return blocks()


@st.composite
def batch_to_space(draw: d.Draw) -> LayerCase:
    """BATCH_TO_SPACE_ND of images and of rows."""
    spatial = draw(st.integers(1, 2))
    block = [draw(st.integers(1, 3)) for _ in range(spatial)]
    batch, channels = d.small(draw, 2), d.small(draw, 4)
    sizes = [d.small(draw, 4) for _ in range(spatial)]
    crops = [[draw(st.integers(0, 1)), draw(st.integers(0, 1))] for _ in range(spatial)]
    out = [size * one - sum(pair) for size, one, pair in zip(sizes, block, crops, strict=True)]
    assume(min(out) > 0)
    size = (batch * int(np.prod(block)), *sizes, channels)
    return _moved(draw, "BATCH_TO_SPACE_ND", size, (batch, *out, channels), [block, crops])


@st.composite
def mirror_pad(draw: d.Draw) -> LayerCase:
    """MIRROR_PAD of both modes."""
    mode = draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    size = tuple(extent + 1 for extent in d.shape(draw, 1, 4, 5))
    edge = mode == "REFLECT"
    pairs = [
        [draw(st.integers(0, extent - edge)), draw(st.integers(0, extent - edge))]
        for extent in size
    ]
    output = tuple(extent + sum(pair) for extent, pair in zip(size, pairs, strict=True))
    return _moved(draw, "MIRROR_PAD", size, output, [pairs], mode=mode)


@st.composite
def resize_nearest(draw: d.Draw) -> LayerCase:
    """RESIZE_NEAREST_NEIGHBOR to more and to fewer pixels."""
    batch, height, width, channels = (d.small(draw, most) for most in (2, 9, 9, 4))
    rows, columns = d.small(draw, 12), d.small(draw, 12)
    corners, centres = draw(st.sampled_from([(False, False), (True, False), (False, True)]))
    return _moved(
        draw, "RESIZE_NEAREST_NEIGHBOR", (batch, height, width, channels),
        (batch, rows, columns, channels), [[rows, columns]], types=("int8", "int8", "int16"),
        align_corners=corners, half_pixel_centers=centres,
    )  # fmt: skip


@st.composite
def space_to_batch(draw: d.Draw) -> LayerCase:
    """SPACE_TO_BATCH_ND of images and of rows."""
    spatial = draw(st.integers(1, 2))
    block = [draw(st.integers(1, 3)) for _ in range(spatial)]
    batch, channels = d.small(draw, 2), d.small(draw, 4)
    counts = [d.small(draw, 3) for _ in range(spatial)]
    pads = [
        [
            before := draw(st.integers(0, min(2, one * count - 1))),
            draw(st.integers(0, min(2, one * count - 1 - before))),
        ]
        for one, count in zip(block, counts, strict=True)
    ]
    sizes = [one * count - sum(pair) for one, count, pair in zip(block, counts, pads, strict=True)]
    output = (batch * int(np.prod(block)), *counts, channels)
    return _moved(draw, "SPACE_TO_BATCH_ND", (batch, *sizes, channels), output, [block, pads])


@st.composite
def resize_bilinear(draw: d.Draw) -> LayerCase:
    """RESIZE_BILINEAR to more and to fewer pixels."""
    batch, height, width, channels = (d.small(draw, most) for most in (2, 9, 9, 4))
    rows, columns = d.small(draw, 12), d.small(draw, 12)
    corners, centres = draw(st.sampled_from([(False, False), (True, False), (False, True)]))
    return _moved(
        draw, "RESIZE_BILINEAR", (batch, height, width, channels),
        (batch, rows, columns, channels), [[rows, columns]],
        align_corners=corners, half_pixel_centers=centres,
    )  # fmt: skip


@st.composite
def gather(draw: d.Draw) -> LayerCase:
    """GATHER along any axis, with batch dimensions; the indices are constants."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4, 5)
    axis = draw(st.integers(0, len(size) - 1))
    batch = draw(st.integers(0, axis))
    rows = (*size[:batch], *d.shape(draw, 0, 2, 4))
    known = d.quantised(draw)
    x = build.input("x", size, **known)
    i = build.constant("i", generator.integers(0, size[axis], rows, dtype=np.int32))
    y = build.activation("y", (*size[:axis], *rows[batch:], *size[axis + 1 :]), **known)
    build.op("GATHER", [x, i], [y], axis=axis, batch_dims=batch)
    return d.case(build, y, generator)


@st.composite
def gather_nd(draw: d.Draw) -> LayerCase:
    """GATHER_ND by indices of one number or more; they are constants."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4, 5)
    depth, rows = draw(st.integers(1, len(size))), d.shape(draw, 1, 2, 4)
    places = [generator.integers(0, extent, rows, dtype=np.int32) for extent in size[:depth]]
    known = d.quantised(draw)
    x = build.input("x", size, **known)
    i = build.constant("i", np.stack(places, axis=-1))
    y = build.activation("y", (*rows, *size[depth:]), **known)
    build.op("GATHER_ND", [x, i], [y])
    return d.case(build, y, generator)


@st.composite
def expand_dims(draw: d.Draw) -> LayerCase:
    """EXPAND_DIMS anywhere."""
    size = d.shape(draw, 1, 3)
    axis = draw(st.integers(-len(size) - 1, len(size)))
    place = axis + len(size) + 1 if axis < 0 else axis
    return _moved(draw, "EXPAND_DIMS", size, (*size[:place], 1, *size[place:]), [axis])


def _split(kind: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def split(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        size = list(d.shape(draw, 1, 4, 4))
        axis, count = draw(st.integers(0, len(size) - 1)), draw(st.integers(1, 4))
        pieces = [d.small(draw, 3)] * count
        if kind == "SPLIT_V":
            pieces = [d.small(draw, 3) for _ in range(count)]
        if kind == "UNPACK":
            pieces = [1] * count
        size[axis] = sum(pieces)
        known = d.quantised(draw)
        x = build.input("x", size, **known)
        told = axis - draw(st.sampled_from([0, len(size)]))
        outputs = []
        for number, piece in enumerate(pieces):
            shape = [*size[:axis], piece, *size[axis + 1 :]]
            if kind == "UNPACK":
                del shape[axis]
            outputs.append(build.activation(f"y{number}", shape, **known))
        if kind == "SPLIT":
            build.op(kind, [_numbers(build, "axis", told), x], outputs, num_splits=count)
        elif kind == "SPLIT_V":
            sizes = _numbers(build, "sizes", pieces)
            build.op(kind, [x, sizes, _numbers(build, "axis", told)], outputs, num_splits=count)
        else:
            build.op(kind, [x], outputs, num=count, axis=told)
        return d.case(build, outputs, generator)

    return split()


@st.composite
def pack(draw: d.Draw) -> LayerCase:
    """PACK of one to four inputs, constants among them."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, count = d.shape(draw, 1, 3, 5), draw(st.integers(1, 4))
    known = d.quantised(draw)
    inputs = [build.input("x", size, **known)]
    for number in range(count - 1):
        if draw(st.booleans()):
            inputs.append(build.input(f"x{number}", size, **known))
        else:
            inputs.append(build.constant(f"c{number}", d.int8(generator, size), **known))
    axis = draw(st.integers(-len(size) - 1, len(size)))
    place = axis + len(size) + 1 if axis < 0 else axis
    y = build.activation("y", (*size[:place], count, *size[place:]), **known)
    build.op("PACK", inputs, [y], values_count=count, axis=axis)
    return d.case(build, y, generator)


@st.composite
def shape(draw: d.Draw) -> LayerCase:
    """SHAPE, which is known at build time."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    x = build.input("x", size, **d.quantised(draw))
    y = build.activation("y", (len(size),), "int32")
    build.op("SHAPE", [x], [y], out_type=2)
    return d.case(build, y, generator)


@st.composite
def zeros_like(draw: d.Draw) -> LayerCase:
    """ZEROS_LIKE, which is known at build time."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, known = d.shape(draw, 1, 4), d.quantised(draw)
    x = build.input("x", size, **known)
    y = build.activation("y", size, **known)
    build.op("ZEROS_LIKE", [x], [y])
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "BATCH_TO_SPACE_ND": batch_to_space(),
    "BROADCAST_TO": broadcast_to(),
    "DEPTH_TO_SPACE": _blocks("DEPTH_TO_SPACE"),
    "EXPAND_DIMS": expand_dims(),
    "GATHER": gather(),
    "GATHER_ND": gather_nd(),
    "MIRROR_PAD": mirror_pad(),
    "PACK": pack(),
    "RESIZE_BILINEAR": resize_bilinear(),
    "RESIZE_NEAREST_NEIGHBOR": resize_nearest(),
    "REVERSE_V2": reverse(),
    "SHAPE": shape(),
    "SLICE": slice_(),
    "SPACE_TO_BATCH_ND": space_to_batch(),
    "SPACE_TO_DEPTH": _blocks("SPACE_TO_DEPTH"),
    "SPLIT": _split("SPLIT"),
    "SPLIT_V": _split("SPLIT_V"),
    "STRIDED_SLICE": strided_slice(),
    "TRANSPOSE": transpose(),
    "UNPACK": _split("UNPACK"),
    "ZEROS_LIKE": zeros_like(),
}
