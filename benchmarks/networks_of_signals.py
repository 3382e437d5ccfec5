"""Networks for movements, heartbeats and other signals, and dense ones. See networks.py."""

from __future__ import annotations

from network_builder import Network


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
