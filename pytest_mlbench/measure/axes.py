"""The axes of the matrix of cases, and the values chosen for each.

An axis is an option that has an `Axis` (see `settings.Settings`); to add one, add an entry there.
The axes in `OWN_FIELDS` set fields of `Case`. The value of any other axis is stored in
`Case.choices`, unless it is the axis's first default.
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
"""Name -> `Axis`. The product of the axes is taken in this order; the first varies slowest."""

OWN_FIELDS = ("model", "backend", "features", "optimize", "target", "isa", "vlen")
"""The axes that set a case's own fields."""

FURTHER = tuple(axis for axis in AXES if axis not in OWN_FIELDS)
"""The axes whose values are stored in `Case.choices`."""


@dataclass(frozen=True)
class Axes:
    """The values of each axis, in the user's order. '' stands for the default isa or target."""

    values: Mapping[str, tuple[Any, ...]]
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __getitem__(self, axis: str) -> tuple[Any, ...]:
        """The values chosen for `axis`, or its defaults."""
        return tuple(self.values.get(axis) or AXES[axis].default)

    def with_values(self, **values: tuple[Any, ...]) -> Axes:
        """A copy in which the given axes have the given values."""
        return Axes(MappingProxyType({**self.values, **values}), self.config)


def axes(settings: Settings, mark: Mark, registry: Registry, *, folder: Path) -> Axes:
    """The chosen values. The command line wins over the mark, the mark over the ini file.

    Model paths in the mark are relative to `folder`. If no model was chosen, all registered models
    are used except stand-ins. The default target is written as ''.
    """
    values: dict[str, Any] = {}
    for axis in AXES:
        chosen, from_mark = settings.value(ROWS[axis]), mark.axes.get(axis)
        values[axis] = chosen if settings.chosen(axis) or from_mark is None else from_mark
    models = values["model"] or tuple(
        name for name in registry.models if not registry.is_twin(name)
    )
    values["model"] = tuple(name for text in models for name in model_names(text, folder))
    default = registry.default_target
    values["target"] = tuple("" if name == default else name for name in values["target"])
    if len(values["toolchain"]) == 1 and not is_toolchain_name(values["toolchain"][0]):
        values["toolchain"] = (GCC,)  # where this machine's GCC is
    layers = [settings.config, mark.config or {}]
    if settings.chosen("config"):
        layers.reverse()
    return Axes(MappingProxyType(values), MappingProxyType({**layers[0], **layers[1]}))


def label(axis: str, value: Any) -> str:
    """The text for an axis's value in a case's name."""
    return AXES[axis].label(value)


def further(values: Mapping[str, Any]) -> Mapping[str, str]:
    """`Case.choices` for one value per axis: the values that differ from their axis's default."""
    chosen = {axis: values.get(axis) for axis in FURTHER}
    return MappingProxyType(
        {
            axis: label(axis, value)
            for axis, value in sorted(chosen.items())
            if value and value != next(iter(AXES[axis].default), None)
        }
    )
