"""Firmware on models of real cores, for tests: built as a user's run builds them."""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bare_metal import cache

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.targets.cores.catalogue import CORES
from pytest_mlbench.firmware.targets.cores.target import CoreTarget
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.firmware.target import Simulation

NAMES = tuple(CORES)

STACK = 4 << 10
"""Each region fills and searches the whole stack, which takes longer than what small models do."""


@functools.cache
def _target(name: str) -> CoreTarget | str:
    fetcher = Fetcher(cache(), mirror=os.environ.get("MLBENCH_MIRROR"))
    target = CoreTarget(CORES[name]).provisioned(lambda: fetcher)
    try:
        target.model()
    except Unavailable as error:
        return str(error)
    return target


def core_target(name: str, **changes: object) -> CoreTarget:
    """The target with its model built; the test is skipped where it cannot be."""
    found = _target(name)
    if isinstance(found, str):
        pytest.skip(found)
    return replace(found, **{"stack": STACK, **changes})  # type: ignore[arg-type]


def run(
    target: CoreTarget,
    built: Firmware,
    samples: Sequence[bytes] = (bytes(4),),
    *,
    outputs: tuple[int, ...] = (4,),
    timeout: float = 120.0,
) -> Simulation:
    """Run a built firmware, on Spike too."""
    return target.run(built.elf, samples, isa=target.isa, outputs=outputs, timeout=timeout)
