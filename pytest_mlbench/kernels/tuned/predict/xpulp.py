"""Instructions of the other kernels for the CV32E40P: xpulp_add.S, xpulp_average.S,
xpulp_depthwise.S, xpulp_max_pool2d.c and the C code around them.

The assembly is counted in its listings, the C code in GCC's at -O3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .pooling import windows
from .xpulp_gemm import HIGH, memset

if TYPE_CHECKING:
    from .facts import Facts

AVERAGED, SCALED = 21, 38
"""The outputs of four channels: a quotient, a scaled sum."""


def add(layer: Facts) -> float:
    """mlbench_tuned_xpulp_add: four elements at once."""
    fours, rest = divmod(layer["count"], 4)
    return 22 + (1 + 28 * fours if fours else 0) + (1 + 8.0 * rest if rest else 0)


def max_pool2d(layer: Facts) -> float:
    """mlbench_tuned_xpulp_max_pool2d: four channels at once."""
    words = layer["channels"] // 4
    total = 55.0 + layer["batches"] * layer["output_h"] * 21
    for height, width, count in windows(layer):
        is_2x2 = height == width == 2
        word = 17 if is_2x2 else 11 + height * (6 + 5 * width)
        total += count * (22 + 3 * (height == 2) + words * word)
    return total


def average_pool2d(layer: Facts) -> float:
    """mlbench_tuned_xpulp_average_pool2d: window by window."""
    words = layer["channels"] // 4
    total = 70.0 + layer["batches"] * layer["output_h"] * 20
    for height, width, count in windows(layer):
        total += count * (30 + _window(height, width, words, AVERAGED))
    return total


def mean(layer: Facts) -> float:
    """mlbench_tuned_xpulp_mean: a window of one row."""
    window = _window(1, layer["rows"], layer["channels"] // 4, SCALED)
    return 70 + layer["outer"] * (11.0 + window)


def _window(height: int, width: int, words: int, finish: int) -> float:
    """xpulp_average.S: two words of channels at once."""
    pairs, odd = divmod(words, 2)
    pair = 13 + height * (3 + 10 * width) + 2 * finish
    return 47 + pairs * pair + odd * (6 + height * (3 + 5 * width) + finish)


def depthwise(layer: Facts) -> float:
    """mlbench_tuned_xpulp_depthwise: a plane for each channel, then its lines."""
    constants = layer.values("constants").reshape(layer["channels"], -1)
    of_products = sum(int(row[7]) < 0 for row in constants)
    total = layer["channels"] * (17 + _plane(layer)) + of_products * _lines(layer, "products")
    high = layer["channels"] - of_products
    kind = "signed" if layer["is_signed"] else "high"
    return 40 + memset(layer["plane_bytes"]) + total + (high * _lines(layer, kind) if high else 0)


def _plane(layer: Facts) -> float:
    """mlbench_tuned_xpulp_plane: four pixels at once, then one."""
    fours, rest = divmod(layer["input_run"], 4)
    line = 8 + (1 + 8 * fours if fours else 0) + (1 + 3 * rest if rest else 0)
    return 8 + layer["input_lines"] * float(line)


def _lines(layer: Facts, kind: str) -> float:
    """mlbench_tuned_xpulp_lines and _s2: blocks, and what is left over of a line."""
    output = 8 if kind == "signed" else 5
    rest, blocks = layer["rest"], layer["blocks"]
    if layer["stride"] == 1:
        block = 29 + 4 * output
        left = (0, 17 + output, 20 + 2 * output, 30 + 3 * output)[rest]
    else:
        block = 19 + 2 * output
        left = 10 + output if rest else 0
    loads = 0 if kind == "products" else 4
    line = 14 + loads + (1 + blocks * block if blocks else 0) + left
    call = 54 + (HIGH in layer.machine.defines) + (0 if kind == "products" else 6)
    return call + layer["lines"] * float(line)
