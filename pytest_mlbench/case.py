"""What one benchmark case is: a model, a backend, features, a level, a target. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_FEATURES = "_"
"""How the empty set of features is written in options, ids and tables."""


@dataclass(frozen=True)
class Case:
    """One point of the matrix.

    `features` are names in the user's order (`("tuned", "dext")`); `isa` is empty for the
    target's default; `config` holds `KEY=VALUE` settings of features and backends.
    """

    model: str
    backend: str = "aot"
    features: tuple[str, ...] = ()
    optimize: str = "3"
    target: str = "spike"
    isa: str = ""
    config: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def feature_label(self) -> str:
        """The features joined by `+`, `_` for none."""
        return "+".join(self.features) or NO_FEATURES

    @property
    def name(self) -> str:
        """The stable, readable name: key of records and baselines, and pytest's parameter id."""
        parts = [self.model, self.backend, self.feature_label, f"O{self.optimize}"]
        if self.target != "spike":
            parts.append(self.target)
        if self.isa:
            parts.append(self.isa)
        parts += [f"{key}={value}" for key, value in sorted(self.config.items())]
        return "-".join(parts)

    def __hash__(self) -> int:
        return hash(self.name)
