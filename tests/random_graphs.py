"""Random models of several operators: branches, shared tensors, outputs that are read further on,
reshapes of everything. They prove the memory plan and the generated code rather than kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.testing import draw as d
from pytest_mlbench.testing.model import ModelCase

if TYPE_CHECKING:
    from collections.abc import Callable

SCALE, ZERO_POINT = 0.25, 3


class _Growing:
    """A graph that grows by one operator at a time; every tensor is int8 of one scale."""

    def __init__(self, draw: d.Draw) -> None:
        self.draw = draw
        self.build = GraphBuilder("graph")
        self.rng = d.rng(draw)
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.inputs: list[int] = []

    def add_input(self, shape: tuple[int, ...]) -> None:
        index = self.build.input(f"x{len(self.inputs)}", shape, scale=SCALE, zero_point=ZERO_POINT)
        self.inputs.append(index)
        self.shapes[index] = shape

    def any(self) -> int:
        return int(self.draw(st.sampled_from(sorted(self.shapes))))

    def activation(self, shape: tuple[int, ...]) -> int:
        index = self.build.activation(
            f"t{len(self.shapes)}", shape, scale=SCALE, zero_point=ZERO_POINT
        )
        self.shapes[index] = shape
        return index

    def op(self, kind: str, inputs: list[int], shape: tuple[int, ...], **options: Any) -> None:
        self.build.op(kind, inputs, [self.activation(shape)], **options)

    def relu(self) -> None:
        x = self.any()
        self.op("RELU", [x], self.shapes[x])

    def twin(self) -> None:
        """An ADD of two tensors of one shape, now and then of one tensor with itself."""
        x = self.any()
        others = [t for t, shape in self.shapes.items() if shape == self.shapes[x]]
        y = int(self.draw(st.sampled_from(others)))
        kind = self.draw(st.sampled_from(["ADD", "SUB", "MUL", "MAXIMUM"]))
        self.op(kind, [x, y], self.shapes[x])

    def constant(self) -> None:
        """An operation with a constant of one value per innermost element."""
        x = self.any()
        values = d.int8(self.rng, self.shapes[x][-1:])
        c = self.build.constant("c", values, scale=SCALE, zero_point=ZERO_POINT)
        self.op("ADD", [c, x] if self.draw(st.booleans()) else [x, c], self.shapes[x])

    def reshape(self) -> None:
        x = self.any()
        shape = self.shapes[x]
        count = int(np.prod(shape))
        new = self.draw(st.sampled_from([(count,), (1, count), (count, 1), (*shape, 1)][:3]))
        target = self.build.constant("shape", np.array(new, np.int32))
        self.op("RESHAPE", [x, target], new, new_shape=new)

    def squeeze(self) -> None:
        """Away with the dimensions of size 1, of which there must be one."""
        wide = [t for t, shape in self.shapes.items() if 1 in shape and set(shape) != {1}]
        if wide:
            x = int(self.draw(st.sampled_from(wide)))
            shape = self.shapes[x]
            gone = tuple(place for place, size in enumerate(shape) if size == 1)
            self.op("SQUEEZE", [x], tuple(n for n in shape if n != 1), squeeze_dims=gone)

    def pad(self) -> None:
        x = self.any()
        amounts = self.rng.integers(0, 3, (len(self.shapes[x]), 2)).astype(np.int32)
        p = self.build.constant("p", amounts)
        shape = tuple(int(n + sum(pair)) for n, pair in zip(self.shapes[x], amounts, strict=True))
        self.op("PAD", [x, p], shape)

    def mean(self) -> None:
        x = self.any()
        shape = self.shapes[x]
        a = self.build.constant("a", np.array([0], np.int32))
        self.op("MEAN", [x, a], (1, *shape[1:]), keep_dims=True)

    def concatenation(self) -> None:
        x = self.any()
        others = [t for t, shape in self.shapes.items() if shape[1:] == self.shapes[x][1:]]
        y = int(self.draw(st.sampled_from(others)))
        rows = self.shapes[x][0] + self.shapes[y][0]
        self.op("CONCATENATION", [x, y], (rows, *self.shapes[x][1:]), axis=0)

    def fully_connected(self) -> None:
        x = self.any()
        features, outputs = self.shapes[x][-1], d.small(self.draw, 9)
        w = self.build.constant("w", d.int8(self.rng, (outputs, features)), scale=0.01)
        rows = int(np.prod(self.shapes[x])) // features
        self.op("FULLY_CONNECTED", [x, w, -1], (rows, outputs))


_STEPS: list[Callable[[_Growing], None]] = [
    _Growing.relu,
    _Growing.twin,
    _Growing.twin,
    _Growing.constant,
    _Growing.reshape,
    _Growing.reshape,
    _Growing.squeeze,
    _Growing.pad,
    _Growing.mean,
    _Growing.concatenation,
    _Growing.fully_connected,
]


@st.composite
def graphs(draw: d.Draw, most: int = 12) -> ModelCase:
    """A model of up to `most` operators, any of whose computed tensors may be outputs."""
    growing = _Growing(draw)
    for _ in range(draw(st.integers(1, 3))):
        growing.add_input(d.shape(draw, 1, 3, 5))
    for _ in range(draw(st.integers(1, most))):
        draw(st.sampled_from(_STEPS))(growing)
        if max(int(np.prod(shape)) for shape in growing.shapes.values()) > 4000:
            break
    computed = sorted(set(growing.shapes) - set(growing.inputs))
    if not computed:  # nothing was squeezed
        growing.relu()
        computed = sorted(set(growing.shapes) - set(growing.inputs))
    outputs = draw(st.lists(st.sampled_from(computed), min_size=1, max_size=4, unique=True))
    graph = growing.build.finish(outputs)
    columns = [d.activations(growing.rng, graph.tensors[index]) for index in graph.inputs]
    return ModelCase(graph, tuple(zip(*columns, strict=True)))
