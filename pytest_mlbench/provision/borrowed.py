"""C++ with LLVM: uses the C library, `libgcc` and C++ headers of a RISC-V GCC.

LLVM's wheel and packages have no libraries for bare metal. Only the header-only part of the C++
library is used, so GCC's headers work with clang.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable

from . import compiler
from .llvm import Llvm
from .probe import cxx_fault

if TYPE_CHECKING:
    from .toolchain import Toolchain

_GCC = re.compile(r"/lib\w*/gcc/[^/]+/[^/]+/include(-fixed)?$")


def with_cxx(found: Toolchain, gcc: Toolchain, isa: str, abi: str) -> Llvm:
    """The LLVM `found`, with C++ headers and libraries of `gcc` for `isa` and `abi`.

    The libraries are those that `gcc` would link for this ISA and ABI. Raises Unavailable if the
    headers do not work.
    """
    assert isinstance(found, Llvm)
    machine = gcc.link_options(isa, abi)
    lent = compiler.Driver(gcc.gcc, machine, gcc.environment)
    c = _foreign(lent.headers(gcc.gcc, "c"))
    lent_cxx = compiler.Driver(gcc.gcc, (*machine, *gcc.cxx_options), gcc.environment)
    cxx = [folder for folder in _foreign(lent_cxx.headers(gcc.gxx, "c++")) if folder not in c]
    folders = library_folders(lent.link())
    if not c or not cxx or not folders:
        raise Unavailable(f"{gcc.gcc} does not say where its C library and its C++ headers are")
    # picolibc has mathematical functions in libc; its libm is empty and of the wrong width.
    maths = () if gcc.libc == "picolibc" else ("-lm",)
    made = replace(
        found,
        libc=gcc.libc,
        c_headers=tuple(map(str, c)),
        cxx_options=(
            "-nostdinc++",
            *(word for folder in cxx for word in ("-isystem", str(folder))),
        ),
        libraries=(*(f"-L{folder}" for folder in folders), *maths, "-lc", "-lgcc"),
        identity=f"{found.identity}; C library and C++ headers of {gcc.identity}",
    )
    options = (*made.compile_options(isa, abi), *made.cxx_options)
    fault = cxx_fault(made.gxx, options, tuple(sorted(made.environment.items())))
    if fault:
        raise Unavailable(f"{found.compiler} cannot use the C++ headers of {gcc.gxx}: {fault}")
    return made


def library_folders(command: str) -> list[Path]:
    """The folders that the linker searches for archives, from the output of `gcc -###`."""
    named = [Path(word[2:]).resolve() for word in shlex.split(command) if word.startswith("-L")]
    return [folder for folder in dict.fromkeys(named) if any(folder.glob("*.a"))]


def _foreign(folders: list[Path]) -> list[Path]:
    """The folders without GCC's own headers, which declare GCC's builtins."""
    return [folder for folder in folders if not _GCC.search(folder.as_posix())]
