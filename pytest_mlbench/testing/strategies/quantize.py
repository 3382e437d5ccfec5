"""QUANTIZE and DEQUANTIZE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def quantize(draw: d.Draw) -> LayerCase:
    """QUANTIZE of float32 and between 8-bit integers."""
    build, generator = GraphBuilder(), d.rng(draw)
    size = d.shape(draw, 1, 4)
    types = [("float32", "int8"), ("int8", "int8"), ("uint8", "int8"), ("int8", "uint8")]
    source, target = draw(st.sampled_from(types))
    x_known: dict[str, Any] = {}
    if source != "float32":
        zero = draw(d.ZERO_POINTS) + (128 if source == "uint8" else 0)
        x_known = {"scale": draw(d.SCALES), "zero_point": zero}
    x = build.input("x", size, source, **x_known)
    zero = draw(d.ZERO_POINTS) + (128 if target == "uint8" else 0)
    y = build.activation("y", size, target, scale=draw(d.SCALES), zero_point=zero)
    build.op("QUANTIZE", [x], [y])
    return d.case(build, y, generator)


@st.composite
def dequantize(draw: d.Draw) -> LayerCase:
    """DEQUANTIZE of int8 and uint8."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, source = d.shape(draw, 1, 4), draw(st.sampled_from(["int8", "uint8"]))
    zero = draw(d.ZERO_POINTS) + (128 if source == "uint8" else 0)
    x = build.input("x", size, source, scale=draw(d.SCALES), zero_point=zero)
    y = build.activation("y", size, "float32")
    build.op("DEQUANTIZE", [x], [y])
    return d.case(build, y, generator)


@st.composite
def quantize_int32(draw: d.Draw) -> LayerCase:
    """QUANTIZE of int32, which may have a scale and a zero point."""
    build, generator = GraphBuilder(), d.rng(draw)
    size, target = d.shape(draw, 1, 4), draw(st.sampled_from(["int8", "int16"]))
    scale = draw(st.floats(-30.0, -10.0).map(lambda exponent: float(np.float32(2.0**exponent))))
    x = build.input("x", size, "int32", scale=scale)
    y = build.activation("y", size, target, **d.quantised(draw, target))
    build.op("QUANTIZE", [x], [y])
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "DEQUANTIZE": dequantize(),
    "QUANTIZE": quantize(),
    "QUANTIZE_INT32": quantize_int32(),
}
