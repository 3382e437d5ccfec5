"""The dimensions of the matrix, and what was asked for along each.

An axis is an option with an `Axis` (see `settings.Settings`): a new one is one entry there. The
axes model, backend, features, optimize, target, isa and vlen make a `Case`'s own fields; any other
axis is kept in `Case.choices` where its value is not the first of its defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.options import GCC, is_toolchain_name
from pytest_mlbench.settings import CORE, ROWS, model_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_mlbench.settings import Settings

    from .mark import Mark
    from .registry import Registry

AXES = {row.name: row.axis for row in CORE if row.axis}
"""Axis -> what the matrix knows of it, in the order of the product."""

OWN_FIELDS = ("model", "backend", "features", "optimize", "target", "isa", "vlen")
"""The axes that make a case's own fields."""

FURTHER = tuple(axis for axis in AXES if axis not in OWN_FIELDS)
"""The axes whose values stand in `Case.choices`."""


@dataclass(frozen=True)
class Axes:
    """The values of each axis, in the user's order. An isa or target of '' is the default one."""

    values: Mapping[str, tuple[Any, ...]]
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, axis: str) -> tuple[Any, ...]:
        """The values of `axis`: those asked for, else its defaults."""
        return tuple(self.values.get(axis) or AXES[axis].default)

    def with_values(self, **values: tuple[Any, ...]) -> Axes:
        """The same, with these values of these axes."""
        return Axes(MappingProxyType({**self.values, **values}), self.config)


def axes(settings: Settings, mark: Mark, registry: Registry, *, folder: Path) -> Axes:
    """What is asked for: by the command line, else the mark, else the ini file, else by default.

    `folder` is what model paths in the mark are relative to. Without any choice all registered
    models are meant, stand-ins not. The default target is written as ''.
    """
    found: dict[str, Any] = {}
    for axis in AXES:
        chosen, marked = settings.value(ROWS[axis]), mark.axes.get(axis)
        found[axis] = chosen if settings.chosen(axis) or marked is None else marked
    models = found["model"] or tuple(name for name in registry.models if not registry.is_twin(name))
    found["model"] = tuple(name for text in models for name in model_names(text, folder))
    default = registry.default_target
    found["target"] = tuple("" if name == default else name for name in found["target"])
    if len(found["toolchain"]) == 1 and not is_toolchain_name(found["toolchain"][0]):
        found["toolchain"] = (GCC,)  # where this machine's GCC is
    layers = [settings.config, mark.config or {}]
    if settings.chosen("config"):
        layers.reverse()
    return Axes(MappingProxyType(found), MappingProxyType({**layers[0], **layers[1]}))


def label(axis: str, value: Any) -> str:
    """A value of an axis as it stands in a case's name."""
    return AXES[axis].label(value)


def further(values: Mapping[str, Any]) -> Mapping[str, str]:
    """The `Case.choices` of one value for each axis: those that are not their axis's default."""
    chosen = {axis: values.get(axis) for axis in FURTHER}
    return MappingProxyType(
        {
            axis: label(axis, value)
            for axis, value in sorted(chosen.items())
            if value and value != next(iter(AXES[axis].default), None)
        }
    )
