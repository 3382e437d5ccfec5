"""Each pass by text: the operators of a small model, and below the calls that are left of them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.aot.passes import optimise
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.kernels.interface import no_sources
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.layers import Conv2D, Lookup
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

KNOWN: dict[str, Any] = {"scale": 0.25, "zero_point": 3}
OTHER: dict[str, Any] = {"scale": 0.5, "zero_point": -3}


class Model:
    """A chain of operators: each takes the last tensor."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.build = GraphBuilder("model")
        self.shape = shape
        self.last = self.build.input("x", shape, **KNOWN)

    def then(
        self,
        kind: str,
        *constants: int,
        shape: tuple[int, ...] = (),
        known: Any = KNOWN,
        **more: Any,
    ) -> int:
        """One operator; returns what it writes."""
        source, self.shape = self.last, shape or self.shape
        self.last = self.build.activation(kind.lower(), self.shape, **known)
        self.build.op(kind, [source, *constants], [self.last], **more)
        return self.last

    def pad(self, *sides: int, value: int | None = None) -> int:
        """PAD, or PADV2 with a value, by (above, below, left, right)."""
        above, below, left, right = sides
        amounts = np.array([[0, 0], [above, below], [left, right], [0, 0]], np.int32)
        constants = [self.build.constant("p", amounts)]
        if value is not None:
            constants.append(self.build.constant("v", np.array([value], np.int8), **KNOWN))
        n, height, width, channels = self.shape
        shape = (n, height + above + below, width + left + right, channels)
        return self.then("PAD" if value is None else "PADV2", *constants, shape=shape)

    def convolution(self, stride: int = 1, size: int = 3, **more: Any) -> int:
        """CONV_2D without padding of its own, 4 channels."""
        n, height, width, channels = self.shape
        weights = np.ones((4, size, size, channels), np.int8)
        w = self.build.constant("w", weights, scale=[0.01] * 4)
        b = self.build.constant("b", np.zeros(4, np.int32), scale=[0.0025] * 4)
        sizes = [(length - size) // stride + 1 for length in (height, width)]
        options = {"stride_h": stride, "stride_w": stride, "padding": "VALID", **more}
        return self.then("CONV_2D", w, b, shape=(n, *sizes, 4), **options)

    def scalar(self, kind: str, known: Any = KNOWN) -> int:
        """ADD or MUL of one constant."""
        c = self.build.constant("c", np.array([7], np.int8), scale=0.1, zero_point=2)
        return self.then(kind, c, known=known)

    def per_channel(self, kind: str, known: Any = KNOWN) -> int:
        """ADD or MUL of a constant for each channel."""
        values = np.arange(self.shape[-1], dtype=np.int8) + 3
        c = self.build.constant("c", values, scale=0.1, zero_point=2)
        return self.then(kind, c, known=known)

    def graph(self, *outputs: int) -> Graph:
        """The finished model; the last tensor is an output."""
        return self.build.finish([*outputs, self.last])


def layers(graph: Graph) -> tuple[Layer | None, ...]:
    """After all passes."""
    return optimise(Program(graph, lower(fold(graph)))).layers


def calls(graph: Graph, libraries: tuple[KernelLibrary, ...] = ()) -> str:
    """The comments of the generated file: one line per operator."""
    request = GenerateRequest(
        graph=graph, model_data=b"", libraries=libraries, features=(), isa="rv32gc", optimize="3",
        config={}, sources=no_sources,
    )  # fmt: skip
    text = AotBackend().generate(request).components[0].texts["model.c"]
    body = text[text.index("mlbench_invoke") :]
    rows = [line.strip() for line in body.splitlines()]
    return "\n".join(row[3:-3] for row in rows if row.startswith("/* "))


def expect(graph: Graph, text: str, libraries: tuple[KernelLibrary, ...] = ()) -> None:
    assert calls(graph, libraries) == dedent(text).strip()


def test_a_pad_of_zero_points_becomes_the_padding_of_the_convolution() -> None:
    model = Model((1, 6, 5, 2))
    model.pad(0, 1, 1, 0)
    model.convolution(stride=2)
    graph = model.graph()
    expect(
        graph,
        """
        0 PAD: in operator 1
        1 CONV_2D: 1x6x5x2 4x3x3x2 4 -> 1x3x2x4: reference conv2d
        """,
    )
    layer = layers(graph)[1]
    assert isinstance(layer, Conv2D)
    assert layer.padding == (0, 1)
    assert layer.input_shape == (1, 6, 5, 2)


@pytest.mark.parametrize(
    ("sides", "value", "size"),
    [
        ((1, 1, 1, 1), -128, 3),  # not the zero point
        ((1, 1, 1, 1), None, 1),  # a filter that would see nothing but padding
        ((0, 3, 0, 0), None, 2),  # so would its last row
    ],
)
def test_a_pad_that_the_convolution_cannot_take_over_stays(
    sides: tuple[int, ...], value: int | None, size: int
) -> None:
    model = Model((1, 6, 5, 2))
    model.pad(*sides, value=value)
    model.convolution(size=size)
    assert None not in layers(model.graph())


def test_a_pad_that_is_read_elsewhere_stays() -> None:
    model = Model((1, 6, 5, 2))
    padded = model.pad(1, 1, 1, 1)
    model.convolution()
    assert None not in layers(model.graph(padded))


def test_a_relu_narrows_the_bounds_of_the_layer_before() -> None:
    model = Model((1, 6, 5, 2))
    model.convolution()
    model.then("RELU6")
    model.then("RELU")
    graph = model.graph()
    expect(
        graph,
        """
        0 CONV_2D: 1x6x5x2 4x3x3x2 4 -> 1x4x3x4: reference conv2d
        1 RELU6: in operator 0
        2 RELU: in operator 0
        """,
    )
    layer = layers(graph)[0]
    assert isinstance(layer, Conv2D)
    assert (layer.activation_min, layer.activation_max) == (3, 27)  # 0.0 and 6.0


def test_a_relu_to_another_scale_stays() -> None:
    model = Model((1, 6, 5, 2))
    model.convolution()
    model.then("RELU", known=OTHER)
    assert None not in layers(model.graph())


def test_a_quantize_to_another_zero_point_changes_the_output_of_the_layer_before() -> None:
    model = Model((1, 6, 5, 2))
    model.convolution(fused_activation_function="RELU6")
    model.then("QUANTIZE", known={"scale": 0.25, "zero_point": -110})
    graph = model.graph()
    expect(
        graph,
        """
        0 CONV_2D: 1x6x5x2 4x3x3x2 4 -> 1x4x3x4: reference conv2d
        1 QUANTIZE: in operator 0
        """,
    )
    layer = layers(graph)[0]
    assert isinstance(layer, Conv2D)
    assert layer.output_offset == -110
    assert (layer.activation_min, layer.activation_max) == (-110, -86)  # 0.0 and 6.0


def test_a_pool_has_no_zero_point_to_change() -> None:
    model = Model((1, 6, 4, 2))
    options = {"stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2}
    model.then("MAX_POOL_2D", shape=(1, 3, 2, 2), padding="VALID", **options)
    model.then("QUANTIZE", known={"scale": 0.25, "zero_point": -110})
    assert None not in layers(model.graph())


def test_what_changes_no_value_is_the_same_buffer() -> None:
    model = Model((1, 8))
    model.then("QUANTIZE")
    model.then("TANH", known={"scale": 1 / 128, "zero_point": 0})
    expect(
        model.graph(),
        """
        0 QUANTIZE: 1x8 -> 1x8: the same buffer
        1 TANH: 1x8 -> 1x8: reference lookup
        """,
    )


def test_a_chain_of_functions_of_one_value_is_one_table() -> None:
    model = Model((1, 8))
    model.scalar("MUL", OTHER)
    model.scalar("ADD")
    model.then("RELU", known=OTHER)
    model.then("LOGISTIC", known={"scale": 1 / 256, "zero_point": -128})
    graph = model.graph()
    expect(
        graph,
        """
        0 MUL: 1x8 1 -> 1x8: reference lookup
        1 ADD: in operator 0
        2 RELU: in operator 0
        3 LOGISTIC: in operator 0
        """,
    )
    layer = layers(graph)[0]
    assert isinstance(layer, Lookup)
    assert layer.inputs == graph.inputs


def test_a_single_function_and_one_whose_result_is_an_output_stay() -> None:
    model = Model((1, 8))
    first = model.scalar("MUL", OTHER)
    model.scalar("ADD")
    assert not [layer for layer in layers(model.graph(first)) if isinstance(layer, Lookup)]


def test_two_operators_with_constants_are_one_pass_where_a_library_has_a_kernel() -> None:
    model = Model((1, 6, 5, 4))
    for kind in ("MUL", "ADD", "SUB"):
        model.per_channel(kind, OTHER if kind == "MUL" else KNOWN)
    graph = model.graph()
    expect(
        graph,
        """
        0 MUL: 1x6x5x4 4 -> 1x6x5x4: tuned channel_lines
        1 ADD: in operator 0
        2 SUB: 1x6x5x4 4 -> 1x6x5x4: tuned channel_line
        """,
        (TunedLibrary(),),
    )
    expect(
        graph,
        """
        0 MUL: 1x6x5x4 4 -> 1x6x5x4: reference mul
        1 ADD: 1x6x5x4 4 -> 1x6x5x4: reference add
        2 SUB: 1x6x5x4 4 -> 1x6x5x4: reference sub
        """,
    )


def test_operators_with_constants_stay_apart_if_the_result_between_is_an_output() -> None:
    model = Model((1, 6, 5, 4))
    between = model.per_channel("MUL", OTHER)
    model.per_channel("ADD")
    assert "in operator" not in calls(model.graph(between), (TunedLibrary(),))
