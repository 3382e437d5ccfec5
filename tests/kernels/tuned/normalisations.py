"""Layers with a constant per channel, and batch normalisations that are not folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase

ACTIVATIONS = st.sampled_from(["NONE", "NONE", "RELU", "RELU6"])


class _Growing:
    """Operators with a constant each, one after another."""

    def __init__(self, draw: d.Draw) -> None:
        self.draw, self.rng, self.build = draw, d.rng(draw), GraphBuilder()
        sizes = st.sampled_from([1, 2, 3, 4, 7, 8, 16, 20, 32, 33])
        outer = [int(draw(st.integers(1, 5))) for _ in range(draw(st.integers(0, 3)))]
        self.shape = (*outer, int(draw(sizes)))
        self.known = self.scale(1.0)
        self.last = self.build.input("x", self.shape, **self.known)

    def scale(self, real: float) -> dict[str, Any]:
        """A scale near `real`, now and then a power of two, which makes ties."""
        exact = self.draw(st.sampled_from([False, False, True]))
        factor = 1.0 if exact else float(self.draw(st.floats(0.3, 3.0)))
        near = 2.0 ** round(np.log2(real)) if exact else real * factor
        zeros = st.sampled_from([0, -128, 127, 3, -50, 90])
        return {"scale": float(np.float32(near)), "zero_point": int(self.draw(zeros))}

    def step(self, kind: str) -> None:
        """ADD, SUB or MUL with one value, or one per channel."""
        channels = self.shape[-1]
        shape = self.draw(st.sampled_from([(channels,), (channels,), (1, channels), (1,), ()]))
        shape = shape if len(shape) <= len(self.shape) else shape[1:]
        before = self.known["scale"]
        own = self.scale(1 / 16 if kind == "MUL" else before)
        values = d.int8(self.rng, shape)
        constant = self.build.constant("c", values, **own)
        self.known = self.scale(before * 4 if kind == "MUL" else before * 1.5)
        source, activation = self.last, self.draw(ACTIVATIONS)
        self.last = self.build.activation("y", self.shape, **self.known)
        sides = [source, constant] if self.draw(st.booleans()) else [constant, source]
        self.build.op(kind, sides, [self.last], fused_activation_function=activation)

    def case(self) -> LayerCase:
        """The finished model."""
        return d.case(self.build, self.last, self.rng)


def chain(*kinds: str) -> st.SearchStrategy[LayerCase]:
    """The operators `kinds`, one after another."""

    @st.composite
    def layers(draw: d.Draw) -> LayerCase:
        growing = _Growing(draw)
        for kind in kinds:
            growing.step(kind)
        return growing.case()

    return layers()


CHAINS = {
    "ADD": chain("ADD"),
    "MUL": chain("MUL"),
    "SUB": chain("SUB"),
    "MUL-ADD": chain("MUL", "ADD"),
    "ADD-MUL": chain("ADD", "MUL"),
    "SUB-MUL": chain("SUB", "MUL"),
    "MUL-SUB-ADD": chain("MUL", "SUB", "ADD"),
}
