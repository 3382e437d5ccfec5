"""Copies a firmware out of the cache so that the user can inspect it."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.toolchain import Toolchain

    from .components import Firmware


def keep(firmware: Firmware, folder: Path) -> None:
    """Copy the ELF file, its map, the compile commands and the generated sources to `folder`.

    It replaces the files of an earlier run. Raises UsageError if it cannot be written.
    """
    entry = firmware.elf.parent
    try:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(entry, folder, ignore=shutil.ignore_patterns(".mlbench-*"))
    except OSError as error:
        # shutil.Error holds a list of files instead of an error number.
        reason = error.strerror or "some files could not be copied"
        raise UsageError(
            f"cannot be written: {reason}", where=f"--mlbench-keep {folder}"
        ) from error


def commands(firmware: Firmware, toolchain: Toolchain) -> str:
    """The ELF file's path, and command lines to disassemble it (with source lines) and to debug it,
    if a debugger is installed."""
    elf = shlex.quote(str(firmware.elf))
    objdump = shlex.quote(str(toolchain.tool("objdump")))
    lines = [f"firmware: {firmware.elf}", f"inspect it with: {objdump} -dl {elf} | less"]
    debugger = shutil.which(toolchain.tool("gdb")) or shutil.which("gdb-multiarch")
    if debugger:
        lines.append(f"or: {shlex.quote(debugger)} {elf}")
    return "\n".join(lines)
