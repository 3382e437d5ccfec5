"""Builds and runs generated components with the host's compiler and sanitizers."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import pytest_mlbench
from pytest_mlbench import process
from pytest_mlbench.firmware import contents
from pytest_mlbench.firmware.components import Component

from .cached import user_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Werror", "-g1")
INCLUDE = Path(pytest_mlbench.__file__).parent / "firmware" / "include"
MAIN = Path(__file__).with_name("host_main.c")


@cache
def compiler() -> str:
    """The host's C compiler; the test is skipped without one."""
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        pytest.skip("no C compiler on this host; install gcc")
    return found


@cache
def _identity() -> tuple[str, str]:
    """What distinguishes this compiler from another one."""
    said = process.run([compiler(), "-v"], timeout=60)
    return contents.path_hash(Path(compiler())), said.error_text


def build(
    components: Sequence[Component], folder: Path, *, optimize: str, defines: tuple[str, ...] = ()
) -> Path:
    """Builds `components` into a program in `folder`.

    Object files of sources are taken from the cache if the compiler, the options, the source and
    all headers that it could include are the same.
    """
    includes = [f"-I{INCLUDE}"]
    for component in components:
        if component.public:
            includes += [f"-I{header}" for header in component.headers]
    objects = []
    for component in components:
        for name, text in component.texts.items():
            path = folder / name
            path.write_text(text, encoding="utf-8")
        own = [
            *(f"-I{header}" for header in component.headers),
            *(f"-D{d}" for d in component.defines),
        ]
        flags = [f"-O{optimize}", *WARNINGS, *SANITIZERS, *includes, *own, *component.options]
        flags += [f"-D{define}" for define in defines]
        generated = [folder / name for name in component.texts if name.endswith(".c")]
        for path in generated:
            objects.append(path.with_suffix(".o"))
            _compile(path, [f"-I{folder}", *flags], objects[-1])
        objects += [_cached(path, flags) for path in component.sources]
    flags = [f"-O{optimize}", *WARNINGS, *SANITIZERS, *includes]
    flags += [f"-D{define}" for define in defines]
    objects.append(_cached(MAIN, flags))
    program = folder / "program"
    _run([compiler(), *SANITIZERS, *map(str, objects), "-o", str(program), "-lm"])
    return program


def _cached(source: Path, flags: Sequence[str]) -> Path:
    facts = {
        "compiler": _identity(),
        "options": contents.options(flags),
        "source": contents.component(Component("object", sources=(source,))),
    }

    def fill(folder: Path) -> None:
        _compile(source, flags, folder / "object.o")

    entry = user_cache().entry("host-objects", contents.digest(facts), fill, exact=True)
    return entry / "object.o"


def _compile(source: Path, flags: Sequence[str], target: Path) -> None:
    _run([compiler(), *flags, "-c", str(source), "-o", str(target)])


def _run(command: Sequence[str]) -> None:
    done = process.run(command, timeout=600)
    assert done.returncode == 0, f"{done.command_line}\n{done.error_text[:4000]}"


def run(program: Path, stdin: bytes) -> bytes:
    """Runs the program and returns its standard output. A sanitizer's report fails the test."""
    done = process.run([program], timeout=600, stdin=stdin)
    assert done.returncode == 0, f"status {done.returncode}\n{done.error_text[:4000]}"
    return done.stdout
