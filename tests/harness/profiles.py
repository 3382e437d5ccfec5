"""How many layers are drawn: few in a usual run, 2,000 per operator in a thorough one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
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
    name: str = "cases",
    few: int = 12,
    thorough: int = 2000,
    batches: int = 1,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test of a list of layers: `batches` lists of at least `few` layers, in a thorough run
    as many lists of `BATCH` as make `thorough` layers.

    A failing list is shrunk to the layer that fails.
    """
    size = BATCH if THOROUGH else few
    count = -(-thorough // BATCH) if THOROUGH else batches

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        profile: dict[str, Any] = {
            "max_examples": count,
            "deadline": None,
            "suppress_health_check": list(HealthCheck),
            "derandomize": not THOROUGH,
            "database": None,
        }
        lists = st.lists(layers, min_size=size, max_size=size) if size else st.nothing()
        return settings(**profile)(given(**{name: lists})(test))

    return decorate
