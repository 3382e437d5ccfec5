"""Networks that people run on microcontrollers, as twins: layers and shapes of published
descriptions, seeded weights.

Each function builds one network; its docstring names the description. Scales are chosen so that
activations use the range of int8: every layer's weights are scaled to the spread that its sums
have for inputs spread evenly.
"""

from __future__ import annotations

from functools import partial
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.models.model import Model
from pytest_mlbench.models.stream import Stream
from pytest_mlbench.models.tflite.builder import GraphBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def ds_cnn(name: str, channels: int, blocks: int, first: Size) -> bytes:
    """DS-CNN for keywords, medium and large: Zhang et al., "Hello Edge", 2017, table 9."""
    net = Network(name, (1, 49, 10, 1)).conv(channels, (10, 4), first)
    net.depthwise(3, 2).conv(channels)
    for _ in range(blocks - 1):
        net.depthwise(3).conv(channels)
    return net.pool("AVERAGE", net.shape[1:3]).dense(12, activation="NONE").softmax().file()


def micro_speech(name: str) -> bytes:
    """TensorFlow Lite Micro's micro_speech ("tiny_conv"): one depthwise layer of one channel."""
    net = Network(name, (1, 49, 40, 1), zero_point=-128).depthwise((10, 8), 2, multiplier=8)
    return net.dense(4, activation="NONE").softmax().file()


def tiny_embedding_conv(name: str) -> bytes:
    """The `tiny_embedding_conv` of TensorFlow's speech_commands example."""
    net = Network(name, (1, 49, 40, 1), zero_point=-128).conv(8, (10, 8), 2)
    return net.conv(8, (10, 8), 8).dense(4, activation="NONE").softmax().file()


def low_latency_conv(name: str) -> bytes:
    """`low_latency_conv` of the same example: one convolution over all of time, three dense."""
    net = Network(name, (1, 49, 40, 1), zero_point=-128).conv(32, (49, 8), (1, 4), padding="VALID")
    return net.dense(64).dense(64).dense(12, activation="NONE").softmax().file()


def cnn_trad_fpool3(name: str) -> bytes:
    """cnn-trad-fpool3 of Sainath and Parada, 2015, half as many channels."""
    net = Network(name, (1, 32, 40, 1)).conv(32, (20, 8), padding="VALID").pool("MAX", (1, 3))
    net.conv(32, (10, 4), padding="VALID")
    return net.dense(32, activation="NONE").dense(128).dense(12, activation="NONE").softmax().file()


def tc_resnet8(name: str, width: float) -> bytes:
    """TC-ResNet8: Choi et al., "Temporal Convolution for Real-time Keyword Spotting", 2019."""
    net = Network(name, (1, 98, 1, 40)).conv(int(16 * width), (3, 1))
    for channels in (24, 32, 48):
        channels = int(channels * width)
        start = net.at
        net.conv(channels, 1, (2, 1))
        side, net.at = net.at, start
        net.conv(channels, (9, 1), (2, 1)).conv(channels, (9, 1), activation="NONE")
        net.add(side, activation="RELU")
    return net.pool("AVERAGE", net.shape[1:3]).dense(12, activation="NONE").softmax().file()


def mixednet(name: str) -> bytes:
    """microWakeWord's MixedNet on a window of 75 slices: depthwise layers of several lengths."""
    net = Network(name, (1, 75, 1, 40)).conv(32, (5, 1), (3, 1), padding="VALID")
    for length, channels in ((5, 64), (7, 64), (9, 64), (5, 64)):
        net.depthwise((length, 1), padding="VALID", activation="NONE").conv(channels)
    return net.dense(1, activation="NONE").logistic().file()


def bc_resnet_like(name: str) -> bytes:
    """Broadcasted residual blocks (Kim et al., "BC-ResNet", 2021): a frequency average is added."""
    net = Network(name, (1, 40, 32, 1)).conv(16, 5, (2, 1))
    for channels, stride in ((8, 1), (12, 2), (16, 2)):
        net.conv(channels).depthwise((3, 1), (stride, 1), activation="NONE")
        wide = net.at
        net.pool("AVERAGE", (net.shape[1], 1)).depthwise((1, 3)).conv(channels)
        narrow, net.at = net.at, wide
        net.add(narrow, activation="RELU")
    return net.mean().dense(12, activation="NONE").softmax().file()


MOBILENET_V1 = ((1, 2), (2, 4), (1, 4), (2, 8), (1, 8), (2, 16), *((1, 16),) * 5, (2, 32), (1, 32))


def mobilenet_v1(name: str, size: int, channels: int, width: int) -> bytes:
    """MobileNetV1: Howard et al., 2017, table 1. `width`: the first layer's channels."""
    net = Network(name, (1, size, size, channels), zero_point=-128).conv(width, 3, 2)
    for stride, factor in MOBILENET_V1:
        net.depthwise(3, stride, activation="RELU6").conv(factor * width, activation="RELU6")
    return net.pool("AVERAGE", net.shape[1:3]).dense(2, activation="NONE").softmax().file()


def person_detect(name: str) -> bytes:
    """TensorFlow Lite Micro's person_detection: grey image, a depthwise layer first."""
    net = Network(name, (1, 96, 96, 1)).depthwise(3, 2, multiplier=8, activation="RELU6")
    for stride, factor in MOBILENET_V1:
        net.depthwise(3, stride, activation="RELU6").conv(factor * 8, activation="RELU6")
    return net.pool("AVERAGE", net.shape[1:3]).conv(2, activation="NONE").softmax().file()


def _inverted(net: Network, channels: int, expansion: int, stride: int, window: int = 3) -> None:
    start, depth = net.at, net.shape[3]
    if expansion > 1:
        net.conv(depth * expansion, activation="RELU6")
    net.depthwise(window, stride, activation="RELU6").conv(channels, activation="NONE")
    if stride == 1 and channels == depth:
        net.add(start)


MOBILENET_V2 = (
    (8, 1, 1, 1), (8, 6, 2, 2), (16, 6, 2, 3), (24, 6, 2, 4), (32, 6, 1, 3), (56, 6, 2, 3),
    (112, 6, 1, 1),
)  # fmt: skip


def mobilenet_v2(name: str, size: int) -> bytes:
    """MobileNetV2 0.35: Sandler et al., 2018, table 2, channels rounded to eights."""
    net = Network(name, (1, size, size, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    for channels, expansion, stride, count in MOBILENET_V2:
        for number in range(count):
            _inverted(net, channels, expansion, stride if number == 0 else 1)
    net.conv(640, activation="RELU6").mean()
    return net.dense(2, activation="NONE").softmax().file()


def fomo(name: str) -> bytes:
    """FOMO (Edge Impulse): MobileNetV2 0.35 cut at an eighth of the image, a class per cell."""
    net = Network(name, (1, 96, 96, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    for channels, expansion, stride, count in MOBILENET_V2[:3]:
        for number in range(count):
            _inverted(net, channels, expansion, stride if number == 0 else 1)
    net.conv(96, activation="RELU6").conv(32).conv(3, activation="NONE")
    return net.softmax().file()


def mobilenet_v3_minimal(name: str) -> bytes:
    """MobileNetV3-small, minimalistic (no squeeze, no hard-swish, 3x3 only), width 0.5."""
    net = Network(name, (1, 96, 96, 3), zero_point=-128).conv(8, 3, 2)
    rows = ((8, 1, 2), (12, 4, 2), (12, 3, 1), (20, 4, 2), (20, 6, 1), (24, 3, 1), (48, 6, 2))
    for channels, expansion, stride in rows:
        _inverted(net, channels, expansion, stride)
    net.conv(288).mean().dense(128)
    return net.dense(10, activation="NONE").softmax().file()


def squeeze_and_excite(name: str) -> bytes:
    """Blocks of MobileNetV3's kind with squeeze-and-excite: Howard et al., 2019, figure 4."""
    net = Network(name, (1, 48, 48, 3), zero_point=-128).conv(16, 3, 2)
    for channels, stride, window in ((16, 2, 3), (24, 2, 3), (40, 2, 5), (40, 1, 5)):
        wide = 3 * channels
        net.conv(wide).depthwise(window, stride)
        features = net.at
        net.pool("AVERAGE", net.shape[1:3]).conv(wide // 4).conv(wide, activation="NONE")
        gate = net.logistic().at
        net.at = features
        net.mul(gate).conv(channels, activation="NONE")
    return net.mean().dense(10, activation="NONE").softmax().file()


def efficientnet_lite(name: str) -> bytes:
    """EfficientNet-lite0 at 64x64 and half its channels: Tan and Le, 2019, table 1."""
    net = Network(name, (1, 64, 64, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    rows = (
        (8, 1, 1, 3, 1), (12, 6, 2, 3, 2), (20, 6, 2, 5, 2), (40, 6, 2, 3, 3), (56, 6, 1, 5, 3),
        (96, 6, 2, 5, 2),
    )  # fmt: skip
    for channels, expansion, stride, window, count in rows:
        for number in range(count):
            _inverted(net, channels, expansion, stride if number == 0 else 1, window)
    return net.conv(256).mean().dense(10, activation="NONE").softmax().file()


def mcunet_like(name: str) -> bytes:
    """Blocks as MCUNet finds them (Lin et al., 2020): windows of 3, 5 and 7, expansions 3 to 6."""
    net = Network(name, (1, 64, 64, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    rows = ((8, 1, 1, 3), (16, 3, 2, 7), (16, 4, 1, 3), (24, 6, 2, 5), (24, 5, 1, 5), (40, 6, 2, 7))
    for channels, expansion, stride, window in rows:
        _inverted(net, channels, expansion, stride, window)
    return net.conv(96).mean().dense(2, activation="NONE").softmax().file()


def blazeface_like(name: str) -> bytes:
    """BlazeFace's blocks: Bazarevsky et al., 2019: 5x5 depthwise, padded skips, pooled strides."""
    net = Network(name, (1, 64, 64, 3), zero_point=-128).conv(24, 5, 2)
    for channels, stride in ((24, 1), (28, 1), (32, 2), (36, 1), (42, 1), (48, 2), (56, 1)):
        start, depth = net.at, net.shape[3]
        net.depthwise(5, stride, activation="NONE").conv(channels, activation="NONE")
        main, net.at = net.at, start
        if stride == 2:
            net.pool("MAX", 2)
        if channels > depth:
            net.pad((0, 0), (0, 0), channels - depth)
        net.add(main, activation="RELU")
    return net.conv(6, activation="NONE").logistic().file()


def tiny_yolo(name: str) -> bytes:
    """Tiny YOLO's plan (Redmon, 2016), an eighth of its channels: 3x3 layers and pools."""
    net = Network(name, (1, 96, 96, 3), zero_point=-128)
    for channels in (8, 16, 32, 64):
        net.conv(channels, 3).pool("MAX", 2)
    net.conv(64, 3).conv(128, 3)
    return net.conv(30, activation="NONE").file()


def squeezenet_like(name: str) -> bytes:
    """Fire modules of SqueezeNet: Iandola et al., 2016."""
    net = Network(name, (1, 64, 64, 3), zero_point=-128).conv(32, 3, 2).pool("MAX", 3, 2)
    for squeeze, expand in ((8, 32), (8, 32), (16, 64), (16, 64)):
        net.conv(squeeze)
        small = net.at
        left = net.conv(expand).at
        net.at = small
        right = net.conv(expand, 3).at
        net.concatenate([left, right])
    return net.conv(10).mean().softmax().file()


def lenet5(name: str) -> bytes:
    """LeNet-5: LeCun et al., 1998."""
    net = Network(name, (1, 28, 28, 1), zero_point=-128).conv(6, 5).pool("AVERAGE", 2)
    net.conv(16, 5, padding="VALID").pool("AVERAGE", 2)
    return net.dense(120).dense(84).dense(10, activation="NONE").softmax().file()


def mnist_cnn(name: str) -> bytes:
    """Keras's example for MNIST: two 3x3 layers with maximum pools."""
    net = Network(name, (1, 28, 28, 1), zero_point=-128)
    net.conv(32, 3, padding="VALID").pool("MAX", 2).conv(64, 3, padding="VALID").pool("MAX", 2)
    return net.dense(10, activation="NONE").softmax().file()


def cifar10_cnn(name: str) -> bytes:
    """CMSIS-NN's example for CIFAR-10: Lai et al., 2018, table 3."""
    net = Network(name, (1, 32, 32, 3), zero_point=-128)
    net.conv(32, 5).pool("MAX", 3, 2, "SAME").conv(16, 5).pool("MAX", 3, 2, "SAME")
    net.conv(32, 5).pool("MAX", 3, 2, "SAME")
    return net.dense(10, activation="NONE").softmax().file()


def resnet_unfolded(name: str) -> bytes:
    """A residual network whose batch normalisations stand as MUL and ADD."""
    net = Network(name, (1, 32, 32, 3), zero_point=-128).conv(16, 3, activation="NONE").normalise()
    for channels, stride in ((16, 1), (32, 2)):
        start = net.at
        net.conv(channels, 3, stride, activation="NONE").normalise()
        net.conv(channels, 3, activation="NONE").normalise(activation="NONE")
        if stride == 1:
            net.add(start, activation="RELU")
    return net.mean().dense(10, activation="NONE").softmax().file()


def magic_wand(name: str) -> bytes:
    """TensorFlow Lite Micro's magic_wand: an accelerometer's 128 samples as an image."""
    net = Network(name, (1, 128, 3, 1)).conv(8, (4, 3)).pool("MAX", 3)
    net.conv(16, (4, 1)).pool("MAX", (3, 1))
    return net.dense(16).dense(4, activation="NONE").softmax().file()


def har_1d(name: str) -> bytes:
    """One-dimensional network for activities from 9 sensors: 128 samples, two layers, a pool."""
    net = Network(name, (1, 128, 1, 9)).conv(64, (3, 1), padding="VALID")
    net.conv(64, (3, 1), padding="VALID").pool("MAX", (2, 1))
    return net.dense(100).dense(6, activation="NONE").softmax().file()


def ecg_1d(name: str) -> bytes:
    """Heartbeats of 187 samples: Kachuee et al., 2018, half as many blocks."""
    net = Network(name, (1, 187, 1, 1)).conv(32, (5, 1), padding="VALID")
    for _ in range(3):
        start = net.at
        net.conv(32, (5, 1)).conv(32, (5, 1), activation="NONE").add(start, activation="RELU")
        net.pool("MAX", (5, 1), (2, 1))
    return net.dense(32).dense(5, activation="NONE").softmax().file()


def hello_world(name: str) -> bytes:
    """TensorFlow Lite Micro's hello_world: a sine by two layers of 16."""
    net = Network(name, (1, 1)).dense(16).dense(16)
    return net.dense(1, activation="NONE").file()


def digits_mlp(name: str) -> bytes:
    """Digits by a perceptron of two hidden layers."""
    net = Network(name, (1, 784), zero_point=-128).dense(128).dense(64)
    return net.dense(10, activation="NONE").softmax().file()


def dense_autoencoder(name: str) -> bytes:
    """Vibration anomalies: a narrow autoencoder of 128 features."""
    net = Network(name, (1, 128))
    for features in (64, 32, 8, 32, 64):
        net.dense(features)
    return net.dense(128, activation="NONE").file()


def image_denoiser(name: str) -> bytes:
    """A residual denoiser of five 3x3 layers (Zhang et al., "DnCNN", 2017), 12 channels."""
    net = Network(name, (1, 40, 40, 1))
    start = net.at
    for _ in range(4):
        net.conv(12, 3)
    return net.conv(1, 3, activation="NONE").add(start).file()


def wavenet_like(name: str) -> bytes:
    """Dilated causal layers with gates (van den Oord et al., 2016) over 64 steps."""
    net = Network(name, (1, 64, 1, 16))
    for dilation in (1, 2, 4, 8):
        start = net.at
        net.conv(16, (3, 1), activation="NONE", dilation=dilation)
        gated = net.tanh().at
        net.at = start
        net.conv(16, (3, 1), activation="NONE", dilation=dilation)
        gate = net.logistic().at
        net.at = gated
        net.mul(gate).conv(16, activation="NONE").add(start)
    return net.mean().dense(10, activation="NONE").softmax().file()


def gru_unrolled(name: str) -> bytes:
    """A gated recurrent unit of 32 cells, four steps unrolled (one input, states dense)."""
    net = Network(name, (1, 40))
    state = net.dense(32, activation="NONE").tanh().rescale().at
    for _ in range(4):
        net.at = state
        gate = net.dense(32, activation="NONE").logistic().at
        net.at = state
        net.dense(32, activation="NONE").tanh().rescale()
        net.mul(gate).rescale()
        state = net.add(state).at
    return net.dense(12, activation="NONE").softmax().file()


def mixer(name: str) -> bytes:
    """A mixer of tokens and channels (Tolstikhin et al., 2021) as convolutions: 7x7 depthwise."""
    net = Network(name, (1, 32, 32, 3), zero_point=-128).conv(24, 4, 4)
    for _ in range(3):
        start = net.at
        net.depthwise(7, activation="NONE").add(start, activation="RELU").conv(24)
    return net.mean().dense(10, activation="NONE").softmax().file()


def sound_events(name: str) -> bytes:
    """Sound events by MobileNetV1's blocks on 96 x 64 spectra (YAMNet's plan), width 1/8."""
    net = Network(name, (1, 96, 64, 1)).conv(4, 3, 2)
    for stride, channels in ((1, 8), (2, 16), (1, 16), (2, 32), (1, 32), (2, 64), (1, 64)):
        net.depthwise(3, stride).conv(channels)
    return net.mean().dense(64, activation="NONE").logistic().file()


NETWORKS: dict[str, Callable[[str], bytes]] = {
    "ds_cnn_m": partial(ds_cnn, channels=172, blocks=4, first=(2, 1)),
    "ds_cnn_l": partial(ds_cnn, channels=276, blocks=5, first=(2, 1)),
    "micro_speech": micro_speech,
    "tiny_embedding_conv": tiny_embedding_conv,
    "low_latency_conv": low_latency_conv,
    "cnn_trad_fpool3": cnn_trad_fpool3,
    "tc_resnet8": partial(tc_resnet8, width=1.0),
    "tc_resnet8_1.5": partial(tc_resnet8, width=1.5),
    "mixednet": mixednet,
    "bc_resnet_like": bc_resnet_like,
    "mobilenet_v1_0.25_128": partial(mobilenet_v1, size=128, channels=3, width=8),
    "mobilenet_v1_0.5_96": partial(mobilenet_v1, size=96, channels=3, width=16),
    "person_detect": person_detect,
    "mobilenet_v2_0.35_96": partial(mobilenet_v2, size=96),
    "fomo": fomo,
    "mobilenet_v3_minimal": mobilenet_v3_minimal,
    "squeeze_and_excite": squeeze_and_excite,
    "efficientnet_lite": efficientnet_lite,
    "mcunet_like": mcunet_like,
    "blazeface_like": blazeface_like,
    "tiny_yolo": tiny_yolo,
    "squeezenet_like": squeezenet_like,
    "lenet5": lenet5,
    "mnist_cnn": mnist_cnn,
    "cifar10_cnn": cifar10_cnn,
    "resnet_unfolded": resnet_unfolded,
    "magic_wand": magic_wand,
    "har_1d": har_1d,
    "ecg_1d": ecg_1d,
    "hello_world": hello_world,
    "digits_mlp": digits_mlp,
    "dense_autoencoder": dense_autoencoder,
    "image_denoiser": image_denoiser,
    "wavenet_like": wavenet_like,
    "gru_unrolled": gru_unrolled,
    "mixer": mixer,
    "sound_events": sound_events,
}

MODELS = [Model(name, build=partial(build, name)) for name, build in NETWORKS.items()]
"""As pytest-mlbench's models: `--mlbench-model NAME`."""
