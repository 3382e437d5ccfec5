"""One cache for tests that do not look into it: equal firmware is built once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bare_metal import cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def home() -> Path:
    """The user's cache."""
    return cache().root
