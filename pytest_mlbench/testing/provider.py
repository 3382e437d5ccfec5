"""How Hypothesis draws layers: from the seed alone.

Hypothesis by itself also draws constants that it reads from the sources of all modules that happen
to be loaded, so that one seed gives other layers after an unrelated edit, with other tests in the
same process, or with another way of installing this package.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.choice import choice_constraints_key, choice_permitted
from hypothesis.internal.conjecture.providers import (
    AVAILABLE_PROVIDERS,
    GLOBAL_CONSTANTS,
    HypothesisProvider,
)

BACKEND = "mlbench"


class FromSeed(HypothesisProvider):
    """Draws as Hypothesis does, its own list of edge cases included."""

    _allowed: dict[tuple[Any, ...], list[Any]] = {}  # noqa: RUF012  (one for all, as in Hypothesis)

    def _maybe_draw_constant(self, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
        random = self._random
        assert random is not None
        if random.random() > p:
            return None
        key = (choice_type, choice_constraints_key(choice_type, constraints))
        if key not in self._allowed:
            self._allowed[key] = [
                constant
                for constant in GLOBAL_CONSTANTS.set_for_type(choice_type)
                if choice_permitted(constant, constraints)
            ]
        return random.choice(self._allowed[key]) if self._allowed[key] else None


AVAILABLE_PROVIDERS[BACKEND] = FromSeed
