"""An LLVM other than the pinned one: a clang on this machine, or else Debian's packages of it.

`--mlbench-toolchain clang-19` uses the program's name in distributions; a path names one anywhere.
lld and the archiver of the same LLVM are searched in clang's folder, then on PATH.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.options import names_clang
from pytest_mlbench.process import scratch

from . import debian
from .compiler import Ingredients
from .llvm import TOOLS, Llvm
from .pins import pins
from .probe import Answer, Probed, first_error, note, remembered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .cache import Cache
    from .fetch import Fetcher

TIMEOUT = 60.0
ROLE = "clang"
"""Of its packages, see `pins.ROLES`."""

INSTALL = "Install it: `apt-get install {0} lld-{1} llvm-{1}` on Debian or Ubuntu"
OLDEST = 17
"""The first LLVM whose vector extension and intrinsics are no longer experimental."""

_OWN_LIBRARIES = re.compile(r"lib(?:LLVM|clang|lld)[^/]*$")
_TRIAL = b"""\
#include <stdint.h>
volatile uint32_t a = 1;
static uint32_t from[8], to[8];
int _start(void) {
  for (uint32_t i = 0; i < 8; i++) {
    to[i] = from[i] * a;
  }
  return (int)to[a];
}
"""


def packaged(value: str) -> bool:
    """Are there pinned packages of the clang `value`?"""
    known = pins().packages.get(value)
    return known is not None and known.role == ROLE and names_clang(value)


def find(
    value: str, isa: str, abi: str, *, cache: Cache, fetcher: Fetcher, path: str | None = None
) -> Llvm:
    """The clang that `value` names, after a trial build for `isa` and `abi`.

    `path`, if given, replaces the environment's PATH. Raises UsageError if a named program does not
    work, Unavailable if it is not installed and its packages cannot be fetched.
    """
    where = shutil.which(str(Path(value).expanduser()) if "/" in value else value, path=path)
    if where is None and "/" in value:
        raise UsageError(f"there is no program {value}", where="--mlbench-toolchain")
    if where is None:
        return _from_packages(value, isa, abi, cache, fetcher)
    found = _probed(Path(where).absolute(), isa, abi, cache, {}, path)
    if isinstance(found, str):
        what = f"{where} does not support {isa}/{abi}: {found}"
        raise UsageError(what, where="--mlbench-toolchain")
    return _made(found, "named" if "/" in value else "on PATH")


def _from_packages(value: str, isa: str, abi: str, cache: Cache, fetcher: Fetcher) -> Llvm:
    number = value.partition("-")[2]
    remedy = INSTALL.format(value, number) if number else "Install clang, lld and llvm"
    if not packaged(value):
        raise Unavailable(f"there is no {value} on PATH", remedy=remedy)
    try:
        packages = debian.unpacked(ROLE, cache=cache, fetcher=fetcher)
    except Unavailable as error:
        raise Unavailable(
            f"there is no {value} on PATH, and its packages are not available: {error.what}",
            remedy=remedy,
        ) from error
    folders = sorted({str(file.parent) for file in packages.root.rglob("lib*.so.*")})
    libraries = ":".join(folders)
    program = packages.root / f"usr/lib/llvm-{number}/bin/clang"
    found = _probed(program, isa, abi, cache, {"LD_LIBRARY_PATH": libraries}, None)
    if isinstance(found, str):
        what = f"the unpacked {value} does not support {isa}/{abi}: {found}"
        raise Unavailable(what, remedy=remedy)
    origin = "Debian packages, " + ("pinned" if packages.pinned else "verified by apt")
    return _made(found, origin, libraries)


def _made(found: Probed, origin: str, libraries: str = "") -> Llvm:
    headers, *programs = found.specs
    return Llvm(
        prefix=found.prefix,
        version=found.version,
        identity=found.identity,
        libc="",
        origin=origin,
        library_path=libraries,
        headers=headers,
        programs=tuple(zip(TOOLS, programs, strict=True)),
    )


def _probed(
    program: Path, isa: str, abi: str, cache: Cache, env: Mapping[str, str], path: str | None
) -> Probed | str:
    """The properties of this clang if it works, else the reason; cached until its files change.

    `specs` holds the folder of its headers and the programs of `TOOLS`.
    """

    def look() -> Answer:
        banner = _run([program, "--version"], env)
        match = re.search(r"clang version (\d+)(\.[\d.]+\d)?", banner.text)
        if match is None:
            return first_error(banner) if banner.returncode else "`--version` names no version"
        if int(match[1]) < OLDEST:
            return f"it is version {match[1]}, but the oldest supported one is {OLDEST}"
        programs = _programs(program, match[1], path)
        lacking = [TOOLS[name][0] for name, place in programs.items() if place is None]
        if lacking:
            return f"there is no {' and no '.join(lacking)} beside it or on PATH"
        words = {name: str(place) for name, place in programs.items()}
        resources = _run([program, "-print-resource-dir"], env).text.strip()
        headers = Path(resources) / "include"
        if not (headers / "stdint.h").is_file():
            return f"its own headers are not in {headers}"
        version = match[1] + (match[2] or "")
        found = tuple(words.items())
        made = Llvm(str(program.parent), version, "", "", headers=str(headers), programs=found)
        fault = _trial(made, isa, abi, env)
        if fault:
            return fault
        files = {name: Path(text) for name, text in words.items()}
        files |= _libraries(tuple(files.values()), env)
        used = Ingredients(tuple(sorted(files.items())), (headers,), ())
        linker = _run([files["ld"], "--version"], env).text.splitlines() or [""]
        identity = (
            f"clang {version}; {linker[0].strip()}; no C library; sha256 {used.digest()[:16]}"
        )
        specs = (str(headers), *words.values())
        return Probed(made.prefix, version, identity, "", specs), used.states()

    return remembered(note(program, isa, abi, cache, env), look)


def _programs(clang: Path, number: str, path: str | None) -> dict[str, str | None]:
    """The program for each of `llvm.TOOLS`, by its usual name."""
    beside = clang.resolve().parent
    found: dict[str, str | None] = {}
    for name, (program, _) in TOOLS.items():
        places = [clang.parent / f"{program}-{number}", beside / program, clang.parent / program]
        here = next((str(place) for place in places if place.is_file()), None)
        on_path = (shutil.which(text, path=path) for text in (f"{program}-{number}", program))
        found[name] = here or next((text for text in on_path if text), None)
    return {**found, "gcc": str(clang)}


def _trial(made: Llvm, isa: str, abi: str, env: Mapping[str, str]) -> str:
    """Compiles and links a small program. Returns the first error, or ''."""
    with scratch.folder("probe") as folder:
        source, thing, elf = folder / "probe.c", folder / "probe.o", folder / "probe.elf"
        source.write_bytes(_TRIAL)
        compiled: list[str | Path] = [*made.compile_options(isa, abi), "-O1", "-c", source]
        linked: list[str | Path] = [*made.link_options(isa, abi), thing]
        for words, target in ((compiled, thing), (linked, elf)):
            done = _run([made.gcc, *words, "-o", target], env)
            if done.returncode or done.timed_out:
                return first_error(done)
    return ""


def _libraries(programs: Iterable[Path], env: Mapping[str, str]) -> dict[str, Path]:
    """LLVM's own shared libraries that the programs load: they hold most of the compiler."""
    found: dict[str, Path] = {}
    for program in programs:
        said = _run([program, "--version"], {**env, "LD_TRACE_LOADED_OBJECTS": "1"}).text
        for text in re.findall(r"=> (/\S+)", said):
            if _OWN_LIBRARIES.search(text):
                found[f"library {Path(text).name}"] = Path(text)
    return found


def _run(words: Sequence[str | Path], env: Mapping[str, str]) -> process.Finished:
    return process.run(words, timeout=TIMEOUT, env=env, bare=True)
