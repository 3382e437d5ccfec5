"""Finds the first layer whose output differs from the reference.

Every operator's output is made an output of the model. Target and reference then run the same
operators with the same kernels; only the memory plan changes, because every output is kept.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.models.tflite.writer import write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.models.tflite.graph import Graph, Tensor

_SHOWN = 4
"""How many of the values that differ are told."""


def with_every_output(model: LoadedModel, sample: int) -> LoadedModel:
    """`model` reduced to one sample, with all operators' outputs as model outputs.

    The outputs are in the order of execution. Raises ValueError if the model file cannot be
    rewritten.
    """
    graph = replace(model.graph, outputs=operator_outputs(model.graph))
    data = write(graph)
    return replace(
        model,
        data=data,
        sha256=hashlib.sha256(data).hexdigest(),
        graph=graph,
        samples=(model.samples[sample],),
    )


def operator_outputs(graph: Graph) -> tuple[int, ...]:
    """The indices of all tensors that operators write, each once, in the order of execution."""
    indices = dict.fromkeys(
        index
        for operator in graph.operators
        for index in operator.outputs
        if graph.tensors[index].data is None and graph.tensors[index].bytes
    )
    return tuple(indices)


def first_difference(
    graph: Graph,
    rows: Sequence[Mapping[str, Any]],
    got: Sequence[bytes],
    expected: Sequence[bytes],
) -> str:
    """Describes the first operator whose output differs; empty if none does.

    `graph.outputs` comes from `operator_outputs`. `got` and `expected` hold one sample's bytes of
    each output. `rows` say which kernel of which library ran each operator.
    """
    writer = {index: operator for operator in graph.operators for index in operator.outputs}
    for index, data, wanted in zip(graph.outputs, got, expected, strict=True):
        if data != wanted:
            operator = writer[index]
            row = next((row for row in rows if row.get("index") == operator.index), {})
            by = f" ({row.get('kernel')} of {row.get('library')})" if row.get("library") else ""
            return (
                f"The first layer that differs is operator {operator.index} {operator.kind} "
                f"{'x'.join(map(str, graph.tensors[index].shape))}{by}: "
                f"{_extent(graph.tensors[index], data, wanted)}"
            )
    return ""


def _extent(tensor: Tensor, got: bytes, expected: bytes) -> str:
    """How many values differ, the largest difference, and the first value that differs."""
    import numpy as np

    kind = np.dtype(tensor.dtype).newbyteorder("<")
    if len(got) != len(expected):
        return f"{len(got)} bytes, expected {len(expected)}"
    bits = [np.frombuffer(data, f"<u{kind.itemsize}") for data in (got, expected)]
    places = np.flatnonzero(bits[0] != bits[1])
    found, wanted = (np.frombuffer(data, kind)[places].tolist() for data in (got, expected))
    gaps = np.abs(np.subtract(found, wanted, dtype=np.float64))
    at = ", ".join(map(str, np.unravel_index(int(places[0]), tensor.shape or (1,))))
    return (
        f"{len(places)} of {len(bits[0])} values, the largest difference is {gaps.max():g}, "
        f"the first at [{at}]: got {_shown(found)}, expected {_shown(wanted)}"
    )


def _shown(values: Sequence[float]) -> str:
    """The first few values that differ; integers with all their digits."""
    more = ", ..." if len(values) > _SHOWN else ""
    texts = (str(one) if isinstance(one, int) else f"{one:g}" for one in values[:_SHOWN])
    return ", ".join(texts) + more
