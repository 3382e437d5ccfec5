"""The first operator whose output differs: the model cut after each operator, run and compared.

Cut models are built, run and validated as whole ones are, so that this holds for every backend,
kernel library and target. What a cut model cannot show is a fault that only the whole one has, like
two outputs that share memory wrongly; then no cut differs, and that is said.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlbench.errors import BuildFailed, CannotRun, UserMistake
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write

from .validation.outputs import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from pytest_mlbench.models.load import LoadedModel
    from pytest_mlbench.models.tflite.graph import Graph, Tensor

    Outputs = Sequence[Sequence[bytes]]
    Run = Callable[[LoadedModel], tuple[Outputs, Outputs, Sequence[Mapping[str, Any]]]]
    """A model -> what came out, what was expected, and its operators with their kernels."""

SHOWN = 4
"""So many wrong values are shown."""

AGREES = (
    "Cut after any of its operators the model computes what it should: look at how its buffers "
    "share memory"
)


def first_wrong(model: LoadedModel, run: Run, *, sample: int) -> str:
    """A sentence on the first operator of `model` whose output differs for sample number `sample`.

    Operators whose output cannot be a model's (shapes that are computed) are passed over.
    """
    for cut in cuts(model, sample):
        try:
            got, expected, operators = run(cut)
        except (BuildFailed, CannotRun, UserMistake):
            continue
        for place, index in enumerate(cut.graph.outputs):
            if got[0][place] != expected[0][place]:
                row = operators[-1] if operators else {}
                tensor = cut.graph.tensors[index]
                return sentence(cut.graph, row, tensor, got[0][place], expected[0][place])
    return AGREES


def cuts(model: LoadedModel, sample: int) -> Iterator[LoadedModel]:
    """`model` ended after its first operator, after its second, and so on, with one sample."""
    for count in range(1, len(model.graph.operators) + 1):
        data = write(ended(model.graph, count))
        yield replace(
            model,
            name=f"{model.name}-first-{count}",
            data=data,
            sha256=hashlib.sha256(data).hexdigest(),
            graph=read(data, where=model.name),
            samples=(model.samples[sample],),
        )


def ended(graph: Graph, count: int) -> Graph:
    """The first `count` operators of `graph`; the last one's outputs are the model's."""
    operators = graph.operators[:count]
    return replace(graph, operators=operators, outputs=operators[-1].outputs)


def sentence(
    graph: Graph, row: Mapping[str, Any], tensor: Tensor, got: bytes, expected: bytes
) -> str:
    """`The first operator that differs is 2 CONV_2D 1x8x8x16 ...`, and how it differs."""
    operator = graph.operators[-1]
    shape = "x".join(map(str, tensor.shape))
    kernel = " ".join(str(row[key]) for key in ("library", "kernel") if row.get(key))
    found = differences(tensor, got, expected)
    values = "; ".join(found.places[:SHOWN])
    more = f" and {found.count - SHOWN} more" if found.count > SHOWN else ""
    return (
        f"The first operator that differs is {len(graph.operators) - 1} {operator.kind} {shape}"
        f"{f' ({kernel})' if kernel else ''}: {found.count:,} of {tensor.elements:,} values, by "
        f"{found.largest} at most: {values}{more}"
    )
