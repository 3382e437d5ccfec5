"""Random models made of what passes fold: padded convolutions, clamps, chains of functions of one
value; some of their inner tensors are outputs or are read twice, so that nothing may be folded."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.model import ModelCase

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWN = {"scale": 0.25, "zero_point": 3}
OTHER = {"scale": 0.3, "zero_point": -7}
MOVED = {"scale": 0.25, "zero_point": -40}
BEHIND = st.sampled_from([0, 0, 0, 1])


class Growing:
    """A model that grows by one piece at a time at its last tensor."""

    def __init__(self, draw: d.Draw, channels: int, most: int = 9) -> None:
        self.draw = draw
        self.rng = d.rng(draw)
        self.build = GraphBuilder("network")
        height, width = (int(draw(st.integers(3, most))) for _ in range(2))
        self.shape: tuple[int, int, int, int] = (1, height, width, channels)
        self.known: dict[str, Any] = KNOWN
        self.last = self.build.input("x", self.shape, **self.known)
        self.all = [self.last]

    def op(
        self,
        kind: str,
        inputs: list[int],
        shape: tuple[int, ...] | None = None,
        known: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """One operator; what it writes is the last tensor."""
        self.shape = shape or self.shape  # type: ignore[assignment]
        self.known = known or self.known
        self.last = self.build.activation(f"t{len(self.all)}", self.shape, **self.known)
        self.build.op(kind, inputs, [self.last], **options)
        self.all.append(self.last)

    def pad(self) -> None:
        """PAD as networks have it, now and then more, or of channels too."""
        self.padded([int(self.draw(st.integers(0, 3))) for _ in range(4)], self.draw(BEHIND))

    def padded(self, sides: list[int], behind: int) -> None:
        """PAD or PADV2 by rows above and below, columns left and right, channels behind."""
        top, bottom, left, right = sides
        amounts = np.array([[0, 0], [top, bottom], [left, right], [0, behind]], np.int32)
        n, height, width, channels = self.shape
        shape = (n, height + top + bottom, width + left + right, channels + behind)
        p = self.build.constant("p", amounts)
        if self.draw(st.booleans()):
            self.op("PAD", [self.last, p], shape)
            return
        value = self.draw(st.sampled_from([self.known["zero_point"], -128]))
        v = self.build.constant("v", np.array([value], np.int8), **self.known)
        self.op("PADV2", [self.last, p, v], shape)

    def padded_convolution(self) -> None:
        """As a framework with explicit padding writes it."""
        self.padded([int(self.draw(st.integers(0, 1))) for _ in range(4)], 0)
        self.convolution(least=2)

    def convolution(self, least: int = 1) -> None:
        """CONV_2D or DEPTHWISE_CONV_2D, with a filter of `least` to 3 rows and columns."""
        n, height, width, channels = self.shape
        sizes = [int(self.draw(st.integers(least, 3))) for _ in range(2)]
        rows, columns = min(height, sizes[0]), min(width, sizes[1])
        stride = int(self.draw(st.sampled_from([1, 1, 2])))
        padding = self.draw(st.sampled_from(["VALID", "VALID", "SAME"]))
        depthwise = bool(self.draw(st.booleans()))
        out = channels if depthwise else int(self.draw(st.sampled_from([1, 3, 4, 8])))
        shape = (1, rows, columns, out) if depthwise else (out, rows, columns, channels)
        w = self.build.constant(
            "w",
            d.int8(self.rng, shape),
            scale=[0.01] * out,
            **({"axis": 3} if depthwise else {}),
        )
        values = self.rng.integers(-9999, 9999, out, dtype=np.int32)
        bias = self.build.constant("b", values, scale=[0.01 * self.known["scale"]] * out)
        if padding == "SAME":
            sizes = [-(-height // stride), -(-width // stride)]
        else:
            sizes = [(height - rows) // stride + 1, (width - columns) // stride + 1]
        options: dict[str, Any] = {
            "stride_h": stride,
            "stride_w": stride,
            "padding": padding,
            "fused_activation_function": self.draw(st.sampled_from(["NONE", "RELU6"])),
        }
        if depthwise:
            options["depth_multiplier"] = 1
        kind = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
        known = self.draw(st.sampled_from([KNOWN, OTHER]))
        self.op(kind, [self.last, w, bias], (n, *sizes, out), known, **options)

    def clamp(self) -> None:
        """RELU, which may change the scale, or RELU6, which may not."""
        kind = self.draw(st.sampled_from(["RELU", "RELU6"]))
        others = [self.known, self.known] if kind == "RELU6" else [self.known, OTHER]
        self.op(kind, [self.last], known=self.draw(st.sampled_from(others)))

    def requantise(self) -> None:
        """QUANTIZE, also to the scale that it comes from."""
        self.op("QUANTIZE", [self.last], known=self.draw(st.sampled_from([KNOWN, OTHER, MOVED])))

    def curve(self) -> None:
        """A function with a table."""
        kind, known = self.draw(
            st.sampled_from(
                [
                    ("LOGISTIC", {"scale": 1 / 256, "zero_point": -128}),
                    ("TANH", {"scale": 1 / 128, "zero_point": 0}),
                    ("HARD_SWISH", KNOWN),
                ]
            )
        )
        self.op(kind, [self.last], known=known)

    def constant(self) -> None:
        """An operation with one constant, or one per channel."""
        channels = self.draw(st.sampled_from([1, 1, self.shape[3]]))
        c = self.build.constant("c", d.int8(self.rng, (channels,)), scale=0.1, zero_point=5)
        kind = self.draw(st.sampled_from(["ADD", "SUB", "MUL"]))
        sides = [self.last, c] if self.draw(st.booleans()) else [c, self.last]
        self.op(kind, sides, known=self.draw(st.sampled_from([KNOWN, OTHER])))

    def normalise(self) -> None:
        """MUL and ADD of a constant per channel."""
        for kind in ("MUL", "ADD"):
            values = d.int8(self.rng, (self.shape[3],))
            c = self.build.constant("c", values, scale=0.1, zero_point=5)
            self.op(kind, [self.last, c], known=self.draw(st.sampled_from([KNOWN, OTHER])))

    def pool(self) -> None:
        """MAX_POOL_2D or AVERAGE_POOL_2D, 2x2."""
        n, height, width, channels = self.shape
        if min(height, width) < 2:
            return
        kind = self.draw(st.sampled_from(["MAX_POOL_2D", "AVERAGE_POOL_2D"]))
        options = {"stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
        self.op(
            kind, [self.last], (n, height // 2, width // 2, channels), padding="VALID", **options
        )


STEPS: list[Callable[[Growing], None]] = [
    Growing.pad,
    Growing.padded_convolution,
    Growing.padded_convolution,
    Growing.convolution,
    Growing.convolution,
    Growing.convolution,
    Growing.clamp,
    Growing.clamp,
    Growing.requantise,
    Growing.curve,
    Growing.constant,
    Growing.normalise,
    Growing.pool,
]


@st.composite
def networks(draw: d.Draw) -> ModelCase:
    """A model of up to 10 operators; its last tensor is an output, and at times another one."""
    growing = Growing(draw, int(draw(st.sampled_from([1, 3, 4, 8]))))
    for _ in range(draw(st.integers(2, 10))):
        draw(st.sampled_from(STEPS))(growing)
        if prod(growing.shape) > 4000:
            break
    if len(growing.all) == 1:
        growing.clamp()
    outputs = [growing.last]
    if len(growing.all) > 2 and draw(st.sampled_from([False, False, True])):
        outputs.append(int(draw(st.sampled_from(growing.all[1:-1]))))
    graph = growing.build.finish(outputs)
    samples = d.activations(growing.rng, graph.tensors[graph.inputs[0]])
    return ModelCase(graph, tuple((sample,) for sample in samples))
