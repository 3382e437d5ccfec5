"""The rules for valid cases: known names, compatible features, backends that can use them."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError, nearest, unknown
from pytest_mlbench.isa import Isa

from .other_tools import refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.case import Case

    from .axes import Axes
    from .registry import Registry


BUILD_KEYS: Mapping[str, tuple[str, ...]] = {"lto": ("on", "off"), "reset": ("on", "off")}
"""Keys of `--mlbench-config` that every backend understands -> allowed values: link-time
optimisation of the whole firmware, and whether a model's state is reset between samples."""


def check_names(wanted: Axes, registry: Registry, *, where: str = "") -> None:
    """Refuses unregistered names and contradictory features."""
    for kind, names, known in (
        ("model", wanted["model"], registry.models),
        ("backend", wanted["backend"], registry.backends),
        ("target", wanted["target"], registry.targets),
    ):
        for name in filter(None, names):
            if name not in known:
                if kind == "model" and Path(name).is_file():
                    raise UsageError(
                        f"unknown model {name!r}",
                        where=where,
                        remedy=f"For the file, write ./{name}",
                    )
                raise refusal(kind, name, _known(registry), where=where)
    for features in wanted["features"]:
        check_features(features, registry, where=where)
    for isa in wanted["isa"]:
        lacking = Isa.parse(isa).lacking if isa else None
        if lacking:
            extension, needed = (letter.upper() for letter in lacking)
            raise UsageError(f"ISA {isa!r} has {extension}, which needs {needed}", where=where)


def _known(registry: Registry) -> Mapping[str, Iterable[str]]:
    return {
        "feature": registry.features,
        "target": registry.targets,
        "backend": registry.backends,
        "model": registry.models,
    }


def check_features(features: tuple[str, ...], registry: Registry, *, where: str = "") -> None:
    """Refuses unknown features, a missing required feature, and two that exclude each other."""
    for name in features:
        if name not in registry.features:
            raise refusal("feature", name, _known(registry), where=where)
    for name in features:
        feature = registry.feature(name)
        for other in feature.requires:
            if other not in features:
                together = ",".join((other, *features))
                raise UsageError(
                    f"feature {name!r} requires {other!r}",
                    where=where,
                    remedy=f"Write --mlbench-features {together}",
                )
        if feature.refines and not set(feature.refines) & set(features):
            choices = " or ".join(feature.refines)
            raise UsageError(
                f"feature {name!r} refines {choices}, and none of them is chosen",
                where=where,
                remedy=f"Write --mlbench-features {','.join((feature.refines[0], *features))}",
            )
        for other in feature.excludes:
            if other in features:
                raise UsageError(
                    f"features {name!r} and {other!r} exclude each other",
                    where=where,
                    remedy="Give each its own --mlbench-features",
                )


def accepts(backend: str, features: tuple[str, ...], registry: Registry) -> bool:
    """Can `backend` use the kernel libraries of all `features`?"""
    takes = registry.backend(backend).takes
    needed = {registry.feature(name).library for name in features} - {""}
    return all(takes(registry.libraries[name]) for name in sorted(needed))


def uses(case: Case, source: str, registry: Registry) -> bool:
    """Is any part of `case` built from the pinned source of this name?"""
    libraries = {registry.feature(name).library for name in case.features} - {""}
    named = {registry.libraries[name].source for name in libraries}
    return source in named | set(registry.backend(case.backend).sources)


def taken(backend: str, registry: Registry) -> tuple[str, ...]:
    """The names of the kernel libraries that `backend` can use."""
    takes = registry.backend(backend).takes
    return tuple(name for name, library in registry.libraries.items() if takes(library))


def understood(
    config: Mapping[str, str],
    backend: str,
    features: tuple[str, ...],
    target: str,
    registry: Registry,
) -> Mapping[str, str]:
    """The entries of `config` that this backend, these features and this target understand.

    Raises UsageError for a value that its key does not allow.
    """
    machine = registry.target(target or registry.default_target)
    keys = {
        *BUILD_KEYS,
        *registry.backend(backend).config,
        *machine.config,
    }
    allowed = [BUILD_KEYS, registry.backend(backend).values]
    for name in features:
        feature = registry.feature(name)
        keys |= set(feature.config)
        allowed.append(feature.values)
    for key, values in (each for one in allowed for each in one.items()):
        if config.get(key, values[0]) not in values:
            raise unknown(f"{key} value", config[key], values, where="--mlbench-config")
    found = MappingProxyType({key: config[key] for key in sorted(config) if key in keys})
    machine.for_case(found, None)  # raises UsageError for values that the target does not allow
    return found


def unfit(case: Case, registry: Registry) -> UsageError | None:
    """Why the target of `case` (or any core) cannot execute its firmware; None if it can."""
    if reason := contradiction(case, registry):
        return UsageError(reason, remedy="Write another --mlbench-isa")
    try:
        registry.target_of(case).check(effective_isa(case, registry))
    except UsageError as error:
        return error
    return None


def extensions(features: Iterable[str], registry: Registry) -> tuple[str, ...]:
    """The ISA extensions that `features` add."""
    return tuple(name for feature in features for name in registry.feature(feature).extensions)


def effective_isa(case: Case, registry: Registry) -> str:
    """The ISA that the firmware of `case` may use.

    It is the case's own ISA, or else the target's, with the extensions that its features add.
    """
    isa = Isa.parse(case.isa or registry.target_of(case).isa)
    return str(isa.with_extensions(extensions(case.features, registry)))


def contradiction(case: Case, registry: Registry) -> str:
    """Why no hardware can implement the ISA of `case`; empty if it can."""
    isa = Isa.parse(effective_isa(case, registry))
    if isa.lacking is None:
        return ""
    extension, needed = (letter.upper() for letter in isa.lacking)
    base = case.isa or registry.target_of(case).isa
    added = [name for name in case.features if isa.lacking[0] in extensions([name], registry)]
    who = f"feature {added[0]!r} needs {extension}" if added else f"ISA {base} has {extension}"
    return f"{who}, and {extension} needs {needed}, which {base} does not have"


def config_keys(registry: Registry) -> set[str]:
    """All keys of `--mlbench-config` that any backend, feature or target understands."""
    known = {name for feature in registry.features.values() for name in feature.config}
    known |= set(BUILD_KEYS)
    for backend in registry.backends.values():
        known |= set(backend.config)
    for target in registry.targets.values():
        known |= set(target.config)
    return known


def takers(key: str, registry: Registry) -> list[tuple[str, str]]:
    """Features, backends and targets that understand a config key, as (option, value).

    The value of a feature includes the features that it requires.
    """
    found = [
        ("features", ",".join((*feature.requires, name)))
        for name, feature in registry.features.items()
        if key in feature.config
    ]
    found += [("backend", name) for name, one in registry.backends.items() if key in one.config]
    found += [("target", name) for name, one in registry.targets.items() if key in one.config]
    return found


def useful(wanted: Axes, registry: Registry) -> tuple[str, ...]:
    """The chosen backends that can use at least one of the chosen feature sets."""
    return tuple(
        backend
        for backend in wanted["backend"]
        if any(accepts(backend, features, registry) for features in wanted["features"])
    )


def refuse_unused(wanted: Axes, registry: Registry, used: set[tuple[str, Any]]) -> None:
    """Refuses the first value of `wanted` that is not among the (axis, value) pairs in `used`."""
    for backend in wanted["backend"]:
        if ("backend", backend) not in used:
            libraries = ", ".join(taken(backend, registry))
            raise UsageError(
                f"backend {backend!r} can use none of the chosen features",
                remedy=f"It can use: {libraries or 'no kernel library'}",
            )
    for features in wanted["features"]:
        if ("features", features) not in used:
            raise UsageError(
                f"features {','.join(features)!r} can be used by none of the chosen backends: "
                f"{', '.join(wanted['backend'])}",
                remedy="Add --mlbench-backend aot",
            )
    for vlen in wanted["vlen"]:
        if ("vlen", vlen) not in used:
            raise UsageError(
                f"vector length {vlen} is chosen, but no case uses the V extension",
                remedy="Add a feature that uses V, or an ISA with it (--mlbench-isa rv32gcv)",
            )
    for revision in wanted["revision"]:
        if ("revision", revision) not in used:
            raise UsageError(
                f"revision {revision} is chosen, but no case is built from that source",
                remedy="Add a feature or backend that uses it: --mlbench-features cmsisnn",
            )
    for key in wanted.config:
        if ("config", key) not in used:
            known = config_keys(registry)
            users = [
                f"feature {feature.name}"
                for feature in registry.features.values()
                if key in feature.config
            ]
            users += [
                f"target {name}"
                for name, target in registry.targets.items()
                if key in target.config
            ]
            remedy = f"It belongs to {', '.join(users)}" if users else nearest(key, known)
            raise UsageError(f"no case understands the config key {key!r}", remedy=remedy)
