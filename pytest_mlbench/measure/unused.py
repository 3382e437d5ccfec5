"""Warns of chosen values that no case uses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.isa import Isa
from pytest_mlbench.records.record import Record

from .record_of import params
from .rules import effective_isa, takers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.case import Case
    from pytest_mlbench.settings import Settings

    from .registry import Registry


def unused(settings: Settings, cases: Sequence[Case], registry: Registry) -> Iterable[str]:
    """A sentence for each explicitly chosen value that none of the selected `cases` uses.

    Covers vector lengths, config keys, the memory check and the reference.
    """
    if settings.chosen("vlen"):
        used = {Isa.parse(effective_isa(case, registry)).vlen for case in cases}
        for vlen in settings.vlens:
            if vlen not in used:
                yield (
                    f"--mlbench-vlen {vlen}: no selected case uses the V extension. Choose a "
                    "feature that does (--mlbench-features tuned,vext), or an ISA with V "
                    "(--mlbench-isa rv32gcv)"
                )
    if settings.chosen("config"):
        keys = {key for case in cases for key in case.config}
        for key in settings.config:
            if key not in keys:
                remedy = _users(key, registry)
                yield f"--mlbench-config {key}: no selected case understands it. {remedy}"
    if settings.check and settings.chosen("check"):
        if settings.until != "run":
            yield "--mlbench-check: nothing runs with --mlbench-until build. Leave one of them out"
        elif cases and not any(_checked(case, registry) for case in cases):
            yield (
                "--mlbench-check: no selected case's backend makes checked firmware. Choose one "
                "that does: --mlbench-backend aot"
            )
    reference = settings.extra.get("reference")
    if reference is not None and settings.chosen("reference"):
        rows = [Record(case.name, params(case, registry), "skipped") for case in cases]
        if not any(map(reference.holds, rows)):
            yield f"--mlbench-reference {reference}: no selected case belongs to this variant"


def _checked(case: Case, registry: Registry) -> bool:
    return registry.backend(case.backend).checks


def _users(key: str, registry: Registry) -> str:
    """Which options understand a config key."""
    users = [f"--mlbench-{option} {name}" for option, name in takers(key, registry)]
    return f"Choose one that does: {' or '.join(users)}" if users else "Nothing understands it"
