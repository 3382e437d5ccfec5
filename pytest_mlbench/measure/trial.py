"""Trial builds of pinned sources: does this version compile with this compiler?

Libraries and backends list in `trials` the variants that users build. Each one is built for the
default target, but never run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.case import Case
from pytest_mlbench.errors import BuildFailed
from pytest_mlbench.firmware.build import build
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.models.model import TWIN

from .rules import effective_isa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.kernels.interface import KernelLibrary

    from .registry import Registry
    from .toolbox import Toolbox

OPTIMIZE = "3"
MODEL = f"aww{TWIN}"
"""The small model for trial builds of backends."""

DIRECT = "aot"
"""The backend that calls kernel libraries directly, without a framework."""

_MODEL = """#include "mlbench_firmware.h"
struct mlbench_buffer mlbench_inputs[1];
struct mlbench_buffer mlbench_outputs[1];
const uint32_t mlbench_input_count = 0;
const uint32_t mlbench_output_count = 0;
{declarations}
/* Without a reference from here, the linker would look at none of them. */
static void (*const tried[])(void) = {{ {names} }};
static volatile uint32_t which;
int32_t mlbench_setup(void) {{ return 0; }}
int32_t mlbench_invoke(void) {{ return tried[which] != 0; }}
"""


@dataclass(frozen=True)
class Trial:
    """One variant that users build."""

    backend: str
    features: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in a report: 'tflmi', 'aot cmsisnn', 'aot muriscvnn,vext'."""
        return " ".join(filter(None, (self.backend, ",".join(self.features))))

    def case(self) -> Case:
        """The case that this variant belongs to."""
        return Case(MODEL, self.backend, self.features, OPTIMIZE)


def trials(registry: Registry) -> tuple[Trial, ...]:
    """All variants: first the libraries without a framework, then each framework's."""
    libraries = [
        (library, tuple(features))
        for library in registry.libraries.values()
        for features in library.trials
    ]
    found = [Trial(DIRECT, features) for _, features in libraries]
    for backend in registry.backends.values():
        own = backend.trials
        found += [Trial(backend.name, tuple(features)) for features in own]
        found += [
            Trial(backend.name, features)
            for library, features in libraries
            if own and backend.takes(library)
        ]
    return tuple(dict.fromkeys(found))


def trial_build(trial: Trial, toolbox: Toolbox, registry: Registry, choice: str = "") -> str:
    """Compiles and links one variant for the default target with the toolchain `choice`.

    A library is compiled completely and linked with the adapters of all its kernels; a framework
    with all its kernels and the glue for one model. Returns a sentence. Raises Unavailable if a
    source or compiler is missing, BuildFailed with the first error and the versions.
    """
    case = trial.case()
    isa = effective_isa(case, registry)
    compiler = toolbox.toolchain(isa, choice).compiler
    if trial.backend == DIRECT:
        context = LowerContext(
            features=case.features,
            isa=isa,
            optimize=OPTIMIZE,
            sources=toolbox.sources_of(registry),
            compiler=compiler,
        )
        libraries = _libraries(trial, registry)
        named = _versions(libraries, context)
        functions = {each.name: each.functions(context) for each in libraries}
        names = [name for each in functions.values() for name in each.values()]
        components = (
            Component("model", texts={"model.c": _model(names)}),
            *(
                component
                for each in libraries
                for component in each.components(frozenset(functions[each.name]), context)
            ),
        )
        define = ""
    else:
        model = toolbox.load(registry.model(MODEL))
        made = registry.backend(trial.backend).generate(
            GenerateRequest(
                graph=model.graph,
                model_data=model.data,
                libraries=_libraries(trial, registry),
                features=case.features,
                isa=isa,
                optimize=OPTIMIZE,
                config={},
                sources=toolbox.sources_of(registry),
                compiler=compiler,
            )
        )
        named, components, define = dict(made.libraries), made.components, "MLBENCH_PROBE"
    of = ", ".join(f"{name} {version}" for name, version in sorted(named.items())) or "it"
    name = f"trial of {trial.name}"
    at = f"{of} at -O{OPTIMIZE} for {isa} with {compiler}"
    try:
        build(
            components,
            target=toolbox.target(registry.target_of(case)),
            isa=isa,
            optimize=OPTIMIZE,
            toolchain=toolbox.toolchain_for(isa, components, choice),
            cache=toolbox.cache,
            defines=(define,) if define else (),
            name=name,
        )
    except BuildFailed as error:
        what = error.what if error.where == name else f"{error.where}: {error.what}"
        raise BuildFailed(what, where=at, remedy=error.remedy) from error
    files = sum(
        path.suffix in (".c", ".cc") for component in components for path in component.sources
    )
    return f"pass: {files} files of {at}"


def _model(functions: Sequence[str]) -> str:
    """The C text of a model that refers to `functions`."""
    declarations = "\n".join(f"void {name}(void);" for name in functions)
    return _MODEL.format(declarations=declarations, names=", ".join(functions) or "0")


def _libraries(trial: Trial, registry: Registry) -> tuple[KernelLibrary, ...]:
    names = (registry.feature(name).library for name in trial.features)
    return tuple(registry.libraries[name] for name in dict.fromkeys(names) if name)


def _versions(libraries: Iterable[KernelLibrary], context: LowerContext) -> dict[str, str]:
    return {each.name: each.version(context) for each in libraries}
