"""The bytes that a call needs in addition to its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.kernels.interface import Array, Struct

if TYPE_CHECKING:
    from pytest_mlbench.kernels.interface import Argument, KernelCall


def constant_bytes(call: KernelCall) -> int:
    """ROM for the arrays that a call reads."""
    return sum(_array_bytes(argument) for argument in call.arguments)


def scratch_bytes(call: KernelCall) -> int:
    """RAM that a call needs in addition to its tensors."""
    return int(call.scratch)


def _array_bytes(argument: Argument) -> int:
    if isinstance(argument, Array):
        return argument.values.nbytes
    if isinstance(argument, Struct):
        return sum(_array_bytes(field) for field in argument.fields.values())
    return 0
