"""Builds networks layer by layer, with seeded weights.

Scales are chosen so that activations use the range of int8: every layer's weights are scaled to the
spread that its sums have for inputs spread evenly.
"""

from __future__ import annotations

from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.stream import Stream
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCALE = 1 / 16
"""Of every other activation but LOGISTIC's, TANH's and a softmax's."""
SCALE_6 = 6 / 255
"""Of RELU6: it uses all of int8, as converters choose it."""
SPREAD = 60 * 73
"""Standard deviations of stored inputs and weights, multiplied."""
OUTPUT = 48
"""Standard deviation that outputs are to have, in stored steps."""

_SAME_SCALE = (
    "AVERAGE_POOL_2D", "CONCATENATION", "MAX_POOL_2D", "PAD", "RESHAPE", "STRIDED_SLICE",
    "TRANSPOSE",
)  # fmt: skip

Size = tuple[int, int]


class Network:
    """A graph that grows layer by layer; `at` is the newest tensor."""

    def __init__(self, name: str, shape: Sequence[int], *, zero_point: int = 0) -> None:
        self.name = name
        self.build = GraphBuilder(name)
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.zero_points: dict[int, int] = {}
        self.count = 0
        self.at = self.build.input("input", tuple(shape), scale=SCALE, zero_point=zero_point)
        self.shapes[self.at], self.zero_points[self.at] = tuple(shape), zero_point

    @property
    def shape(self) -> tuple[int, ...]:
        return self.shapes[self.at]

    def conv(
        self,
        channels: int,
        window: int | Size = 1,
        stride: int | Size = 1,
        *,
        activation: str = "RELU",
        padding: str = "SAME",
        dilation: int = 1,
    ) -> Network:
        """CONV_2D."""
        size, step = _pair(window), _pair(stride)
        taps = (channels, *size, self.shape[3])
        out = (1, *self._outputs(size, step, padding, dilation), channels)
        return self._weighted("CONV_2D", taps, out, activation, 0, _window(padding, step, dilation))

    def depthwise(
        self,
        window: int | Size = 3,
        stride: int | Size = 1,
        *,
        multiplier: int = 1,
        activation: str = "RELU",
        padding: str = "SAME",
        dilation: int = 1,
    ) -> Network:
        """DEPTHWISE_CONV_2D."""
        size, step = _pair(window), _pair(stride)
        channels = self.shape[3] * multiplier
        out = (1, *self._outputs(size, step, padding, dilation), channels)
        options = {"depth_multiplier": multiplier, **_window(padding, step, dilation)}
        return self._weighted(
            "DEPTHWISE_CONV_2D", (1, *size, channels), out, activation, 3, options
        )

    def dense(self, features: int, *, activation: str = "RELU") -> Network:
        """FULLY_CONNECTED of everything there is."""
        if len(self.shape) != 2:
            self.reshape((1, prod(self.shape)))
        taps = (features, self.shape[1])
        return self._weighted("FULLY_CONNECTED", taps, (1, features), activation, 0, {})

    def pool(
        self,
        kind: str,
        window: int | Size,
        stride: int | Size | None = None,
        padding: str = "VALID",
    ) -> Network:
        """MAX_POOL_2D or AVERAGE_POOL_2D."""
        size = _pair(window)
        step = _pair(window if stride is None else stride)
        out = (1, *self._outputs(size, step, padding), self.shape[3])
        options = {"filter_height": size[0], "filter_width": size[1]}
        options |= {"padding": padding, "stride_h": step[0], "stride_w": step[1]}
        return self._op(f"{kind}_POOL_2D", [self.at], out, self.zero_points[self.at], **options)

    def mean(self) -> Network:
        """MEAN over height and width."""
        axes = self._constant("axes", np.array([1, 2], np.int32))
        out = (1, self.shape[3])
        return self._op("MEAN", [self.at, axes], out, self.zero_points[self.at])

    def add(self, other: int, *, activation: str = "NONE") -> Network:
        """ADD of a tensor that was there before."""
        zero = -128 if activation != "NONE" else 0
        return self._op(
            "ADD", [self.at, other], self.shape, zero, fused_activation_function=activation
        )

    def mul(self, other: int) -> Network:
        """MUL of a tensor that was there before, broadcast."""
        return self._op("MUL", [self.at, other], self.shape, 0, scale=SCALE * 4)

    def normalise(self, *, activation: str = "RELU") -> Network:
        """MUL and ADD of a value per channel: a batch normalisation that was not folded."""
        values = self._integers(self.shape[-1], 127).astype(np.int8)
        factor = self._constant("factor", values, scale=SCALE / 4)
        self._op("MUL", [self.at, factor], self.shape, 0, scale=SCALE * 2)
        values = self._integers(self.shape[-1], 60).astype(np.int8)
        term = self._constant("term", values, scale=SCALE)
        zero = -128 if activation != "NONE" else 0
        return self._op(
            "ADD", [self.at, term], self.shape, zero, fused_activation_function=activation
        )

    def concatenate(self, others: Sequence[int], axis: int = 3) -> Network:
        """CONCATENATION; all tensors have one zero point."""
        sizes = [self.shapes[index] for index in others]
        out = list(sizes[0])
        out[axis] = sum(size[axis] for size in sizes)
        zero = self.zero_points[others[0]]
        return self._op("CONCATENATION", list(others), tuple(out), zero, axis=axis)

    def pad(self, rows: Size, columns: Size, channels: int = 0) -> Network:
        """PAD with zeros."""
        amounts = np.array([(0, 0), rows, columns, (0, channels)], np.int32)
        out = tuple(
            size + int(before) + int(after)
            for size, (before, after) in zip(self.shape, amounts, strict=True)
        )
        where = self._constant("paddings", amounts)
        return self._op("PAD", [self.at, where], out, self.zero_points[self.at])

    def reshape(self, shape: tuple[int, ...]) -> Network:
        """RESHAPE."""
        target = self._constant("shape", np.array(shape, np.int32))
        return self._op("RESHAPE", [self.at, target], shape, self.zero_points[self.at])

    def relu(self) -> Network:
        """RELU of its own."""
        return self._op("RELU", [self.at], self.shape, -128)

    def logistic(self) -> Network:
        """LOGISTIC."""
        return self._op("LOGISTIC", [self.at], self.shape, -128, scale=1 / 256)

    def tanh(self) -> Network:
        """TANH."""
        return self._op("TANH", [self.at], self.shape, 0, scale=1 / 128)

    def rescale(self, zero_point: int = 0) -> Network:
        """QUANTIZE onto the usual scale."""
        return self._op("QUANTIZE", [self.at], self.shape, zero_point)

    def softmax(self) -> Network:
        """SOFTMAX."""
        return self._op("SOFTMAX", [self.at], self.shape, -128, scale=1 / 256, beta=1.0)

    def file(self, *outputs: int) -> bytes:
        """The `.tflite` file."""
        return self.build.model(list(outputs) or [self.at])

    def _weighted(
        self,
        kind: str,
        taps: tuple[int, ...],
        out: tuple[int, ...],
        activation: str,
        axis: int,
        options: dict[str, Any],
    ) -> Network:
        channels = taps[axis]
        fan_in = prod(taps) // channels
        weights = self._integers(prod(taps), 127).reshape(taps).astype(np.int8)
        source = self.build.finish([]).tensors[self.at]
        scale = source.quantisation.scales[0]
        made = SCALE_6 if activation == "RELU6" else SCALE
        base = OUTPUT / (SPREAD * sqrt(fan_in)) * made / scale
        spread = 1 if kind == "FULLY_CONNECTED" else channels
        scales = [base * (1 + (i % 16) / 32) for i in range(spread)]
        bias = (self._integers(channels, 40) * (sqrt(fan_in) * SPREAD / OUTPUT)).astype(np.int32)
        number = self.count
        w = self.build.constant(f"{number}/weights", weights, scale=scales, axis=axis)
        b = self.build.constant(
            f"{number}/bias", bias, scale=[scale * float(np.float32(one)) for one in scales]
        )
        zero = -128 if activation.startswith("RELU") else 0
        options = {"fused_activation_function": activation, **options}
        return self._op(kind, [self.at, w, b], out, zero, scale=made, **options)

    def _op(
        self,
        kind: str,
        inputs: list[int],
        out: tuple[int, ...],
        zero_point: int,
        scale: float = SCALE,
        **options: Any,
    ) -> Network:
        if kind in _SAME_SCALE:
            scale = self.build.finish([]).tensors[inputs[0]].quantisation.scales[0]
        name = f"{self.count}/{kind.lower()}"
        self.at = self.build.activation(name, out, scale=scale, zero_point=zero_point)
        self.build.op(kind, inputs, [self.at], **options)
        self.shapes[self.at], self.zero_points[self.at] = out, zero_point
        self.count += 1
        return self

    def _constant(self, what: str, values: NDArray[Any], scale: float = 0.0) -> int:
        name = f"{self.count}/{what}"
        return self.build.constant(name, values, scale=scale or ())

    def _integers(self, count: int, reach: int) -> NDArray[np.int64]:
        return Stream(f"{self.name}/{self.count}/{reach}").integers(-reach, reach, count)

    def _outputs(self, window: Size, stride: Size, padding: str, dilation: int = 1) -> Size:
        sizes = []
        for size, taps, step in zip(self.shape[1:3], window, stride, strict=True):
            reach = (taps - 1) * dilation + 1
            sizes.append(-(-size // step) if padding == "SAME" else (size - reach) // step + 1)
        return sizes[0], sizes[1]


def _pair(value: int | Size) -> Size:
    return value if isinstance(value, tuple) else (value, value)


def _window(padding: str, stride: Size, dilation: int) -> dict[str, Any]:
    options: dict[str, Any] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    if dilation > 1:
        options |= {"dilation_h_factor": dilation, "dilation_w_factor": dilation}
    return options
