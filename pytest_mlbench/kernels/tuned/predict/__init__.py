"""Predicts how many instructions a kernel's call takes, from the struct that the kernel gets.

The formulas follow the kernels' loops: what a listing in assembly takes per call, row, tile and tap
is counted; what a compiler makes of a C kernel is counted in its code or measured. They are for -O3
and -Os, and for outputs of which half are clamped where values below zero are not wanted.
`tests/kernels/tuned/test_tuned_predictions.py` holds them within 10 % of Spike's counts on random
layers, at -Os within 20 %; `test_tuned_formulas.py` asks for a formula of every kernel.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from . import (
    convolution,
    convolution_rv64,
    depthwise,
    depthwise_any,
    depthwise_plane,
    moves,
    pairs,
    pairs_depthwise,
    pooling,
    resize,
    rows,
    softmax,
    transpose_conv,
    vector,
    vector_convolution,
    windows,
    winograd,
    xpulp,
    xpulp_gemm,
)
from .facts import facts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pytest_mlbench.kernels.interface import KernelCall

    from .facts import Facts, Machine

FORMULAS: dict[str, Callable[[Facts], float]] = {
    "conv2d": convolution.conv2d,
    "conv2d_1x1": convolution.conv2d_1x1,
    "conv2d_plane": convolution.conv2d_plane,
    "conv2d_rv64_pairs": convolution_rv64.conv2d_pairs,
    "conv2d_rv64_triples": convolution_rv64.conv2d_triples,
    "depthwise_3x3": depthwise.depthwise_3x3,
    "depthwise_3x3_s2": depthwise.depthwise_3x3_s2,
    "depthwise": depthwise_any.depthwise,
    "depthwise_plane": depthwise_plane.depthwise_plane,
    "fully_connected_16": rows.fully_connected_16,
    "fully_connected_4": rows.fully_connected_4,
    "add": rows.add,
    "add_signed": rows.add,
    "add_line": rows.add_line,
    "add_stored": partial(rows.elementwise, each=25),
    "add_constant": partial(rows.elementwise, each=19),
    "mul_stored": partial(rows.elementwise, each=21),
    "mul_constant": partial(rows.elementwise, each=18),
    "channel_line": partial(rows.channel_line, tile=4, each=7.4),
    "channel_line_signed": partial(rows.channel_line, tile=4, each=9.2),
    "channel_lines": partial(rows.channel_line, tile=2, each=13),
    "channel_lines_signed": partial(rows.channel_line, tile=2, each=15.5),
    "average_pool2d": windows.average_pool2d,
    "average_pool2d_any": windows.average_pool2d_any,
    "max_pool2d": windows.max_pool2d,
    "lookup": rows.lookup,
    "quantize": rows.quantize,
    "mean": rows.mean,
    "resize_bilinear": resize.resize_bilinear,
    "softmax": softmax.softmax,
    "softmax_table": softmax.softmax_table,
    "softmax_two": rows.softmax_two,
    "conv2d_pairs_patches": pairs.patches,
    "conv2d_pairs_expanded": pairs.expanded,
    "conv2d_pairs_rows": pairs.rows,
    "conv2d_pairs_winograd": winograd.conv2d,
    "depthwise_3x3_pairs": pairs_depthwise.depthwise_3x3,
    "concatenation": moves.concatenation,
    "pad": moves.pad,
    "pick": moves.pick,
    "split": moves.split,
    "strided_copy": moves.strided_copy,
    "transpose": moves.transpose,
    "vector_conv2d": vector_convolution.conv2d,
    "vector_conv2d_patches": vector_convolution.conv2d_patches,
    "vector_conv2d_planes": vector_convolution.conv2d_planes,
    "vector_depthwise": vector_convolution.depthwise_3x3,
    "vector_fully_connected": vector.fully_connected,
    "vector_add": vector.add,
    "vector_add_stored": partial(vector.arithmetic, operands=20),
    "vector_add_constant": partial(vector.arithmetic, operands=13, signs=5),
    "vector_mul_stored": partial(vector.arithmetic, operands=10, signs=4),
    "vector_mul_constant": partial(vector.arithmetic, operands=9, signs=4),
    "vector_channel_line": partial(vector.channel_line, strip=21, fixed=22),
    "vector_channel_line_signed": partial(vector.channel_line, strip=23, fixed=26),
    "vector_channel_lines": partial(vector.channel_line, strip=29, fixed=25),
    "vector_channel_lines_signed": partial(vector.channel_line, strip=33, fixed=29),
    "vector_max_pool2d": pooling.vector_max_pool2d,
    **{f"vector_max_pool2d_{way}": formula for way, formula in pooling.rows.items()},
    "vector_average_pool2d": pooling.vector_average_pool2d,
    "vector_lookup": vector.lookup,
    "vector_mean": vector.mean,
    "vector_softmax": vector.softmax,
    "vector_softmax_two": vector.softmax_two,
    "xpulp_add": xpulp.add,
    "xpulp_average_pool2d": xpulp.average_pool2d,
    "xpulp_conv2d": xpulp_gemm.conv2d,
    "xpulp_conv2d_1x1": xpulp_gemm.conv2d_1x1,
    "xpulp_depthwise": xpulp.depthwise,
    "xpulp_gemm_1x4": xpulp_gemm.gemm_1x4,
    "xpulp_max_pool2d": xpulp.max_pool2d,
    "xpulp_mean": xpulp.mean,
}
"""Function, without its prefix -> its formula."""

PREFIX = "mlbench_tuned_"

FORMULAS["transpose_conv"] = partial(
    transpose_conv.transpose_conv, formulas=FORMULAS, prefix=PREFIX
)

RV64 = {
    "add": 1.09,
    "add_signed": 1.08,
    "add_line": 1.09,
    "add_stored": 1.08,
    "add_constant": 1.11,
    "mul_stored": 1.11,
    "mul_constant": 1.09,
    "channel_line": 1.04,
    "channel_line_signed": 1.04,
    "channel_lines": 1.04,
    "channel_lines_signed": 1.04,
    "quantize": 1.14,
    "resize_bilinear": 1.03,
    "depthwise": 1.05,
    "depthwise_plane": 1.04,
    "average_pool2d": 1.12,
    "average_pool2d_any": 1.05,
}
"""Function -> what its compiled loop takes on RV64, relative to RV32."""

SMALL = {
    "add": 1.35,
    "add_signed": 1.3,
    "add_line": 1.5,
    "channel_line": 1.49,
    "channel_line_signed": 1.4,
    "channel_lines": 1.2,
    "channel_lines_signed": 1.2,
    "conv2d_rv64_triples": 1.06,
    "depthwise_plane": 1.09,
    "lookup": 1.05,
    "mean": 1.06,
    "quantize": 1.14,
}
"""Function -> what its compiled loop takes at -Os, relative to -O3; others count both."""


def prediction(call: KernelCall, machine: Machine) -> Callable[[Collection[str]], int] | None:
    """`predict` of KernelCall for a call on this machine; None for a kernel without a formula."""
    name = call.function.removeprefix(PREFIX)
    formula, known = FORMULAS.get(name), facts(call, machine)
    if formula is None or known is None:
        return None
    factor = RV64.get(name, 1.0) if machine.xlen == 64 else 1.0
    factor *= SMALL.get(name, 1.0) if machine.small else 1.0
    return partial(_predicted, formula, known, factor)


def _predicted(
    formula: Callable[[Facts], float], known: Facts, factor: float, defines: Collection[str]
) -> int:
    machine = replace(known.machine, defines=frozenset(defines))
    return round(formula(replace(known, machine=machine)) * factor)
