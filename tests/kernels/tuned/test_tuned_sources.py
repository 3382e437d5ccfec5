"""Every kernel brings the sources of all functions that it calls: other tests build several kernels
in one firmware, where one would find what another brings."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import network_layers
import pytest
from test_tuned_formulas import layers

from pytest_mlbench import process
from pytest_mlbench.backends.aot.generation import HEADERS
from pytest_mlbench.firmware.project import INCLUDE
from pytest_mlbench.isa import Isa
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned import candidates
from pytest_mlbench.kernels.tuned.library import TunedLibrary

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_mlbench.measure.toolbox import Toolbox

    Names = dict[Path, set[str]]

BUILDS = {
    "rv32gc": ("tuned", "dext"),
    "rv64gc": ("tuned", "dext"),
    "rv32imc_xpulp": ("tuned", "xpulp"),
    "rv32gcv_zvl128b": ("tuned", "vext"),
}
LACKING = re.compile(r"undefined reference to `(mlbench_\w+)'")


@pytest.mark.spike
@pytest.mark.parametrize("isa", BUILDS)
def test_a_kernel_brings_all_that_it_calls(
    isa: str, toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each function is linked with its own sources alone; the C library is not asked for."""
    monkeypatch.setattr(network_layers, "MOST_MACS", 200_000)
    features = BUILDS[isa]
    config = {"winograd": "on"} if "dext" in features else {}
    context = LowerContext(features, isa, "3", config)
    calls = [call for layer in layers() for call in candidates.calls(layer, context, features)]
    needs = sorted({(call.function, tuple(sorted(call.sources))) for call in calls})
    base = TunedLibrary().components(frozenset(), context)[0]
    compiler, abi = toolbox.toolchain(isa), Isa.parse(isa).abi
    gcc = compiler.tool("gcc")
    flags = ["-c", "-ffunction-sections", *(f"-D{define}" for define in base.defines)]
    flags += [f"-I{header}" for header in (*base.headers, HEADERS, INCLUDE)]
    objects: dict[Path, Path] = {}
    for ending, machine in (
        (".c", compiler.compile_options(isa, abi)),
        (".S", compiler.assemble_options(base.march or isa, abi)),
    ):
        files = sorted(
            path for path in {path for _, own in needs for path in own} if path.suffix == ending
        )
        folder = tmp_path / ending
        folder.mkdir()
        done = process.run([gcc, *machine, *flags, *files], timeout=300, cwd=folder)
        assert done.returncode == 0, done.error_text
        objects |= {path: folder / f"{path.stem}.o" for path in files}
    defined, called = symbols(compiler.tool("nm"), objects)
    link = [gcc, *compiler.link_options(isa, abi), "-nostdlib", "-o", os.devnull]
    for function, sources in needs:
        names = {name for path in sources for name in defined[path]}
        assert function in names
        wanted = {name for path in sources for name in called[path]} - names
        if not any(name.startswith("mlbench_") for name in wanted):
            continue
        # Perhaps a function calls it that this kernel does not: the linker knows.
        own = [objects[path] for path in sources]
        done = process.run([*link, f"-Wl,--gc-sections,-e,{function}", *own], timeout=60)
        lacking = sorted(set(LACKING.findall(done.error_text)))
        assert not lacking, f"{function} calls {lacking}, which its sources lack"


def symbols(nm: str, objects: Mapping[Path, Path]) -> tuple[Names, Names]:
    """The names that each source defines for others, and those that it needs from others."""
    files = {str(output): path for path, output in objects.items()}
    done = process.run([nm, "-A", "-P", "-g", *files], timeout=60)
    assert done.returncode == 0, done.error_text
    defined: Names = {path: set() for path in objects}
    called: Names = {path: set() for path in objects}
    for line in done.text.splitlines():
        file, name, kind = line.split()[:3]
        (called if kind == "U" else defined)[files[file.rstrip(":")]].add(name)
    return defined, called
