"""PAD, PADV2, CONCATENATION, RESHAPE and SQUEEZE."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .pieces import drawn

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _pad(kind: str, dtype: str = "int8") -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pad(draw: d.Draw) -> LayerCase:
        """Paddings in every dimension."""
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4)
        amounts = np.array(
            [[draw(st.integers(0, 3)), draw(st.integers(0, 3))] for _ in size], np.int32
        )
        known = d.quantised(draw, dtype)
        x = build.input("x", size, dtype, **known)
        p = build.constant("p", amounts)
        output = tuple(int(one + sum(pair)) for one, pair in zip(size, amounts, strict=True))
        y = build.activation("y", output, dtype, **known)
        inputs = [x, p]
        if kind == "PADV2":
            value = np.array(draw(st.integers(-128, 127))).astype(dtype)
            inputs.append(build.constant("v", value, **known))
        build.op(kind, inputs, [y])
        return d.case(build, y, generator)

    return pad()


@st.composite
def concatenation(draw: d.Draw) -> LayerCase:
    """CONCATENATION of one to five inputs along any axis, constants among them."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    axis = draw(st.integers(0, len(size) - 1))
    dtype, known = drawn(draw, ("int8", "int16", "int32", "int64", "bool", "float32"))
    inputs, total = [build.input("x", size, dtype, **known)], size[axis]
    for number in range(draw(st.integers(0, 4))):
        extent = d.small(draw, 5)
        one = (*size[:axis], extent, *size[axis + 1 :])
        choice, total = draw(st.integers(0, 4)), total + extent
        if choice == 0:
            values = d.int8(generator, one).astype(dtype)
            inputs.append(build.constant(f"c{number}", values, **known))
        elif choice == 1 and extent == size[axis]:
            inputs.append(inputs[0])
        else:
            inputs.append(build.input(f"x{number}", one, dtype, **known))
    y = build.activation("y", (*size[:axis], total, *size[axis + 1 :]), dtype, **known)
    build.op("CONCATENATION", inputs, [y], axis=axis - draw(st.sampled_from([0, len(size)])))
    return d.case(build, y, generator)


@st.composite
def reshape(draw: d.Draw) -> LayerCase:
    """RESHAPE to a constant shape, or to that in the options."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    count = int(np.prod(size))
    new = draw(st.sampled_from([(count,), (1, count), size[::-1], (*size, 1)]))
    known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
    x = build.input("x", size, **known)
    inputs = [x]
    if draw(st.booleans()):
        inputs.append(build.constant("shape", np.array(new, np.int32)))
    y = build.activation("y", new, **known)
    build.op("RESHAPE", inputs, [y], new_shape=new)
    return d.case(build, y, generator)


@st.composite
def squeeze(draw: d.Draw) -> LayerCase:
    """SQUEEZE of some of the dimensions of size 1."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = (1, *d.shape(draw, 1, 4, 3))
    ones = [place for place, extent in enumerate(size) if extent == 1]
    gone = draw(st.lists(st.sampled_from(ones), min_size=1, unique=True))
    known = {"scale": draw(d.SCALES), "zero_point": draw(d.ZERO_POINTS)}
    x = build.input("x", size, **known)
    kept = tuple(extent for place, extent in enumerate(size) if place not in gone)
    y = build.activation("y", kept, **known)
    build.op("SQUEEZE", [x], [y], squeeze_dims=tuple(sorted(gone)))
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "CONCATENATION": concatenation(),
    "PAD": _pad("PAD"),
    "PADV2": _pad("PADV2"),
    **{
        f"{kind}_{dtype.upper()}": _pad(kind, dtype)
        for kind in ("PAD", "PADV2")
        for dtype in ("int16", "int32", "float32")
    },
    "RESHAPE": reshape(),
    "SQUEEZE": squeeze(),
}
