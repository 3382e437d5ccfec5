"""From choices to cases: every combination that makes sense, each once, in a fixed order.

A product of axes may hold pairs that cannot be (a backend and a library it does not know): they
are left out. What a person asked for explicitly is never left out silently: a set of features that
contradicts itself, or a value that no case can use, is refused.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.case import NO_FEATURES, Case
from pytest_mlbench.errors import UserMistake, unknown
from pytest_mlbench.isa import Isa
from pytest_mlbench.models.model import Model
from pytest_mlbench.settings import is_path, model_name_or_path

from .mark import Mark
from .rules import (
    accepts,
    check_names,
    config_keys,
    effective_isa,
    refuse_unused,
    understood,
    useful,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pytest_mlbench.settings import Settings

    from .registry import Registry

AXES = ("model", "backend", "features", "optimize", "target", "isa", "vlen")
"""The names of parameters that a test may parametrize itself."""


@dataclass(frozen=True)
class Axes:
    """The values of each axis, in the user's order. `isas` holds '' for the target's own."""

    models: tuple[str, ...]
    backends: tuple[str, ...] = ("aot",)
    features: tuple[tuple[str, ...], ...] = ((),)
    optimize: tuple[str, ...] = ("3",)
    targets: tuple[str, ...] = ("spike",)
    isas: tuple[str, ...] = ("",)
    vlens: tuple[int, ...] = ()
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


_FIELDS = (
    ("models", "model"),
    ("backends", "backend"),
    ("features", "features"),
    ("optimize", "optimize"),
    ("targets", "target"),
    ("isas", "isa"),
    ("vlens", "vlen"),
)


def axes(settings: Settings, mark: Mark, registry: Registry, *, folder: Path) -> Axes:
    """What is asked for: by the command line, else the mark, else the ini file, else by default.

    `folder` is what model paths in the mark are relative to. Without any choice all registered
    models are meant, stand-ins not.
    """
    default = Axes(models=tuple(name for name in registry.models if not _is_twin(name, registry)))
    found: dict[str, Any] = {}
    for name, option in _FIELDS:
        chosen, marked = getattr(settings, name), getattr(mark, name)
        if settings.chosen(option) or marked is None:
            found[name] = chosen or getattr(default, name)
        else:
            found[name] = marked
    found["models"] = tuple(model_name_or_path(text, folder) for text in found["models"])
    layers = [settings.config, mark.config or {}]
    if settings.chosen("config"):
        layers.reverse()
    found["config"] = MappingProxyType({**layers[0], **layers[1]})
    return Axes(**found)


def with_paths(registry: Registry, models: Iterable[str]) -> tuple[Registry, tuple[str, ...]]:
    """`registry` with a model for every path among `models`, and all models' names.

    A file is named after its stem, or after its whole name where the stem is a registered model's.
    Raises UserMistake when two different files would share a name.
    """
    known = dict(registry.models)
    names = []
    for text in models:
        if not is_path(text):
            names.append(text)
            continue
        path = Path(text)
        name = re.sub(r"[^A-Za-z0-9_.+-]", "_", path.stem)
        if name in known and known[name].path != path:
            name = re.sub(r"[^A-Za-z0-9_.+-]", "_", path.name)
        other = known.setdefault(name, Model(name=name, title=path.name, path=path))
        if other.path != path:
            raise UserMistake(
                f"{path} and {other.path or 'a registered model'} would both be called {name!r}",
                where="model",
                remedy="Rename one of them",
            )
        names.append(name)
    return replace(registry, models=known), tuple(names)


def cases(
    wanted: Axes,
    registry: Registry,
    *,
    resolve: Callable[[str], str] = str,
    complete: bool = True,
) -> tuple[Case, ...]:
    """All cases of `wanted`, models outermost. `resolve` names the stand-in of a model to be used.

    Raises UserMistake for unknown names and contradictory features and, if the result has to be
    `complete`, for values that no case can use.
    """
    check_names(wanted, registry)
    found: dict[str, Case] = {}
    used: set[tuple[str, Any]] = set()
    for model, backend, features, optimize, target, isa in itertools.product(
        wanted.models,
        wanted.backends,
        wanted.features,
        wanted.optimize,
        wanted.targets,
        wanted.isas,
    ):
        if not accepts(backend, features, registry):
            continue
        config = understood(wanted.config, backend, features, registry)
        used |= {("backend", backend), ("features", features)}
        used |= {("config", key) for key in config}
        case = Case(resolve(model), backend, features, optimize, target, isa, config)
        for vlen, exact in _lengths(case, wanted.vlens, registry):
            used.add(("vlen", vlen))
            found.setdefault(exact.name, exact)
    if complete:
        refuse_unused(wanted, registry, used)
    return tuple(found.values())


@dataclass(frozen=True)
class Partial:
    """One value for each axis that a test does not parametrize itself, and all of `config`."""

    values: Mapping[str, Any]
    config: Mapping[str, str]

    @property
    def name(self) -> str:
        """The parameter's id: the values as a case's name has them."""
        labels = [
            label(axis, self.values[axis])
            for axis in AXES
            if self.values.get(axis) or (axis == "features" and axis in self.values)
        ]
        return "-".join(text for text in labels if text != "spike")


def partials(wanted: Axes, own: Iterable[str]) -> tuple[Partial, ...]:
    """The product of all axes but the test's `own`."""
    rest = [(name, axis) for name, axis in _FIELDS if axis not in set(own)]
    lists = [getattr(wanted, name) or (None,) for name, _ in rest]
    return tuple(
        Partial(dict(zip([axis for _, axis in rest], values, strict=True)), wanted.config)
        for values in itertools.product(*lists)
    )


def label(axis: str, value: Any) -> str:
    """A value of an axis as it stands in a case's name."""
    if axis == "features":
        return "+".join(value) or NO_FEATURES
    return {"optimize": "O", "vlen": "vlen"}.get(axis, "") + str(value)


def compose(
    partial: Partial,
    own: Mapping[str, Any],
    registry: Registry,
    *,
    resolve: Callable[[str], str] = str,
) -> Case:
    """The case of a partial and a test's own values. Raises UserMistake when it makes no sense."""
    values = {**partial.values, **own}
    vlen = values.get("vlen")
    wanted = Axes(
        models=(values["model"],),
        backends=(values["backend"],),
        features=(values["features"],),
        optimize=(values["optimize"],),
        targets=(values["target"],),
        isas=(values["isa"] or "",),
        vlens=(vlen,) if vlen else (),
        config=partial.config,
    )
    found = cases(wanted, registry, resolve=resolve, complete=False)
    if not found:
        raise UserMistake(
            f"backend {values['backend']!r} cannot use features {label('features', own)!r}"
        )
    return found[0]


def check_chosen(settings: Settings, registry: Registry) -> None:
    """Refuse at once what the command line, environment or ini file alone show to be wrong.

    What depends on a test's mark as well is checked when the test is collected.
    """
    wanted = axes(settings, Mark(), registry, folder=Path())
    registry, names = with_paths(registry, wanted.models)
    wanted = replace(wanted, models=names)
    check_names(wanted, registry)
    known = config_keys(registry)
    for key in wanted.config:
        if key not in known:
            raise unknown("config key", key, known, where="--mlbench-config")
    if settings.chosen("features"):
        if not settings.chosen("backend"):
            wanted = replace(wanted, backends=tuple(registry.backends))
            cases(replace(wanted, backends=useful(wanted, registry)), registry)
        else:
            cases(wanted, registry)


def _lengths(
    case: Case, vlens: tuple[int, ...], registry: Registry
) -> Iterable[tuple[int | None, Case]]:
    isa = Isa.parse(effective_isa(case, registry))
    if not vlens or not isa.has("v"):
        return [(None, case)]
    return [(vlen, replace(case, isa=str(isa.with_vlen(vlen)))) for vlen in vlens]


def _is_twin(name: str, registry: Registry) -> bool:
    base = name.removesuffix("_twin")
    return base != name and base in registry.models and bool(registry.models[base].twin)
