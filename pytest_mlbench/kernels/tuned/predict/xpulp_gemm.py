"""Instructions of xpulp_gemm.S and xpulp_conv2d.c on the CV32E40P.

The assembly is counted in its listing, the C code in GCC's at -O3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .edges import gathered
from .gemm import groups

if TYPE_CHECKING:
    from .facts import Facts

TILE = 4
HIGH = "MLBENCH_TUNED_XPULP_HIGH"
BENT = "MLBENCH_TUNED_XPULP_BENT"


def gemm_1x4(gemm: Facts) -> float:
    """mlbench_tuned_xpulp_gemm_1x4: one position; `pitch` is the number of channels."""
    outputs = {"straight": 40, "bent": 57, "high": 40, "signed": 57}[_requantisation(gemm)]
    return 16 + groups(gemm["pitch"]) * (14 + _known(gemm) + 9 * _words(gemm) + outputs)


def _gemm_4x4(gemm: Facts) -> float:
    """mlbench_tuned_xpulp_gemm_4x4: four positions."""
    outputs = {"straight": 105, "bent": 146, "high": 99, "signed": 152}[_requantisation(gemm)]
    return 35 + groups(gemm["pitch"]) * (41 + _known(gemm) + 24 * _words(gemm) + outputs)


def _words(gemm: Facts) -> int:
    """The words of a patch."""
    return gemm["weight_bytes"] // 16


def _known(gemm: Facts) -> int:
    """The branches to the kinds of requantisation that the build has."""
    return (HIGH in gemm.machine.defines) + (BENT in gemm.machine.defines)


def _requantisation(gemm: Facts) -> str:
    """How a layer requantises: see the stream of xpulp_gemm.S."""
    bits = int(gemm.values("stream")[0])
    if bits == 0:
        return "signed" if gemm["is_signed"] else "high"
    return "bent" if bits >= 1 << 31 else "straight"


def conv2d_1x1(layer: Facts) -> float:
    """mlbench_tuned_xpulp_conv2d_1x1 whose output does not lie over the input: no pixel is
    copied."""
    return 55 + _multiply(layer, each_tile=32)


def conv2d(layer: Facts) -> float:
    """mlbench_tuned_xpulp_conv2d: patches are gathered, those inside the image row by row."""
    patch = 4 * _words(layer.inner("gemm"))
    count, rows = layer["filter_w"] * layer["input_c"], layer["filter_h"]
    images = layer["positions"] // (layer["output_h"] * layer["output_w"])
    at_edge, gathering = gathered(layer)
    inside = layer["positions"] - images * at_edge
    if layer["whole_words"]:
        in_place = 12 + rows * (_words_of_row(count // 4) + 10)
    else:
        fours, rest = divmod(count, 4)
        in_place = 7 + rows * (10 + 5 * fours + 6 * rest)
    each = 9.0
    if layer["dilation_w"] == 1 and count % 4:
        each += 2 + rows * (8 + _memcpy(count))
    total = 24 * layer["positions"] + inside * in_place + images * (gathering + at_edge * each)
    return 75 + memset(TILE * patch) + total + _multiply(layer, each_tile=30)


def _multiply(layer: Facts, each_tile: int) -> float:
    """`multiply` of xpulp_conv2d.c: four positions, or what is left over one by one."""
    gemm = layer.inner("gemm")
    tiles, rest = divmod(layer["positions"], TILE)
    total = tiles * (each_tile + _gemm_4x4(gemm))
    total += (20 + each_tile + rest * (7 + gemm_1x4(gemm))) if rest else 0
    if gemm["pitch"] != layer["channels"]:
        total += layer["positions"] * (9 + _memcpy(layer["channels"]))
    return total


def _words_of_row(words: int) -> float:
    """`copy`: four words at once, then one."""
    whole, rest = divmod(words, 4)
    return (2 + 11 * whole if whole else 3) + (1, 4, 7, 10)[rest]


def _memcpy(count: int) -> float:
    """memcpy of a few bytes that do not begin at a word."""
    return 12 + 5.0 * count


def memset(count: int) -> float:
    """memset of the C library, byte by byte."""
    return 8 + 4.0 * count
