"""From choices to cases: every valid combination, each once, in a fixed order.

The product of the axes may hold invalid combinations, such as a backend with a library that it
cannot use: these are left out. But nothing that the user chose is dropped silently: contradictory
features, a value that no case can use, and an ISA that the target cannot execute are refused.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.case import Case
from pytest_mlbench.errors import UsageError, unknown
from pytest_mlbench.isa import Isa
from pytest_mlbench.models.model import Model
from pytest_mlbench.models.names import path_names
from pytest_mlbench.settings import is_path

from .axes import AXES, FURTHER, Axes, axes, further, label
from .mark import Mark
from .rules import (
    accepts,
    check_names,
    config_keys,
    effective_isa,
    refuse_unused,
    understood,
    unfit,
    useful,
    uses,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_mlbench.settings import Settings

    from .registry import Registry


def with_paths(registry: Registry, models: Iterable[str]) -> tuple[Registry, tuple[str, ...]]:
    """A registry with a model for each path in `models`, and the names of all `models`.

    `path_names` names the files independently of their order. A file that is already registered
    keeps its name.
    """
    wanted = list(models)
    known = dict(registry.models)
    named = {model.path: name for name, model in known.items() if model.path is not None}
    paths = {text: Path(text) for text in wanted if is_path(text)}
    new = {path for path in paths.values() if path not in named}
    named |= path_names(new, known.keys() - named.values(), list(named.values()))
    for path in sorted(new):
        known[named[path]] = Model(name=named[path], title=path.name, path=path)
    names = tuple(named[paths[text]] if text in paths else text for text in wanted)
    return replace(registry, models=known), names


def cases(
    wanted: Axes,
    registry: Registry,
    *,
    resolve: Callable[[str], str] = str,
    complete: bool = True,
) -> tuple[Case, ...]:
    """All cases of `wanted`, models outermost.

    `resolve` maps a model's name to its own or to that of its stand-in. Raises UsageError for
    unknown names and contradictory features and, with `complete`, for values that no case can use.
    """
    check_names(wanted, registry)
    found: dict[str, Case] = {}
    used: set[tuple[str, Any]] = set()
    refused: dict[tuple[str, Any], UsageError] = {}
    for values in _product(wanted, [axis for axis in AXES if axis != "vlen"]):
        backend, features = values["backend"], values["features"]
        if not accepts(backend, features, registry):
            continue
        config = understood(wanted.config, backend, features, values["target"], registry)
        case = Case(
            resolve(values["model"]),
            backend,
            features,
            values["optimize"],
            values["target"],
            values["isa"],
            config,
            further(values),
        )
        revision = values["revision"]
        if revision and not uses(case, revision.partition("@")[0], registry):
            case = replace(case, choices={k: v for k, v in case.choices.items() if k != "revision"})
            revision = None
        choices = {(axis, values[axis]) for axis in ("target", "isa", "features")}
        problem = unfit(case, registry)
        if problem is not None:
            refused |= dict.fromkeys(choices, problem)
            continue
        used |= {
            ("backend", backend),
            ("revision", revision),
            *choices,
            *(("config", key) for key in config),
        }
        for vlen, exact in _lengths(case, wanted["vlen"], registry):
            used.add(("vlen", vlen))
            found.setdefault(exact.name, exact)
    for choice in sorted(refused.keys() - used, key=str):
        raise refused[choice]
    if complete:
        refuse_unused(wanted, registry, used)
    return tuple(found.values())


@dataclass(frozen=True)
class Partial:
    """One value for each axis that the test does not parametrize itself, and all of `config`."""

    values: Mapping[str, Any]
    config: Mapping[str, str]

    @property
    def name(self) -> str:
        """The parameter's id: the values as in a case's name."""
        return "-".join(label(axis, self.values[axis]) for axis in AXES if self._is_named(axis))

    def _is_named(self, axis: str) -> bool:
        """Is the axis's value part of the id? The default of an axis in `FURTHER` is not."""
        value = self.values.get(axis)
        if axis in FURTHER and value in AXES[axis].default[:1]:
            return False
        return bool(value) or (axis == "features" and axis in self.values)


def partials(wanted: Axes, own: Iterable[str]) -> tuple[Partial, ...]:
    """The product of all axes except the test's `own`."""
    others = [axis for axis in AXES if axis not in set(own)]
    return tuple(Partial(values, wanted.config) for values in _product(wanted, others))


def compose(
    partial: Partial,
    own: Mapping[str, Any],
    registry: Registry,
    *,
    resolve: Callable[[str], str] = str,
) -> Case:
    """The case for `partial` and the test's `own` values. Raises UsageError if it is not valid."""
    values = {**partial.values, **own}
    if values["target"] == registry.default_target:
        values["target"] = ""
    given = {axis: (value,) for axis, value in values.items() if value is not None}
    wanted = Axes(MappingProxyType(given), partial.config)
    found = cases(wanted, registry, resolve=resolve, complete=False)
    if not found:
        raise UsageError(
            f"backend {values['backend']!r} cannot use features {label('features', own)!r}"
        )
    return found[0]


def check_chosen(settings: Settings, registry: Registry) -> None:
    """Refuses mistakes that the command line, environment and ini file alone reveal.

    Whatever also depends on a test's mark is checked when the test is collected.
    """
    wanted = axes(settings, Mark(), registry, folder=Path())
    registry, names = with_paths(registry, wanted["model"])
    wanted = wanted.with_values(model=names)
    check_names(wanted, registry)
    known = config_keys(registry)
    for key in wanted.config:
        if key not in known:
            raise unknown("config key", key, known, where="--mlbench-config")
    if settings.chosen("features"):
        if not settings.chosen("backend"):
            wanted = wanted.with_values(backend=tuple(registry.backends))
            wanted = wanted.with_values(backend=useful(wanted, registry))
        cases(wanted, registry)


def _product(wanted: Axes, names: list[str]) -> Iterable[dict[str, Any]]:
    """All combinations of one value per axis; None for an axis without a value."""
    for values in itertools.product(*(wanted[name] or (None,) for name in names)):
        yield dict(zip(names, values, strict=True))


def _lengths(
    case: Case, vlens: tuple[int, ...], registry: Registry
) -> Iterable[tuple[int | None, Case]]:
    isa = Isa.parse(effective_isa(case, registry))
    if not vlens or not isa.has("v"):
        return [(None, case)]
    return [(vlen, replace(case, isa=str(isa.with_vlen(vlen)))) for vlen in vlens]
