"""Networks that find objects in images, or make images. See networks.py."""

from __future__ import annotations

from network_builder import Network
from networks_of_images import MOBILENET_V2, inverted_bottleneck


def fomo(name: str) -> bytes:
    """FOMO (Edge Impulse): MobileNetV2 0.35 cut at an eighth of the image, a class per cell."""
    net = Network(name, (1, 96, 96, 3), zero_point=-128).conv(16, 3, 2, activation="RELU6")
    for channels, expansion, stride, count in MOBILENET_V2[:3]:
        for number in range(count):
            inverted_bottleneck(net, channels, expansion, stride if number == 0 else 1)
    net.conv(96, activation="RELU6").conv(32).conv(3, activation="NONE")
    return net.softmax().file()


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


def image_denoiser(name: str) -> bytes:
    """A residual denoiser of five 3x3 layers (Zhang et al., "DnCNN", 2017), 12 channels."""
    net = Network(name, (1, 40, 40, 1))
    start = net.at
    for _ in range(4):
        net.conv(12, 3)
    return net.conv(1, 3, activation="NONE").add(start).file()
