"""Finds the files of a TFLM checkout to compile, as its Makefile does.

Only paths and the text of two files are read, so that another commit of TFLM builds too as long as
it keeps this structure.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE = "tflite-micro"
THIRD_PARTIES = {"flatbuffers": "include", "gemmlowp": "", "ruy": ""}
"""Source -> the folder for `-I`. TFLM uses only their headers; none of their code is compiled."""

MICRO = "tensorflow/lite/micro"
MAKEFILE = f"{MICRO}/tools/make/Makefile"
RESOLVER = f"{MICRO}/micro_mutable_op_resolver.h"
INTERPRETER = f"{MICRO}/micro_interpreter.h"

_KERNELS = "MICROLITE_CC_KERNEL_SRCS"
_BASE = "MICROLITE_CC_BASE_SRCS"
_PRUNED = ("tensorflow/lite/experimental", MICRO)
_STATIC_MEMORY_LACKS = "tensorflow/lite/array.cc"
LOG = f"{MICRO}/debug_log.cc"


def check(folder: Path) -> None:
    """Raises UsageError if `folder` is not a TFLM checkout."""
    for name in (INTERPRETER, RESOLVER, MAKEFILE):
        if not (folder / name).is_file():
            raise UsageError(
                f"not a checkout of TensorFlow Lite Micro: there is no {name}",
                where=str(folder),
                remedy="Give the root of a checkout: --mlbench-source tflite-micro=PATH",
            )


def resolver_methods(folder: Path) -> frozenset[str]:
    """The `Add...` methods that the checkout's resolver has."""
    text = (folder / RESOLVER).read_text("utf-8", "replace")
    return frozenset(re.findall(r"\bTfLiteStatus\s+(Add\w+)\s*\(", text))


def core(folder: Path) -> tuple[Path, ...]:
    """Interpreter, allocators, planner, and the parts of TensorFlow Lite that they use; no kernels.

    The platform's hooks (debug log, clock, set-up) are TFLM's own. They compile to nothing, because
    error strings are stripped and the clock is not used; so their signatures at this commit do not
    matter. Raises UsageError if the Makefile does not list the folders.
    """
    wildcards = rf"\$\(wildcard (?:\$\(TENSORFLOW_ROOT\))?({MICRO}[\w/]*)/\*\.cc\)"
    found = [
        path for name in _list(folder, _BASE, wildcards) for path in (folder / name).glob("*.cc")
    ]
    found += [
        path
        for path in (folder / "tensorflow").rglob("*")
        if path.suffix in (".c", ".cc")
        and not _below(path.relative_to(folder), _PRUNED)
        and path != folder / _STATIC_MEMORY_LACKS
    ]
    return tuple(sorted(path for path in found if not _is_test(path)))


def kernels(folder: Path, overrides: Iterable[str] = ()) -> tuple[Path, ...]:
    """The kernels that the checkout's Makefile lists, without signal kernels.

    `overrides` (file stems) come from the folder cmsis_nn instead, as with OPTIMIZED_KERNEL_DIR.
    Raises UsageError if the list or an override is missing.
    """
    replaced = set(overrides)
    found = []
    for name in _list(folder, _KERNELS, rf"({MICRO}/kernels/\w+\.cc)\b"):
        path = folder / name
        if path.stem in replaced:
            replaced.remove(path.stem)
            path = path.parent / "cmsis_nn" / path.name
        if not path.is_file():
            raise UsageError(f"there is no {path.relative_to(folder)}", where=str(folder))
        found.append(path)
    if replaced:
        raise UsageError(
            f"{MAKEFILE} lists no kernel {', '.join(sorted(replaced))}", where=str(folder)
        )
    return tuple(sorted(found))


def _list(folder: Path, variable: str, pattern: str) -> list[str]:
    """The matches of `pattern` in a variable of the Makefile, sorted, each once."""
    text = (folder / MAKEFILE).read_text("utf-8", "replace").replace("\\\n", " ")
    match = re.search(rf"^{variable}\s*:?=(.*)$", text, re.MULTILINE)
    names = re.findall(pattern, match[1] if match else "")
    if not names:
        raise UsageError(f"{MAKEFILE} has no list {variable}", where=str(folder))
    return sorted(set(names))


def _below(path: Path, folders: Iterable[str]) -> bool:
    return any(Path(folder) in path.parents for folder in folders)


def _is_test(path: Path) -> bool:
    return path.stem.endswith("_test") or "benchmark" in path.stem
