"""Merges two ADD, SUB or MUL operators with constants, such as an unfused batch normalisation.

The merged layer runs both operators in one pass over the tensor, with both roundings, and writes
no tensor between them. It has no reference kernel: operators are merged only if a selected library
has a kernel for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.models.operators.layers import Elementwise, ElementwiseChain

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

    from .program import Program

    Supported = Callable[[Layer], bool]

KINDS = ("ADD", "SUB", "MUL")


def run(program: Program, supported: Supported) -> Program:
    """Merges every pair that follows each other, the first ones first."""
    for place in range(len(program.layers)):
        first = program.layers[place]
        source = _moving(program.graph, first)
        if source is None:
            continue
        assert isinstance(first, Elementwise)
        reader = program.only_reader(first.outputs[0])
        second = None if reader is None else program.layers[reader]
        if reader is None or _moving(program.graph, second) != first.outputs[0]:
            continue
        assert isinstance(second, Elementwise)
        merged = ElementwiseChain(
            index=first.index,
            kind=first.kind,
            inputs=(source,),
            outputs=second.outputs,
            macs=0,
            steps=(first, second),
            output_shape=first.output_shape,
        )
        if supported(merged):
            program = program.into_previous(reader, place, merged)
    return program


def _moving(graph: Graph, layer: Layer | None) -> int | None:
    """The only tensor that `layer` computes from, if it is an int8 operator with a constant."""
    if not isinstance(layer, Elementwise) or layer.kind not in KINDS:
        return None
    if graph.tensors[layer.outputs[0]].dtype != "int8":
        return None
    operands = (layer.left, layer.right)
    for side, other in ((0, 1), (1, 0)):
        if operands[other].data is not None and operands[side].data is None:
            same = operands[side].shape == layer.output_shape and len(layer.inputs) == 2
            return layer.inputs[side] if same else None
    return None
