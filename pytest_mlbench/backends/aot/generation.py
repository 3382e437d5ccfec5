"""From a model to C: the layers are lowered, optimised, given kernels, planned and written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import PREFER, RAM, ROM
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.fold import fold

from . import brought
from .arena import arena_rows
from .candidates import Kernels
from .checked import COMPONENT as CHECK
from .checked import checked_source
from .codegen import model_source, probe_source
from .lowered import lowered
from .operator_rows import agreed, operator_rows
from .passes import optimise
from .passes.choice import NEARLY, in_bands
from .passes.program import Program
from .slimmest import faster, instructions, slimmest
from .smallest import smallest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mlbench.backends.interface import GenerateRequest
    from pytest_mlbench.kernels.interface import KernelCall, KernelLibrary, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

HEADERS = Path(__file__).parents[2] / "kernels" / "include"
"""The C side of the kernel interface."""


def generate(request: GenerateRequest) -> Generated:
    """The components for `request.graph`.

    Raises UsageError that names every operator that is not covered.
    """
    whole, context = fold(request.graph), request.context
    given = Program(whole, brought.lower(whole, request.libraries, context))
    program = optimise(given, partial(_supported, request.libraries, context))
    libraries = _with_reference(request.libraries)
    kernels = Kernels(libraries, context)
    if context.config.get(PREFER) == RAM:
        kinds = [slimmest(program, kernels)]
        split = in_bands(
            program,
            lambda other: slimmest(other, kernels).bound,
            lambda other, limit: instructions(other, kernels, limit),
        )
        if split is not program:
            kinds.append(slimmest(split, kernels))
    else:
        usual = lowered(program, libraries, context)
        kinds = [smallest(usual, kernels) if context.config.get(PREFER) == ROM else usual]
    calls = [call for kind in kinds for call in kind.calls]
    probes = [probe for kind in kinds for probe in kind.probes()]
    made = Generated(
        components=(),
        operators=tuple(operator_rows(whole, program.layers, program.graph, kinds[0].calls)),
        libraries=_versions(libraries, calls, context),
        metrics={"macs": sum(layer.macs for layer in program.layers if layer is not None)},
    )
    if probes and request.probe is None:
        text = probe_source(whole, calls, probes)
        return replace(made, components=_components(text, libraries, calls, context), probe=True)
    numbers = request.probe or ()
    if len(probes) != len(numbers):
        raise UsageError(f"the probing firmware reported {len(numbers)} of {len(probes)} sizes")
    reported = iter(numbers)
    # The bands were chosen by the lower bound, without the sizes that only the probing firmware
    # knows.
    best = min([kind.resolved(reported) for kind in kinds], key=lambda kind: kind.memory.peak)
    if context.config.get(PREFER) == RAM:
        best = faster(best, kernels, int(best.memory.peak * NEARLY))
    graph = best.program.graph
    memory = best.arranged(apart=True) if request.check else best.memory
    calls = list(best.without_views(memory.free))
    if request.check:
        text = checked_source(graph, calls, memory, reset=request.resets)
    else:
        text = model_source(
            graph,
            calls,
            memory,
            profile=request.profile,
            inside=program.inside,
            reset=request.resets,
        )
    checking = (CHECK,) if request.check else ()
    return replace(
        made,
        operators=tuple(operator_rows(whole, program.layers, graph, calls)),
        libraries=_versions(libraries, calls, context),
        components=(*_components(text, libraries, calls, context), *checking),
        arena_peak=memory.peak,
        arena_bound=memory.bound,
        arena=tuple(arena_rows(whole, graph, memory)),
        steps=tuple(operator.index for operator in graph.operators),
    )


def _with_reference(libraries: Sequence[KernelLibrary]) -> tuple[KernelLibrary, ...]:
    """The selected libraries, then the reference kernels for operators that they do not cover."""
    chosen = tuple(library for library in libraries if library.name != "reference")
    return (*chosen, ReferenceLibrary())


def _supported(libraries: Sequence[KernelLibrary], context: LowerContext, layer: Layer) -> bool:
    """Has a selected library other than the reference a kernel for `layer`?"""
    return any(
        library.name != "reference" and library.lower(layer, context) is not None
        for library in libraries
    )


def _used(calls: Sequence[KernelCall | None]) -> dict[str, frozenset[str]]:
    """Library -> the names of the kernels that the model calls."""
    used: dict[str, set[str]] = {}
    for call in calls:
        for each in (call, call.setup if call else None):
            if each is not None:
                used.setdefault(each.library, set()).add(each.kernel)
    return {name: frozenset(kernels) for name, kernels in used.items()}


def _components(
    text: str,
    libraries: Sequence[KernelLibrary],
    calls: Sequence[KernelCall | None],
    context: LowerContext,
) -> tuple[Component, ...]:
    used = _used(calls)
    model = Component(name="model", texts={"model.c": text}, headers=(HEADERS,), public=True)
    found = [model]
    for library in libraries:
        if library.name in used:
            each = (one for call in calls if call for one in (call, call.setup))
            own_calls = [call for call in each if call and call.library == library.name]
            found += _with_sources(
                library.name, library.components(used[library.name], context), own_calls
            )
    return tuple(found)


def _with_sources(
    library: str, components: tuple[Component, ...], calls: Sequence[KernelCall]
) -> Iterator[Component]:
    """`components`, with the sources and defines of the calls added to the library's component.

    Sources are sorted by file name, so that the firmware does not depend on folders.
    """
    sources = {path for call in calls for path in call.sources}
    shared = agreed(calls)
    for component in components:
        if component.name == library and (sources or shared):
            together = sorted(
                {*component.sources, *sources}, key=lambda path: (path.name, str(path))
            )
            yield replace(component, sources=tuple(together), defines=(*shared, *component.defines))
        else:
            yield component


def _versions(
    libraries: Sequence[KernelLibrary], calls: Sequence[KernelCall | None], context: LowerContext
) -> dict[str, str]:
    """Library -> version, for the libraries that are called."""
    used = _used(calls)
    return {library.name: library.version(context) for library in libraries if library.name in used}
