"""The component that every bare-metal target links: start-up code and main loop."""

from __future__ import annotations

from pathlib import Path

from pytest_mlbench.firmware.components import Component

SOURCES = Path(__file__).with_name("src")


def component(defines: tuple[str, ...] = ()) -> Component:
    """Start-up code, trap handler and main loop; `defines` adapt the start-up code to a core."""
    return Component("runtime", sources=(SOURCES / "crt0.S", SOURCES / "main.c"), defines=defines)


def link_options(stack: int) -> tuple[str, ...]:
    """Options for our linker script and start-up code, with a stack of `stack` bytes."""
    script = str(SOURCES / "bare_metal.ld")
    size = f"-Wl,--defsym=__stack_size={stack}"
    return ("-nostartfiles", "-T", script, "-Wl,--orphan-handling=error", size)
