"""Instructions of the matrix products on the D unit: gemm_pairs.S and gemm_pairs_expanded.S, as
their listings have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .facts import Machine

ENTER_AND_LEAVE = 63
END_OF_GROUP = 14


def groups(channels: int) -> int:
    """Groups of four channels; the last one may overlap the one before."""
    return -(-channels // 4)


def gemm_pairs(pairs: int, channels: int, runs: int, run: int, machine: Machine) -> float:
    """mlbench_tuned_gemm_pairs: `runs` runs of `run` taps, all channels of `pairs` pairs."""
    tiles, left = 0.0, pairs
    while left > 0:
        size, unroll = (6, 8) if left >= 6 and left != 8 else (4, 8) if left >= 3 else (2, 2)
        wanted = min(left, size)
        each = 6 + size + _rest_of_run(size, run, unroll)
        tiles += 8 + 4 * size + runs * each + outputs(size, wanted, machine)
        left -= size
    return ENTER_AND_LEAVE + groups(channels) * (5 + tiles + END_OF_GROUP)


def _rest_of_run(size: int, run: int, unroll: int) -> float:
    """The taps of a run: `unroll` at once, then one by one."""
    turns, rest = divmod(run, unroll)
    step = 8 + 5 * size
    total = turns * (unroll * step + size + 2) + rest * (step + size + 2)
    return total + (5 if turns else 0) + (1 if rest else 0)


def outputs(size: int, wanted: int, machine: Machine) -> float:
    """TILE_OUTPUTS: all of a tile, or through gemm_pairs_finish.S where not all is wanted or the
    tile has two pairs only."""
    is_signed = machine.pairs_signed
    requantise = 13 if is_signed else 9
    if size > 2 and wanted == size:
        stored = 4 * (3 + is_signed + size * (requantise + 2))
        return 8 + (2 - machine.saved_per_pair) * size + stored
    finish = 10 + 4 * (12 + size * (requantise + 7) + 2 * wanted)
    return 6 + 4 * size + finish


def gemm_pairs_expanded(pairs: int, channels: int, k: int, machine: Machine) -> float:
    """mlbench_tuned_gemm_pairs_expanded: the first tile makes doubles of the weights."""
    first = 13 + 42 * k + 4 * (k // 4 + k % 4)
    tiles = first + outputs(6, 6, machine) + 2
    left = pairs - 6
    while left > 0:
        size = 6 if left >= 6 else 3 if left in (3, 5) else 2
        start = 10 + 5 * size
        step = 4 + 5 * size
        if size == 2:
            loop = (k - 1) * (step + 3) + 3
        else:
            turns, rest = divmod(k, 8)
            loop = turns * (8 * step + 3) - step * (turns > 0) + 2
            loop += (rest - (turns == 0)) * (step + 3) + (3 if turns == 0 else 0)
        tiles += start + loop + outputs(size, min(left, size), machine) + 4
        left -= size
    return ENTER_AND_LEAVE + 10 + groups(channels) * (9 + tiles + END_OF_GROUP)
