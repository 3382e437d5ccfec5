"""The C library functions that firmware needs, for toolchains without a C library."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.components import Component
from pytest_mlbench.isa import Isa

HERE = Path(__file__).parent
INCLUDE = HERE / "include"


def component(isa: str) -> Component:
    """The functions that compilers call implicitly for `isa`, compiled at the level of the case.

    The linker drops those that are not called.
    """
    names = ["memory.c"] if Isa.parse(isa).has("f") else ["memory.c", "single.c"]
    sources = tuple(HERE / name for name in names)
    return Component("libc", sources=sources, options=("-fno-builtin",))
