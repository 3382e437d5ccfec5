"""A shell script that answers as GCC does, and the search for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopback import program

from pytest_mlbench.provision import toolchain
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache

# A program that answers as GCC does, and "links" an ELF of the class that its file says.
FAKE = """
here=${0%/*}
read -r refuses < "$here/refuses"
read -r class < "$here/class"
last=
for word in "$@"; do
  case "$word" in
    --version) echo "${0##*/} (fake) 14.1.0"; exit 0;;
    -dumpfullversion) echo 14.1.0; exit 0;;
    -print-prog-name=*) echo "$here/${word#*=}"; exit 0;;
    -print-file-name=*) echo "${word#*=}"; exit 0;;
    -v) echo "COLLECT_GCC=$0" >&2
      echo "#include <...> search starts here:" >&2
      echo " $here/include" >&2
      echo "End of search list." >&2; exit 0;;
    -###) echo " $here/cc1 $* -o /tmp/cc$(printf %06d $$).s" >&2; exit 0;;
    -E) echo 'version "4.4.0"'; exit 0;;
    -march=*) case "$word" in *"$refuses"*)
      echo "probe.c:1: warning: w" >&2; echo "error: unknown ISA in '$word'" >&2; exit 1;; esac;;
  esac
  last=$word
done
printf '\\177ELF%b' "$class" > "$last"
echo "($here/libc.a)memcpy.o"
"""


def fake(folder: Path, prefix: str = "riscv64-unknown-elf-", *, bits: int = 32) -> Path:
    """Puts one with its parts into `folder`; returns the driver."""
    gcc = program(folder / f"{prefix}gcc", FAKE)
    (folder / "class").write_text("\\001" if bits == 32 else "\\002")
    (folder / "refuses").write_text("zfh")
    for name in ("cc1", "as"):
        (folder / name).write_text(name)
    program(folder / "ld", "echo GNU ld 2.41\n")
    (folder / "include").mkdir()
    (folder / "include/string.h").write_text("header")
    (folder / "libc.a").write_text("library")
    return gcc


def find(
    cache: Cache, path: str, prefix: str | None = None, name: str = "rv32gc"
) -> toolchain.Toolchain:
    """The compiler that a user's run would take with this PATH."""
    fetcher = Fetcher(cache, offline=True)
    return toolchain.find(name, "ilp32d", prefix=prefix, cache=cache, fetcher=fetcher, path=path)
