"""Fetch everything ahead of time, so that later runs need no network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pytest_mlbench.options import GCC

from ._options import add_machine_options, attempt, compiler, compilers, line, open_toolbox

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from pytest_mlbench.firmware.target import Target
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.provision.tools import Tool

HELP = "fetch toolchain, models and tools into the cache, ahead of the first run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_machine_options(parser)
    parser.add_argument(
        "--sources",
        action="store_true",
        help="fetch the sources of frameworks and kernel libraries too (some 100 MB)",
    )

    parser.add_argument(
        "--cores",
        action="store_true",
        help="build the models of real cores too (a minute each, once)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Fetch everything; one line each. Returns 1 if anything cannot be had."""
    toolbox = open_toolbox(arguments)
    toolbox.fetcher.hosts.forget()  # who provisions wants hosts asked afresh
    print(line("ok", "cache", str(toolbox.cache.root)))
    status = False
    for name, step in _steps(toolbox, sources=arguments.sources, cores=arguments.cores):
        row = attempt(name, step)
        status |= row[0] == "missing"
        print(line(*row), flush=True)
    if not arguments.sources:
        print(line("note", "sources", "not asked for; add --sources to fetch them too"))
    if not arguments.cores:
        print(line("note", "cores", "not asked for; add --cores to build their models too"))
    return int(status)


def _steps(
    toolbox: Toolbox, *, sources: bool, cores: bool
) -> Iterator[tuple[str, Callable[[], str]]]:
    """The steps: a name, and a function that does it and returns the details."""
    from pytest_mlbench.builtin import registry
    from pytest_mlbench.provision import tools

    yield "cmake", lambda: _tool(tools.cmake())
    yield "ninja", lambda: _tool(tools.ninja())
    for target in map(toolbox.target, registry().targets.values()):
        if target.builds_simulator:
            if cores:
                yield target.name, target.prepare
            continue
        yield target.name, partial(_simulator, target)
        for name, choice in compilers(toolbox.settings.toolchains):
            yield name, partial(compiler, toolbox, target, choice)
            yield "c++ headers", partial(_cxx, toolbox, target, choice)
    models = sorted({name.split("/")[0] for name in toolbox.fetcher.pins.artifacts})
    for model in models:
        yield model, partial(_model, toolbox, model)
    if sources:
        for name in toolbox.sources.pins:
            yield name, partial(_source, toolbox, name)


def _simulator(target: Target) -> str:
    found = target.simulator()
    return _tool(found) if found else "needs no program of this machine"


def _tool(tool: Tool) -> str:
    return f"{tool.version} ({tool.path})"


def _cxx(toolbox: Toolbox, target: Target, choice: str) -> str:
    from pytest_mlbench.errors import CompilerLacks

    try:
        found = toolbox.with_cxx(target.isa, choice)
    except CompilerLacks as error:
        return f"none: {error.what}"
    if found.family != GCC:
        return "a RISC-V GCC's"
    return "from packages" if found.cxx_options else "the compiler's own"


def _model(toolbox: Toolbox, model: str) -> str:
    names = [name for name in toolbox.fetcher.pins.artifacts if name.startswith(f"{model}/")]
    for name in names:
        toolbox.fetcher.artifact(name)
    return f"{len(names)} files"


def _source(toolbox: Toolbox, name: str) -> str:
    found = toolbox.sources.get(name)
    return f"{found.describe} ({found.path})"
