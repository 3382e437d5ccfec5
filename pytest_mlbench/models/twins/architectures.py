"""The four twins' layers, in the rows of `layers.Row`.

Kinds, shapes, strides, fused activations, scales and zero points of activations are those of MLPerf
Tiny's models. `reach` follows the spread of the originals' weights, `shift` the share of values
that RELU clips, and `constant` the number of pruned channels.
"""

from __future__ import annotations

from typing import Any

from .layers import Architecture, Row


def _conv(scale: float, channels: int, **facts: Any) -> Row:
    return _relu("CONV_2D", scale=scale, channels=channels, **facts)


def _depthwise(scale: float, **facts: Any) -> Row:
    return _relu("DEPTHWISE_CONV_2D", scale=scale, **{"kernel": (3, 3), "reach": 160, **facts})


def _dense(scale: float, channels: int, **facts: Any) -> Row:
    return _relu("FULLY_CONNECTED", scale=scale, channels=channels, **facts)


def _linear(scale: float, channels: int, **facts: Any) -> Row:
    return Row("CONV_2D", scale=scale, channels=channels, **facts)


def _logits(scale: float, channels: int, **facts: Any) -> Row:
    return Row("FULLY_CONNECTED", scale=scale, channels=channels, **facts)


def _add(scale: float, sources: tuple[int, int]) -> Row:
    return _relu("ADD", scale=scale, sources=sources)


def _relu(kind: str, **facts: Any) -> Row:
    return Row(kind, **{"activation": "RELU", "steps": 64, **facts})


AWW = Architecture(
    name="aww",
    shape=(1, 49, 10, 1),
    scale=0.574836373,
    zero_point=87,
    rows=(
        _conv(0.106923707, 64, kernel=(10, 4), stride=2, reach=128, shift=-6),  # 0
        _depthwise(0.0957675949, shift=2),  # 1
        _conv(0.0755871683, 64, reach=126, shift=3),  # 2
        _depthwise(0.06742616, shift=-1),  # 3
        _conv(0.0540592857, 64),  # 4
        _depthwise(0.0536145754, shift=-1),  # 5
        _conv(0.0334934443, 64, reach=126, shift=-2),  # 6
        _depthwise(0.0401991233, shift=-2),  # 7
        _conv(0.0958802477, 64, reach=119, shift=-3),  # 8
        Row("AVERAGE_POOL_2D", kernel=(25, 5)),  # 9
        Row("RESHAPE"),  # 10
        _logits(0.142177641, 12, reach=114, zero_point=33, steps=14),  # 11
        Row("SOFTMAX", scale=0.00390625),  # 12
    ),
)
RESNET = Architecture(
    name="resnet",
    shape=(1, 32, 32, 3),
    scale=1.0,
    zero_point=-128,
    rows=(
        _conv(0.0393935516, 16, kernel=(3, 3), reach=145, shift=6),  # 0
        _conv(0.0762931556, 16, kernel=(3, 3), reach=102, shift=2),  # 1
        _linear(0.104194961, 16, kernel=(3, 3), reach=101, zero_point=4),  # 2
        _add(0.0509456731, (0, 2)),  # 3
        _conv(0.0456728302, 32, kernel=(3, 3), stride=2, reach=105),  # 4
        _linear(0.113118842, 32, kernel=(3, 3), reach=99, zero_point=4),  # 5
        _linear(0.0447614267, 32, stride=2, sources=(3,), reach=147, zero_point=-17),  # 6
        _add(0.0532362163, (6, 5)),  # 7
        _conv(0.0284501798, 64, kernel=(3, 3), stride=2, reach=99, shift=-10),  # 8
        _linear(0.217243642, 64, kernel=(3, 3), reach=93, zero_point=-2),  # 9
        _linear(0.0838583037, 64, stride=2, sources=(7,), reach=125, zero_point=38),  # 10
        _add(0.127069145, (10, 9)),  # 11
        Row("AVERAGE_POOL_2D", kernel=(8, 8)),  # 12
        Row("RESHAPE"),  # 13
        _logits(0.171853513, 10, reach=93, zero_point=24, steps=12),  # 14
        Row("SOFTMAX", scale=0.00390625),  # 15
    ),
)
VWW = Architecture(
    name="vww",
    shape=(1, 96, 96, 3),
    scale=0.00392156886,
    zero_point=-128,
    rows=(
        _conv(0.014969985, 8, kernel=(3, 3), stride=2, reach=141, shift=14),  # 0
        _depthwise(0.0483876243, shift=8),  # 1
        _conv(0.0341310874, 16, reach=152, shift=14),  # 2
        _depthwise(0.0304950904, stride=2, shift=12),  # 3
        _conv(0.0323920846, 32, reach=132, shift=12),  # 4
        _depthwise(0.0403331108, shift=1),  # 5
        _conv(0.040998254, 32, reach=119, shift=6),  # 6
        _depthwise(0.0286059901, stride=2, shift=9),  # 7
        _conv(0.0312281772, 64, reach=129, shift=5),  # 8
        _depthwise(0.031562157, shift=-2),  # 9
        _conv(0.029660074, 64, reach=116, shift=2, constant=4),  # 10
        _depthwise(0.0324266441, stride=2),  # 11
        _conv(0.0306140371, 128, reach=114, shift=3, constant=21),  # 12
        _depthwise(0.0296804924, shift=-6),  # 13
        _conv(0.0238827374, 128, reach=101, shift=-6, constant=71),  # 14
        _depthwise(0.0365412645, reach=152, shift=-12),  # 15
        _conv(0.0364999771, 128, reach=81, shift=-12, constant=98),  # 16
        _depthwise(0.037810389, reach=141, shift=-12),  # 17
        _conv(0.0206044335, 128, reach=66, shift=-12, constant=109),  # 18
        _depthwise(0.0332261138, reach=135, shift=-12),  # 19
        _conv(0.0187330078, 128, reach=51, shift=-10, constant=109),  # 20
        _depthwise(0.0341283306, reach=136, shift=-12, constant=2),  # 21
        _conv(0.0188816395, 128, reach=49, shift=-4, constant=101),  # 22
        _depthwise(0.0252805576, stride=2, reach=152, shift=-12, constant=3),  # 23
        _conv(0.0218379721, 256, reach=56, shift=-12, constant=224),  # 24
        _depthwise(0.0296261236, reach=118, shift=-12),  # 25
        _conv(0.0156569127, 256, reach=42, shift=-12, constant=234),  # 26
        Row("AVERAGE_POOL_2D", kernel=(3, 3)),  # 27
        Row("RESHAPE"),  # 28
        _logits(0.0146362185, 2, reach=62, zero_point=-5, steps=80),  # 29
        Row("SOFTMAX", scale=0.00390625),  # 30
    ),
)
TOYCAR = Architecture(
    name="toycar",
    shape=(1, 640),
    scale=0.391015232,
    zero_point=89,
    rows=(
        _dense(0.0494591296, 128, reach=21, shift=1),  # 0
        _dense(0.0354056843, 128, reach=10, shift=-2),  # 1
        _dense(0.013730743, 128, reach=10, shift=-2),  # 2
        _dense(0.0236037932, 128, reach=9, shift=-5),  # 3
        _dense(0.0249294806, 8, reach=32, shift=15),  # 4
        _dense(0.0317561701, 128, reach=48, shift=-1),  # 5
        _dense(0.032071162, 128, reach=22, shift=-1),  # 6
        _dense(0.0282959733, 128, reach=30),  # 7
        _dense(0.0247908905, 128, reach=42, shift=8),  # 8
        _logits(0.364498466, 640, reach=47, zero_point=96, steps=31, shift=-39),  # 9
    ),
)

ARCHITECTURES = {twin.name: twin for twin in (AWW, RESNET, VWW, TOYCAR)}
