"""A model as plain values: tensors, operators, inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Quantisation:
    """real = scale * (stored - zero_point); one pair, or one per slice along `axis`."""

    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis: int = 0

    @property
    def scale(self) -> float:
        """The per-tensor scale (the first one)."""
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        """The per-tensor zero point (the first one; 0 if there is none)."""
        return self.zero_points[0] if self.zero_points else 0


@dataclass(frozen=True)
class Tensor:
    """`index` is the tensor's number in the file; `dtype` a numpy name ('int8', 'float32').

    `data` is None for an activation, else the constant's values in `shape`. Scales are float32
    values, stored exactly as Python floats. A `variable` keeps its value between inferences;
    `initial` is its first value, if not the default. A tensor that nothing reads or writes has the
    type `UNUSED` and is ignored.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    quantisation: Quantisation = field(default_factory=Quantisation)
    data: NDArray[np.generic] | None = None
    variable: bool = False
    initial: NDArray[np.generic] | None = None

    @property
    def elements(self) -> int:
        """The number of elements."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def bytes(self) -> int:
        """The size in memory."""
        return self.elements * ITEM_SIZE[self.dtype]


UNUSED = "unused"
"""The type of a tensor that nothing reads or writes. It may be of any type and shape."""

ITEM_SIZE = {
    "int8": 1,
    "uint8": 1,
    "bool": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "float32": 4,
    "resource": 0,
    UNUSED: 0,
}
"""Type -> bytes per element. A resource is a variable's handle, which needs no memory."""


@dataclass(frozen=True)
class Operator:
    """`kind` is the builtin operator's name ('CONV_2D'); an input of -1 is absent.

    `options` are the builtin options, with the schema's names in snake case and enumerations'
    values by name, for example {'padding': 'SAME', 'stride_w': 1, 'stride_h': 1,
    'fused_activation_function': 'RELU', 'dilation_w_factor': 1, 'dilation_h_factor': 1}.
    """

    index: int
    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """A subgraph; the model's first subgraph is executed. `inputs` and `outputs` are tensor indices
    in the model's order. `subgraphs` are those that this one's operators call, by number."""

    name: str
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    subgraphs: Mapping[int, Graph] = field(default_factory=dict)
