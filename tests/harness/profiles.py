"""How many layers are drawn: few in a usual run, 2,000 per operator in a thorough one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import LayerCase

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
BATCH = 40
"""Layers per model."""


def given_layers(
    layers: st.SearchStrategy[LayerCase],
    *,
    few: int = 12,
    thorough: int = 2000,
    batches: int = 1,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test of a list of layers: `batches` lists of at least `few` layers, in a thorough run
    as many lists of `BATCH` as make `thorough` layers.

    The failure names the layer, so nothing is shrunk.
    """
    size = BATCH if THOROUGH else few
    count = -(-thorough // BATCH) if THOROUGH else batches

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        profile: dict[str, Any] = {
            "max_examples": 1 + count,
            "deadline": None,
            "suppress_health_check": list(HealthCheck),
            "derandomize": not THOROUGH,
            "database": None,
            # A failure names its layer; shrinking would build hundreds of models.
            "phases": [Phase.explicit, Phase.generate],
        }
        calls = iter([True])

        def drawn(cases: list[LayerCase]) -> None:
            # The first example is always the same minimal layer many times over.
            if not next(calls, False):
                test(cases)

        lists = st.lists(layers, min_size=size, max_size=size)
        return settings(**profile)(given(cases=lists)(drawn))

    return decorate
