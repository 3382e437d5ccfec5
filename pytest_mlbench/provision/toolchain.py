"""Finds the cross compiler: the named one, or one on PATH, or Debian's in the cache."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.isa import Isa

from . import debian
from .probe import Probed, cxx_fault, probe, tried

if TYPE_CHECKING:
    from .cache import Cache
    from .fetch import Fetcher

PREFIXES = ("riscv32-unknown-elf-", "riscv64-unknown-elf-", "riscv-none-elf-")
"""The prefixes with which a RISC-V GCC is searched on PATH, in this order."""

INSTALL = (
    "Install one: `apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf` on Debian "
    "or Ubuntu, elsewhere a RISC-V GCC with newlib on PATH; or name one: --mlbench-toolchain PREFIX"
)


@dataclass(frozen=True)
class Toolchain:
    """A compiler that has compiled and linked a program for its ISA and ABI.

    prefix        path and name prefix: '/opt/riscv/bin/riscv64-unknown-elf-'
    version       GCC's version, '12.2.0'
    identity      goes into every record: names, versions and a digest of the programs and
                  libraries that produce the firmware. No path; equal for equal content anywhere
    libc          'picolibc' or 'newlib'; empty for a toolchain without a C library
    specs         options for compiling and linking that select the C library
    cxx_options   options for C++ headers if GCC has none itself (see `with_cxx`)
    origin        how it was found, for the user: 'named', 'on PATH', 'Debian packages, pinned'
    library_path  folder of shared libraries that the compiler needs and the machine lacks
    family        'gcc' or 'clang'
    """

    prefix: str
    version: str
    identity: str
    libc: str
    specs: tuple[str, ...] = ()
    cxx_options: tuple[str, ...] = ()
    origin: str = ""
    library_path: str = ""
    family: str = "gcc"

    @property
    def compiler(self) -> str:
        """Family and version: 'gcc 12.2.0'."""
        return f"{self.family} {self.version}"

    def tool(self, name: str) -> Path:
        """The program `name`: 'gcc', 'g++', 'ar', 'size', 'objdump', 'objcopy', 'nm'."""
        return Path(self.prefix + name)

    @property
    def gcc(self) -> Path:
        """The C compiler; it assembles and links too."""
        return self.tool("gcc")

    @property
    def gxx(self) -> Path:
        """The C++ compiler."""
        return self.tool("g++")

    @property
    def ar(self) -> Path:
        """The archiver."""
        return self.tool("ar")

    @property
    def size(self) -> Path:
        """The program that prints section sizes."""
        return self.tool("size")

    @property
    def link_last(self) -> tuple[str, ...]:
        """Libraries that are linked behind everything else."""
        return ("-lm",) if self.libc else ()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that every program of this toolchain needs."""
        return {"LD_LIBRARY_PATH": self.library_path} if self.library_path else {}

    def compile_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options to compile C and C++: ISA without vector and counters, ABI, C library.

        C is compiled for the scalar ISA, because GCC 12 has no libraries for V and newer versions
        would vectorise code that is meant to be scalar. Assembly that needs V is assembled with the
        full ISA (`assemble_options`).
        """
        return (f"-march={Isa.parse(isa).compiler}", f"-mabi={abi}", *self.specs)

    def assemble_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options for .S files: the full ISA without extensions that only simulators know."""
        return (f"-march={Isa.parse(isa).assembler}", f"-mabi={abi}", *self.specs)

    def link_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options to link: the reduced ISA that selects the libraries."""
        return (f"-march={Isa.parse(isa).linker}", f"-mabi={abi}", *self.specs)


def likely(cache: Cache, fetcher: Fetcher) -> bool:
    """Is a GCC probably available? Checks names only and starts nothing; for a run's header."""
    if any(shutil.which(f"{name}gcc") for name in PREFIXES):
        return True
    mirror = fetcher.mirror  # a folder shows whether it has packages, an address does not
    if mirror is not None and (
        not isinstance(mirror, Path) or debian.mirrored("toolchain", fetcher)
    ):
        return True
    packages = shutil.which("apt-get") and shutil.which("dpkg-deb")
    return bool(packages and not fetcher.offline) or any((cache.root / "debian").glob("toolchain*"))


_found: dict[tuple[str, ...], Toolchain] = {}


def find(
    isa: str,
    abi: str,
    *,
    prefix: str | None,
    cache: Cache,
    fetcher: Fetcher,
    path: str | None = None,
) -> Toolchain:
    """A compiler for `isa` and `abi`: the one at `prefix`, or else from PATH, cache or packages.

    `path`, if given, replaces the environment's PATH. The result is remembered in this process.
    Raises UsageError if the named compiler does not work, Unavailable if none is found.
    """
    name = (*tried(isa), abi, prefix or "", str(cache.root), path or "")
    if name not in _found:
        if prefix:
            _found[name] = _named(isa, abi, prefix, cache, path)
        else:
            _found[name] = _search(isa, abi, cache, fetcher, path)
    return _found[name]


def _named(isa: str, abi: str, prefix: str, cache: Cache, path: str | None) -> Toolchain:
    where = "--mlbench-toolchain"
    folder = Path(prefix).expanduser()
    if folder.is_dir():
        places = [folder / below / f"{name}gcc" for below in ("", "bin") for name in PREFIXES]
        inside = [str(gcc) for gcc in places if gcc.is_file()]
        if not inside:
            raise UsageError(f"no RISC-V GCC in the folder {folder}", where=where)
        prefix = inside[0]
    prefix = str(Path(prefix).expanduser()) if "/" in prefix else prefix
    prefix = prefix.removesuffix("gcc")
    gcc = shutil.which(prefix + "gcc", path=path)
    if gcc is None:
        raise UsageError(
            f"there is no program {prefix}gcc",
            where=where,
            remedy="Give path and prefix, as in /opt/riscv/bin/riscv64-unknown-elf-",
        )
    found = probe(_absolute(gcc), isa, abi, cache)
    if isinstance(found, str):
        raise UsageError(f"{gcc} does not support {isa}/{abi}: {found}", where=where)
    return _from_probe(found, "named")


def _search(isa: str, abi: str, cache: Cache, fetcher: Fetcher, path: str | None) -> Toolchain:
    reasons = []
    for name in PREFIXES:
        gcc = shutil.which(f"{name}gcc", path=path)
        if gcc is not None:
            found = probe(_absolute(gcc), isa, abi, cache)
            if not isinstance(found, str):
                return _from_probe(found, "on PATH")
            reasons.append(f"{gcc}: {found}")
    if not reasons:
        reasons.append(f"none on PATH ({', '.join(f'{name}gcc' for name in PREFIXES)})")
    try:
        return _packaged(isa, abi, cache, fetcher)
    except Unavailable as error:
        reasons.append(f"packages: {error.what}")
    raise Unavailable(f"no RISC-V GCC supports {isa}/{abi}: {'; '.join(reasons)}", remedy=INSTALL)


def _packaged(isa: str, abi: str, cache: Cache, fetcher: Fetcher) -> Toolchain:
    packages = debian.unpacked("toolchain", cache=cache, fetcher=fetcher)
    gcc = packages.root / "usr/bin/riscv64-unknown-elf-gcc"
    origin = "Debian packages, " + ("pinned" if packages.pinned else "verified by apt")
    found = probe(gcc, isa, abi, cache)
    libraries = ""
    if isinstance(found, str) and "shared libraries" in found:
        extra = debian.unpacked("library", cache=cache, fetcher=fetcher)
        folders = {file.parent for file in extra.root.rglob("*.so.*")}
        libraries = ":".join(sorted(map(str, folders)))
        found = probe(gcc, isa, abi, cache, {"LD_LIBRARY_PATH": libraries})
    if isinstance(found, str):
        raise Unavailable(f"the unpacked compiler does not support {isa}/{abi}: {found}")
    return replace(_from_probe(found, origin), library_path=libraries)


def with_cxx(toolchain: Toolchain, *, cache: Cache, fetcher: Fetcher) -> Toolchain:
    """`toolchain` with C++ headers (<type_traits>, <algorithm>, ...).

    Debian's RISC-V GCC has none. The headers of Debian's Arm GCC of the same version are used
    instead, because only the header-only part of the library is needed. Raises Unavailable.
    """
    env = tuple(sorted(toolchain.environment.items()))
    if not cxx_fault(toolchain.gxx, toolchain.specs + toolchain.cxx_options, env):
        return toolchain
    try:
        packages = debian.unpacked("cxx", cache=cache, fetcher=fetcher)
    except Unavailable as error:
        raise Unavailable(
            f"{toolchain.gxx} has no C++ headers, and packages with them are not available: "
            f"{error.what}",
            remedy="Name a toolchain with libstdc++: --mlbench-toolchain PREFIX",
        ) from error
    folder = max((packages.root / "usr/include/newlib/c++").iterdir())
    options = ("-nostdinc++", "-isystem", str(folder), "-isystem", str(folder / "arm-none-eabi"))
    fault = cxx_fault(toolchain.gxx, toolchain.specs + options, env)
    if fault:
        raise Unavailable(f"{toolchain.gxx} cannot use the C++ headers {folder.name}: {fault}")
    identity = f"{toolchain.identity}; C++ headers {packages.identity}"
    return replace(toolchain, cxx_options=options, identity=identity)


def _from_probe(found: Probed, origin: str) -> Toolchain:
    return Toolchain(
        prefix=found.prefix,
        version=found.version,
        identity=found.identity,
        libc=found.libc,
        specs=found.specs,
        origin=origin,
    )


def _absolute(gcc: str) -> Path:
    return Path(gcc).absolute()
