"""CONV_2D, DEPTHWISE_CONV_2D and TRANSPOSE_CONV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .weighted import draw_plane, weight_scales, weighted

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def conv_2d(draw: d.Draw) -> LayerCase:
    """CONV_2D, including grouped convolutions."""
    plane, generator = draw_plane(draw), d.rng(draw)
    groups = draw(st.sampled_from([1, 1, 1, 2, 3]))
    depth, outputs = d.small(draw, 9), groups * d.small(draw, 9 // groups)
    batch = draw(st.sampled_from([1, 1, 2]))
    return weighted(
        GraphBuilder(), draw, generator, kind="CONV_2D",
        image=(batch, *plane["size"], depth * groups),
        weights=(outputs, *plane["window"], depth),
        output=(batch, *plane["out"], outputs), axis=0, options=plane["options"],
    )  # fmt: skip


@st.composite
def depthwise_conv_2d(draw: d.Draw) -> LayerCase:
    """DEPTHWISE_CONV_2D with any depth multiplier."""
    plane, generator = draw_plane(draw), d.rng(draw)
    depth, multiplier = d.small(draw, 9), draw(st.sampled_from([1, 1, 1, 2, 3]))
    batch, channels = draw(st.sampled_from([1, 1, 2])), depth * multiplier
    return weighted(
        GraphBuilder(), draw, generator, kind="DEPTHWISE_CONV_2D",
        image=(batch, *plane["size"], depth),
        weights=(1, *plane["window"], channels),
        output=(batch, *plane["out"], channels), axis=3,
        options={**plane["options"], "depth_multiplier": multiplier},
    )  # fmt: skip


@st.composite
def transpose_conv(draw: d.Draw) -> LayerCase:
    """TRANSPOSE_CONV, with and without bias."""
    build, generator = GraphBuilder(), d.rng(draw)
    plane = draw_plane(draw, dilated=False)
    batch, depth, outputs = draw(st.sampled_from([1, 1, 2])), d.small(draw, 5), d.small(draw, 5)
    scale = draw(d.SCALES)
    scales, output_scale = weight_scales(draw, outputs, scale)
    shape = (batch, *plane["size"], outputs)
    wanted = build.constant("shape", np.array(shape, np.int32))
    taps = (outputs, *plane["window"], depth)
    w = build.constant("w", d.weights(generator, taps, draw), scale=scales)
    x = build.input("x", (batch, *plane["out"], depth), scale=scale, zero_point=draw(d.ZERO_POINTS))
    inputs = [wanted, w, x]
    if draw(st.booleans()):
        values = generator.integers(-20_000, 20_000, outputs, dtype=np.int32)
        inputs.append(build.constant("b", values, scale=[scale * one for one in scales]))
    y = build.activation("y", shape, scale=output_scale, zero_point=draw(d.ZERO_POINTS))
    activation = draw(d.ACTIVATIONS)
    build.op(
        "TRANSPOSE_CONV", inputs, [y], fused_activation_function=activation, **plane["options"]
    )
    return d.case(build, y, generator)


def _computed(kind: str, dtype: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def computed(draw: d.Draw) -> LayerCase:
        """Computed weights with any zero point, which the interpreter ignores."""
        build, generator = GraphBuilder(), d.rng(draw)
        plane = draw_plane(draw, dilated=kind != "TRANSPOSE_CONV")
        depth, outputs = d.small(draw, 5), d.small(draw, 5)
        image, made = (1, *plane["size"], depth), (1, *plane["out"], outputs)
        taps, options = (outputs, *plane["window"], depth), plane["options"]
        if kind == "DEPTHWISE_CONV_2D":
            made, taps = (1, *plane["out"], depth), (1, *plane["window"], depth)
            options = {**options, "depth_multiplier": 1}
        if kind == "TRANSPOSE_CONV":
            image, made = (1, *plane["out"], depth), (1, *plane["size"], outputs)
        scale = draw(d.SCALES)
        factors = d.FACTORS if dtype == "int8" else st.floats(-14.0, -3.0).map(lambda e: 2.0**e)
        known = d.quantised(draw, dtype)
        x = build.input("x", image, dtype, **{**d.quantised(draw, dtype), "scale": scale})
        weights_scale = draw(factors) * known["scale"] / scale
        zero = draw(d.ZERO_POINTS)
        w = build.input("w", taps, scale=weights_scale, zero_point=zero)
        values = generator.integers(-20_000, 20_000, made[-1])
        bias = values.astype(np.int32 if dtype == "int8" else np.int64)
        b = build.constant("b", bias, scale=scale * weights_scale)
        y = build.activation("y", made, dtype, **known)
        inputs = [x, w, b]
        if kind == "TRANSPOSE_CONV":
            inputs = [build.constant("shape", np.array(made, np.int32)), w, x, b]
        build.op(kind, inputs, [y], fused_activation_function=draw(d.ACTIVATIONS), **options)
        return d.case(build, y, generator)

    return computed()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "CONV_2D": conv_2d(),
    "DEPTHWISE_CONV_2D": depthwise_conv_2d(),
    "TRANSPOSE_CONV": transpose_conv(),
    **{
        f"{kind}_COMPUTED{'' if dtype == 'int8' else '_INT16'}": _computed(kind, dtype)
        for kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV")
        for dtype in ("int8", "int16")
    },
}
