"""From a model to C: the layers are lowered, optimised, given kernels, planned and written."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import KernelCall, LowerContext, Overlap
from pytest_mlbench.kernels.reference.library import ReferenceLibrary
from pytest_mlbench.models.operators.coverage import folded
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.view import dims

from . import brought
from .arena import arena_rows
from .checked import COMPONENT as CHECK
from .checked import checked_source
from .codegen import Probe, model_source, probe_source
from .memory_plan.arrange import Need, TensorOverlap, arrange
from .memory_plan.views import views
from .passes import optimise
from .passes.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pytest_mlbench.backends.interface import GenerateRequest
    from pytest_mlbench.kernels.interface import KernelLibrary
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph

HEADERS = Path(__file__).parents[2] / "kernels" / "include"
"""The C side of the kernel interface."""

MAX_SCRATCH = 1 << 28
"""A larger number is not a buffer size but an error code that a library returned."""


def generate(request: GenerateRequest) -> Generated:
    """The components for `request.graph`.

    Raises UsageError that names every operator that is not covered.
    """
    whole, context = fold(request.graph), request.context
    given = Program(whole, brought.lower(whole, request.libraries, context))
    program = optimise(given, partial(_supported, request.libraries, context))
    graph, layers = program.graph, program.layers
    libraries = _with_reference(request.libraries)
    calls = [None if layer is None else _call(layer, libraries, context) for layer in layers]
    probes = list(_probes(calls))
    made = Generated(
        components=(),
        operators=tuple(_rows(whole, layers, calls)),
        libraries=_versions(libraries, calls, context),
        metrics={"macs": sum(layer.macs for layer in layers if layer is not None)},
    )
    if probes and request.probe is None:
        text = probe_source(graph, calls, probes)
        return replace(made, components=_components(text, libraries, calls, context), probe=True)
    calls = _resolved(calls, probes, request.probe or ())
    memory = arrange(graph, _needs(graph, layers, calls), apart=request.check)
    calls = [None if place in memory.free else call for place, call in enumerate(calls)]
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
        operators=tuple(_rows(whole, layers, calls)),
        components=(*_components(text, libraries, calls, context), *checking),
        arena_peak=memory.peak,
        arena_bound=memory.bound,
        arena=tuple(arena_rows(graph, memory)),
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


def _call(layer: Layer, libraries: Sequence[KernelLibrary], context: LowerContext) -> KernelCall:
    for library in libraries:
        call = library.lower(layer, context)
        if call is not None:
            return call
    raise UsageError(f"operator {layer.index} {layer.kind}: no kernel library covers it")


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
    agreed = _agreed(calls)
    for component in components:
        if component.name == library and (sources or agreed):
            together = sorted(
                {*component.sources, *sources}, key=lambda path: (path.name, str(path))
            )
            yield replace(component, sources=tuple(together), defines=(*agreed, *component.defines))
        else:
            yield component


def _agreed(calls: Iterable[KernelCall]) -> tuple[str, ...]:
    """The defines on whose values all of a library's calls agree."""
    defines = {define for call in calls for define in call.defines}
    names = Counter(define.partition("=")[0] for define in defines)
    return tuple(sorted(one for one in defines if names[one.partition("=")[0]] == 1))


def _versions(
    libraries: Sequence[KernelLibrary], calls: Sequence[KernelCall | None], context: LowerContext
) -> dict[str, str]:
    """Library -> version, for the libraries that are called."""
    used = _used(calls)
    return {library.name: library.version(context) for library in libraries if library.name in used}


def _rows(
    graph: Graph, layers: Sequence[Layer | None], calls: Sequence[KernelCall | None]
) -> Iterator[dict[str, Any]]:
    names = {call.library for call in calls if call}
    built = {
        name: _agreed(call for call in calls if call and call.library == name) for name in names
    }
    for operator, layer, call in zip(graph.operators, layers, calls, strict=True):
        yield {
            "index": operator.index,
            "name": operator.kind,
            "shape": " ".join(dims(graph.tensors[i].shape) for i in operator.outputs),
            "kernel": call.kernel if call else "none",
            "library": call.library if call else "",
            "macs": layer.macs if layer else 0,
            **({"predicted": call.predict(built[call.library])} if call and call.predict else {}),
        }


def _probes(calls: Sequence[KernelCall | None]) -> Iterator[Probe]:
    """The sizes given as C expressions, in the order in which the firmware reports them."""
    for number, call in enumerate(calls):
        if call is not None:
            for what in ("scratch", "persistent"):
                size = getattr(call, what)
                if isinstance(size, str):
                    yield Probe(call, size, what, number)


def _resolved(
    calls: Sequence[KernelCall | None], probes: Sequence[Probe], numbers: Sequence[int]
) -> list[KernelCall | None]:
    """`calls` with each C expression replaced by the number reported for it."""
    if len(probes) != len(numbers):
        raise UsageError(f"the probing firmware reported {len(numbers)} of {len(probes)} sizes")
    resolved = list(calls)
    for probe, size in zip(probes, numbers, strict=True):
        call = resolved[probe.operator]
        assert call is not None
        if not 0 <= size <= MAX_SCRATCH:
            raise UsageError(
                f"operator {probe.operator}: {call.library} asks for {size:,} bytes of "
                f"{probe.what} buffer ({probe.expression})"
            )
        if probe.what == "scratch":
            resolved[probe.operator] = replace(call, scratch=size)
        else:
            resolved[probe.operator] = replace(call, persistent=size)
    return resolved


def _needs(
    graph: Graph, layers: Sequence[Layer | None], calls: Sequence[KernelCall | None]
) -> list[Need]:
    needs = []
    for operator, layer, call in zip(graph.operators, layers, calls, strict=True):
        if layer is None or call is None:
            alias = bool(operator.outputs) and not folded(graph, operator)
            needs.append(Need(same_bytes=alias))
            continue
        over = tuple(
            TensorOverlap(
                layer.inputs[each.input], operator.outputs[each.output], each.distance, each.exact
            )
            for each in (*call.overlaps, *(Overlap(0, True, *pair) for pair in call.in_place))
        )
        needs.append(
            Need(
                overlaps=over,
                scratch=_number(call.scratch),
                persistent=_number(call.persistent),
                views=views(layer),
            )
        )
    return needs


def _number(size: int | str) -> int:
    assert isinstance(size, int), "every size is a number once the probing firmware has run"
    return size
