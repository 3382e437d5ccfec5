"""The operators as rows for `Record.operators`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from pytest_mlbench.models.operators.view import dims

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph


def operator_rows(
    graph: Graph,
    layers: Sequence[Layer | None],
    ran: Graph,
    calls: Sequence[KernelCall | None],
) -> Iterator[dict[str, Any]]:
    """One row for each operator of `graph`, the model.

    `layers` are the model's. `calls` belong to the operators of `ran`, of which several may have
    the index of one of the model's (see `passes/bands.py`): their instructions are added up.
    """
    names = {call.library for call in calls if call}
    built = {
        name: agreed(call for call in calls if call and call.library == name) for name in names
    }
    own: dict[int, list[KernelCall]] = {}
    for operator, call in zip(ran.operators, calls, strict=True):
        if call is not None:
            own.setdefault(operator.index, []).append(call)
    for operator, layer in zip(graph.operators, layers, strict=True):
        mine = own.get(operator.index, [])
        predicted = [call.predict(built[call.library]) for call in mine if call.predict]
        yield {
            "index": operator.index,
            "name": operator.kind,
            "shape": " ".join(dims(graph.tensors[i].shape) for i in operator.outputs),
            "kernel": ", ".join(dict.fromkeys(call.kernel for call in mine)) or "none",
            "library": ", ".join(dict.fromkeys(call.library for call in mine)),
            "macs": layer.macs if layer else 0,
            **({"predicted": sum(predicted)} if mine and len(predicted) == len(mine) else {}),
        }


def agreed(calls: Iterable[KernelCall]) -> tuple[str, ...]:
    """The defines on whose values all of a library's calls agree."""
    defines = {define for call in calls for define in call.defines}
    names = Counter(define.partition("=")[0] for define in defines)
    return tuple(sorted(one for one in defines if names[one.partition("=")[0]] == 1))
