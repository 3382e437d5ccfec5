"""One benchmark case: a model, a backend, features, an optimisation level, a target. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_FEATURES = "_"
"""The text for the empty set of features in options, ids and tables."""


WAITS = ("rom_wait", "ram_wait")
"""Keys of a case's `config` for the machine, not the firmware: wait states of its memory."""


def feature_label(features: Iterable[str]) -> str:
    """The text for a set of features in a case's name: joined by `+`, or `_` for none."""
    return "+".join(features) or NO_FEATURES


@dataclass(frozen=True)
class Case:
    """One point of the matrix.

    `features` are names in the user's order (`("tuned", "dext")`). An empty `target` is the default
    target; an empty `isa` is the target's own. `choices` (axis -> value) holds values of further
    axes that differ from the default. `config` holds settings of features, backends and the target.
    """

    model: str
    backend: str = "aot"
    features: tuple[str, ...] = ()
    optimize: str = "3"
    target: str = ""
    isa: str = ""
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    choices: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def feature_label(self) -> str:
        """The features joined by `+`, `_` for none."""
        return feature_label(self.features)

    @property
    def name(self) -> str:
        """The stable, readable name: key of records and baselines, and pytest's parameter id."""
        parts = [self.model, self.backend, self.feature_label, f"O{self.optimize}"]
        parts += [part for part in (self.target, self.isa) if part]
        parts += [value for _, value in sorted(self.choices.items())]
        parts += [f"{key}={value}" for key, value in sorted(self.config.items())]
        return "-".join(parts)

    def __hash__(self) -> int:
        return hash(self.name)
