"""Replaces chains of functions of one int8 value by one table of 256 results.

QUANTIZE, RELU, LOGISTIC, ADD or MUL with a single constant and similar operators map each of 256
values to one of 256 values. So does any chain of them, which one LOOKUP replaces. A single operator
is not replaced: its kernel may be as fast, and needs no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pytest_mlbench.models.operators.layers import Lookup

from .unary import results

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .program import Program


def run(program: Program) -> Program:
    """Folds every chain of two or more operators."""
    for place in range(len(program.layers)):
        first = results(program.graph, program.layers[place])
        while first is not None:
            layer = program.layers[place]
            assert layer is not None
            reader = program.only_reader(layer.outputs[0])
            second = None if reader is None else results(program.graph, program.layers[reader])
            if reader is None or second is None:
                break
            last = program.layers[reader]
            assert last is not None
            first = second[first.astype(np.int16) + 128]
            (output,) = last.outputs
            merged = Lookup(
                index=layer.index,
                kind="LOGISTIC",
                inputs=_moving(program, place),
                outputs=(output,),
                macs=0,
                count=program.graph.tensors[output].elements,
                table=by_bits(first),
            )
            program = program.into_previous(reader, place, merged)
    return program


def by_bits(found: NDArray[np.int8]) -> NDArray[np.int8]:
    """Reorders the results for -128 to 127 as in `Lookup.table`: by the value's bits, 0 to 255."""
    return np.roll(found, 128)


def _moving(program: Program, place: int) -> tuple[int, ...]:
    """The inputs of a layer that are not constant."""
    layer = program.layers[place]
    assert layer is not None
    tensors = program.graph.tensors
    return tuple(index for index in layer.inputs if tensors[index].data is None)
