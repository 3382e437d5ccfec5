"""What happens at pytest's start: settings are read and checked, the reporter is set up."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from pytest_mlbench.builtin import option_table
from pytest_mlbench.errors import UserMistake, nearest
from pytest_mlbench.settings import COMMAND, DEFAULT, INI, Settings, Sources, resolve

if TYPE_CHECKING:
    import pytest

    from .manager import Manager

_NAMES = ("model", "backend", "features", "target", "isa", "vlen", "config", "columns")


def settings(config: pytest.Config) -> Settings:
    """The settings of this run. Raises UserMistake for a wrong value or a mistyped ini key."""
    rows = option_table()
    _check_ini(config, [row.ini for row in rows])
    inipath = config.inipath
    return resolve(
        rows,
        Sources(
            command={row.dest: config.getoption(row.dest) for row in rows},
            environment=os.environ,
            ini={row.ini: config.getini(row.ini) for row in rows},
            folder=config.invocation_params.dir,
            ini_folder=inipath.parent if inipath else config.rootpath,
        ),
    )


def check(config: pytest.Config, chosen: Settings) -> None:
    """Refuse unknown names before anything runs. Does nothing where no name was chosen.

    Raises UserMistake with the nearest name. Names may come from plugins and from the conftest
    files that pytest loads at its start, as options may.
    """
    if chosen.columns:
        from pytest_mlbench.records.columns import find_columns

        find_columns(chosen.columns, where="--mlbench-columns")
    if chosen.sources:
        from pytest_mlbench.measure.registry import collect

        for name in chosen.sources:
            collect(config.hook).source(name)
    _check_places(chosen)
    if all(chosen.origins.get(name, DEFAULT) == DEFAULT for name in _NAMES):
        return
    from pytest_mlbench.measure.matrix import check_chosen
    from pytest_mlbench.measure.registry import collect

    registry = collect(config.hook)
    check_chosen(chosen, registry)
    _check_files(chosen)


def report(config: pytest.Config, manager: Manager) -> None:
    """Register the reporter and make the judges, on the controller only.

    Raises UserMistake where a judge cannot be made (a baseline that cannot be read).
    """
    from .reporter import NAME, Reporter

    manager.judges  # noqa: B018
    config.pluginmanager.register(Reporter(config, manager.settings), NAME)


def header(chosen: Settings) -> str:
    """The header's line: what was chosen, in the option's words."""
    said = []
    for name, values in (
        ("models", [model.rsplit("/", 1)[-1] for model in chosen.models]),
        ("backends", chosen.backends),
        ("features", [",".join(features) or "_" for features in chosen.features]),
        ("optimize", chosen.optimize),
        ("targets", chosen.targets),
        ("ISA", chosen.isas),
        ("VLEN", [str(bits) for bits in chosen.vlens]),
    ):
        if values:
            said.append(f"{name} {' '.join(values)}")
    if chosen.until != "run":
        said.append(f"until {chosen.until}")
    if chosen.cache:
        said.append(f"cache {chosen.cache}")
    if chosen.mirror:
        said.append(f"mirror {chosen.mirror}")
    said += [name for name in ("offline", "strict", "profile") if getattr(chosen, name)]
    return f"mlbench: {', '.join(said) or 'defaults'}"


def _check_places(chosen: Settings) -> None:
    """Refuse folders and programs that are not there, when this project's user named them.

    What the environment names is for all projects, also for those that run no benchmark: there
    it is refused when it is first needed.
    """
    named = {name for name, origin in chosen.origins.items() if origin in {COMMAND, INI}}
    if "mirror" in named:
        from pytest_mlbench.provision.fetch import normalise_mirror

        normalise_mirror(chosen.mirror)
    if "spike" in named:
        from pytest_mlbench.provision.tools import spike

        spike(str(chosen.spike))
    if "source" in named:
        from pytest_mlbench.measure.workbench import Workbench

        Workbench(chosen).sources  # noqa: B018
    if "toolchain" in named and shutil.which(f"{chosen.toolchain}gcc") is None:
        raise UserMistake(
            f"there is no compiler {chosen.toolchain}gcc",
            where="--mlbench-toolchain",
            remedy="Give the path up to the program's name: /opt/riscv/bin/riscv64-unknown-elf-",
        )


def _check_files(chosen: Settings) -> None:
    """Read every model given by path: a file that is no model is refused before anything runs."""
    from pathlib import Path

    from pytest_mlbench.settings import is_path

    paths = [Path(model) for model in chosen.models if is_path(model)]
    if paths:
        from pytest_mlbench.measure.workbench import Workbench
        from pytest_mlbench.models.load import from_path, load

        for path in paths:
            load(from_path(path), Workbench(chosen).fetcher, strict=chosen.strict)


def _check_ini(config: pytest.Config, known: list[str]) -> None:
    """Refuse keys that begin with mlbench_ and are none, in the ini file and in `-o`."""
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
            raise UserMistake(
                f"unknown ini option {key!r}", where=str(inipath or ""), remedy=nearest(key, known)
            )
