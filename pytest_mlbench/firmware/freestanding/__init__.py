"""The C library functions that firmware needs, for toolchains without a C library."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.components import Component

HERE = Path(__file__).parent
INCLUDE = HERE / "include"


def component() -> Component:
    """The functions that compilers call implicitly, compiled at the level of the case.

    The linker drops those that are not called.
    """
    return Component("libc", sources=(HERE / "memory.c",), options=("-fno-builtin",))
