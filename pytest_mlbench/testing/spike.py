"""Builds and runs generated components with the real chain."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.build import build
from pytest_mlbench.firmware.targets.spike.target import SpikeTarget
from pytest_mlbench.isa import Isa
from pytest_mlbench.provision import toolchain
from pytest_mlbench.provision.fetch import Fetcher

from .cached import user_cache

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pytest_mlbench.firmware.components import Component
    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.firmware.targets.cores.target import CoreTarget
    from pytest_mlbench.provision.cache import Cache

TIMEOUT = 600.0


@cache
def _chain(isa: str) -> tuple[Any, Cache]:
    cache_ = user_cache()
    fetcher = Fetcher(cache_, mirror=_mirror())
    target = SpikeTarget()
    try:
        chosen = isa or target.isa
        abi = Isa.parse(chosen).abi
        found = toolchain.find(chosen, abi, prefix=None, cache=cache_, fetcher=fetcher)
    except Unavailable as error:
        pytest.skip(str(error))
    return found, cache_


def _target(isa: str) -> SpikeTarget | CoreTarget:
    """Spike, or the core that has an extension that Spike does not know."""
    if not Isa.parse(isa).is_of_a_core:
        return SpikeTarget()
    from pytest_mlbench.firmware.targets.cores.catalogue import CORES
    from pytest_mlbench.firmware.targets.cores.target import CoreTarget

    return next(CoreTarget(core) for core in CORES.values() if core.own_extensions(isa))


def _mirror() -> str | None:
    return os.environ.get("MLBENCH_MIRROR")


def simulate(
    components: Sequence[Component],
    samples: Sequence[bytes],
    outputs: tuple[int, ...],
    *,
    optimize: str,
    isa: str,
    defines: tuple[str, ...] = (),
) -> tuple[Simulation, Path]:
    """The report and the ELF file of a run on Spike, or on the core that has the ISA."""
    found, cache_ = _chain(isa)
    target = _target(isa).provisioned(lambda: Fetcher(cache_, mirror=_mirror()))
    firmware = build(
        components,
        target=target,
        isa=isa,
        optimize=optimize,
        toolchain=found,
        cache=cache_,
        defines=defines,
        name="harness",
    )
    try:
        ran = target.run(firmware.elf, samples, isa=isa, outputs=outputs, timeout=TIMEOUT)
    except Unavailable as error:
        pytest.skip(str(error))
    return ran, firmware.elf
