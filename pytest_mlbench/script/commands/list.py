"""What can be asked for: models, backends, features, targets, columns, config keys, formats."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ._options import known

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from pytest_mlbench.measure.registry import Registry

    Rows = list[dict[str, str]]

HELP = "list models, backends, features, targets, columns, config keys and formats"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list, and how."""
    parser.add_argument(
        "kinds", nargs="*", metavar="KIND", help=f"{', '.join(KINDS)} (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """0 after printing."""
    from pytest_mlbench.errors import unknown

    for kind in arguments.kinds:
        if kind not in KINDS:
            raise unknown("kind", kind, KINDS)
    registry = known()
    chosen = {kind: KINDS[kind](registry) for kind in arguments.kinds or KINDS}
    if arguments.json:
        print(json.dumps(chosen, indent=2))
        return 0
    for number, (kind, rows) in enumerate(chosen.items()):
        if len(chosen) > 1:
            print(f"{chr(10) if number else ''}{kind}")
        width = max((len(row["name"]) for row in rows), default=0)
        for row in rows:
            print(f"  {row['name']:<{width}}  {row['help']}".rstrip())
    return 0


def _models(registry: Registry) -> Rows:
    return [{"name": name, "help": model.title} for name, model in registry.models.items()]


def _backends(registry: Registry) -> Rows:
    return [{"name": name, "help": _first(backend)} for name, backend in registry.backends.items()]


def _features(registry: Registry) -> Rows:
    rows = []
    for name, feature in registry.features.items():
        needs = f"; with {' or '.join(feature.requires or feature.refines)}"
        more = needs if feature.requires or feature.refines else ""
        rows.append({"name": name, "help": f"{feature.title}{more}"})
    return rows


def _targets(registry: Registry) -> Rows:
    return [
        {"name": name, "help": f"{target.isa}, {target.title or _first(target)}"}
        for name, target in registry.targets.items()
    ]


def _columns(registry: Registry) -> Rows:
    del registry
    from pytest_mlbench.records.columns import COLUMNS

    rows = []
    for key, column in COLUMNS.items():
        if column.metric is None:
            rows.append({"name": key, "title": column.title, "help": f"{column.title}: parameter"})
        else:
            unit, text = column.metric.unit, column.metric.meaning
            rows.append(
                {"name": key, "title": column.title, "help": f"{column.title} [{unit}]: {text}"}
            )
    return rows


def _config(registry: Registry) -> Rows:
    from pytest_mlbench.measure.rules import BUILD_KEYS, config_keys, takers

    rows = []
    for key in sorted(config_keys(registry)):
        users = [f"{option} {name}" for option, name in takers(key, registry)]
        values = [
            value for feature in registry.features.values() for value in feature.values.get(key, ())
        ]
        values += BUILD_KEYS.get(key, ())
        choice = f"{' or '.join(dict.fromkeys(values))}; " if values else ""
        rows.append({"name": key, "help": f"{choice}of {', '.join(users) or 'every case'}"})
    return rows


def _formats(registry: Registry) -> Rows:
    return [{"name": name, "help": form.help} for name, form in registry.formats.items()]


def _first(thing: object) -> str:
    """The first sentence of the docstring of an object's class."""
    text = (type(thing).__doc__ or "").strip()
    return text.partition("\n")[0].partition(". ")[0].rstrip(".")


KINDS: dict[str, Callable[[Registry], Rows]] = {
    "models": _models,
    "backends": _backends,
    "features": _features,
    "targets": _targets,
    "columns": _columns,
    "config": _config,
    "formats": _formats,
}
