"""Every option of the core, described once, and the chosen values.

A field of `Settings` is an option; command line, ini file, environment, `Study`, the mark and the
axes of the matrix are derived from it (see `options.Option`). `resolution` finds the values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .case import feature_label
from .options import (
    GCC,
    LEVELS,
    Axis,
    Energy,
    Option,
    Spilled,
    energy,
    feature_set,
    frequency,
    key_value,
    named_revision,
    option,
    revision_label,
    sample_count,
    seconds,
    shard,
    toolchain_label,
    vector_length,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMAND, ENVIRONMENT, INI, DEFAULT = "command line", "environment", "ini", "default"

_NOTHING: Mapping[str, Any] = MappingProxyType({})

LOCAL = "local"
"""The prefix of a library's version if `--mlbench-source` named its checkout: such a library is the
code under test."""


def is_path(text: str) -> bool:
    """Is `text` a file's path rather than a registered model's name?"""
    return "/" in text or "\\" in text or text.endswith(".tflite")


def absolute(text: str | Path, folder: Path) -> Path:
    """`text` as an absolute path, `~` expanded, relative to `folder`."""
    return Path(folder, Path(text).expanduser()).absolute()


def model_name_or_path(text: str, folder: Path) -> str:
    """`text` itself if it is a model's name, the absolute path if it names a file.

    It names a file if it looks like a path, or if it has a suffix and the file exists.
    """
    if is_path(text) or ("." in text and absolute(text, folder).is_file()):
        return str(absolute(text, folder))
    return text


def model_names(text: str, folder: Path) -> list[str]:
    """The models that one text names.

    The text holds comma-separated names and paths, a folder (`models/`: all its `.tflite` files,
    sorted) or a glob pattern (`models/*.tflite`, sorted). A folder or pattern without a file is
    returned unchanged and refused later, when it is used as a model.
    """
    found: list[str] = []
    for part in [text] if absolute(text, folder).is_file() else text.split(","):
        name = model_name_or_path(part.strip(), folder)
        path = Path(name)
        paths: list[Path] = []
        if path.is_absolute() and path.is_dir():
            paths = sorted(path.glob("*.tflite"))
        elif path.is_absolute() and set(name) & set("*?[") and not path.is_file():
            paths = sorted(path.parent.glob(path.name))
        found += map(str, paths) if paths else [name]
    return found


def _mirror(text: str, folder: Path) -> str:
    return text if "://" in text else str(absolute(text, folder))


def _source(pair: tuple[str, str], folder: Path) -> Spilled:
    """A source's checkout; `PATH@REV` names a revision too, unless a folder is called so."""
    name, text = pair
    whole = absolute(text, folder)
    before, at, revision = text.rpartition("@")
    if at and revision and not whole.exists() and absolute(before, folder).is_dir():
        return Spilled((name, absolute(before, folder)), (f"{name}@{revision}",))
    return Spilled((name, whole))


@dataclass(frozen=True)
class Settings:
    """All options in force. Each field except `extra` and `origins` is an option.

    models      registered names, or absolute paths of .tflite files
    features    sets of features in the user's order
    extra       option name -> value, for options that are not part of the core
    origins     option name -> where its value comes from (`COMMAND`, ...)
    """

    # fmt: off
    models: tuple[str, ...] = option(
        "model", "models to run: registered names, .tflite files, folders/ or patterns of them",
        "list", metavar="NAME|PATH", default=(), expand=model_names, axis=Axis(), mark=True)
    backends: tuple[str, ...] = option(
        "backend", "backend that turns the model into firmware", "list",
        metavar="NAME", default=(), split=True, axis=Axis(default=("aot",)), mark=True)
    features: tuple[tuple[str, ...], ...] = option(
        "features", "features to switch on together, comma-separated; _ for none", "list",
        metavar="A,B", default=(), parse=feature_set,
        axis=Axis(default=((),), label=feature_label), mark=True)
    optimize: tuple[str, ...] = option(
        "optimize", "optimisation level of every part", "list",
        metavar="|".join(LEVELS), default=(), split=True, choices=LEVELS,
        axis=Axis(default=("3",), label="O{}".format), mark=True)
    targets: tuple[str, ...] = option(
        "target", "target that runs the firmware", "list",
        metavar="NAME", default=(), split=True, axis=Axis(default=("",)), mark=True)
    isas: tuple[str, ...] = option(
        "isa", "ISA of the firmware, instead of the target's own (rv32gc)", "list",
        metavar="ISA", default=(), split=True, axis=Axis(default=("",)), mark=True)
    vlens: tuple[int, ...] = option(
        "vlen", "vector length in bits for features that use V", "list",
        metavar="BITS", default=(), parse=vector_length, split=True,
        axis=Axis(label="vlen{}".format), mark=True)
    config: Mapping[str, str] = option(
        "config", "setting of a feature, backend or target", "pairs",
        metavar="KEY=VALUE", default=_NOTHING, parse=key_value, mark=True)
    until: str = option(
        "until", "build: stop after the sizes; run: simulate and validate too",
        metavar="build|run", default="run", choices=("build", "run"))
    samples: int | None = option(
        "samples", "samples to run on the target: a number, or all",
        metavar="N|all", default=None, parse=sample_count, mark=True)
    clock: int = option(
        "clock", "clock frequency of real cores, to show times as well",
        metavar="FREQUENCY", default=0, parse=frequency)
    energy: Energy | None = option(
        "energy", "energy of a core's cycle, or its power at the clock, to show the energy of runs",
        metavar="20pJ|5mW", parse=energy)
    profile: bool = option(
        "profile", "count cycles per operator too, with a second firmware", "flag", default=False)
    bisect: bool = option(
        "bisect", "if an output is wrong, name the first layer that differs, by one more firmware",
        "flag", default=False)
    check: bool = option(
        "check", "run one more firmware with guard zones and poisoned memory, which finds wrong "
        "reads and writes", "flag", default=False)
    keep: Path | None = option(
        "keep", "copy every firmware with its sources, map and compile commands to this folder",
        "path", metavar="DIR")
    timeout: float = option(
        "timeout", "time limit of one simulation or reference run",
        metavar="SECONDS", default=900.0, parse=seconds, environment=True, mark=True)
    strict: bool = option(
        "strict", "fail if a case would be skipped or use a stand-in", "flag",
        default=False, environment=True)
    shard: tuple[int, int] | None = option(
        "shard", "run only this part of the cases: 1/4 to 4/4 on four machines",
        metavar="N/COUNT", parse=shard, study=False)
    columns: tuple[str, ...] = option(
        "columns", "columns of the table: parameters and metrics, by key or title", "list",
        metavar="NAME,NAME", default=(), split=True, study=False)
    json: Path | None = option(
        "json", "write all records to this file", "path", metavar="PATH", study=False)
    cache: Path | None = option(
        "cache", "folder for tools, models and builds", "path",
        metavar="DIR", environment=True, machine=True)
    mirror: str = option(
        "mirror", "folder or address where pinned files are looked for first",
        metavar="DIR|URL", default="", locate=_mirror, environment=True, machine=True)
    offline: bool = option(
        "offline", "fetch nothing from outside the cache and a local mirror", "flag",
        default=False, environment=True, machine=True)
    toolchains: tuple[str, ...] = option(
        "toolchain",
        "compiler: gcc, llvm, clang-19, or a prefix like /opt/riscv/bin/riscv64-unknown-elf-",
        "list", metavar="NAME|PREFIX", default=(), split=True, environment=True, machine=True,
        axis=Axis(default=(GCC,), label=toolchain_label), mark=True)
    sources: Mapping[str, Path] = option(
        "source", "local checkout to use for a pinned source; @REV: a revision of it", "pairs",
        metavar="NAME=PATH[@REV]", default=_NOTHING, parse=key_value, locate=_source, machine=True,
        spills_into="revision")
    pins: str = option(
        "pins", "pinned versions of the sources: those documented together, or newer ones",
        metavar="2024|2026", default="2024", choices=("2024", "2026"), environment=True,
        machine=True)
    revisions: tuple[str, ...] = option(
        "revision", "revision of a source's local checkout, each in a row of its own", "list",
        metavar="NAME@REV", default=(), parse=named_revision, mark=True,
        axis=Axis(label=revision_label))
    # fmt: on
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def chosen(self, name: str) -> bool:
        """Was option `name` given on the command line or in the environment?"""
        return self.origins.get(name, DEFAULT) in {COMMAND, ENVIRONMENT}

    def value(self, row: Option) -> Any:
        """The value of any option, whether or not it is part of the core."""
        return getattr(self, row.attribute) if row.name in ROWS else self.extra.get(row.name)


def _rows() -> tuple[Option, ...]:
    """The options of all fields; a field's name becomes its option's keyword."""

    return tuple(
        replace(spec.metadata["option"], keyword=spec.name)
        for spec in fields(Settings)
        if "option" in spec.metadata
    )


CORE = _rows()
"""The core's options, in the order of the command line's help."""

ROWS = {row.name: row for row in CORE}
"""The core's options by name."""
