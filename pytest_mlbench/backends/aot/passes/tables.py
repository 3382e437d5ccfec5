"""Chains of functions of one value: one table of 256 results.

QUANTIZE, RELU, LOGISTIC, ADD or MUL of a single constant and the like give for each of 256 values
one of 256. So does a chain of them, however long: one LOOKUP takes its place. A single operator is
left alone: its kernel may be as fast and needs no table.
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
    """Fold every chain of two or more."""
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
    """Results of -128 to 127 in the order of `Lookup.table`: by the value's bits, 0 to 255."""
    return np.roll(found, 128)


def _moving(program: Program, place: int) -> tuple[int, ...]:
    """The input of a layer that is no constant."""
    layer = program.layers[place]
    assert layer is not None
    tensors = program.graph.tensors
    return tuple(index for index in layer.inputs if tensors[index].data is None)
