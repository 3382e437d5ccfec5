"""Networks that classify images. See networks.py."""

from __future__ import annotations

from network_builder import Network

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


MOBILENET_V2 = (
    (8, 1, 1, 1), (8, 6, 2, 2), (16, 6, 2, 3), (24, 6, 2, 4), (32, 6, 1, 3), (56, 6, 2, 3),
    (112, 6, 1, 1),
)  # fmt: skip


def inverted_bottleneck(
    net: Network, channels: int, expansion: int, stride: int, window: int = 3
) -> None:
    """A block of MobileNetV2: widened, depthwise, narrowed, added where shapes are equal."""
    start, depth = net.at, net.shape[3]
    if expansion > 1:
        net.conv(depth * expansion, activation="RELU6")
    net.depthwise(window, stride, activation="RELU6").conv(channels, activation="NONE")
    if stride == 1 and channels == depth:
        net.add(start)


def mobilenet_v2(name: str, size: int) -> bytes:
    """MobileNetV2 0.35: Sandler et al., 2018, table 2, channels rounded to eights."""
    net = Network(name, (1, size, size, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    for channels, expansion, stride, count in MOBILENET_V2:
        for number in range(count):
            inverted_bottleneck(net, channels, expansion, stride if number == 0 else 1)
    net.conv(640, activation="RELU6").mean()
    return net.dense(2, activation="NONE").softmax().file()


def mobilenet_v3_minimal(name: str) -> bytes:
    """MobileNetV3-small, minimalistic (no squeeze, no hard-swish, 3x3 only), width 0.5."""
    net = Network(name, (1, 96, 96, 3), zero_point=-128).conv(8, 3, 2)
    rows = ((8, 1, 2), (12, 4, 2), (12, 3, 1), (20, 4, 2), (20, 6, 1), (24, 3, 1), (48, 6, 2))
    for channels, expansion, stride in rows:
        inverted_bottleneck(net, channels, expansion, stride)
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
            inverted_bottleneck(net, channels, expansion, stride if number == 0 else 1, window)
    return net.conv(256).mean().dense(10, activation="NONE").softmax().file()


def mcunet_like(name: str) -> bytes:
    """Blocks as MCUNet finds them (Lin et al., 2020): windows of 3, 5 and 7, expansions 3 to 6."""
    net = Network(name, (1, 64, 64, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    rows = ((8, 1, 1, 3), (16, 3, 2, 7), (16, 4, 1, 3), (24, 6, 2, 5), (24, 5, 1, 5), (40, 6, 2, 7))
    for channels, expansion, stride, window in rows:
        inverted_bottleneck(net, channels, expansion, stride, window)
    return net.conv(96).mean().dense(2, activation="NONE").softmax().file()


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


def mixer(name: str) -> bytes:
    """A mixer of tokens and channels (Tolstikhin et al., 2021) as convolutions: 7x7 depthwise."""
    net = Network(name, (1, 32, 32, 3), zero_point=-128).conv(24, 4, 4)
    for _ in range(3):
        start = net.at
        net.depthwise(7, activation="NONE").add(start, activation="RELU").conv(24)
    return net.mean().dense(10, activation="NONE").softmax().file()
