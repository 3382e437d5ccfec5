"""The case of a model that is inspected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError
from pytest_mlbench.settings import ROWS

from .axes import OWN_FIELDS, Axes
from .matrix import cases

if TYPE_CHECKING:
    from pytest_mlbench.case import Case
    from pytest_mlbench.settings import Settings

    from .registry import Registry

BACKENDS = ("aot", "tflmi")
"""The backends whose coverage is known without a build."""


def inspected_case(settings: Settings, registry: Registry) -> Case:
    """The case that the settings choose, without a model.

    Raises UsageError for what a run would refuse, and if the settings choose several cases.
    """
    values = {name: settings.value(ROWS[name]) for name in OWN_FIELDS}
    found = cases(Axes({**values, "model": ("",)}, settings.config), registry)
    if len(found) > 1:
        raise UsageError(
            f"the options choose {len(found)} cases, and one is inspected at a time",
            remedy="Give each option one value",
        )
    (case,) = found
    if case.backend not in BACKENDS:
        raise UsageError(
            f"backend {case.backend!r} cannot be inspected",
            remedy=f"Choose --backend {' or '.join(BACKENDS)}",
        )
    return case
