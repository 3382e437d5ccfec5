"""A firmware outside of the cache, for a person to look into."""

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

    What an earlier run left there is replaced. Raises UsageError when it cannot be written.
    """
    entry = firmware.elf.parent
    try:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(entry, folder, ignore=shutil.ignore_patterns(".mlbench-*"))
    except OSError as error:
        # shutil's own error has no number, but a list of files.
        reason = error.strerror or "not all of it could be copied"
        raise UsageError(
            f"cannot be written: {reason}", where=f"--mlbench-keep {folder}"
        ) from error


def commands(firmware: Firmware, toolchain: Toolchain) -> str:
    """Where the ELF file is, a command line that disassembles it with the lines of its source, and
    one of the debugger where there is one."""
    elf = shlex.quote(str(firmware.elf))
    objdump = shlex.quote(str(toolchain.tool("objdump")))
    said = [f"firmware: {firmware.elf}", f"look into it with: {objdump} -dl {elf} | less"]
    debugger = shutil.which(toolchain.tool("gdb")) or shutil.which("gdb-multiarch")
    if debugger:
        said.append(f"or: {shlex.quote(debugger)} {elf}")
    return "\n".join(said)
