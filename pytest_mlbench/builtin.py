"""Registers everything built in, through the same hooks that users have.

Each function imports what it registers only when it is called, so that a project that runs no
benchmark does not pay for the imports. A new model, backend, kernel library or target is one line
here.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .backends.interface import Backend
    from .firmware.target import Target
    from .kernels.interface import KernelLibrary
    from .measure.registry import Registry
    from .models.model import Model
    from .options import Option
    from .provision.pinned import GitPin
    from .records.extension import Finisher, Format, Judge
    from .settings import Settings


# `pytest.hookimpl`: pytest itself takes longer to import than everything here.
_hookimpl = pluggy.HookimplMarker("pytest")


@_hookimpl
def pytest_mlbench_models() -> Iterable[Model]:
    """The four models of MLPerf Tiny."""
    from .models.zoo import MODELS

    return MODELS


@_hookimpl
def pytest_mlbench_backends() -> Iterable[Backend]:
    """aot and tflmi."""
    from .backends.aot.backend import AotBackend
    from .backends.tflmi.backend import TflmiBackend

    return [AotBackend(), TflmiBackend()]


@_hookimpl
def pytest_mlbench_kernel_libraries() -> Iterable[KernelLibrary]:
    """The reference kernels, the tuned ones, CMSIS-NN and muRISCV-NN."""
    from .kernels.cmsisnn import CMSISNN
    from .kernels.muriscvnn import MURISCVNN
    from .kernels.reference.library import ReferenceLibrary
    from .kernels.tuned.library import TunedLibrary

    return [CMSISNN, MURISCVNN, ReferenceLibrary(), TunedLibrary()]


@_hookimpl
def pytest_mlbench_targets() -> Iterable[Target]:
    """The RISC-V simulator Spike, and models of real cores."""
    from .firmware.targets.cores.catalogue import CORES
    from .firmware.targets.cores.target import CoreTarget
    from .firmware.targets.spike.target import SpikeTarget

    return [SpikeTarget(), *(CoreTarget(core) for core in CORES.values())]


@_hookimpl
def pytest_mlbench_sources() -> Iterable[GitPin]:
    """TensorFlow Lite Micro with its third parties, CMSIS-NN and muRISCV-NN."""
    from .provision.pins import pins

    return pins().sources.values()


@_hookimpl
def pytest_mlbench_formats() -> Iterable[Format]:
    """The export formats for other tools."""
    from .records.report.exports import bencher, github_action, pytest_benchmark

    return [pytest_benchmark.FORMAT, github_action.FORMAT, bencher.FORMAT]


@_hookimpl
def pytest_mlbench_judges(
    settings: Settings, state: Mapping[str, Any] | None
) -> Iterable[tuple[str, Judge]]:
    """The gate, if there is a baseline."""
    asked = ("save", "tolerance", "gate")
    if settings.extra.get("baseline") is None and not any(map(settings.chosen, asked)):
        return []
    from .records.gate.judge import make

    gate = make(settings, state.get("gate") if state else None, sys.argv[1:])
    return [("gate", gate)] if gate else []


@_hookimpl
def pytest_mlbench_finishers(settings: Settings, judges: Mapping[str, Judge]) -> Iterable[Finisher]:
    """The gate's summary and baseline file, the written reports, the history."""
    from .records.gate.judge import Gate
    from .records.report.write import Writer

    gate = judges.get("gate")
    found: list[Finisher] = [gate, Writer(gate)] if isinstance(gate, Gate) else [Writer()]
    if settings.extra.get("history") is not None:
        from .records.history.finisher import Historian

        found.append(Historian())
    return found


def registry(plugins: Iterable[object] = ()) -> Registry:
    """The registry without pytest: the built-in parts, and those of `plugins`.

    A plugin is a module or object with `pytest_mlbench_*` functions, as a `conftest.py` has them.
    """
    from . import hookspec
    from .measure.registry import collect

    manager = pluggy.PluginManager("pytest")
    manager.add_hookspecs(hookspec)
    manager.register(sys.modules[__name__])
    for plugin in plugins:
        manager.register(_Plain(plugin), name=f"mlbench-{id(plugin)}")
    return collect(manager.hook)


class _Plain:
    """Offers the hook functions of a module or object to pluggy, even if they are not marked."""

    def __init__(self, plugin: object) -> None:
        for name in dir(plugin):
            if name.startswith("pytest_mlbench_"):
                setattr(self, name, _hookimpl(_bare(getattr(plugin, name))))


def _bare(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return call


NAMES: Mapping[str, tuple[str, ...]] = {
    "model": ("aww", "resnet", "toycar", "vww"),
    "backend": ("aot", "tflmi"),
    "features": ("tuned", "dext", "vext", "xpulp", "autovec", "cmsisnn", "muriscvnn"),
    "target": ("spike", "cv32e40p", "ibex", "ibex-small", "picorv32", "vexriscv"),
}
"""Option -> the built-in names that its help shows: to collect them would cost every start."""


@functools.cache
def measuring_options() -> tuple[Option, ...]:
    """The options that decide what is measured and how: the core's, then the targets'."""
    from .firmware.targets.spike.options import OPTIONS as SPIKE
    from .settings import CORE

    return (*map(_with_names, CORE), *SPIKE)


def _with_names(row: Option) -> Option:
    """An option whose help says which of its values are built in."""
    if row.name not in NAMES:
        return row
    return dataclasses.replace(row, help=f"{row.help}. Built in: {', '.join(NAMES[row.name])}")


@functools.cache
def option_table() -> tuple[Option, ...]:
    """All options: the measuring options, then those of the gate and of the reports."""
    from .records.gate.options import OPTIONS as GATE
    from .records.report.options import OPTIONS as REPORT

    return (*measuring_options(), *GATE, *REPORT)
