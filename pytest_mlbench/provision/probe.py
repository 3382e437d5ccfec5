"""Trying a compiler: does it compile and link for an ISA, with which C library, and what is it?"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import CannotRun
from pytest_mlbench.isa import Isa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .cache import Cache

TIMEOUT = 60.0
_SCHEMA = 1

_C = b"""\
#include <stdint.h>
#include <string.h>
static unsigned char from[64], to[64];
volatile uint64_t a = 1, b = 2;
volatile double x = 1, y = 2;
int _start(void) {
  memcpy(to, from, (size_t)(a * 8));
  memset(from, (int)a, (size_t)b);
  return (int)(a / b) + to[a] + (int)(x * y);
}
"""

_CXX = b"""\
#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>
static_assert(std::is_same<int, int>::value, "");
int f(int a) { return std::min(a, std::numeric_limits<int>::max()); }
"""


@dataclass(frozen=True)
class Probed:
    """What a working compiler was found to be. Fields as in `toolchain.Toolchain`."""

    prefix: str
    version: str
    identity: str
    libc: str
    specs: tuple[str, ...]


def probe(
    gcc: Path, isa: str, abi: str, cache: Cache, env: Mapping[str, str] | None = None
) -> Probed | str:
    """What the compiler `gcc` is if it compiles and links for `isa` and `abi`, else why not.

    A good answer is noted in the cache, valid as long as the file `gcc` has the same size and
    time, so that a warm run starts no compiler.
    """
    note = _note(gcc, isa, abi, cache, env)
    if note is not None:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            row = json.loads(note.read_text(encoding="utf-8"))
            return Probed(**{**row, "specs": tuple(row["specs"])})
    try:
        found = _probe(gcc, isa, abi, env or {})
    except CannotRun as error:
        return error.what
    if note is not None and isinstance(found, Probed):
        with contextlib.suppress(OSError):
            note.parent.mkdir(parents=True, exist_ok=True)
            partial = note.with_suffix(f".{time.monotonic_ns()}.partial")
            partial.write_text(json.dumps(asdict(found), sort_keys=True), encoding="utf-8")
            partial.replace(note)
    return found


def _note(
    gcc: Path, isa: str, abi: str, cache: Cache, env: Mapping[str, str] | None
) -> Path | None:
    try:
        real = gcc.resolve(strict=True).stat()
    except OSError:
        return None
    facts = [
        _SCHEMA,
        str(gcc),
        real.st_size,
        real.st_mtime_ns,
        isa,
        abi,
        sorted((env or {}).items()),
    ]
    name = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
    return cache.root / "probes" / f"{name}.json"


def _probe(gcc: Path, isa: str, abi: str, env: Mapping[str, str]) -> Probed | str:
    banner = process.run([gcc, "--version"], timeout=TIMEOUT, env=env)
    if banner.returncode or banner.timed_out:
        return _first_error(banner)
    if not banner.text.strip():
        return "`--version` prints nothing"
    version = process.run([gcc, "-dumpfullversion"], timeout=TIMEOUT, env=env).text.strip()
    reason = ""
    for libc, specs in _libraries(gcc, env):
        with tempfile.TemporaryDirectory(prefix="mlbench-probe-") as folder:
            linked = _link(gcc, isa, abi, specs, Path(folder), env)
        if isinstance(linked, str):
            reason = reason or linked
            continue
        prefix = str(gcc).removesuffix("gcc")
        identity = _identity(gcc, banner.text, libc, specs, linked, env)
        return Probed(prefix, version, identity, libc, specs)
    return reason or "it has no C library"


def _libraries(gcc: Path, env: Mapping[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    """The C libraries that this compiler may have, each with the options that select it."""
    choices: list[tuple[str, tuple[str, ...]]] = []
    root = gcc.parent.parent
    triplet = gcc.name.removesuffix("-gcc")
    debian = root / "lib/picolibc" / triplet / "picolibc.specs"
    if debian.is_file():
        choices.append(("picolibc", (f"--specs={debian}", f"--picolibc-prefix={root}")))
    for name, libc in (("picolibc.specs", "picolibc"), ("nano.specs", "newlib")):
        answer = process.run([gcc, f"-print-file-name={name}"], timeout=TIMEOUT, env=env)
        if "/" in answer.text:
            choices.append((libc, (f"--specs={name}",)))
    choices.append(("newlib", ()))
    return choices


def _link(
    gcc: Path, isa: str, abi: str, specs: Sequence[str], folder: Path, env: Mapping[str, str]
) -> list[Path] | str:
    """Compile and link a small program. Returns the archives that the link read, or why not."""
    source, thing, elf = folder / "probe.c", folder / "probe.o", folder / "probe.elf"
    source.write_bytes(_C)
    compiled = process.run(
        [
            gcc,
            f"-march={Isa.parse(isa).compiler}",
            f"-mabi={abi}",
            *specs,
            "-O1",
            "-c",
            source,
            "-o",
            thing,
        ],
        timeout=TIMEOUT,
        env=env,
    )
    if compiled.returncode:
        return _first_error(compiled)
    plain = (f"-march={Isa.parse(isa).linker}", f"-mabi={abi}")
    linked = process.run(
        [gcc, *plain, *specs, "-nostartfiles", "-Wl,-t", thing, "-o", elf],
        timeout=TIMEOUT,
        env=env,
    )
    if linked.returncode or not elf.is_file():
        return _first_error(linked)
    if elf.read_bytes()[4] != (1 if isa.startswith("rv32") else 2):
        return f"it links for the wrong width: no libraries for {Isa.parse(isa).linker}/{abi}"
    names = re.findall(r"^\(?(/[^()\n]*?\.a)\b", linked.text, re.MULTILINE)
    return sorted({Path(name) for name in names})


def _identity(
    gcc: Path,
    banner: str,
    libc: str,
    specs: Sequence[str],
    archives: Sequence[Path],
    env: Mapping[str, str],
) -> str:
    """Names and versions for people, and a digest of all that shapes the firmware's bytes."""
    programs = []
    for name in ("cc1", "cc1plus", "as", "collect2", "ld"):
        answer = process.run([gcc, f"-print-prog-name={name}"], timeout=TIMEOUT, env=env)
        program = answer.text.strip()
        if "/" in program and Path(program).is_file():
            programs.append((name, Path(program)))
    digest = hashlib.sha256()
    for name, path in [*programs, *((path.name, path) for path in archives)]:
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    linker = dict(programs).get("ld")
    parts = [banner.splitlines()[0].strip()]
    if linker is not None:
        text = process.run([linker, "--version"], timeout=TIMEOUT, env=env).text
        parts.append((text.splitlines() or [""])[0].strip())
    macro = {"picolibc": b"#include <picolibc.h>\nversion _PICOLIBC_VERSION\n"}.get(
        libc, b"#include <_newlib_version.h>\nversion _NEWLIB_VERSION\n"
    )
    text = process.run([gcc, *specs, "-E", "-P", "-"], stdin=macro, timeout=TIMEOUT, env=env).text
    match = re.search(r'^version "?([\w.+-]+)"?\s*$', text, re.MULTILINE)
    known = match[1] if match and not match[1].startswith("_") else "of unknown version"
    parts += [f"{libc} {known}", f"sha256 {digest.hexdigest()[:16]}"]
    return "; ".join(part for part in parts if part)


@functools.cache
def cxx_fault(gxx: Path, options: tuple[str, ...], environment: tuple[tuple[str, str], ...]) -> str:
    """Compile a C++17 file that includes headers. Returns what is wrong, empty when it works."""
    try:
        done = process.run(
            [
                gxx,
                *options,
                "-std=c++17",
                "-fno-exceptions",
                "-fno-rtti",
                "-fsyntax-only",
                "-x",
                "c++",
                "-",
            ],
            stdin=_CXX,
            timeout=TIMEOUT,
            env=dict(environment),
        )
    except CannotRun as error:
        return error.what
    return (_first_error(done) or "it fails") if done.returncode else ""


def _first_error(done: process.Finished) -> str:
    """The line that says what went wrong, without the path of a scratch file."""
    if done.timed_out:
        return f"it did not answer within {TIMEOUT:.0f} s"
    lines = [line.strip() for line in (done.error_text + done.text).splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "cannot" in line] or lines
    if not telling:
        return f"exit status {done.returncode}"
    return re.sub(r"\S*mlbench-probe-\w+/", "", telling[0])[:300]
