"""Say what a model needs and what prevents it from running, before anything is built."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._options import add_case_options, add_machine_options, known, open_toolbox

if TYPE_CHECKING:
    import argparse

    from pytest_mlbench.kernels.interface import KernelLibrary, LowerContext
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox

HELP = "show what models need and what prevents them from running: exit 1 if one is not covered"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Models and how to show them."""
    parser.add_argument(
        "models", nargs="+", metavar="MODEL", help="a registered model's name, or a file"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")
    add_case_options(parser)
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="with --features: show beside each prediction what a run with --mlbench-profile "
        "measured, from its JSON file",
    )
    add_machine_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 if all models are covered; 1 if one is not, or cannot be read."""
    from pytest_mlbench.kernels.interface import LowerContext
    from pytest_mlbench.measure.inspected_case import inspected_case
    from pytest_mlbench.measure.rules import effective_isa
    from pytest_mlbench.records.files import write_text
    from pytest_mlbench.records.report import inspection

    registry, toolbox = known(), open_toolbox(arguments)
    case = inspected_case(toolbox.settings, registry)
    context = LowerContext(
        case.features,
        effective_isa(case, registry),
        case.optimize,
        case.config,
        sources=toolbox.sources.folder,
    )
    chosen = {registry.feature(name).library or name for name in case.features}
    libraries = [library for name, library in registry.libraries.items() if name in chosen]
    found = [
        _one(model, libraries, context, case.backend, registry, toolbox)
        for model in arguments.models
    ]
    if arguments.results is not None:
        _add_measured(found, context, arguments.results)
    if arguments.html is not None:
        write_text(arguments.html, inspection.html(found))
    if arguments.json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(inspection.text(model) for model in found), end="")
    return int(not all(model["covered"] for model in found))


def _add_measured(found: list[dict[str, Any]], context: LowerContext, results: Path) -> None:
    """Add the measured instructions to each model's operators.

    Raises UsageError if the file has no profile of a model with these features on this ISA.
    """
    from pytest_mlbench.errors import UsageError
    from pytest_mlbench.measure.inspected_kernels import add_measured
    from pytest_mlbench.records.gate.load import load

    if not context.features:
        raise UsageError(
            "--results shows measured instructions beside predictions",
            remedy="Add --features with the kernel library that was measured",
        )
    records = load(results).values()
    for model in found:
        if model["operators"]:
            add_measured(model, records, context, where=str(results))


def _one(
    model: str,
    libraries: list[KernelLibrary],
    context: LowerContext,
    backend: str,
    registry: Registry,
    toolbox: Toolbox,
) -> dict[str, Any]:
    """Inspect one model; an error in one does not stop the others."""
    from pytest_mlbench.errors import MlbenchError
    from pytest_mlbench.measure.inspection import inspect, unread

    try:
        name, data = _bytes(model, registry, toolbox)
    except MlbenchError as error:
        return unread(model, backend, error)
    return inspect(data, name, libraries, context, backend=backend)


def _bytes(model: str, registry: Registry, toolbox: Toolbox) -> tuple[str, bytes]:
    """A name and the file's bytes, the twin's where the original cannot be fetched."""
    from pytest_mlbench.models.load import from_path, model_bytes
    from pytest_mlbench.progress import say
    from pytest_mlbench.settings import is_path, model_name_or_path

    located = model_name_or_path(model, Path.cwd())
    if is_path(located):
        return os.fspath(model), model_bytes(from_path(Path(located)), toolbox.fetcher)
    name, reason = toolbox.stand_in(registry.model(model))
    if reason:
        say(f"{model} is not available here; {name}, with the same layers, is inspected: {reason}")
    return name, model_bytes(registry.model(name), toolbox.fetcher)
