"""What is checked: a graph with its samples; and many one-layer graphs as one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_mlbench.models.tflite.graph import Graph
from pytest_mlbench.models.tflite.writer import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Operator, Tensor


@dataclass(frozen=True, eq=False)
class ModelCase:
    """`samples[s][i]` is sample s's array for input i, in the input's type and shape."""

    graph: Graph
    samples: tuple[tuple[NDArray[Any], ...], ...]
    parts: tuple[LayerCase, ...] = field(default=())

    @property
    def data(self) -> bytes:
        """The model as a .tflite file."""
        return write(self.graph)

    @property
    def digest(self) -> bytes:
        """Equal for the same model with the same samples."""
        state = hashlib.sha256(self.data)
        for sample in range(len(self.samples)):
            state.update(self.stdin(sample))
        return state.digest()

    def stdin(self, sample: int) -> bytes:
        """What the firmware reads for one sample."""
        return b"".join(array.tobytes() for array in self.samples[sample])


@dataclass(frozen=True, eq=False)
class LayerCase(ModelCase):
    """A graph of one layer. `note` says what hypothesis should print of it."""

    note: str = ""

    def __repr__(self) -> str:
        return f"LayerCase({self.note})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002
        """How hypothesis prints it: without the weights."""
        printer.text(repr(self))


def combine(cases: Sequence[LayerCase]) -> ModelCase:
    """All layers in one model, side by side. All cases must have equally many samples."""
    tensors: list[Tensor] = []
    operators: list[Operator] = []
    inputs: list[int] = []
    outputs: list[int] = []
    for case in cases:
        base, first = len(tensors), len(operators)

        def moved(indices: Sequence[int], base: int = base) -> tuple[int, ...]:
            return tuple(index + base if index >= 0 else index for index in indices)

        tensors += [replace(t, index=t.index + base) for t in case.graph.tensors]
        operators += [
            replace(o, index=o.index + first, inputs=moved(o.inputs), outputs=moved(o.outputs))
            for o in case.graph.operators
        ]
        inputs += moved(case.graph.inputs)
        outputs += moved(case.graph.outputs)
    graph = Graph("layers", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs))
    samples = tuple(
        tuple(array for group in row for array in group)
        for row in zip(*(case.samples for case in cases), strict=True)
    )
    return ModelCase(graph, samples, tuple(cases))
