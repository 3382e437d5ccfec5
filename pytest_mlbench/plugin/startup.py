"""What happens at pytest's start: settings are read and checked, the reporter is set up."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING, Any

from pytest_mlbench.builtin import measuring_options, option_table
from pytest_mlbench.case import NO_FEATURES
from pytest_mlbench.errors import UsageError, nearest, unknown
from pytest_mlbench.options import GCC, LLVM, check_energy, is_toolchain_name, names_clang
from pytest_mlbench.resolution import Given, resolve
from pytest_mlbench.settings import COMMAND, CORE, DEFAULT, INI, ROWS, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

    from pytest_mlbench.options import Option

    from .session import Session

_NAMES = tuple(row.name for row in CORE if row.axis or row.name in {"config", "columns"})
"""The options whose values are names of registered things."""

_TITLES = {"isa": "ISA", "vlen": "VLEN"}


def settings(config: pytest.Config) -> Settings:
    """The settings of this run. Raises UsageError for a wrong value or a mistyped ini key."""
    rows = option_table()
    _check_ini(config, [row.ini for row in rows])
    inipath = config.inipath
    return resolve(
        rows,
        Given(
            command={row.dest: config.getoption(row.dest) for row in rows},
            environment=os.environ,
            ini={row.ini: config.getini(row.ini) for row in rows},
            folder=config.invocation_params.dir,
            ini_folder=inipath.parent if inipath else config.rootpath,
        ),
    )


def check(config: pytest.Config, chosen: Settings) -> None:
    """Check the options of command line and environment before anything runs.

    Raises UsageError with the nearest name. Names may come from plugins and from the conftest
    files that pytest loads when it starts. What the ini file names may not exist yet, or may be
    for other tests: `check_needed` checks it.
    """
    if chosen.columns:
        from pytest_mlbench.records.columns import find_columns

        find_columns(chosen.columns, where="--mlbench-columns")
    check_energy(chosen.energy, chosen.clock)
    _check_places(config, chosen, {COMMAND})
    if any(chosen.chosen(name) for name in (*_NAMES, "export")):
        _check_names(config, chosen)
    if chosen.chosen("model"):
        _check_files(chosen)


def check_needed(config: pytest.Config, chosen: Settings) -> None:
    """Check the ini file's options in the same way, once a benchmark needs them."""
    _check_places(config, chosen, {INI})
    if any(chosen.origins.get(name, DEFAULT) == INI for name in (*_NAMES, "export")):
        _check_names(config, chosen)


def _check_names(config: pytest.Config, chosen: Settings) -> None:
    """Refuse names that nothing is registered under."""
    from pytest_mlbench.measure.matrix import check_chosen
    from pytest_mlbench.measure.registry import collect

    registry = collect(config.hook)
    for name, _ in chosen.extra.get("export") or ():
        registry.format(name)
    check_chosen(chosen, registry)


def register_reporter(config: pytest.Config, session: Session) -> None:
    """Register the reporter, on the controller only.

    Raises UsageError if the command line names a baseline that cannot be read. One that the ini
    file names is read when a benchmark was collected.
    """
    from .reporter import NAME, Reporter

    if any(session.settings.chosen(name) for name in ("baseline", "save", "gate", "tolerance")):
        session.judges  # noqa: B018
    config.pluginmanager.register(Reporter(config, session.settings), NAME)


def header(chosen: Settings) -> str:
    """The header's line: the options that were chosen, and their values."""
    parts = [
        f"{_TITLES.get(row.name, row.attribute)} {' '.join(_shown(row, values))}"
        for row in CORE
        if row.axis and (values := chosen.value(row))
    ]
    if chosen.until != "run":
        parts.append(f"until {chosen.until}")
    if chosen.cache:
        parts.append(f"cache {chosen.cache}")
    if chosen.mirror:
        parts.append(f"mirror {chosen.mirror}")
    parts += [name for name in ("offline", "strict", "profile", "check") if getattr(chosen, name)]
    return f"mlbench: {', '.join(parts) or 'defaults'}"


def _shown(row: Option, values: Iterable[Any]) -> list[str]:
    """Values as users write them: the name of a model's file, features with commas."""
    if row.name == "features":
        return [",".join(features) or NO_FEATURES for features in values]
    return [str(value).rsplit("/", 1)[-1] for value in values]


def _check_places(config: pytest.Config, chosen: Settings, origins: set[str]) -> None:
    """Raise UsageError for folders and programs that do not exist, if an origin in `origins` set
    them.

    The environment is for all projects, even those without benchmarks, so what it names is checked
    when it is first needed.
    """
    named = {name for name, origin in chosen.origins.items() if origin in origins}
    if "mirror" in named:
        from pytest_mlbench.provision.fetch import normalise_mirror

        normalise_mirror(chosen.mirror)
    if named & {row.name for row in measuring_options() if row.name not in ROWS}:
        _check_simulators(config, chosen)
    if "source" in named:
        from pytest_mlbench.measure.registry import collect
        from pytest_mlbench.measure.toolbox import Toolbox

        toolbox, known = Toolbox(chosen), collect(config.hook)
        for name in chosen.sources:
            known.source(name)
        toolbox.sources_of(known)
        toolbox.sources.check()
    if "toolchain" in named:
        for prefix in chosen.toolchains:
            _check_compiler(prefix)


def _check_compiler(value: str) -> None:
    """Refuse a compiler that is neither here nor could be fetched."""
    from pytest_mlbench.provision.clang import packaged

    if value in (GCC, LLVM) or shutil.which(value if names_clang(value) else f"{value}gcc"):
        return
    if is_toolchain_name(value) and packaged(value):
        return
    if names_clang(value):
        raise UsageError(
            f"there is no compiler {value}",
            where="--mlbench-toolchain",
            remedy="Install it, or write llvm or clang-19, which are fetched",
        )
    if "/" not in value and not value.endswith("-"):
        raise unknown("compiler", value, (GCC, LLVM, "clang-19"), where="--mlbench-toolchain")
    raise UsageError(
        f"there is no compiler {value}gcc",
        where="--mlbench-toolchain",
        remedy="Write gcc, llvm, clang-19, or the path up to the program's name: "
        "/opt/riscv/bin/riscv64-unknown-elf-",
    )


def _check_simulators(config: pytest.Config, chosen: Settings) -> None:
    """Look for the simulators that targets' own options name."""
    from pytest_mlbench.measure.registry import collect
    from pytest_mlbench.measure.toolbox import Toolbox

    for target in collect(config.hook).targets.values():
        configured = Toolbox(chosen).target(target)
        if configured != target:
            configured.simulator()


def _check_files(chosen: Settings) -> None:
    """Read every model given by path, so that a file that is no model is refused at once."""
    from pathlib import Path

    from pytest_mlbench.settings import is_path

    paths = [Path(model) for model in chosen.models if is_path(model)]
    if paths:
        from pytest_mlbench.measure.toolbox import Toolbox
        from pytest_mlbench.models.load import from_path, load

        for path in paths:
            load(from_path(path), Toolbox(chosen).fetcher, strict=chosen.strict)


def _check_ini(config: pytest.Config, known: list[str]) -> None:
    """Refuse unknown keys that begin with mlbench_, in the ini file and in `-o`."""
    found = [text.partition("=")[0].strip() for text in config.getoption("override_ini") or ()]
    inipath = config.inipath
    if inipath is not None:
        try:
            text = inipath.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            text = ""
        if "mlbench_" in text:
            found += re.findall(r"^[\"']?(mlbench_\w+)[\"']?\s*[=:]", text, re.MULTILINE)
    for key in found:
        if key.startswith("mlbench_") and key not in known:
            raise UsageError(
                f"unknown ini option {key!r}", where=str(inipath or ""), remedy=nearest(key, known)
            )
