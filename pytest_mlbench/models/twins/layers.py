"""The rows a twin's architecture is written in."""

from __future__ import annotations

from dataclasses import dataclass

INPUT = -1
"""The number of the model's input among `Row.sources`."""


@dataclass(frozen=True)
class Row:
    """One operator of a twin, in execution order.

    channels    output channels or features; 0: as many as the input has
    kernel      height and width of the window
    stride      its step, both ways; a pool's step is its kernel
    scale       of the output, as in the original; 0: the input's
    zero_point  of the output, as in the original
    activation  the fused activation's name in the format
    sources     numbers of the rows it reads; empty: the row before it
    reach       how far weights go from 0 (more than 127: many of them are at the ends)
    steps       the standard deviation, in steps of the output's scale, that the weights' scales
                are chosen for
    shift       sixteenths of a standard deviation that the outputs are moved up or down before
                the activation: how many of them a RELU cuts off
    constant    channels whose multiplier is next to nothing and whose bias is huge, so that they
                give one value for every input, as pruned channels do in the original
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
