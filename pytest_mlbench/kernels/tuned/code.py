"""How many bytes of machine code a kernel brings into the firmware.

Measured with GCC 12.2 at -O3 for RV32GC, and RV32GCV with VLEN 128, without what the linker saves,
with the code for outputs of either sign.
`prefer=rom` weighs them against constants; other compilers and levels differ by as much as the
kernels do among each other, so the numbers say only what is large and what is small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Struct

from .predict import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.kernels.interface import Argument, KernelCall

CODE = {
    "add": 464,
    "add_constant": 328,
    "add_line": 396,
    "add_signed": 532,
    "add_stored": 366,
    "average_pool2d": 482,
    "average_pool2d_any": 602,
    "channel_line": 504,
    "channel_line_signed": 554,
    "channel_lines": 500,
    "channel_lines_signed": 576,
    "concatenation": 220,
    "conv2d": 1582,
    "conv2d_1x1": 444,
    "conv2d_pairs_expanded": 236,
    "conv2d_pairs_patches": 230,
    "conv2d_pairs_rows": 1244,
    "conv2d_pairs_winograd": 3678,
    "conv2d_plane": 482,
    "conv2d_rv64_pairs": 2044,
    "conv2d_rv64_triples": 2342,
    "depthwise": 566,
    "depthwise_3x3": 1540,
    "depthwise_3x3_pairs": 576,
    "depthwise_3x3_s2": 1116,
    "depthwise_pairs_s2_w1": 1044,
    "depthwise_pairs_s2_w2": 1456,
    "depthwise_pairs_s2_w3": 1860,
    "depthwise_pairs_s2_w4": 2264,
    "depthwise_pairs_s2_w5": 2668,
    "depthwise_pairs_w1": 1176,
    "depthwise_pairs_w2": 1612,
    "depthwise_pairs_w3": 2036,
    "depthwise_pairs_w4": 2460,
    "depthwise_pairs_w5": 2884,
    "depthwise_plane": 2082,
    "fully_connected_16": 2896,
    "fully_connected_4": 472,
    "gemm_pairs": 5868,
    "gemm_pairs_expanded": 5628,
    "gemm_pairs_finish": 136,
    "gemm_rv64": 1564,
    "lookup": 146,
    "max_pool2d": 1720,
    "mean": 1080,
    "move_bytes": 336,
    "mul_constant": 314,
    "mul_stored": 350,
    "multiply": 5278,
    "pad": 338,
    "pairs_pack_patches": 1164,
    "pairs_pack_pixels": 250,
    "pairs_tile_padded": 1626,
    "pairs_tile_pixels": 380,
    "pick": 566,
    "quantize": 112,
    "resize_bilinear": 432,
    "softmax": 1180,
    "softmax_table": 592,
    "softmax_two": 62,
    "split": 220,
    "strided_copy": 420,
    "transpose": 296,
    "transpose_conv": 358,
    "vector_add": 232,
    "vector_add_constant": 236,
    "vector_add_stored": 272,
    "vector_average_pool2d": 364,
    "vector_channel_line": 140,
    "vector_channel_line_signed": 164,
    "vector_channel_lines": 184,
    "vector_channel_lines_signed": 216,
    "vector_conv2d": 282,
    "vector_conv2d_patches": 794,
    "vector_conv2d_planes": 680,
    "vector_depthwise": 682,
    "vector_fully_connected": 648,
    "vector_gemm_m2": 2876,
    "vector_gemm_m2_3": 912,
    "vector_gemm_m2_6": 1568,
    "vector_gemm_m4": 1584,
    "vector_gemm_m4_3": 928,
    "vector_gemm_m8": 964,
    "vector_lookup": 36,
    "vector_max_pool2d": 292,
    "vector_max_pool2d_1": 564,
    "vector_max_pool2d_2x2_1": 572,
    "vector_max_pool2d_2x2_4": 572,
    "vector_max_pool2d_2x2_8": 572,
    "vector_max_pool2d_2x2_blocks_1": 196,
    "vector_max_pool2d_2x2_blocks_2": 234,
    "vector_max_pool2d_2x2_blocks_4": 322,
    "vector_max_pool2d_2x2_row_16": 248,
    "vector_max_pool2d_2x2_row_32": 260,
    "vector_max_pool2d_2x2_row_64": 260,
    "vector_max_pool2d_2x2_row_8": 248,
    "vector_max_pool2d_4": 564,
    "vector_max_pool2d_8": 564,
    "vector_mean": 176,
    "vector_mul_constant": 212,
    "vector_mul_stored": 216,
    "vector_planes_depthwise": 816,
    "vector_planes_m4": 1812,
    "vector_planes_m8": 1288,
    "vector_planes_single": 1028,
    "vector_softmax": 488,
    "vector_softmax_two": 68,
    "winograd": 616,
}
"""C function, without its prefix -> its bytes, with those of the functions that it alone calls."""

SHARED = {
    "conv2d": "multiply",
    "conv2d_1x1": "multiply",
    "conv2d_pairs_expanded": "gemm_pairs_expanded",
    "conv2d_pairs_patches": "gemm_pairs",
    "conv2d_pairs_rows": "gemm_pairs",
    "conv2d_plane": "multiply",
    "conv2d_rv64_pairs": "gemm_rv64",
    "conv2d_rv64_triples": "gemm_rv64",
}
"""Function -> the multiplication that it shares with others; `multiply` is that of gemm_5x4.S."""

USUAL = 800
"""Bytes of a function that is not in the table."""


def code(call: KernelCall) -> tuple[tuple[str, int], ...]:
    """`code` of KernelCall: its function, what that shares, and the functions in its struct."""
    names = [call.function, *(name for argument in call.arguments for name in _named(argument))]
    short = [name.removeprefix(PREFIX) for name in names]
    short += [SHARED[name] for name in short if name in SHARED]
    return tuple((name, CODE.get(name, USUAL)) for name in dict.fromkeys(short))


def _named(argument: Argument) -> Iterator[str]:
    if isinstance(argument, Struct):
        for field in argument.fields.values():
            yield from _named(field)
    elif isinstance(argument, str) and argument.startswith(PREFIX):
        yield argument
