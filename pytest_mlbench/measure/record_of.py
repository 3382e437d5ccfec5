"""Makes the record of a case from what is known when it ends, even after a failed step."""

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
    from pytest_mlbench.firmware.target import Simulation
    from pytest_mlbench.models.load import LoadedModel

    from .registry import Registry


@dataclass(frozen=True)
class Known:
    """The results of a case's steps. The field of a step that was not reached is empty.

    toolchain   the compiler's identity
    versions    name -> version of everything that ran or validated the firmware
    operators   rows with counters, from a profile; if empty, the record has those of `generated`
    components  {component: {rom, ram}}; `symbols`: rows, largest first
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
    generated = known.generated
    return Record(
        case=case.name,
        params=params(case, registry),
        outcome=outcome,
        reason=reason,
        metrics=dict(known.metrics),
        validation=known.validation,
        provenance=_provenance(known),
        operators=known.operators or (generated.operators if generated else ()),
        components=known.components,
        symbols=known.symbols,
        arena=generated.arena if generated else (),
        order=generated.order if generated else (),
        notes=known.notes,
    )


def measured_of(simulation: Simulation, target: str) -> list[str]:
    """Notes on a real core's counters: if it ran fewer samples than were validated, and if it
    counted more instructions than Spike."""
    notes = []
    ran, validated = len(simulation.runs), len(simulation.outputs)
    if simulation.real and ran < validated:
        notes.append(f"{target}: the cycles are those of the first {ran} of {validated} samples")
    if simulation.extra_instructions:
        notes.append(
            f"{target}: instructions exceed Spike's by up to {simulation.extra_instructions}: the "
            "core also counts the write that resets its counter"
        )
    return notes


def params(case: Case, registry: Registry) -> dict[str, Any]:
    """A record's parameters: those of the case, with the complete ISA."""
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
    """What was measured: hashes of contents, and versions; no absolute paths and no times."""
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
