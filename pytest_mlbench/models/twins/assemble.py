"""Generates a model from an architecture: seeded weights, with scales and biases to match.

A row's weights have a triangular distribution in [-reach, reach] (the mean of two integers),
clamped to int8's symmetric range. The first weight of every channel is 127 or -127, so that the
channel's scale is the smallest one that fits, as a converter would choose it. Biases move every
channel's mean to `Row.shift`, plus or minus half a standard deviation; scales set its standard
deviation to `Row.steps`. So the model uses its range, and its outputs depend on its inputs.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

from pytest_mlbench.models.samples import noise
from pytest_mlbench.models.stream import Stream
from pytest_mlbench.models.tflite.builder import GraphBuilder

from .calibrate import average, convolve, requantise, spread
from .layers import INPUT, Architecture, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
_INPUTS, _VECTORS = 8, 128
"""The number of seeded inputs from which scales and biases are computed. An image has many
positions to average over, a vector only one."""
_LEAST_SHIFT, _MOST_SHIFT = 20, 32
"""Scales of constant channels are reduced by 2**-20 to 2**-32: some multipliers become 0."""


def assemble(architecture: Architecture) -> bytes:
    """The `.tflite` file of `architecture`."""
    return _Assembly(architecture).run()


def single(value: float) -> float:
    """`value` as the float32 that the file will hold."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


class _Assembly:
    """The model under construction; per row: its tensor, scale, zero point and sample values."""

    def __init__(self, architecture: Architecture) -> None:
        import numpy as np

        self.name = architecture.name
        self.rows = architecture.rows
        self.build = GraphBuilder(architecture.name)
        index = self.build.input(
            "input",
            architecture.shape,
            scale=architecture.scale,
            zero_point=architecture.zero_point,
        )
        self.tensors = {INPUT: index}
        self.quantisation = {INPUT: (single(architecture.scale), architecture.zero_point)}
        count = _INPUTS if len(architecture.shape) == 4 else _VECTORS
        samples = noise(self.build.finish([index]), f"{self.name}/calibration", count=count)
        data = b"".join(sample[0] for sample in samples)
        values = np.frombuffer(data, np.int8).astype(np.int64)
        self.values = {INPUT: values.reshape(-1, *architecture.shape[1:])}

    def run(self) -> bytes:
        for number, row in enumerate(self.rows):
            source = (row.sources or (number - 1,))[0]
            scale = single(row.scale) if row.scale else self.quantisation[source][0]
            self.quantisation[number] = (scale, row.zero_point)
            if row.kind in WEIGHTED:
                self._weighted(number, row, source)
            else:
                self._plain(number, row, row.sources or (number - 1,))
        return self.build.model([self.tensors[len(self.rows) - 1]])

    def _weighted(self, number: int, row: Row, source: int) -> None:
        import numpy as np

        in_scale, in_zero = self.quantisation[source]
        inputs = self.values[source] - in_zero
        depth = inputs.shape[-1]
        channels = row.channels or depth
        depthwise = row.kind == "DEPTHWISE_CONV_2D"
        options: dict[str, Any] = {"fused_activation_function": row.activation}
        if row.kind == "FULLY_CONNECTED":
            weights = self._weights(number, row, (channels, depth))
            sums = inputs @ weights.T
        else:
            fan_in = 1 if depthwise else depth
            weights = self._weights(number, row, (channels, *row.kernel, fan_in))
            sums = convolve(inputs, weights, row.stride, depthwise=depthwise)
            options |= {"padding": "SAME", "stride_w": row.stride, "stride_h": row.stride}
        if depthwise:
            options["depth_multiplier"] = 1
            weights = weights.transpose(3, 1, 2, 0)
        factors, biases = self._channels(number, row, sums)
        out_scale, out_zero = self.quantisation[number]
        self.values[number] = requantise(
            [(sums + biases, factors)], out_zero, relu=row.activation != "NONE"
        )
        scales = [single(scale) for scale in (factors * (out_scale / in_scale)).tolist()]
        if row.kind == "FULLY_CONNECTED":
            scales = scales[:1]
        constants = (
            self.build.constant(
                f"{number}/weights",
                weights.astype(np.int8),
                scale=scales,
                axis=3 if depthwise else 0,
            ),
            self.build.constant(
                f"{number}/bias",
                biases.astype(np.int32),
                scale=[in_scale * scale for scale in scales],
            ),
        )
        self._emit(number, row, (self.tensors[source], *constants), options)

    def _plain(self, number: int, row: Row, sources: Sequence[int]) -> None:
        import numpy as np

        inputs = [self.tensors[index] for index in sources]
        values = self.values[sources[0]]
        scale, zero = self.quantisation[number]
        options: dict[str, Any] = {}
        if row.kind == "ADD":
            options = {"fused_activation_function": row.activation}
            parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
            for index in sources:
                in_scale, in_zero = self.quantisation[index]
                parts.append((self.values[index] - in_zero, np.array(in_scale / scale)))
            values = requantise(parts, zero, relu=row.activation != "NONE")
        elif row.kind == "AVERAGE_POOL_2D":
            high, wide = row.kernel
            options = {"padding": "VALID", "filter_height": high, "filter_width": wide}
            options |= {"stride_h": high, "stride_w": wide}
            values = average(values, row.kernel)
        elif row.kind == "RESHAPE":
            values = values.reshape(len(values), -1)
            target = np.array([-1, values.shape[1]], np.int32)
            inputs.append(self.build.constant(f"{number}/shape", target))
        elif row.kind == "SOFTMAX":
            options = {"beta": 1.0}
        self.values[number] = values
        self._emit(number, row, inputs, options)

    def _emit(self, number: int, row: Row, inputs: Sequence[int], options: dict[str, Any]) -> None:
        scale, zero = self.quantisation[number]
        shape = (1, *self.values[number].shape[1:])
        name = f"{number}/{row.kind.lower()}"
        output = self.build.activation(name, shape, scale=scale, zero_point=zero)
        self.build.op(row.kind, inputs, [output], **options)
        self.tensors[number] = output

    def _weights(self, number: int, row: Row, shape: tuple[int, ...]) -> NDArray[np.int64]:
        import numpy as np

        stream = Stream(f"{self.name}/{number}/weights")
        count = math.prod(shape)
        halves = stream.integers(-row.reach, row.reach, 2 * count).reshape(2, count)
        values = np.clip(halves.sum(axis=0) // 2, -127, 127).reshape(shape[0], -1)
        values[:, 0] = np.where(values[:, 0] < 0, -127, 127)
        weights: NDArray[np.int64] = values.reshape(shape)
        return weights

    def _channels(
        self, number: int, row: Row, sums: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Every channel's requantisation factor and bias; one factor for all in FULLY_CONNECTED."""
        import numpy as np

        means, deviations = spread(sums)
        channels = len(means)
        if row.kind == "FULLY_CONNECTED":
            deviations = [max(1, sum(deviations) // channels)] * channels
        stream = Stream(f"{self.name}/{number}/channels")
        moves = stream.integers(-8, 8, channels).tolist()
        shifts = stream.integers(_LEAST_SHIFT, _MOST_SHIFT, channels).tolist()
        huge = stream.integers(-(1 << 30), 1 << 30, channels).tolist()
        factors = [row.steps / deviation for deviation in deviations]
        biases = [
            (row.shift + move) * deviation // 16 - mean
            for move, deviation, mean in zip(moves, deviations, means, strict=True)
        ]
        for channel in range(row.constant):
            # Spread over the channels: 5 is coprime to their number, a power of two.
            place = channel * 5 % channels
            factors[place] /= 1 << shifts[place]
            biases[place] = huge[place]
        return np.array(factors), np.array(biases, np.int64)
