"""Operators that a kernel library brings: libraries are asked before a model is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.models.operators.coverage import refusal
from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.models.operators.uncovered import uncovered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytest_mlbench.kernels.interface import KernelLibrary, LowerContext
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.operators.uncovered import UncoveredLayer
    from pytest_mlbench.models.tflite.graph import Graph


def lower(
    graph: Graph, libraries: Sequence[KernelLibrary], context: LowerContext
) -> tuple[Layer | None, ...]:
    """The layers of `graph`, which `fold` returned, `UncoveredLayer` where a library has a kernel.

    Raises UsageError naming every operator that neither the catalogue nor a library covers.
    """
    layers, found = lower_all(graph)
    brought = dict(_brought(graph, found, libraries, context))
    missing = {place: why for place, why in found.items() if place not in brought}
    if missing:
        raise refusal(graph, missing)
    return tuple(
        brought[place][0] if place in brought else layers[place] for place in range(len(layers))
    )


def references(
    graph: Graph, libraries: Sequence[KernelLibrary], context: LowerContext
) -> tuple[str, dict[int, Callable[..., Any]]]:
    """Who computes the outputs of operators that libraries bring: the libraries' names, and each
    operator's place -> its library's `reference`, where the library has one."""
    _layers, found = lower_all(graph)
    known: dict[int, Callable[..., Any]] = {}
    names = []
    for place, (_layer, library) in _brought(graph, found, libraries, context):
        reference = getattr(library, "reference", None)
        if reference is not None:
            known[place] = reference
            names.append(library.name)
    return ", ".join(sorted(set(names))), known


def _brought(
    graph: Graph,
    found: dict[int, str],
    libraries: Sequence[KernelLibrary],
    context: LowerContext,
) -> Iterator[tuple[int, tuple[UncoveredLayer, KernelLibrary]]]:
    """The operators in `found` for which a library has a call."""
    for place, why in found.items():
        layer = uncovered(graph, graph.operators[place], why)
        for library in libraries:
            if library.lower(layer, context) is not None:
                yield place, (layer, library)
                break
