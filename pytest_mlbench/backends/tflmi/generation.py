"""A firmware of `tflmi`: the model as data, the interpreter as a library, and C++ glue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.backends.interface import Generated
from pytest_mlbench.errors import UsageError
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.tflm import TflmLibrary
from pytest_mlbench.models.operators.layers import FullyConnected
from pytest_mlbench.models.operators.lower import lower
from pytest_mlbench.models.operators.redundant import file_of
from pytest_mlbench.provision.identity import version

from . import glue, operators, tree
from .tree import SOURCE, THIRD_PARTIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.backends.interface import GenerateRequest
    from pytest_mlbench.models.tflite.graph import Graph

HERE = Path(__file__).parent

DEFINES = (
    "TF_LITE_STATIC_MEMORY",
    "TF_LITE_DISABLE_X86_NEON",
    "TF_LITE_USE_GLOBAL_CMATH_FUNCTIONS",
    "TF_LITE_USE_GLOBAL_MAX",
    "TF_LITE_USE_GLOBAL_MIN",
    "FLATBUFFERS_LOCALE_INDEPENDENT=0",
    "FLATBUFFERS_PREFER_PRINTF=1",
    "KERNELS_OPTIMIZED_FOR_SPEED",
)
"""Framework, kernels and glue must share these: TF_LITE_STATIC_MEMORY changes struct layouts."""

STRIPPED = "TF_LITE_STRIP_ERROR_STRINGS"

PROBE_ARENA = 16 * 2**20
"""Bytes of arena in the probing run, at least. A model with larger tensors gets more."""


def known(request: GenerateRequest) -> tuple[str, ...]:
    """Known problems of this model with this library.

    TFLM's kernels decide at run time what they pass to the library, so a layer that the library
    gets wrong cannot be given to another one here.
    """
    try:
        layers = [layer for layer in lower(request.graph) if layer is not None]
    except UsageError:
        return ()  # problems are known only for layers that can be lowered
    problems = tuple(
        f"TensorFlow Lite Micro before 24 September 2024, operator {layer.index} {layer.kind}: "
        "it refuses weights with a scale per output"
        for layer in layers
        if isinstance(layer, FullyConnected) and layer.multipliers.size > 1
    )
    library = _library(request)
    if library is not None:
        problems += library.known(layers, request.context)
    return problems


def generate(request: GenerateRequest) -> Generated:
    """The components for `request`: first a probing firmware, then one with the arena size that
    the first reported.

    Raises UsageError for an operator without a kernel or a checkout with an unexpected
    structure, Unavailable if a source cannot be fetched.
    """
    folder = request.sources(SOURCE)
    tree.check(folder)
    methods = operators.methods(request.graph, tree.resolver_methods(folder))
    library = _library(request)
    declared = _declared(request)
    arena = declared or _probe_arena(request.graph)
    text = glue.glue(request.graph, methods, arena)
    data = file_of(request.graph, request.model_data)
    used, smallest = request.probe or (0, 0)
    named = {"tflm": version(SOURCE, folder)}
    if library is not None:
        named[library.name] = library.version(request.context)
    return Generated(
        components=(
            Component("model", texts={"model_data.c": glue.model_source(data)}),
            Component(
                "glue",
                texts={"glue.cc": text},
                sources=(HERE / "cxx_runtime.cc",),
                headers=_headers(request),
                defines=_defines(request),
                options=("-w",),  # the framework's headers cause warnings
            ),
            *_framework(request, library),
        ),
        operators=operators.rows(request.graph, library.name if library else ""),
        libraries=named,
        probe=request.probe is None,
        notes=_notes(request),
        metrics=_arena_metrics(used, arena) if smallest else {},
    )


def _declared(request: GenerateRequest) -> int:
    """Bytes of the measured firmware's arena: as configured, else the smallest that works.

    0 if the smallest is not known yet.
    """
    if request.probe is None:
        return 0
    smallest = request.probe[1]
    text = request.config.get("arena", "")
    if not text:
        return smallest
    if not text.isdecimal() or int(text) == 0:
        raise UsageError(f"arena={text}: expected a number of bytes", where="--mlbench-config")
    if int(text) < smallest:
        raise UsageError(
            f"an arena of {int(text):,} bytes is too small for {request.graph.name}",
            where="--mlbench-config arena",
            remedy=f"It needs {smallest:,} bytes",
        )
    return (int(text) + 15) // 16 * 16


def _probe_arena(graph: Graph) -> int:
    tensors = sum(tensor.bytes for tensor in graph.tensors if tensor.data is None)
    return max(PROBE_ARENA, (2 * tensors + 2**20 + 15) // 16 * 16)


def _library(request: GenerateRequest) -> TflmLibrary | None:
    """The library whose kernels TFLM is built with; None if only the reference is selected."""
    chosen = [library for library in request.libraries if library.name != "reference"]
    for library in chosen:
        if not isinstance(library, TflmLibrary):
            raise UsageError(
                f"the kernel library {library.name!r} has no kernels for backend 'tflmi'",
                remedy="Use it with --mlbench-backend aot",
            )
    if len(chosen) > 1:
        raise UsageError(
            f"backend 'tflmi' takes one kernel library, not {len(chosen)}: "
            f"{', '.join(library.name for library in chosen)}"
        )
    return next((lib for lib in chosen if isinstance(lib, TflmLibrary)), None)


def _framework(request: GenerateRequest, library: TflmLibrary | None) -> Sequence[Component]:
    """The interpreter (the same for all models and features), the kernels (one set per library) and
    the library itself. Each is built once per ISA and level."""
    folder = request.sources(SOURCE)
    headers, defines = _headers(request), _defines(request)
    core = tree.core(folder)
    components = [
        Component(
            "framework",
            sources=tuple(path for path in core if path != folder / tree.LOG),
            headers=headers,
            defines=defines,
            options=("-w",),
            shared=True,
        ),
        # A separate component: stripping strings makes it empty, and profiling does not strip.
        Component(
            "framework_log",
            sources=(folder / tree.LOG,),
            headers=headers,
            defines=tuple(dict.fromkeys((*defines, STRIPPED))),
            options=("-w",),
            shared=True,
        ),
    ]
    if library is None:
        kernels = Component(
            "kernels",
            sources=tree.kernels(folder),
            headers=headers,
            defines=defines,
            options=("-w",),
            shared=True,
        )
        return (*components, kernels)
    given = library.tflm_kernels(request.context)
    kernels = Component(
        "kernels",
        sources=tree.kernels(folder, sorted(set(operators.OVERRIDES.values()))),
        headers=(*headers, *given.headers),
        defines=(*defines, *given.defines),
        options=("-w",),
        shared=True,
    )
    return (*components, kernels, *given.components)


def _headers(request: GenerateRequest) -> tuple[Path, ...]:
    """TFLM's root, then its third-party libraries."""
    others = (request.sources(name) / folder for name, folder in THIRD_PARTIES.items())
    return (request.sources(SOURCE), *others)


def _defines(request: GenerateRequest) -> tuple[str, ...]:
    return DEFINES if request.profile else (*DEFINES, STRIPPED)


def _notes(request: GenerateRequest) -> tuple[str, ...]:
    if not request.profile:
        return ()
    kept = (
        "tflmi: the firmware that profiles operators keeps TFLM's error strings, because without "
        "them TFLM reports no operator events; the measured firmware strips them"
    )
    return (kept,)


def _arena_metrics(used: int, declared: int) -> dict[str, int]:
    """The bytes that the interpreter says it used, and the array's size. No bound is known."""
    return {"arena_peak": used, "arena_declared": declared}
