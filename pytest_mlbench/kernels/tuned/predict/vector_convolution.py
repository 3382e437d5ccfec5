"""Instructions of the convolutions for V: vector_gemm.S, vector_planes.S, vector_gather_planes.S,
vector_depthwise_3x3.S and the C code around them. Counted in the listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .vector_move import copy_rows, fill, padded_image

if TYPE_CHECKING:
    from .facts import Facts

PATCHES = 12
"""Patches that vector_conv2d.c gathers at once."""

UNROLL = 8
"""Planes per turn of the loop of vector_planes.S."""


def conv2d(layer: Facts) -> float:
    """mlbench_tuned_vector_conv2d: patches are read in place, lanes are output channels."""
    image = padded_image(layer.inner("image"), layer.machine.vlen)
    return 30 + layer["images"] * (20 + image + _gemm(layer, layer["positions"]))


def conv2d_patches(layer: Facts) -> float:
    """mlbench_tuned_vector_conv2d_patches: twelve patches are gathered at once."""
    vlen, gemm = layer.machine.vlen, layer.inner("constants")
    run = copy_rows(
        layer["filter_h"],
        layer["tap_bytes"],
        vlen,
        side_by_side=True,
    )
    patch = 13 + layer["runs_w"] * (22 + run)
    whole, rest = divmod(layer["positions"], PATCHES)
    image = padded_image(layer.inner("image"), vlen)
    products = whole * (25 + _gemm(layer, PATCHES)) + (25 + _gemm(layer, rest) if rest else 0)
    each = 30 + image + layer["positions"] * patch + products
    return 60 + fill(PATCHES * gemm["run"], vlen) + layer["images"] * each


def _gemm(layer: Facts, positions: int) -> float:
    """vector_gemm.S for `positions`: as many tiles as they need, in each pass over the lanes.

    Per tile of n positions 16 n + 23, a run of k n loads and n products for each k, and loads of
    eight registers of weights.
    """
    gemm, vlen = layer.inner("constants"), layer.machine.vlen
    name = layer.name("gemm").rsplit("_m", 1)[1].split("_")
    lmul = int(name[0])
    tile = int(name[1]) if len(name) > 1 else 24 // lmul
    turns = -(-gemm["run"] // 16)
    odd = gemm["run"] // 8 % 2
    weights = gemm["run"] * lmul // 2 // 8 * 2
    runs = gemm["runs"] * (7 + odd * (tile + 1) + 2 * tile * gemm["run"] + weights)
    runs += gemm["runs"] * turns * (tile + 1) + (gemm["runs"] - 1) * (tile + 2)
    is_clamped = gemm["high"] - gemm["low"] != 255
    finish = (15 + 2 * gemm["is_signed"] + 2 * is_clamped) * tile + 24
    long_offset = 3 * lmul * vlen // 8 >= 2048
    tiles, passes = -(-positions // tile), -(-gemm["channels"] // (vlen // 32 * lmul))
    rows = 3 * positions / max(gemm["width"], 1)
    return 37 + passes * (16 + tiles * (runs + finish + long_offset) + rows)


def conv2d_planes(layer: Facts) -> float:
    """mlbench_tuned_vector_conv2d_planes: lanes are positions."""
    planes, gather = layer.inner("planes"), layer.inner("gather")
    vlen, row, lanes = layer.machine.vlen, planes["row"], layer["lanes"]
    total, top, made = 0.0, 0, 0
    for lane in range(0, layer["all_lanes"], lanes):
        count = min(lanes, layer["all_lanes"] - lane)
        first = lane // row
        end = (lane + count - 1) // row + layer["reach"]
        if first > top and made > first:
            moved = (made - first) * row * 2
            total += 15 + copy_rows(gather["phases"] * gather["planes"], moved, vlen)
        top = first
        if end > made:
            total += 15 + _gather_planes(gather, (end - made) * row, vlen)
            made = end
        total += 40 + _multiply_planes(layer, lane % row, count)
    return 50 + layer["images"] * (10 + total)


def _gather_planes(gather: Facts, count: int, vlen: int) -> float:
    """vector_gather_planes.S: `count` elements of each plane, those of four registers at once."""
    phase = 20 + 6 * gather["planes"]
    return 17 + -(-count // (vlen // 4)) * (22 + gather["phases"] * phase)


def _multiply_planes(layer: Facts, column: int, count: int) -> float:
    """vector_planes.S for `count` lanes, the first one in this column."""
    planes, name = layer.inner("planes"), layer.name("multiply").rsplit("_", 1)[1]
    large = {"m4": 7, "single": 1}.get(name, 3)
    is_signed = planes["is_signed"]
    is_clamped = planes["high"] - planes["low"] != 255
    ends = (column + count - 1) // planes["row"] > 0 or column + count > planes["output_w"]
    between = planes["row"] > planes["output_w"] and ends
    total = 54 + 8 * planes["filter_w"]
    for size, number in ((large, planes["large"]), (2, planes["small"])):
        total += 2
        if number == 0:
            continue
        if name == "depthwise":
            tap, own = 5 + 4 * size, size
        else:
            total += 9
            turns = -(-planes["planes"] // UNROLL)
            tap, own = 7 + planes["planes"] * (2 * size + 2) + 2 * turns, 0
        column_of_taps = 6 + planes["filter_h"] * tap
        outputs = size * (11 + 2 * is_signed + 2 * is_clamped) + between * (2 + 2 * size) + own
        total += number * (6 + planes["filter_w"] * column_of_taps + outputs + 13)
    return total


def depthwise_3x3(layer: Facts) -> float:
    """mlbench_tuned_vector_depthwise: lanes are channels, pixel by pixel."""
    vlen = layer.machine.vlen
    is_clamped = layer["high"] - layer["low"] != 255
    pixel = 65 + 2 * layer["is_signed"] + 2 * is_clamped
    passes = -(-layer["channels"] // (vlen // 4))
    each = 25 + layer["output_h"] * (6 + layer["output_w"] * pixel)
    return 60 + padded_image(layer.inner("image"), vlen) + passes * each
