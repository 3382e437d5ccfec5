"""What firmware needs of a C library, for toolchains that have none."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.components import Component

HERE = Path(__file__).parent
INCLUDE = HERE / "include"


def component() -> Component:
    """The functions that compilers call by themselves. What is not called is left out of the link;
    compiled at the level of the case, as everything is."""
    return Component("libc", sources=(HERE / "memory.c",), options=("-fno-builtin",))
