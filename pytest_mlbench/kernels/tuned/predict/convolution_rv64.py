"""Instructions of conv2d_rv64.c and gemm_rv64.S: two or three activations lie in a register.

The matrix product is counted in its listing; the constants of the C code are those of GCC's at -O3.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from .convolution import copy, gather, inside
from .gemm import CLAMPED, groups, share_clamped

if TYPE_CHECKING:
    from .facts import Facts

WORDS = 3
"""Registers of activations in a tile."""


class _Packing(NamedTuple):
    """A run of taps into words: per run, per four taps, per tap that is left over."""

    run: float
    four: float
    one: float

    def of(self, taps: int) -> float:
        return self.run + taps // 4 * self.four + taps % 4 * self.one


PACKING = {2: _Packing(31, 24, 8), 3: _Packing(23, 35.5, 12)}
"""By activations in a word."""


def _conv2d(layer: Facts, fields: int) -> float:
    positions, channels, k = layer["positions"], layer["channels"], layer["k"]
    gemm, rows = layer.inner("gemm"), layer["filter_h"]
    run, pack = layer["filter_w"] * layer["input_c"], PACKING[fields]
    tile = WORDS * fields
    tiles, rest = -(-positions // tile), positions % tile
    whole, words, beside = _words(layer, fields)
    gathered = positions - round(whole * fields) - beside
    runs = rows if layer["dilation_w"] == 1 else rows * layer["filter_w"]
    by_bytes = 0 if layer["whole_words"] else 5 * runs + 1.9 * k
    total = 90 * tiles + 27 * positions + whole * rows * pack.of(run)
    total += (words - whole) * (100 + pack.of(k)) + beside * (12 + rows * (3 + copy(run)))
    total += max(gathered, 0) * (gather(layer) + by_bytes)
    cleared = 8 * WORDS * (gemm["weight_bytes"] // 4 - (k if positions >= tile else 0))
    copies = (rest if gemm["pitch"] == channels else positions) * (15 + 5.9 * channels)
    return 10 + 4 * cleared + total + tiles * _gemm(gemm, channels, fields) + copies


def _words(layer: Facts, fields: int) -> tuple[int, int, int]:
    """Words whose patches all lie inside the image; all words; patches inside it in other words."""
    flags = inside(layer)
    flags *= layer["positions"] // len(flags)
    words = [flags[first : first + fields] for first in range(0, len(flags), fields)]
    return sum(map(all, words)), len(words), sum(sum(word) for word in words if not all(word))


def _gemm(gemm: Facts, channels: int, fields: int) -> float:
    """gemm_rv64.S: one tile of three words."""
    k, is_signed = gemm["weight_bytes"] // 4, gemm["is_signed"]
    output = 9 + 4 * is_signed + CLAMPED * share_clamped(is_signed)
    channel = 15 + is_signed + WORDS * (2 + fields * output)
    return 45 + groups(channels) * (25 + 31 * k + 3 * (k // 4) + 28 + 4 * channel)


conv2d_pairs = partial(_conv2d, fields=2)
conv2d_triples = partial(_conv2d, fields=3)
