"""CONV_2D and DEPTHWISE_CONV_2D."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .weighted import draw_plane, weighted

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def conv_2d(draw: d.Draw) -> LayerCase:
    """CONV_2D, grouped ones too."""
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


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "CONV_2D": conv_2d(),
    "DEPTHWISE_CONV_2D": depthwise_conv_2d(),
}
