"""MEAN, SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


def _reduction(kind: str, dtype: str = "int8") -> st.SearchStrategy[LayerCase]:
    @st.composite
    def reduction(draw: d.Draw) -> LayerCase:
        """Any axes, with and without keep_dims, with equal or different scales."""
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4, 9)
        axes = draw(st.lists(st.integers(0, len(size) - 1), min_size=1, unique=True, max_size=4))
        keep = draw(st.booleans())
        output = tuple(1 if i in axes else n for i, n in enumerate(size))
        if not keep:
            output = tuple(n for i, n in enumerate(size) if i not in axes)
        known = d.quantised(draw, dtype)
        same = kind.startswith("REDUCE") or draw(st.booleans())
        out = known if same else d.quantised(draw, dtype)
        x = build.input("x", size, dtype, **known)
        signed = [axis - len(size) if draw(st.booleans()) else axis for axis in axes]
        a = build.constant("a", np.array(signed, np.int32))
        y = build.activation("y", output, dtype, **out)
        build.op(kind, [x, a], [y], keep_dims=keep)
        return d.case(build, y, generator)

    return reduction()


def _arg(kind: str, dtype: str = "int8") -> st.SearchStrategy[LayerCase]:
    @st.composite
    def arg(draw: d.Draw) -> LayerCase:
        """Any axis; equal values are frequent."""
        build, generator = GraphBuilder(), d.rng(draw)
        size = d.shape(draw, 1, 4, 9)
        axis = draw(st.integers(0, len(size) - 1))
        x = build.input("x", size, dtype, **d.quantised(draw, dtype))
        told = axis - len(size) if draw(st.booleans()) else axis
        a = build.constant("a", np.array(told, np.int32))
        y = build.activation("y", (*size[:axis], *size[axis + 1 :]), "int32")
        build.op(kind, [x, a], [y], output_type=2)
        return d.case(build, y, generator)

    return arg()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ARG_MAX": _arg("ARG_MAX"),
    "ARG_MIN": _arg("ARG_MIN"),
    "MEAN": _reduction("MEAN"),
    "MEAN_INT16": _reduction("MEAN", "int16"),
    "REDUCE_MAX": _reduction("REDUCE_MAX"),
    "REDUCE_MIN": _reduction("REDUCE_MIN"),
    **{f"{kind}_FLOAT32": _arg(kind, "float32") for kind in ("ARG_MAX", "ARG_MIN")},
    **{
        f"{kind}_FLOAT32": _reduction(kind, "float32")
        for kind in ("MEAN", "REDUCE_MAX", "REDUCE_MIN", "SUM")
    },
    "SUM": _reduction("SUM"),
    "SUM_INT16": _reduction("SUM", "int16"),
}
