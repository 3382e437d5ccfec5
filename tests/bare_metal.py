"""Small firmware with a model written by hand in C, for tests of build, ELF reader and target."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.build import build
from pytest_mlbench.firmware.components import Component
from pytest_mlbench.firmware.targets.spike import program as simulator
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.isa import Isa
from pytest_mlbench.provision import toolchain as toolchains
from pytest_mlbench.provision.cache import Cache, default_root
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.provision.toolchain import Toolchain
    from pytest_mlbench.provision.tools import Tool

HELLO = """\
#include "mlbench_firmware.h"

static uint8_t in[16], out[4];
static const uint8_t weights[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static uint32_t bias = 1000;
struct mlbench_buffer mlbench_inputs[] = {{in, sizeof in}};
struct mlbench_buffer mlbench_outputs[] = {{out, sizeof out}};
const uint32_t mlbench_input_count = 1;
const uint32_t mlbench_output_count = 1;

int32_t mlbench_setup(void) { return 0; }

int32_t mlbench_invoke(void) {
  uint32_t sum = bias;
  for (int i = 0; i < 16; ++i) sum += (uint32_t)in[i] * weights[i];
  for (int i = 0; i < 4; ++i) out[i] = (uint8_t)(sum >> (8 * i));
  return 0;
}
"""
"""One input of 16 bytes, one output of 4: the dot product with 1..16, plus 1000."""


def hello_output(sample: bytes) -> bytes:
    """What the model `HELLO` answers to a sample."""
    total = 1000 + sum(byte * weight for weight, byte in enumerate(sample, 1))
    return total.to_bytes(4, "little")


def model(
    invoke: str = "return 0;",
    setup: str = "return 0;",
    *,
    before: str = "",
    inputs: tuple[int, ...] = (4,),
    outputs: tuple[int, ...] = (4,),
) -> str:
    """The C text of a model with these function bodies; buffers are in0, in1, ..., out0, ..."""

    def buffers(kind: str, short: str, sizes: tuple[int, ...]) -> str:
        names = [f"{short}{index}" for index in range(len(sizes))]
        lines = [f"static uint8_t {name}[{size}];" for name, size in zip(names, sizes, strict=True)]
        rows = ", ".join(f"{{{name}, sizeof {name}}}" for name in names)
        length = max(len(sizes), 1)
        lines.append(f"struct mlbench_buffer mlbench_{kind}s[{length}] = {{{rows or '{0, 0}'}}};")
        lines.append(f"const uint32_t mlbench_{kind}_count = {len(sizes)};")
        return "\n".join(lines)

    return f"""\
#include "mlbench_firmware.h"

{buffers("input", "in", inputs)}
{buffers("output", "out", outputs)}
{before}
int32_t mlbench_setup(void) {{ {setup} }}
int32_t mlbench_invoke(void) {{ {invoke} }}
"""


def cache() -> Cache:
    """The user's own cache: tools are provisioned once."""
    named = os.environ.get("MLBENCH_CACHE")
    return Cache(Path(named) if named else default_root())


def _fetcher() -> Fetcher:
    return Fetcher(cache(), mirror=os.environ.get("MLBENCH_MIRROR"))


def find_spike(program: str | None = None) -> Tool:
    """Spike as a user's run finds it: installed, or fetched into the user's cache."""
    return simulator.spike(program, fetcher=_fetcher())


@functools.cache
def _toolchain(isa: str) -> Toolchain | str:
    fetcher, abi = _fetcher(), Isa.parse(isa).abi
    try:
        return toolchains.find(isa, abi, prefix=None, cache=fetcher.cache, fetcher=fetcher)
    except Unavailable as error:
        return str(error)


def toolchain(isa: str = "rv32gc") -> Toolchain:
    """The compiler as a user's run finds it; the test is skipped where there is none."""
    found = _toolchain(isa)
    if isinstance(found, str):
        pytest.skip(found)
    return found


def firmware(
    source: str | tuple[Component, ...],
    home: Path,
    *,
    isa: str = "rv32gc",
    optimize: str = "s",
    defines: tuple[str, ...] = (),
    name: str = "test",
    target: SpikeTarget | None = None,
    alone: bool = False,
) -> Firmware:
    """Build a model's C text, or parts, with the cache in folder `home`.

    Object files and configured projects come from the user's cache, unless the firmware is to be
    built `alone`: from nothing.
    """
    for kind in () if alone else ("objects", "projects"):
        if home != cache().root and not (home / kind).exists():
            home.mkdir(parents=True, exist_ok=True)
            (home / kind).symlink_to(cache().folder(kind))
    parts = (Component("model", texts={"model.c": source}),) if isinstance(source, str) else source
    return build(
        parts,
        target=target or SpikeTarget(),
        isa=isa,
        optimize=optimize,
        toolchain=toolchain(isa),
        cache=Cache(home),
        defines=defines,
        name=name,
    )


def simulate(
    built: Firmware,
    samples: tuple[bytes, ...] = (bytes(4),),
    *,
    outputs: tuple[int, ...] = (4,),
    isa: str = "rv32gc",
    timeout: float = 60,
) -> Simulation:
    """Run it on Spike; the test is skipped where there is none."""
    try:
        target = SpikeTarget(fetcher=_fetcher)
        return target.run(built.elf, samples, isa=isa, outputs=outputs, timeout=timeout)
    except Unavailable as error:
        pytest.skip(str(error))
