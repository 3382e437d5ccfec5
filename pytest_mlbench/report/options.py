"""The reports' rows of the option table (see `pytest_mlbench.options`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlbench.options import Option

OPTIONS: tuple[Option, ...] = ()
