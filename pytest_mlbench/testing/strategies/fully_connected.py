"""FULLY_CONNECTED."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .weighted import weight_scales, weighted

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def fully_connected(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED of constant weights, per tensor and per channel."""
    generator = d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 70), d.small(draw, 20)
    return weighted(
        GraphBuilder(), draw, generator, kind="FULLY_CONNECTED",
        image=(batches, features), weights=(outputs, features), output=(batches, outputs),
        axis=0, options={},
    )  # fmt: skip


@st.composite
def fully_connected_computed(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED whose weights are an activation."""
    build, generator = GraphBuilder(), d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 20), d.small(draw, 9)
    scale, output = draw(d.SCALES), draw(d.SCALES)
    x = build.input("x", (batches, features), scale=scale, zero_point=draw(d.ZERO_POINTS))
    w = build.input(
        "w",
        (outputs, features),
        scale=draw(d.FACTORS) * output / scale,
        zero_point=draw(d.ZERO_POINTS),
    )
    y = build.activation("y", (batches, outputs), scale=output, zero_point=draw(d.ZERO_POINTS))
    build.op("FULLY_CONNECTED", [x, w, -1], [y], fused_activation_function=draw(d.ACTIVATIONS))
    return d.case(build, y, generator)


@st.composite
def zero_points(draw: d.Draw) -> LayerCase:
    """FULLY_CONNECTED of constant weights with zero points, one or one per output."""
    build, generator = GraphBuilder(), d.rng(draw)
    batches, features, outputs = d.small(draw, 3), d.small(draw, 20), d.small(draw, 9)
    scale = draw(d.SCALES)
    scales, made = weight_scales(draw, outputs, scale)
    zeros = [draw(d.ZERO_POINTS) for _ in scales]
    x = build.input("x", (batches, features), scale=scale, zero_point=draw(d.ZERO_POINTS))
    values = d.weights(generator, (outputs, features), draw)
    w = build.constant("w", values, scale=scales, zero_point=zeros)
    y = build.activation("y", (batches, outputs), scale=made, zero_point=draw(d.ZERO_POINTS))
    build.op("FULLY_CONNECTED", [x, w], [y], fused_activation_function=draw(d.ACTIVATIONS))
    return d.case(build, y, generator)


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "FULLY_CONNECTED": fully_connected(),
    "FULLY_CONNECTED_COMPUTED": fully_connected_computed(),
    "FULLY_CONNECTED_ZERO_POINTS": zero_points(),
}
