"""Operators with a state: SVDF, LSTM, and variables that are read and assigned.

Three samples follow one another, so that the state matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d

if TYPE_CHECKING:
    from pytest_mlbench.testing.model import LayerCase


@st.composite
def svdf(draw: d.Draw) -> LayerCase:
    """SVDF of any rank and memory."""
    build, generator = GraphBuilder(), d.rng(draw)
    batches, features, units = d.small(draw, 2), d.small(draw, 12), d.small(draw, 6)
    rank, memory = d.small(draw, 3), d.small(draw, 8)
    filters = units * rank
    x = build.input("x", (batches, features), **d.quantised(draw))
    scales = [2.0 ** draw(st.floats(-8, -4)) for _ in range(4)]
    feature = build.constant("f", d.weights(generator, (filters, features), draw), scale=scales[0])
    reach = draw(st.sampled_from([100, 3000, 32767]))
    values = generator.integers(-reach, reach + 1, (filters, memory)).astype(np.int16)
    time = build.constant("t", values, scale=scales[1])
    # The interpreter crashes without a bias.
    offsets = generator.integers(-20_000, 20_000, units, dtype=np.int32)
    bias = build.constant("b", offsets, scale=scales[1] * scales[2])
    state = build.variable("s", (batches, filters * memory), "int16", scale=scales[2])
    y = build.activation("y", (batches, units), **d.quantised(draw))
    build.op(
        "SVDF", [x, feature, time, bias, state], [y], rank=rank,
        fused_activation_function="RELU" if draw(st.booleans()) else "NONE",
    )  # fmt: skip
    return d.case(build, y, generator)


@st.composite
def lstm(draw: d.Draw, dtype: str = "int8") -> LayerCase:
    """UNIDIRECTIONAL_SEQUENCE_LSTM of any size, batch or time first, sometimes with clipping."""
    wide = dtype == "int16"
    build, generator = GraphBuilder(), d.rng(draw)
    batches, steps = d.small(draw, 2), d.small(draw, 5)
    features, units = d.small(draw, 9), d.small(draw, 7)
    major = draw(st.booleans())
    size = (steps, batches) if major else (batches, steps)
    zero = 0 if wide else draw(d.ZERO_POINTS)
    least = -16 if wide else -8
    hidden = {"scale": 2.0 ** draw(st.floats(least, least + 3)), "zero_point": zero}
    known = {"scale": 2.0 ** draw(st.floats(-15, -8))} if wide else d.quantised(draw)
    x = build.input("x", (*size, features), dtype, **known)
    inputs = [x]
    for columns in (features, units):
        for number in range(4):
            values = d.weights(generator, (units, columns), draw)
            scale = 2.0 ** draw(st.floats(-12, -5))
            inputs.append(build.constant(f"w{columns}_{number}", values, scale=scale))
    inputs += [-1, -1, -1]
    for number in range(4):
        reach = draw(st.sampled_from([100, 1 << 22 if wide else 20_000]))
        values = generator.integers(-reach, reach, units, dtype=np.int64 if wide else np.int32)
        inputs.append(build.constant(f"b{number}", values, scale=0.001))
    inputs += [-1, -1, build.variable("hidden", (batches, units), dtype, **hidden)]
    power = draw(st.integers(-15, -9))
    inputs.append(build.variable("cell", (batches, units), "int16", scale=2.0**power))
    inputs += [-1, -1, -1, -1]
    y = build.activation("y", (*size, units), dtype, **hidden)
    build.op(
        "UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [y], fused_activation_function="TANH",
        time_major=major, cell_clip=draw(st.sampled_from([0.0, 0.0, 0.5, 10.0])),
    )  # fmt: skip
    return d.case(build, y, generator)


def _variable(last: str) -> st.SearchStrategy[LayerCase]:
    @st.composite
    def variable(draw: d.Draw) -> LayerCase:
        """A variable that holds a sum or the last input, with or without an initial value."""
        build, generator = GraphBuilder(), d.rng(draw)
        size, known = d.shape(draw, 1, 3, 4), d.quantised(draw)
        name = {"container": "", "shared_name": "v"}
        subgraphs = {}
        if last == "CALL_ONCE" or draw(st.booleans()):
            first = GraphBuilder("first")
            handle = first.activation("h", (), "resource")
            value = first.constant("first", d.int8(generator, size), **known)
            first.op("VAR_HANDLE", [], [handle], **name)
            first.op("ASSIGN_VARIABLE", [handle, value], [])
            subgraphs = {1: first.finish([])}
            build.op("CALL_ONCE", [], [], init_subgraph_index=1)
        x = build.input("x", size, **known)
        handle = build.activation("h", (), "resource")
        build.op("VAR_HANDLE", [], [handle], **name)
        before = build.op("READ_VARIABLE", [handle], [build.activation("r", size, **known)])
        total = build.op("ADD", [x, before], [build.activation("y", size, **known)])
        after = total if draw(st.booleans()) else x
        build.op("ASSIGN_VARIABLE", [handle, after], [])
        return d.case(build, total, generator, subgraphs)

    return variable()


LAYERS: dict[str, st.SearchStrategy[LayerCase]] = {
    "ASSIGN_VARIABLE": _variable("ASSIGN_VARIABLE"),
    "CALL_ONCE": _variable("CALL_ONCE"),
    "READ_VARIABLE": _variable("READ_VARIABLE"),
    "SVDF": svdf(),
    "UNIDIRECTIONAL_SEQUENCE_LSTM": lstm(),
    "UNIDIRECTIONAL_SEQUENCE_LSTM_INT16": lstm("int16"),
    "VAR_HANDLE": _variable("VAR_HANDLE"),
}
