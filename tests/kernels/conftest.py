"""Random layers of several kinds in one model: its tools start once, not once per kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`@pytest.mark.kinds(names, at_once=8)` gives `kinds`: up to eight of the names per test.

    With -k, and in a thorough run, each name has a test of its own.
    """
    mark = metafunc.definition.get_closest_marker("kinds")
    if mark is None:
        return
    names = list(mark.args[0])
    alone = THOROUGH or metafunc.config.option.keyword
    step = 1 if alone else mark.kwargs["at_once"]
    parts = [names[start : start + step] for start in range(0, len(names), step)]
    ids = [part[0] if len(part) == 1 else f"{part[0]}..{part[-1]}" for part in parts]
    metafunc.parametrize("kinds", parts, ids=ids)
