"""The rows that describe a twin's architecture."""

from __future__ import annotations

from dataclasses import dataclass

INPUT = -1
"""The number of the model's input among `Row.sources`."""


@dataclass(frozen=True)
class Row:
    """One operator of a twin, in execution order.

    channels    output channels or features; 0: as many as the input has
    kernel      height and width of the window
    stride      its step in both directions; a pool's step is its kernel
    scale       the output's scale, as in the original; 0: the input's
    zero_point  the output's zero point, as in the original
    activation  the fused activation's name in the format
    sources     numbers of the rows that it reads; empty: the previous row
    reach       the largest absolute weight before clamping (above 127, many are clamped)
    steps       the outputs' target standard deviation, in steps of the output's scale
    shift       sixteenths of a standard deviation by which outputs are shifted before the
                activation; determines how many of them a RELU clips
    constant    channels with a tiny multiplier and a huge bias, which give one value for every
                input, as pruned channels do in the original
    """

    kind: str
    channels: int = 0
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    scale: float = 0.0
    zero_point: int = -128
    activation: str = "NONE"
    sources: tuple[int, ...] = ()
    reach: int = 127
    steps: int = 32
    shift: int = 0
    constant: int = 0


@dataclass(frozen=True)
class Architecture:
    """A twin: the input's shape and quantisation, and its rows."""

    name: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    rows: tuple[Row, ...]
