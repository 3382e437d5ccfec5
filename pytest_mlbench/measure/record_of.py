"""The record of a case, of what is known when it ends: a failed one keeps what came before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlbench.records.record import Record

from .rules import effective_isa

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.case import Case
    from pytest_mlbench.firmware.components import Firmware
    from pytest_mlbench.models.load import LoadedModel

    from .registry import Registry


@dataclass(frozen=True)
class Known:
    """What a case's steps have found out. A step that was not reached has left its field empty.

    toolchain   the compiler's identity
    versions    name -> version of all that ran or validated the firmware
    operators   rows with counters, from a profile; else those of `generated` stand in the record
    components  {component: {rom, ram}}; `symbols`: rows, biggest first
    """

    model: LoadedModel | None = None
    model_path: str = ""
    toolchain: str = ""
    generated: Generated | None = None
    firmware: Firmware | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, int] = field(default_factory=dict)
    validation: Mapping[str, Any] = field(default_factory=dict)
    operators: tuple[Mapping[str, Any], ...] = ()
    components: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    symbols: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()


def record_of(
    case: Case, registry: Registry, known: Known, outcome: str, reason: str = ""
) -> Record:
    """The record with this outcome ('passed', 'failed', 'skipped') and reason."""
    made = known.generated
    return Record(
        case=case.name,
        params=params(case, registry),
        outcome=outcome,
        reason=reason,
        metrics=dict(known.metrics),
        validation=known.validation,
        provenance=_provenance(known),
        operators=known.operators or (made.operators if made else ()),
        components=known.components,
        symbols=known.symbols,
        arena=made.arena if made else (),
        notes=known.notes,
    )


def params(case: Case, registry: Registry) -> dict[str, Any]:
    """A record's parameters: the case's, with the ISA in full."""
    return {
        "model": case.model,
        "backend": case.backend,
        "features": list(case.features),
        "optimize": case.optimize,
        "target": registry.target_of(case).name,
        "isa": effective_isa(case, registry),
        "config": dict(sorted(case.config.items())),
        **dict(sorted(case.choices.items())),
    }


def _provenance(known: Known) -> dict[str, Any]:
    """What the numbers are of: contents and versions, no absolute paths and no times."""
    found: dict[str, Any] = {}
    if known.model is not None:
        found["model_sha256"] = known.model.sha256
    if known.model_path:
        found["model_path"] = known.model_path
    if known.toolchain:
        found["toolchain"] = known.toolchain
    if known.generated is not None:
        found["libraries"] = dict(sorted(known.generated.libraries.items()))
    if known.firmware is not None:
        found["elf_sha256"] = known.firmware.sha256
        found["flags"] = {
            component: list(flags)
            for component, flags in sorted(known.firmware.compile_flags.items())
        }
    return found | dict(known.versions)
