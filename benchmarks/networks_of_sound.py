"""Networks for keywords, wake words and other sounds. See networks.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network_builder import Network

if TYPE_CHECKING:
    from network_builder import Size


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


def sound_events(name: str) -> bytes:
    """Sound events by MobileNetV1's blocks on 96 x 64 spectra (YAMNet's plan), width 1/8."""
    net = Network(name, (1, 96, 64, 1)).conv(4, 3, 2)
    for stride, channels in ((1, 8), (2, 16), (1, 16), (2, 32), (1, 32), (2, 64), (1, 64)):
        net.depthwise(3, stride).conv(channels)
    return net.mean().dense(64, activation="NONE").logistic().file()
