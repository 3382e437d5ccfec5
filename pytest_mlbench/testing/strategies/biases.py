"""Operators whose bias is computed, with constant or computed weights; and int16x8 FULLY_CONNECTED
with a bias of 32 bits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .weighted import draw_plane

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _shapes(draw: d.Draw, kind: str) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """The shapes of source, weights and output, and the options."""
    depth, outputs = d.small(draw, 5), d.small(draw, 5)
    if kind == "FULLY_CONNECTED":
        rows = d.small(draw, 3)
        return {"x": (rows, depth), "w": (outputs, depth), "y": (rows, outputs)}, {}
    plane = draw_plane(draw, dilated=kind != "TRANSPOSE_CONV")
    before, after, options = (1, *plane["size"]), (1, *plane["out"]), plane["options"]
    taps = (outputs, *plane["window"], depth)
    if kind == "DEPTHWISE_CONV_2D":
        multiplier = draw(st.integers(1, 2))
        outputs = depth * multiplier
        taps, options = (1, *plane["window"], outputs), {**options, "depth_multiplier": multiplier}
    if kind == "TRANSPOSE_CONV":
        before, after = after, before
    return {"x": (*before, depth), "w": taps, "y": (*after, outputs)}, options


def _layer(kind: str, dtype: str, width: str, *, computed: bool = True) -> st.SearchStrategy[Any]:
    """A layer with activations of `dtype` and a bias of type `width`."""

    @st.composite
    def layer(draw: d.Draw) -> LayerCase:
        build, generator = GraphBuilder(), d.rng(draw)
        shapes, options = _shapes(draw, kind)
        source, made = d.quantised(draw, dtype), d.quantised(draw, dtype)
        x = build.input("x", shapes["x"], dtype, **source)
        scale = 2.0 ** draw(st.floats(-14.0, -3.0)) * made["scale"] / source["scale"]
        if computed and draw(st.booleans()):
            w = build.input("w", shapes["w"], scale=scale)
        else:
            w = build.constant("w", d.weights(generator, shapes["w"], draw), scale=scale)
        outputs, reach = shapes["y"][-1], draw(st.sampled_from([100, 20_000, 1 << 24]))
        values = [generator.integers(-reach, reach, outputs).astype(width) for _ in range(3)]
        known = {"scale": source["scale"] * scale}
        if computed:
            b = build.input("b", (outputs,), width, **known)
        else:
            b = build.constant("b", values[0], **known)
        y = build.activation("y", shapes["y"], dtype, **made)
        inputs = [x, w, b]
        if kind == "TRANSPOSE_CONV":
            inputs = [build.constant("shape", np.array(shapes["y"], np.int32)), w, x, b]
        build.op(kind, inputs, [y], fused_activation_function=draw(d.ACTIVATIONS), **options)
        case = d.case(build, y, generator)
        # Any int32 would overflow the accumulator, which is undefined.
        samples = tuple(
            tuple(
                value if index == b else given
                for index, given in zip(case.graph.inputs, row, strict=True)
            )
            for row, value in zip(case.samples, values, strict=True)
        )
        return replace(case, samples=samples)

    return layer()


_KINDS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")

LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    **{f"{kind}_BIAS_COMPUTED": _layer(kind, "int8", "int32") for kind in _KINDS},
    **{f"{kind}_INT16_BIAS_COMPUTED": _layer(kind, "int16", "int64") for kind in _KINDS},
    "CONV_2D_INT16_NARROW_BIAS_COMPUTED": _layer("CONV_2D", "int16", "int32"),
    "FULLY_CONNECTED_INT16_NARROW": _layer("FULLY_CONNECTED", "int16", "int32", computed=False),
    "FULLY_CONNECTED_INT16_NARROW_BIAS_COMPUTED": _layer("FULLY_CONNECTED", "int16", "int32"),
}
