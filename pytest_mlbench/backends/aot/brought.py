"""Operators that only a kernel library supports: libraries are tried before a model is refused."""

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
    """The layers of `graph`, which must come from `fold`.

    An operator that only a library supports becomes an `UncoveredLayer`. Raises UsageError that
    names every operator that neither the catalogue nor a library covers.
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
    """The references of operators that only libraries support.

    Returns the libraries' names, and operator index -> `reference` of its library, if it has one.
    """
    _layers, found = lower_all(graph)
    known: dict[int, Callable[..., Any]] = {}
    names = []
    for place, (_layer, library) in _brought(graph, found, libraries, context):
        if library.reference is not None:
            known[place] = library.reference
            names.append(library.name)
    return ", ".join(sorted(set(names))), known


def _brought(
    graph: Graph,
    found: dict[int, str],
    libraries: Sequence[KernelLibrary],
    context: LowerContext,
) -> Iterator[tuple[int, tuple[UncoveredLayer, KernelLibrary]]]:
    """The operators in `found` for which a library returns a call."""
    for place, why in found.items():
        layer = uncovered(graph, graph.operators[place], why)
        for library in libraries:
            if library.lower(layer, context) is not None:
                yield place, (layer, library)
                break
