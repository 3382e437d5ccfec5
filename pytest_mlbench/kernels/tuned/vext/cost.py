"""Estimates the instructions of each vector kernel for a layer, in order to choose one.

The estimates follow the kernels' listings, including requantisation and padding, and are within a
few per cent of Spike's counts (tests/kernels/tuned/test_tuned_plan.py).
"""

from __future__ import annotations

GATHER_COST = 45
"""Instructions per position for gathering a patch."""

CODE = 1.05
"""An additional kernel adds 1 to 2 KiB of code, so it must need fewer instructions by this factor.
"""

MOST_OFFSET = 1 << 11
"""From here on, an offset does not fit an instruction."""

UNROLL = 8
"""Planes per loop iteration of vector_planes.S."""


def channel_lanes(positions: int, channels: int, k: int, vlen: int, *, patches: bool) -> float:
    """Instructions of vector_gemm.S for `positions` of `channels`, each a sum of `k` products."""
    lmul = channel_lmul(positions, channels, vlen)
    tile = channel_tile(positions, lmul)
    passes = -(-channels // (vlen // 32 * lmul))
    tiles = passes * -(-positions // tile)
    inner = k * (2 * tile + (2 * lmul + tile + 1) / 16)
    return tiles * (inner + 21 * tile + 30) + patches * GATHER_COST * positions


def channel_lmul(positions: int, channels: int, vlen: int) -> int:
    """Registers per vector of channels (LMUL): few, so that many positions share a weight load.

    LMUL 8 computes three positions at once; if there are no more positions, idle lanes are free, as
    long as the constants of a pass are near enough for an offset of 12 bits. With longer vectors,
    a smaller LMUL whose lanes suffice takes two instructions less.
    """
    if positions <= 24 // 8 and 3 * 8 * vlen // 8 < MOST_OFFSET:
        return 8
    return next((m for m in (2, 4) if vlen // 32 * m >= channels), 8)


def channel_tile(positions: int, lmul: int) -> int:
    """How many positions are computed at once.

    As many as the registers hold, or fewer if that reduces idle positions enough to save 5 % (an
    additional kernel adds code).
    """

    def per_product(tile: int) -> float:
        return -(-positions // tile) * (2 * tile + (2 * lmul + tile + 1) / 16)

    most = 24 // lmul
    best = min((tile for tile in (3, 6, 12) if tile <= most), key=per_product)
    return best if per_product(best) * CODE < per_product(most) else most


def depthwise_lanes(positions: int, channels: int, vlen: int) -> float:
    """Instructions of vector_depthwise_3x3.S."""
    return positions * -(-channels // (vlen // 4)) * 68.0


def input_lanes(rows: int, channels: int, k: int, vlen: int) -> float:
    """Instructions of vector_fully_connected.S."""
    chunks = -(-k // (vlen // 2))
    return rows * (-(-channels // 16) * (47 + 8 * chunks) + 6 * channels * chunks)


LARGE = {8: 3, 4: 7}
"""LMUL -> channels of the large groups of vector_planes.S; the small ones have two."""


def large_group(channels: int, lmul: int) -> int:
    """Channels in a large group; a single channel forms a group at LMUL 8."""
    return 1 if channels == 1 and lmul == 8 else LARGE[lmul]


def groups(channels: int, lmul: int) -> tuple[int, int] | None:
    """The numbers of large and small groups for `channels`, with as few groups as possible."""
    size = large_group(channels, lmul)
    for small in range(LARGE[lmul] if channels > 1 else 1):
        large, rest = divmod(channels - 2 * small, size)
        if large >= 0 and rest == 0:
            return large, small
    return None


def position_lanes(
    channels: int,
    lmul: int,
    *,
    planes: int,
    filter_h: int,
    filter_w: int,
    vectors: int,
    depthwise: bool = False,
) -> float:
    """Instructions of vector_planes.S for all channels of the given number of position vectors."""
    turns = -(-planes // UNROLL)
    total = 0.0
    for number, size in zip(
        groups(channels, lmul) or (0, 0), (large_group(channels, lmul), 2), strict=True
    ):
        tap = 4 * size + 5 if depthwise else planes * (2 * size + 2) + 2 * turns + 7
        total += number * (filter_w * (filter_h * tap + 6) + (11 + depthwise) * size + 18)
    return vectors * (total + 85 + 8 * filter_w)


def making_planes(new: int, kept: int, *, planes: int, phases: int, vlen: int) -> float:
    """Instructions for gathering `new` elements of each plane and moving `kept` ones."""
    chunks, pieces = -(-new // (vlen // 4)), -(-kept // (vlen // 2))
    gather = chunks * (6 * planes * phases + 21 * phases + 20)
    return 40 + gather + planes * phases * (6 if pieces == 1 else pieces and 4 + 7 * pieces)
