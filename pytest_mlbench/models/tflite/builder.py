"""Builds a graph step by step, for the twins and for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .builtin_options import complete
from .graph import Graph, Operator, Quantisation, Tensor
from .writer import write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray


class GraphBuilder:
    """Tensors and operators in the order they are added; every method returns a tensor's index.

    ::

        build = GraphBuilder("tiny")
        x = build.input("x", (1, 8), scale=0.5, zero_point=3)
        w = build.constant("w", weights, scale=0.01)
        y = build.activation("y", (1, 4), scale=0.25)
        build.op("FULLY_CONNECTED", [x, w, -1], [y], fused_activation_function="RELU")
        data = build.model([y])

    `scale` and `zero_point` may be sequences for per-channel values along `axis`. Scales are
    rounded to float32, as the format holds them.
    """

    def __init__(self, name: str = "main") -> None:
        self._name = name
        self._tensors: list[Tensor] = []
        self._operators: list[Operator] = []
        self._inputs: list[int] = []

    def input(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = 0,
    ) -> int:
        """A model input, in the order of the calls."""
        index = self._add(name, shape, dtype, scale, zero_point, 0, None)
        self._inputs.append(index)
        return index

    def activation(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = 0,
    ) -> int:
        """A tensor that an operator will compute."""
        return self._add(name, shape, dtype, scale, zero_point, 0, None)

    def variable(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str = "int8",
        *,
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = 0,
    ) -> int:
        """A tensor that keeps its value between inferences."""
        index = self._add(name, shape, dtype, scale, zero_point, 0, None)
        self._tensors[index] = replace(self._tensors[index], variable=True)
        return index

    def constant(
        self,
        name: str,
        values: NDArray[np.generic],
        *,
        scale: float | Sequence[float] = (),
        zero_point: int | Sequence[int] = 0,
        axis: int = 0,
    ) -> int:
        """A constant, such as weights, a bias or a shape, with the type and shape of `values`."""
        return self._add(
            name, values.shape, values.dtype.name, scale, zero_point, axis, values.copy()
        )

    def op(self, kind: str, inputs: Sequence[int], outputs: Sequence[int], **options: Any) -> int:
        """Adds an operator; returns its first output, or -1 if it has none.

        An input of -1 is absent. Options that are not given get the schema's defaults. Raises
        ValueError for an option that the operator does not have.
        """
        chosen = complete(kind, options)
        self._operators.append(
            Operator(len(self._operators), kind, tuple(inputs), tuple(outputs), chosen)
        )
        return outputs[0] if outputs else -1

    def finish(self, outputs: Sequence[int], subgraphs: Mapping[int, Graph] | None = None) -> Graph:
        """The graph with these outputs and with the `subgraphs` that its operators call."""
        return Graph(
            name=self._name,
            tensors=tuple(self._tensors),
            operators=tuple(self._operators),
            inputs=tuple(self._inputs),
            outputs=tuple(outputs),
            subgraphs=dict(subgraphs or {}),
        )

    def model(self, outputs: Sequence[int]) -> bytes:
        """The `.tflite` file of `finish(outputs)`."""
        return write(self.finish(outputs))

    def _add(
        self,
        name: str,
        shape: Sequence[int],
        dtype: str,
        scale: float | Sequence[float],
        zero_point: int | Sequence[int],
        axis: int,
        data: NDArray[np.generic] | None,
    ) -> int:
        import numpy as np

        scales = (scale,) if isinstance(scale, (int, float)) else tuple(scale)
        zeros = (zero_point,) if isinstance(zero_point, int) else tuple(zero_point)
        if len(zeros) == 1:
            zeros *= len(scales)
        quantisation = Quantisation(
            scales=tuple(float(np.float32(one)) for one in scales),
            zero_points=tuple(int(one) for one in zeros),
            axis=axis,
        )
        index = len(self._tensors)
        self._tensors.append(
            Tensor(index, name, tuple(int(size) for size in shape), dtype, quantisation, data)
        )
        return index
