"""An operator together with its tensors, for checks and lowering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .arithmetic import NotRepresentable

if TYPE_CHECKING:
    from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor


@dataclass(frozen=True)
class OperatorView:
    """`inputs[i]` is None for an absent optional input."""

    operator: Operator
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]

    @classmethod
    def of(cls, graph: Graph, operator: Operator) -> OperatorView:
        """The view of `operator`, which belongs to `graph`."""
        return cls(
            operator,
            tuple(graph.tensors[i] if i >= 0 else None for i in operator.inputs),
            tuple(graph.tensors[i] for i in operator.outputs),
        )

    @property
    def kind(self) -> str:
        """The operator's name."""
        return self.operator.kind

    @property
    def output(self) -> Tensor:
        """The first output."""
        return self.outputs[0]

    def tensor(self, position: int) -> Tensor:
        """Input `position`. Raises LookupError if it is absent."""
        tensor = self.optional(position)
        if tensor is None:
            raise LookupError(f"operator {self.operator.index} has no input {position}")
        return tensor

    def optional(self, position: int) -> Tensor | None:
        """Input `position`, or None if it is absent."""
        return self.inputs[position] if position < len(self.inputs) else None

    def option(self, name: str, default: Any = None) -> Any:
        """The value of a builtin option."""
        return self.operator.options.get(name, default)


def common(view: OperatorView, *positions: int, macs: int = 0) -> dict[str, Any]:
    """The fields that every layer has; the inputs at `positions` become the layer's inputs."""
    return {
        "index": view.operator.index,
        "kind": view.kind,
        "inputs": tuple(view.operator.inputs[position] for position in positions or (0,)),
        "outputs": view.operator.outputs,
        "macs": macs,
    }


def dims(shape: tuple[int, ...]) -> str:
    """A shape in tables and messages: 1x49x10x1, or 'scalar' without dimensions."""
    return "x".join(str(size) for size in shape) or "scalar"


def expect_output(view: OperatorView, scale: float, zero_point: int) -> None:
    """Checks the output of a function that produces a fixed scale and zero point.

    Raises NotRepresentable for any other.
    """
    found = view.output.quantisation
    if (found.scale, found.zero_point) != (scale, zero_point):
        raise NotRepresentable(
            f"its output has scale {found.scale:g} and zero point {found.zero_point}, "
            f"expected {scale:g} and {zero_point}"
        )
