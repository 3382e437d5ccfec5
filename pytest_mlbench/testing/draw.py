"""Draws parts of layers: scales, shapes, samples.

Values come from a seeded numpy generator, so that hypothesis draws only shapes and parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from .model import LayerCase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.builder import GraphBuilder
    from pytest_mlbench.models.tflite.graph import Graph, Tensor

    Draw = Callable[[st.SearchStrategy[Any]], Any]

SAMPLES = 3

ACTIVATIONS = st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])
ZERO_POINTS = st.one_of(st.sampled_from([-128, 0, 127]), st.integers(-128, 127))
SCALES = st.one_of(
    st.sampled_from([1.0, 0.5, 1 / 256, 0.1]),
    st.floats(-6.0, 3.0).map(lambda exponent: float(np.float32(2.0**exponent))),
)
FACTORS = st.one_of(
    st.floats(-11.0, -2.0).map(lambda exponent: 2.0**exponent),
    st.floats(-31.5, 6.0).map(lambda exponent: 2.0**exponent),
    st.sampled_from([0.5, 0.25, 2.0**-8, 2.0**-31]),
)
"""Real multipliers: mostly ones for which outputs use the int8 range, sometimes any legal one."""


def small(draw: Draw, most: int) -> int:
    """A size from 1 to `most`."""
    return int(draw(st.integers(1, most)))


def shape(draw: Draw, least: int = 1, most: int = 4, size: int = 6) -> tuple[int, ...]:
    """A shape of `least` to `most` dimensions."""
    return tuple(draw(st.lists(st.integers(1, size), min_size=least, max_size=most)))


def rng(draw: Draw) -> Generator:
    """A numpy generator with a drawn seed."""
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


def int8(generator: Generator, size: tuple[int, ...], style: str = "any") -> NDArray[np.int8]:
    """Values from the whole range, or only the extremes."""
    if style == "extreme":
        return generator.choice(np.array([-128, 127], np.int8), size)
    return generator.integers(-128, 128, size, dtype=np.int8)


def weights(generator: Generator, size: tuple[int, ...], draw: Draw) -> NDArray[np.int8]:
    """Weights; sometimes only the extremes."""
    return int8(generator, size, draw(st.sampled_from(["any", "any", "any", "extreme"])))


def activations(generator: Generator, tensor: Tensor) -> list[NDArray[Any]]:
    """`SAMPLES` arrays for an input: uniform values, extremes, one repeated value."""
    shape_ = tensor.shape
    if tensor.dtype == "float32":
        scale = generator.choice([0.001, 0.1, 1.0, 30.0])
        ties = np.round(generator.normal(0, 60, shape_)) + 0.5
        rows = [generator.normal(0, 60, shape_), ties, generator.normal(0, 1, shape_)]
        return [(row * scale).astype(np.float32) for row in rows]
    if tensor.dtype == "bool":
        return [generator.integers(0, 2, shape_).astype(np.bool_) for _ in range(SAMPLES)]
    if tensor.dtype != "int8":
        limits = np.iinfo(tensor.dtype)
        low, high = int(limits.min), int(limits.max)
        return [
            generator.integers(low, high, shape_, dtype=tensor.dtype, endpoint=True),
            generator.choice(np.array([low, high], tensor.dtype), shape_),
            np.full(shape_, generator.integers(low, high, endpoint=True), tensor.dtype),
        ]
    return [
        int8(generator, shape_),
        int8(generator, shape_, "extreme"),
        np.full(shape_, generator.integers(-128, 128), np.int8),
    ]


def quantised(draw: Draw, dtype: str = "int8") -> dict[str, Any]:
    """A scale and a zero point as arguments for GraphBuilder; empty for types without them."""
    if dtype == "int16":
        return {"scale": draw(SCALES), "zero_point": 0}
    if dtype not in ("int8", "uint8"):
        return {}
    zero = draw(ZERO_POINTS) + (128 if dtype == "uint8" else 0)
    return {"scale": draw(SCALES), "zero_point": zero}


def case(
    build: GraphBuilder,
    output: int | list[int],
    generator: Generator,
    subgraphs: Mapping[int, Graph] | None = None,
) -> LayerCase:
    """The layer in `build`, with samples for its inputs."""
    graph = build.finish(output if isinstance(output, list) else [output], subgraphs)
    columns = [activations(generator, graph.tensors[index]) for index in graph.inputs]
    operator = graph.operators[-1]
    sizes = ", ".join(
        f"{graph.tensors[i].dtype}{list(graph.tensors[i].shape)}" for i in operator.inputs if i >= 0
    )
    known = [graph.tensors[i].quantisation for i in (*operator.inputs, *operator.outputs) if i >= 0]
    scales = ", ".join(f"({q.scales[:2]}, {q.zero_points[:2]})" for q in known)
    return LayerCase(
        graph,
        tuple(zip(*columns, strict=True)),
        note=f"{operator.kind} {sizes} {dict(operator.options)} {scales}"[:500],
    )
