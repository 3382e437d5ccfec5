"""Show what is found on this machine and what is missing. Downloads nothing."""

from __future__ import annotations

import json
import platform
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlbench._version import __version__

from ._options import Row, add_machine_options, attempt, compiler, compilers, line, open_toolbox

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pytest_mlbench.firmware.target import Target
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.measure.trial import Trial
    from pytest_mlbench.provision.pinned import GitPin

HELP = "show which tools, models and sources are found, and what is missing"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    add_machine_options(parser)
    parser.add_argument(
        "--sources",
        action="store_true",
        help="ask for every source whether it can be reached, and build each variant once",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")


def run(arguments: argparse.Namespace) -> int:
    """Print one line per thing. Returns 1 when something is missing."""
    toolbox = open_toolbox(arguments)
    toolbox.fetcher.hosts.forget()
    checks = [_tools, _models, *((_sources, _trial_builds) if arguments.sources else ())]
    rows: list[Row] = []
    if arguments.sources and not arguments.json:
        print(f"pytest-mlbench {__version__}, Python {platform.python_version()}, {_system()}")
    for check in checks:
        for row in check(toolbox):
            rows.append(row)
            if not arguments.json:
                print(line(*row), flush=True)
    if arguments.json:
        print(json.dumps(_report(rows), indent=1))
    return int(any(state == "missing" for state, _, _ in rows))


def _report(rows: list[Row]) -> dict[str, Any]:
    """The rows for programs, after the facts that a bug report begins with."""
    return {
        "pytest-mlbench": __version__,
        "python": platform.python_version(),
        "system": _system(),
        "rows": [{"state": state, "name": name, "detail": text} for state, name, text in rows],
    }


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"


def _tools(toolbox: Toolbox) -> list[Row]:
    from pytest_mlbench.builtin import registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.provision import tools

    def tool(find: Callable[[], tools.Tool]) -> Callable[[], str]:
        return lambda: f"{(found := find()).version} ({found.path})"

    rows = [
        ("ok", "cache", str(toolbox.cache.root)),
        attempt("cmake", tool(tools.cmake)),
        attempt("ninja", tool(tools.ninja)),
    ]
    here = Toolbox(replace(toolbox.settings, offline=True))  # what is here, not what could be
    targets = [
        toolbox.target(target).provisioned(lambda: here.fetcher)
        for target in registry().targets.values()
    ]
    rows += [
        attempt(target.name, partial(_simulator, target))
        for target in targets
        if not target.builds_simulator
    ]
    for target in targets:
        if target.builds_simulator:
            there, words = target.ready()
            rows.append(("ok" if there else "note", target.name, words))
            continue
        for name, choice in compilers(toolbox.settings.toolchains):
            row = attempt(name, partial(compiler, here, target, choice))
            rows.append(row if toolbox.settings.offline else _fetched_later(row))
    return rows


def _fetched_later(row: Row) -> Row:
    """Says of a missing compiler that a run fetches it: nobody has to install one."""
    state, name, text = row
    more = ". Or let the first run or `mlbench provision` fetch it, where packages can be reached"
    return (state, name, text + more) if state == "missing" else row


def _simulator(target: Target) -> str:
    found = target.simulator()
    return f"{found.version} ({found.path})" if found else "needs no program of this machine"


def _models(toolbox: Toolbox) -> list[Row]:
    from pathlib import Path

    from pytest_mlbench.builtin import registry

    rows: list[Row] = []
    mirror = toolbox.fetcher.mirror
    for model in registry().models.values():
        names = [name for name in (model.artifact, *model.inputs) if name]
        if not names:
            continue
        pins = [toolbox.fetcher.pins.artifact(name) for name in names]
        cached = sum(toolbox.cache.has("files", pin.sha256) for pin in pins)
        detail = f"{cached} of {len(names)} files in the cache"
        if isinstance(mirror, Path):
            there = sum((mirror / "files" / p.sha256 / p.file_name).is_file() for p in pins)
            detail += f", {there} in the mirror"
        if cached < len(names):
            detail += "; fetched when needed, else its twin is used"
        rows.append(("ok" if cached == len(names) else "note", model.name, detail))
    return rows


def _sources(toolbox: Toolbox) -> list[Row]:
    return [_source(toolbox, pin) for pin in toolbox.sources.pins.values()]


def _source(toolbox: Toolbox, pin: GitPin) -> Row:
    """Where a source is or can be had, and whether its tag still names the pinned commit."""
    from pytest_mlbench.errors import Unavailable
    from pytest_mlbench.provision.git import advertised

    at = f"{pin.commit[:12]}" + (f" ({pin.tag})" if pin.tag else "")
    where = toolbox.sources.where(pin.name)
    if where == "local":
        found = toolbox.sources.get(pin.name)
        return ("ok", pin.name, f"local {found.path} at {found.describe}; pinned is {at}")
    if toolbox.fetcher.offline:
        state = "ok" if where else "missing"
        return (state, pin.name, f"{at}: {f'in the {where}' if where else 'not here'}, offline")
    try:
        commit = advertised(pin.repository, f"refs/tags/{pin.tag}" if pin.tag else "HEAD")
    except Unavailable as error:
        there = f"in the {where}; " if where else ""
        state = "ok" if where else "missing"
        text = f"{at}: {there}{pin.repository} is not reachable: {error.what}"
        remedy = "" if where else f". Name a checkout: --source {pin.name}=PATH, or a mirror"
        return (state, pin.name, text + remedy)
    there = f"in the {where}, " if where else ""
    detail = f"{at}: {there}{pin.repository} is reachable"
    if pin.tag and commit != pin.commit:
        names = f"names {commit}" if commit else "does not exist"
        return ("missing", pin.name, f"{detail}, but its tag {pin.tag} {names}")
    return ("ok", pin.name, detail)


def _trial_builds(toolbox: Toolbox) -> list[Row]:
    """Build each variant that users can build from pinned sources once."""
    from pytest_mlbench.builtin import registry
    from pytest_mlbench.measure.trial import trial_build, trials

    known = registry()
    labels = [label for _, label in compilers(toolbox.settings.toolchains)]
    return [
        _trial(trial, label, partial(trial_build, trial, toolbox, known, label))
        for trial in trials(known)
        for label in labels
    ]


def _trial(trial: Trial, label: str, step: Callable[[], str]) -> Row:
    """The row of one variant. If the compiler cannot build it, it counts as not tried."""
    from pytest_mlbench.errors import CompilerLacks, MlbenchError, NotFetched

    name = f"build {trial.name}" + (f" {label}" if label else "")
    try:
        return ("ok", name, step())
    except CompilerLacks as error:
        return ("note", name, f"not tried: {error}")
    except NotFetched as error:  # the row of the source says how to get it
        return ("missing", name, f"not tried: {error.thing}: {error.why}")
    except MlbenchError as error:
        return ("missing", name, str(error))
