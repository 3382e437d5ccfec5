"""AVERAGE_POOL_2D and MAX_POOL_2D."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

from .weighted import draw_plane

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _pool(kind: str, dtype: str = "int8") -> st.SearchStrategy[LayerCase]:
    @st.composite
    def pool(draw: d.Draw) -> LayerCase:
        build, plane, generator = GraphBuilder(), draw_plane(draw, dilated=False), d.rng(draw)
        batch, depth = draw(st.sampled_from([1, 1, 2])), d.small(draw, 5)
        known = d.quantised(draw, dtype)
        x = build.input("x", (batch, *plane["size"], depth), dtype, **known)
        y = build.activation("y", (batch, *plane["out"], depth), dtype, **known)
        build.op(
            kind, [x], [y], filter_height=plane["window"][0], filter_width=plane["window"][1],
            fused_activation_function=draw(d.ACTIVATIONS), **plane["options"],
        )  # fmt: skip
        return d.case(build, y, generator)

    return pool()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "AVERAGE_POOL_2D": _pool("AVERAGE_POOL_2D"),
    "AVERAGE_POOL_2D_FLOAT32": _pool("AVERAGE_POOL_2D", "float32"),
    "MAX_POOL_2D": _pool("MAX_POOL_2D"),
    "MAX_POOL_2D_FLOAT32": _pool("MAX_POOL_2D", "float32"),
}
