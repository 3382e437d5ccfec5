"""The data structure of passes: the graph with the layer of each operator."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph


@dataclass(frozen=True, eq=False)
class Program:
    """A model between lowering and the choice of kernels.

    layers  one per operator; None for one that changes no byte or was merged into another
    inside  index of a merged operator -> index of the operator that does its work. A merged
            operator reads and writes no tensor
    """

    graph: Graph
    layers: tuple[Layer | None, ...]
    inside: Mapping[int, int] = field(default_factory=dict)

    def only_reader(self, tensor: int) -> int | None:
        """The index of the only operator that reads `tensor`, if it reads it once and has a layer.

        None if anything else reads the tensor too, including the model's caller.
        """
        places = [
            place
            for place, operator in enumerate(self.graph.operators)
            for index in operator.inputs
            if index == tensor
        ]
        if len(places) != 1 or tensor in self.graph.outputs:
            return None
        return None if self.layers[places[0]] is None else places[0]

    def into_next(self, place: int, reader: int, layer: Layer) -> Program:
        """Merges `place` into its only reader, which becomes `layer` and reads `place`'s inputs."""
        operators = self.graph.operators
        gone, kept = operators[place], operators[reader]
        inputs = tuple(gone.inputs[0] if i in gone.outputs else i for i in kept.inputs)
        return self._changed(place, reader, layer, inputs, kept.outputs)

    def into_previous(self, place: int, writer: int, layer: Layer) -> Program:
        """Merges `place` into `writer`, whose only output it reads; `writer` becomes `layer` and
        writes `place`'s output."""
        operators = self.graph.operators
        return self._changed(
            place, writer, layer, operators[writer].inputs, operators[place].outputs
        )

    def without(self, place: int) -> Program:
        """Removes the layer of `place`, which changes no byte: its output shares the input's
        buffer."""
        layers = list(self.layers)
        layers[place] = None
        return replace(self, layers=tuple(layers))

    def _changed(
        self,
        gone: int,
        kept: int,
        layer: Layer,
        inputs: tuple[int, ...],
        outputs: tuple[int, ...],
    ) -> Program:
        operators, layers = list(self.graph.operators), list(self.layers)
        operators[kept] = replace(operators[kept], inputs=inputs, outputs=outputs)
        operators[gone] = replace(operators[gone], inputs=(), outputs=())
        layers[kept], layers[gone] = layer, None
        inside = {place: kept if into == gone else into for place, into in self.inside.items()}
        return Program(
            replace(self.graph, operators=tuple(operators)), tuple(layers), {**inside, gone: kept}
        )
