"""The models to check: a graph with its samples, or many one-layer graphs combined into one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pytest_mlbench.models.tflite.builtin_options import SUBGRAPHS
from pytest_mlbench.models.tflite.graph import Graph
from pytest_mlbench.models.tflite.writer import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Operator, Tensor


@dataclass(frozen=True, eq=False)
class ModelCase:
    """`samples[s][i]` is sample s's array for input i, in the input's type and shape."""

    graph: Graph
    samples: tuple[tuple[NDArray[Any], ...], ...]
    parts: tuple[LayerCase, ...] = field(default=())

    @cached_property
    def data(self) -> bytes:
        """The model as a .tflite file."""
        return write(self.graph)

    @property
    def digest(self) -> bytes:
        """A digest of the model and its samples. Writing the model would take far longer."""
        state = hashlib.sha256()
        for part in _contents(self.graph):
            state.update(part)
        for sample in range(len(self.samples)):
            state.update(self.stdin(sample))
        return state.digest()

    def stdin(self, sample: int) -> bytes:
        """The firmware's input for one sample."""
        return b"".join(array.tobytes() for array in self.samples[sample])


def _contents(graph: Graph) -> Iterator[bytes]:
    """All that makes a graph another one."""
    for tensor in graph.tensors:
        yield repr((tensor.shape, tensor.dtype, tensor.quantisation, tensor.variable)).encode()
        for values in (tensor.data, tensor.initial):
            yield b"none" if values is None else values.tobytes()
    yield repr((graph.operators, graph.inputs, graph.outputs)).encode()
    for number, called in graph.subgraphs.items():
        yield str(number).encode()
        yield from _contents(called)


@dataclass(frozen=True, eq=False)
class LayerCase(ModelCase):
    """A graph of one layer. `note` is the text that hypothesis prints for it."""

    note: str = ""

    def __repr__(self) -> str:
        return f"LayerCase({self.note})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ARG002
        """Prints the layer for hypothesis, without the weights."""
        printer.text(repr(self))


def combine(cases: Sequence[LayerCase]) -> ModelCase:
    """All layers side by side in one model. All cases must have the same number of samples."""
    tensors: list[Tensor] = []
    operators: list[Operator] = []
    inputs: list[int] = []
    outputs: list[int] = []
    subgraphs: dict[int, Graph] = {}
    for number, case in enumerate(cases):
        moved = _Moved(number, len(tensors), len(operators), len(subgraphs))
        tensors += [replace(t, index=t.index + moved.tensors) for t in case.graph.tensors]
        operators += [moved.operator(operator) for operator in case.graph.operators]
        inputs += moved.indices(case.graph.inputs)
        outputs += moved.indices(case.graph.outputs)
        for place, called in case.graph.subgraphs.items():
            own = tuple(replace(op, options=moved.options(op.options)) for op in called.operators)
            subgraphs[place + moved.subgraphs] = replace(called, operators=own)
    graph = Graph(
        "layers", tuple(tensors), tuple(operators), tuple(inputs), tuple(outputs), subgraphs
    )
    samples = tuple(
        tuple(array for group in row for array in group)
        for row in zip(*(case.samples for case in cases), strict=True)
    )
    return ModelCase(graph, samples, tuple(cases))


@dataclass(frozen=True)
class _Moved:
    """The offsets of layer `number` among the tensors, operators and subgraphs of all layers."""

    number: int
    tensors: int
    operators: int
    subgraphs: int

    def indices(self, indices: Sequence[int]) -> tuple[int, ...]:
        return tuple(index + self.tensors if index >= 0 else index for index in indices)

    def operator(self, operator: Operator) -> Operator:
        return replace(
            operator,
            index=operator.index + self.operators,
            inputs=self.indices(operator.inputs),
            outputs=self.indices(operator.outputs),
            options=self.options(operator.options),
        )

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Options with the new numbers of subgraphs, and with unique names of variables."""
        changed = dict(options)
        for name, value in options.items():
            if name in SUBGRAPHS:
                changed[name] = value + self.subgraphs
            if name == "shared_name":
                changed[name] = f"{self.number}.{value}"
        return changed
