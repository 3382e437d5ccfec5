"""What tests of pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import browser
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Browser]:
    """One browser for all pages."""
    made = browser.Browser(browser.find(), tmp_path_factory.mktemp("browser"))
    yield made
    made.end()
