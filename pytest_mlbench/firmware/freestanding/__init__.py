"""What firmware needs of a C library, for toolchains that have none."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa

HERE = Path(__file__).parent
INCLUDE = HERE / "include"


def component(isa: str) -> Component:
    """The functions that compilers call by themselves for `isa`. What is not called is left out of
    the link; compiled at the level of the case, as everything is."""
    names = ["memory.c"] if Isa.parse(isa).has("f") else ["memory.c", "single.c"]
    sources = tuple(HERE / name for name in names)
    return Component("libc", sources=sources, options=("-fno-builtin",))
