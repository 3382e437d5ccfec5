from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.models.load import LoadedModel, load
from pytest_mlbench.models.zoo import MODELS
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def original(tmp_path) -> Callable[[str], LoadedModel]:
    """Loads an original of the zoo from the mirror that MLBENCH_MIRROR names; skips without it."""
    mirror = os.environ.get("MLBENCH_MIRROR")
    if not mirror:
        pytest.skip("MLBENCH_MIRROR names no mirror with the originals")
    fetcher = Fetcher(Cache(tmp_path / "cache"), mirror=mirror, offline=True)
    models = {model.name: model for model in MODELS}

    def get(name: str) -> LoadedModel:
        try:
            return load(models[name], fetcher, strict=True)
        except Unavailable as error:
            pytest.skip(f"the mirror has no {name}: {error}")

    return get
