"""Instructions of the integer kernels that go through a tensor once: fully_connected.S, add.c,
elementwise.c, channel_line.c, lookup.c, quantize.c, mean.c, softmax_two.c.

The constants of the C kernels are those of GCC's code at -O3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .gemm import requantise

if TYPE_CHECKING:
    from .facts import Facts


def fully_connected_16(layer: Facts) -> float:
    """Sixteen outputs at a time: an input and, for each output, a load, a product and a sum."""
    k = layer["k"]
    return _fully_connected(layer, 16, k // 8 * (8 * 49 + 3) + k % 8 * 52)


def fully_connected_4(layer: Facts) -> float:
    """Four outputs at a time."""
    return _fully_connected(layer, 4, 16 * layer["k"])


def _fully_connected(layer: Facts, group: int, loop: float) -> float:
    outputs = group * (3 + requantise(int(layer["sign"] != 0)))
    return 43 + -(-layer["outputs"] // group) * (26 + loop + outputs)


def add_line(layer: Facts) -> float:
    """mlbench_tuned_add_line."""
    return 40 + 12.2 * float(layer["count"])


def add(layer: Facts) -> float:
    """mlbench_tuned_add and mlbench_tuned_add_signed."""
    return 45 + (17.0 if layer["sign"] else 15.5) * float(layer["count"])


def elementwise(layer: Facts, each: float) -> float:
    """mlbench_tuned_add_stored and the like: `each` instructions per element."""
    values = layer["blocks"] * layer["period"]
    alone = values if layer["repeat"] > 1 else 0
    return 60 + 17 * float(layer["blocks"]) + 15 * float(alone) + each * values * layer["repeat"]


def channel_line(layer: Facts, tile: int, each: float) -> float:
    """channel_line.c: `tile` channels at a time go down all positions."""
    tiles, rest = divmod(layer["channels"], tile)
    positions = layer["positions"]
    whole = tiles * (25 + positions * (tile * each + 3))
    return 45 + whole + rest * (20 + positions * (each + 4))


def lookup(layer: Facts) -> float:
    """mlbench_tuned_lookup: four values at once."""
    fours, rest = divmod(layer["count"], 4)
    return 24.0 + 19 * fours + 6 * rest


def quantize(layer: Facts) -> float:
    """mlbench_tuned_quantize on the F unit."""
    return 27.0 + 14 * layer["count"]


def mean(layer: Facts) -> float:
    """mlbench_tuned_mean: four channels at once, then one."""
    fours, rest = divmod(layer["channels"], 4)
    sums = layer["rows"] * (11 * fours + 5 * rest)
    return 85.0 + layer["outer"] * (sums + 35 * layer["channels"])


def softmax_two(layer: Facts) -> float:
    """softmax_two.c: a row at a time."""
    return 8 + (15.0 if layer.machine.small else 13.0) * layer["rows"]
