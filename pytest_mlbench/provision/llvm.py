"""LLVM as a compiler: clang, lld and the archiver from Zig's pinned wheel on PyPI.

The program `zig` contains unmodified LLVM tools: `zig clang`, `zig ld.lld`, `zig ar`. It has no C
library for bare metal; `firmware/freestanding` provides the functions that firmware needs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import NotFetched, Unavailable
from pytest_mlbench.isa import Isa

from .pinned import Artifact
from .toolchain import Toolchain

if TYPE_CHECKING:
    from .cache import Cache
    from .fetch import Fetcher

NAME = "llvm"
"""Its name in `--mlbench-toolchain`, cases and records."""

ZIG = "0.17.1"
VERSION = "22.1.8"
"""The version of clang and lld in that wheel."""

DOWNLOAD_TIMEOUT = 1800.0

_LINUX = "manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64"
_LINUX_ARM = "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"
WHEELS = {
    ("Linux", "x86_64"): (
        _LINUX,
        101_083_562,
        "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54",
    ),
    ("Linux", "aarch64"): (
        _LINUX_ARM,
        98_063_064,
        "b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e",
    ),
    ("Darwin", "arm64"): (
        "macosx_13_0_arm64",
        100_390_379,
        "09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23",
    ),
    ("Darwin", "x86_64"): (
        "macosx_13_0_x86_64",
        104_485_232,
        "4e0b4b9c02b8d0d220e9948010f860b62ff11d96abb39762eca5fa2ef3f7bc97",
    ),
}
"""System and machine -> the wheel's platform, its size and its sha256."""

TOOLS = {
    "gcc": ("clang", "clang"),
    "g++": ("clang++", "clang --driver-mode=g++"),
    "ar": ("llvm-ar", "ar"),
    "ranlib": ("llvm-ranlib", "ranlib"),
    "ld": ("ld.lld", "ld.lld"),
}
"""A tool's usual name -> (its file here, the subcommand of `zig` that runs it)."""


@dataclass(frozen=True)
class Llvm(Toolchain):
    """Clang, lld and an archiver of one LLVM, wherever they are from.

    headers    the folder of clang's own headers
    programs   a tool's usual name -> its path; without it the files of `TOOLS` in the folder
               `prefix`
    c_headers  folders of a C library's headers; none without a C library
    libraries  options to link a C library with
    """

    family: str = "clang"
    headers: str = ""
    programs: tuple[tuple[str, str], ...] = ()
    c_headers: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    def tool(self, name: str) -> Path:
        """The LLVM program that corresponds to GCC's or binutils' `name`."""
        known = dict(self.programs)
        return Path(known[name]) if name in known else Path(self.prefix) / TOOLS[name][0]

    def compile_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options to compile C and C++: as for GCC, plus the target's name and clang's headers."""
        return (*self._headers(isa), f"-march={Isa.parse(isa).compiler}", f"-mabi={abi}")

    def assemble_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options for .S files, in addition to those for C."""
        return (f"-march={Isa.parse(isa).assembler}", f"-mabi={abi}")

    def link_options(self, isa: str, abi: str) -> tuple[str, ...]:
        """Options to link without start files, and without libraries that are not named here."""
        machine = (f"-march={Isa.parse(isa).linker}", f"-mabi={abi}")
        named = (_target(isa), *machine, f"--ld-path={self.tool('ld')}", "-nostdlib")
        return (*named, *self.libraries)

    @property
    def link_last(self) -> tuple[str, ...]:
        """None: lld finds `libraries` wherever they are named."""
        return ()

    def _headers(self, isa: str) -> tuple[str, ...]:
        # Avoid a warning per file about GCC options that clang does not know.
        quiet = ("-Wno-ignored-optimization-argument", "-Wno-unknown-warning-option")
        # A C++ library's headers, where there are any, come before these: they include the same
        # names "next".
        option = "-idirafter" if self.c_headers else "-isystem"
        folders = (word for each in (self.headers, *self.c_headers) for word in (option, each))
        return (_target(isa), "-nostdinc", *folders, *quiet)


def _target(isa: str) -> str:
    return f"--target={isa[:4]}-unknown-elf".replace("rv", "riscv")


def find(*, cache: Cache, fetcher: Fetcher) -> Llvm:
    """The toolchain, from the cache, a mirror or pip. Raises Unavailable if it cannot be fetched.

    It supports every ISA that clang knows, so no trial compilation is needed.
    """
    pin = wheel(platform.system(), platform.machine())
    folder = cache.entry(NAME, _key(pin), lambda folder: _fill(folder, pin, fetcher))
    return Llvm(
        prefix=str(folder / "bin"),
        version=VERSION,
        identity=f"clang {VERSION} and lld of ziglang {ZIG}; no C library; "
        f"sha256 {pin.sha256[:16]}",
        libc="",
        origin=f"wheel ziglang {ZIG}, pinned",
        headers=str(folder / "include"),
    )


def _key(pin: Artifact) -> str:
    """Of a cache entry: what it is unpacked from, and how its programs are started."""
    scripts = hashlib.sha256(repr(sorted(TOOLS.items())).encode()).hexdigest()
    return f"{pin.sha256[:32]}-{scripts[:12]}"


def wheel(system: str, machine: str) -> Artifact:
    """The pinned wheel for a system and machine, as `platform` names them. Raises Unavailable."""
    row = WHEELS.get((system, machine))
    if row is None:
        known = ", ".join(f"{one} {other}" for one, other in WHEELS)
        raise Unavailable(
            f"no LLVM is pinned for {system} {machine}, only for {known}",
            remedy="Name a RISC-V GCC with --mlbench-toolchain PREFIX",
        )
    tag, size, sha256 = row
    return Artifact(
        name=f"ziglang-{ZIG}-py3-none-{tag}.whl",
        sha256=sha256,
        size=size,
        licence="MIT (Zig), Apache-2.0 with LLVM exceptions (LLVM)",
    )


def _fill(folder: Path, pin: Artifact, fetcher: Fetcher) -> None:
    """Unpacks the needed files of the wheel, and writes a small script for each tool."""
    file = folder / pin.file_name
    bring(pin, file, fetcher)
    with progress.step(f"unpacking LLVM {VERSION}"):
        _unpack(file, folder)
    file.unlink()
    for name, word in TOOLS.values():
        script = folder / "bin" / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(f'#!/bin/sh\nexec "${{0%/*}}/../zig" {word} "$@"\n', encoding="utf-8")
        script.chmod(0o755)


def _unpack(file: Path, folder: Path) -> None:
    with zipfile.ZipFile(file) as content:
        for row in content.infolist():
            name = row.filename
            if name == "ziglang/zig":
                target = folder / "zig"
            elif name.startswith("ziglang/lib/include/") and not row.is_dir():
                target = folder / "include" / name.removeprefix("ziglang/lib/include/")
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with content.open(row) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
    (folder / "zig").chmod(0o755)


def bring(pin: Artifact, target: Path, fetcher: Fetcher) -> None:
    """Fetches the wheel from a mirror, or else with pip, which knows this machine's index."""
    try:
        fetcher.bring(pin, target)
    except NotFetched as error:
        reason = _pip(pin, target) if not fetcher.offline else error.why
        if reason:
            raise NotFetched(
                f"LLVM ({pin.file_name}) is not available: {reason}",
                remedy="Run where packages can be installed, or name a mirror that has it "
                "(--mlbench-mirror)",
                thing="file LLVM",
                why=reason,
            ) from error


def _pip(pin: Artifact, target: Path) -> str:
    """Downloads exactly this wheel with pip. Returns the reason of a failure, or ''."""
    if importlib.util.find_spec("pip") is None:
        return "this Python has no pip"
    wanted = target.with_name("requirements.txt")
    wanted.write_text(f"ziglang=={ZIG} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]
    with progress.step(f"fetching LLVM {VERSION} (100 MB)"):
        done = process.run(
            [*command, "--dest", target.parent, "--requirement", wanted], timeout=DOWNLOAD_TIMEOUT
        )
    wanted.unlink()
    if target.is_file():
        return ""
    lines = [line for line in done.error_text.splitlines() if line.startswith("ERROR")]
    return f"pip: {(lines or ['no message'])[0][:200]}"
