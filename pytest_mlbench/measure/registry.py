"""The registered models, backends, kernel libraries, targets, sources and formats, by name.

Built-in ones are registered by the same hooks as those of users (see `hookspec`).
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_mlbench.backends.interface import Backend
from pytest_mlbench.errors import MlbenchError, UsageError, unknown
from pytest_mlbench.firmware.target import Target
from pytest_mlbench.kernels.interface import Feature, KernelLibrary
from pytest_mlbench.models.model import TWIN, Model
from pytest_mlbench.records.extension import Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench.case import Case
    from pytest_mlbench.provision.pinned import GitPin


Named = TypeVar("Named", Model, Backend, KernelLibrary, Target, "GitPin", Format)


@dataclass(frozen=True)
class Registry:
    """Everything registered, by name."""

    models: Mapping[str, Model] = field(default_factory=dict)
    backends: Mapping[str, Backend] = field(default_factory=dict)
    libraries: Mapping[str, KernelLibrary] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    sources: Mapping[str, GitPin] = field(default_factory=dict)
    formats: Mapping[str, Format] = field(default_factory=dict)

    def model(self, name: str) -> Model:
        """The model called `name`. Raises UsageError with the nearest match."""
        return _find("model", name, self.models)

    def backend(self, name: str) -> Backend:
        """The backend called `name`. Raises UsageError with the nearest match."""
        return _find("backend", name, self.backends)

    def target(self, name: str) -> Target:
        """The target called `name`. Raises UsageError with the nearest match."""
        return _find("target", name, self.targets)

    def source(self, name: str) -> GitPin:
        """The pinned source called `name`. Raises UsageError with the nearest match."""
        return _find("source", name, self.sources)

    def format(self, name: str) -> Format:
        """The format called `name`. Raises UsageError with the nearest match."""
        return _find("format", name, self.formats)

    def feature(self, name: str) -> Feature:
        """The feature called `name`. Raises UsageError with the nearest match."""
        return _find("feature", name, self.features)

    @property
    def default_target(self) -> str:
        """The target used if none is named: the one marked as default, else the first."""
        for name, target in self.targets.items():
            if target.default:
                return name
        return next(iter(self.targets), "")

    def target_of(self, case: Case) -> Target:
        """The target that `case` runs on."""
        return self.target(case.target or self.default_target)

    def is_twin(self, name: str) -> bool:
        """Is `name` the stand-in of another registered model?"""
        base = name.removesuffix(TWIN)
        return base != name and base in self.models and bool(self.models[base].twin)

    @property
    def features(self) -> dict[str, Feature]:
        """All features of all libraries, by name.

        Raises UsageError if two libraries share a feature's name and the features do not say what
        they `refine`.
        """
        by_feature_name: dict[str, Feature] = {}
        for library in self.libraries.values():
            for feature in library.features:
                earlier = by_feature_name.get(feature.name)
                by_feature_name[feature.name] = (
                    feature if earlier is None else _together(earlier, feature)
                )
        return by_feature_name


def _together(one: Feature, other: Feature) -> Feature:
    if not (one.refines and other.refines):
        raise UsageError(
            f"two kernel libraries have a feature {one.name!r}",
            remedy="Set Feature.refines in both to the library's own features that it refines",
        )

    def union(field_name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(getattr(one, field_name) + getattr(other, field_name)))

    return replace(
        one,
        refines=union("refines"),
        requires=union("requires"),
        excludes=union("excludes"),
        extensions=union("extensions"),
        config=union("config"),
        values={**one.values, **other.values},
    )


T = TypeVar("T")


def _find(kind: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise unknown(kind, name, known)
    return known[name]


def by_name(kind: str, things: Iterable[Named]) -> dict[str, Named]:
    """`things` by their names, sorted. Raises UsageError when two share one."""
    found: dict[str, Named] = {}
    for thing in things:
        if thing.name in found:
            raise UsageError(f"two {kind}s are registered as {thing.name!r}")
        found[thing.name] = thing
    return dict(sorted(found.items()))


def _asked(hook: Any, name: str) -> list[Any]:
    """The answers of all plugins to a hook. Raises UsageError for a plugin that fails."""
    try:
        return _flat(getattr(hook, name)())
    except MlbenchError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        at = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else name
        raise UsageError(
            f"a plugin's {name} fails: {type(error).__name__}: {error}", where=at
        ) from error


def collect(hook: Any) -> Registry:
    """Everything that plugins register through `hook`; the models' twins are added.

    Raises UsageError if two entries of one kind share a name.
    """
    models = _asked(hook, "pytest_mlbench_models")
    named = {model.name for model in models}
    twins = [
        Model(name=model.name + TWIN, title=f"{model.title} (twin)", build=model.twin, noisy=True)
        for model in models
        if model.twin and model.name + TWIN not in named
    ]
    return Registry(
        models=by_name("model", [*models, *twins]),
        backends=by_name("backend", _derived(Backend, hook, "pytest_mlbench_backends")),
        libraries=by_name(
            "kernel library", _derived(KernelLibrary, hook, "pytest_mlbench_kernel_libraries")
        ),
        targets=by_name("target", _derived(Target, hook, "pytest_mlbench_targets")),
        sources=by_name("source", _asked(hook, "pytest_mlbench_sources")),
        formats=by_name("format", _asked(hook, "pytest_mlbench_formats")),
    )


def _derived(base: type[Any], hook: Any, asked: str) -> list[Any]:
    """What plugins answer to the hook `asked`.

    Raises UsageError for what does not derive from `base`, which would fail only later.
    """
    found = _asked(hook, asked)
    for thing in found:
        if not isinstance(thing, base):
            name = getattr(thing, "name", type(thing).__name__)
            raise UsageError(
                f"{name!r} does not derive from {base.__name__}",
                where=asked,
                remedy=f"Write `class {type(thing).__name__}(pytest_mlbench.api.{base.__name__})`",
            )
    return found


def _flat(answers: Iterable[Iterable[Any]]) -> list[Any]:
    """All plugins' answers in one list. They may be sets or generators; names give the order."""
    return [thing for answer in answers for thing in answer]
