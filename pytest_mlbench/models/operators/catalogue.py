"""All supported operators. There is one module per family; a new family is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import (
    activation,
    batch_matmul,
    choice,
    comparison,
    concatenation,
    convolution,
    division,
    elementwise,
    float32,
    fully_connected,
    gather,
    log_softmax,
    lstm,
    normalise,
    pad,
    pairwise,
    picked,
    pooling,
    quantize,
    reduction,
    reshape,
    resize,
    softmax,
    space_to_batch,
    split,
    state,
    strided,
    sums,
    svdf,
    transpose_conv,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .operator import Operator

FAMILIES = (
    activation,
    batch_matmul,
    choice,
    comparison,
    concatenation,
    convolution,
    division,
    elementwise,
    float32,
    fully_connected,
    gather,
    log_softmax,
    lstm,
    normalise,
    pad,
    pairwise,
    pooling,
    quantize,
    reduction,
    reshape,
    resize,
    softmax,
    space_to_batch,
    strided,
    sums,
    svdf,
    transpose_conv,
    split,
    state,
    picked,
)

OPERATORS: Mapping[str, Operator] = {
    operator.kind: operator
    for operator in sorted(
        (operator for family in FAMILIES for operator in family.OPERATORS),
        key=lambda operator: operator.kind,
    )
}
"""By name, in alphabetical order."""
