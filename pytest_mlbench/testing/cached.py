"""The cache that tests of kernels share with the user's runs."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from pytest_mlbench.provision.cache import Cache, default_root


@cache
def user_cache() -> Cache:
    """The cache that MLBENCH_CACHE names, or the user's own."""
    named = os.environ.get("MLBENCH_CACHE")
    return Cache(Path(named) if named else default_root())
