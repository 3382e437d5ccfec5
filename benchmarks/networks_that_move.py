"""Networks that split, transpose, slice and enlarge images. See networks.py."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from network_builder import OUTPUT, SCALE, SPREAD, Network

if TYPE_CHECKING:
    from collections.abc import Sequence


class Mover(Network):
    """A network with operators that move values."""

    def enlarge(self, kind: str, factor: int = 2) -> Mover:
        """RESIZE_NEAREST_NEIGHBOR or RESIZE_BILINEAR, with half-pixel centres."""
        n, height, width, channels = self.shape
        size = np.array([height * factor, width * factor], np.int32)
        out = (n, int(size[0]), int(size[1]), channels)
        source = self.build.finish([]).tensors[self.at].quantisation.scales[0]
        self._op(
            f"RESIZE_{kind}", [self.at, self._constant("size", size)], out,
            self.zero_points[self.at], source, half_pixel_centers=True,
        )  # fmt: skip
        return self

    def transpose_conv(self, channels: int, window: int, stride: int = 2) -> Mover:
        """TRANSPOSE_CONV with SAME padding."""
        n, height, width, depth = self.shape
        out = (n, height * stride, width * stride, channels)
        source = self.build.finish([]).tensors[self.at].quantisation.scales[0]
        taps = (channels, window, window, depth)
        values = self._integers(prod(taps), 127).reshape(taps).astype(np.int8)
        fan_in = window * window * depth / stride**2
        scale = OUTPUT / (SPREAD * fan_in**0.5) * SCALE / source
        shape = self._constant("shape", np.array(out, np.int32))
        weights = self._constant("weights", values, scale)
        bias = self._constant(
            "bias", self._integers(channels, 999).astype(np.int32), scale * source
        )
        options = {"padding": "SAME", "stride_h": stride, "stride_w": stride}
        inputs = [shape, weights, self.at, bias]
        self._op("TRANSPOSE_CONV", inputs, out, -128, fused_activation_function="RELU", **options)
        return self

    def transpose(self, order: Sequence[int]) -> Mover:
        """TRANSPOSE."""
        out = tuple(self.shape[axis] for axis in order)
        given = self._constant("order", np.array(order, np.int32))
        self._op("TRANSPOSE", [self.at, given], out, self.zero_points[self.at])
        return self

    def shuffle(self, groups: int) -> Mover:
        """Channels of `groups` groups one after another: RESHAPE, TRANSPOSE, RESHAPE."""
        shape = self.shape
        self.reshape((prod(shape[:3]), groups, shape[3] // groups)).transpose((0, 2, 1))  # type: ignore[attr-defined]
        self.reshape(shape)
        return self

    def halves(self) -> tuple[int, int]:
        """SPLIT of the channels in two."""
        *outer, channels = self.shape
        axis = self._constant("axis", np.array(3, np.int32))
        zero, shape = self.zero_points[self.at], (*outer, channels // 2)
        source = self.build.finish([]).tensors[self.at].quantisation.scales[0]
        outputs = []
        for half in ("left", "right"):
            name = f"{self.count}/{half}"
            index = self.build.activation(name, shape, scale=source, zero_point=zero)
            self.shapes[index], self.zero_points[index] = shape, zero
            outputs.append(index)
        self.build.op("SPLIT", [axis, self.at], outputs, num_splits=2)
        self.count += 1
        return outputs[0], outputs[1]

    def crop(self, start: int, count: int) -> Mover:
        """STRIDED_SLICE of rows."""
        n, _, width, channels = self.shape
        begin, end = [0, start, 0, 0], [n, start + count, width, channels]
        parts = [begin, end, [1, 1, 1, 1]]
        given = [self._constant(f"part{i}", np.array(p, np.int32)) for i, p in enumerate(parts)]
        out = (n, count, width, channels)
        self._op("STRIDED_SLICE", [self.at, *given], out, self.zero_points[self.at])
        return self


def unet_small(name: str) -> bytes:
    """U-Net (Ronneberger et al., 2015) at 48x48, an eighth of its channels, enlarged by nearest
    neighbours."""
    net = Mover(name, (1, 48, 48, 3), zero_point=-128)
    skips = []
    for channels in (8, 16, 32):
        net.conv(channels, 3)
        skips.append(net.at)
        net.pool("MAX", 2)
    net.conv(64, 3)
    for skip in reversed(skips):
        net.enlarge("NEAREST_NEIGHBOR")
        net.conv(net.shapes[skip][3], 3)
        net.concatenate([skip, net.at]).conv(net.shapes[skip][3], 3)
    return net.conv(2, activation="NONE").softmax().file()


def fast_scnn_like(name: str) -> bytes:
    """Segmentation in two branches (Poudel et al., "Fast-SCNN", 2019) at 64x64, an eighth of its
    channels: bilinear enlargements."""
    net = Mover(name, (1, 64, 64, 3), zero_point=-128).conv(8, 3, 2).depthwise(3, 2).conv(16)
    fine = net.at
    for channels, stride in ((16, 2), (24, 2), (32, 1)):
        net.conv(6 * net.shape[3]).depthwise(3, stride).conv(channels, activation="NONE")
    assert isinstance(net, Mover)
    net.enlarge("BILINEAR", 4).depthwise(3).conv(32, activation="NONE")
    coarse, net.at = net.at, fine
    net.conv(32, activation="NONE").add(coarse, activation="RELU")
    net.depthwise(3).conv(32).conv(4, activation="NONE")
    return net.enlarge("BILINEAR", 4).softmax().file()


def image_autoencoder(name: str) -> bytes:
    """A convolutional autoencoder of images 32x32 (Masci et al., 2011): halved three times, and
    enlarged by transposed convolutions."""
    net = Mover(name, (1, 32, 32, 3), zero_point=-128).conv(16, 3, 2).conv(24, 3, 2).conv(32, 3, 2)
    assert isinstance(net, Mover)
    net.transpose_conv(24, 3).transpose_conv(16, 3).transpose_conv(16, 2)
    return net.conv(3, 3, activation="NONE").file()


def shufflenet_v2(name: str) -> bytes:
    """ShuffleNetV2 0.25x at 64x64: Ma et al., 2018, figure 3: split, concatenated, shuffled."""
    net = Mover(name, (1, 64, 64, 3), zero_point=-128)
    net.conv(12, 3, 2).pool("MAX", 3, 2, "SAME")
    for channels, count in ((24, 3), (48, 3)):
        start = net.at
        net.depthwise(3, 2, activation="NONE").conv(channels // 2)
        left, net.at = net.at, start
        net.conv(channels // 2).depthwise(3, 2, activation="NONE").conv(channels // 2)
        net.concatenate([left, net.at])
        net.shuffle(2)
        for _ in range(count):
            left, net.at = net.halves()
            net.conv(channels // 2).depthwise(3, activation="NONE").conv(channels // 2)
            net.concatenate([left, net.at])
            net.shuffle(2)
    return net.conv(64).mean().dense(10, activation="NONE").softmax().file()


def keywords_by_time(name: str) -> bytes:
    """Keywords from spectra that come band by band: transposed, cropped, a temporal network."""
    net = Mover(name, (1, 1, 40, 98)).transpose((0, 3, 1, 2)).crop(1, 96)
    for channels in (24, 32, 48):
        net.depthwise((9, 1), (2, 1)).conv(channels)
    return net.mean().dense(12, activation="NONE").softmax().file()
