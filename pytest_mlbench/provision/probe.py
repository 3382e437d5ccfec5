"""Tries a compiler: does it compile and link for an ISA, with which C library, what version?"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.isa import Isa
from pytest_mlbench.process import owner, scratch

from . import compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .cache import Cache

TIMEOUT = 60.0
_SCHEMA = 4

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

_PICOLIBC = b"""\
#include <picolibc.h>
#ifdef __PICOLIBC_VERSION__
version __PICOLIBC_VERSION__
#else /* older versions */
version _PICOLIBC_VERSION
#endif
"""

_NEWLIB = b"""\
#include <_newlib_version.h>
version _NEWLIB_VERSION
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
    """The properties of a working compiler. Fields as in `toolchain.Toolchain`."""

    prefix: str
    version: str
    identity: str
    libc: str
    specs: tuple[str, ...]


Answer = Union[tuple[Probed, list[list[Any]]], str]  # noqa: UP007
"""The compiler and the states of its files, or why it does not serve."""


def probe(
    gcc: Path, isa: str, abi: str, cache: Cache, env: Mapping[str, str] | None = None
) -> Probed | str:
    """The properties of `gcc` if it compiles and links for `isa` and `abi`, else the reason.

    A positive answer is stored in the cache and stays valid until one of the compiler's files
    changes in size, time or path, so that later runs do not start the compiler.
    """
    place = note(gcc, isa, abi, cache, env)
    return remembered(place, lambda: _probe(gcc, isa, abi, env or {}))


def remembered(place: Path, look: Callable[[], Answer]) -> Probed | str:
    """What `look` says, or said before, noted in the file `place`, if no file has changed since."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
        row = json.loads(place.read_text(encoding="utf-8"))
        if compiler.unchanged(row["states"]):
            known = Probed(**{**row["found"], "specs": tuple(row["found"]["specs"])})
            if all(isinstance(value, str) for value in (*astuple(known)[:4], *known.specs)):
                return known
    try:
        answer = look()
    except Unavailable as error:
        return error.what
    if isinstance(answer, str):
        return answer
    found, states = answer
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_suffix(f".{owner.name()}.partial")
        text = json.dumps({"found": asdict(found), "states": states}, sort_keys=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(place)
    return found


def tried(isa: str) -> tuple[str, str]:
    """The ISAs that a trial for `isa` compiles and links for. Raises UsageError."""
    parsed = Isa.parse(isa)
    return str(parsed.compiler), str(parsed.linker)


def note(gcc: Path, isa: str, abi: str, cache: Cache, env: Mapping[str, str] | None) -> Path:
    """The file that stores the answer.

    It depends on PATH and LD_LIBRARY_PATH, through which programs and libraries are found. ISAs
    that differ for the assembler only, as in the length of vectors, share it: a trial compiles C.
    """
    inherited = [os.environ.get(name, "") for name in ("PATH", "LD_LIBRARY_PATH")]
    facts = [_SCHEMA, str(gcc), *tried(isa), abi, inherited, sorted((env or {}).items())]
    name = hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:24]
    return cache.root / "probes" / f"{name}.json"


def _probe(gcc: Path, isa: str, abi: str, env: Mapping[str, str]) -> Answer:
    """The compiler's properties and the states of its files, or why it does not work."""
    banner = _run([gcc, "--version"], env)
    if banner.returncode or banner.timed_out:
        return first_error(banner)
    if not banner.text.strip():
        return "`--version` prints nothing"
    version = _run([gcc, "-dumpfullversion"], env).text.strip()
    reason = ""
    for libc, specs in _libraries(gcc, env):
        with scratch.folder("probe") as folder:
            linked = _link(gcc, isa, abi, specs, folder, env)
        if isinstance(linked, str):
            reason = reason or linked
            continue
        prefix = str(gcc).removesuffix("gcc")
        machine = (f"-march={Isa.parse(isa).linker}", f"-mabi={abi}")
        used = compiler.ingredients(gcc, (*machine, *specs), linked, env)
        states = used.states()
        identity = _identity(gcc, banner.text, libc, specs, used, env)
        return Probed(prefix, version, identity, libc, specs), states
    return reason or "it has no C library"


def _libraries(gcc: Path, env: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The C libraries that this compiler may have, each with the options that select it."""
    root = gcc.parent.parent
    triplet = gcc.name.removesuffix("-gcc")
    debian = root / "lib/picolibc" / triplet / "picolibc.specs"
    if debian.is_file():
        yield "picolibc", (f"--specs={debian}", f"--picolibc-prefix={root}")
    for name, libc in (("picolibc.specs", "picolibc"), ("nano.specs", "newlib")):
        answer = _run([gcc, f"-print-file-name={name}"], env)
        if "/" in answer.text:
            yield libc, (f"--specs={name}",)
    yield "newlib", ()


def _link(
    gcc: Path, isa: str, abi: str, specs: Sequence[str], folder: Path, env: Mapping[str, str]
) -> list[Path] | str:
    """Compiles and links a small program. Returns the archives that the linker read, or why it
    failed."""
    source, thing, elf = folder / "probe.c", folder / "probe.o", folder / "probe.elf"
    source.write_bytes(_C)
    machine = (f"-march={Isa.parse(isa).compiler}", f"-mabi={abi}")
    compiled = _run([gcc, *machine, *specs, "-O1", "-c", source, "-o", thing], env)
    if compiled.returncode:
        return first_error(compiled)
    plain = (f"-march={Isa.parse(isa).linker}", f"-mabi={abi}")
    linked = _run([gcc, *plain, *specs, "-nostartfiles", "-Wl,-t", thing, "-o", elf], env)
    if linked.returncode or not elf.is_file():
        return first_error(linked)
    if elf.read_bytes()[4] != (1 if isa.startswith("rv32") else 2):
        return f"it has no libraries for {Isa.parse(isa).linker}/{abi}: it links for another width"
    names = re.findall(r"^\(?(/[^()\n]*?\.a)\b", linked.text, re.MULTILINE)
    return sorted({Path(name) for name in names})


def _identity(
    gcc: Path,
    banner: str,
    libc: str,
    specs: Sequence[str],
    used: compiler.Ingredients,
    env: Mapping[str, str],
) -> str:
    """Names and versions, and a digest of everything that affects the firmware's bytes."""
    linker = dict(used.files).get("ld")
    parts = [banner.splitlines()[0].strip()]
    if linker is not None:
        text = _run([linker, "--version"], env).text
        parts.append((text.splitlines() or [""])[0].strip())
    macro = _PICOLIBC if libc == "picolibc" else _NEWLIB
    text = _run([gcc, *specs, "-E", "-P", "-"], env, stdin=macro).text
    match = re.search(r'^version "?([\w.+-]+)"?\s*$', text, re.MULTILINE)
    known = match[1] if match and match[1][0].isdigit() else "of unknown version"
    parts += [f"{libc} {known}", f"sha256 {used.digest()[:16]}"]
    return "; ".join(part for part in parts if part)


@functools.cache
def cxx_fault(gxx: Path, options: tuple[str, ...], environment: tuple[tuple[str, str], ...]) -> str:
    """Compiles a C++17 file that includes headers. Returns the first error, or ''."""
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
            bare=True,
        )
    except Unavailable as error:
        return error.what
    return (first_error(done) or "it fails") if done.returncode else ""


def _run(
    words: Sequence[str | Path], env: Mapping[str, str], stdin: bytes | None = None
) -> process.Finished:
    return process.run(words, timeout=TIMEOUT, env=env, stdin=stdin, bare=True)


def first_error(done: process.Finished) -> str:
    """The line with the error, without the path of a temporary file."""
    if done.timed_out:
        return f"it did not answer within {TIMEOUT:.0f} s"
    lines = [line.strip() for line in (done.error_text + done.text).splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "cannot" in line] or lines
    if not telling:
        return f"exit status {done.returncode}"
    return re.sub(r"\S*mlbench-probe-[\w-]+/", "", telling[0])[:300]
