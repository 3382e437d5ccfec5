"""Additional firmware of a case, built to find the wrong operator, to profile operators, or to
check their use of memory. The sizes and cycles of this firmware are not reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import MlbenchError, SimulationFailed

from . import memory_check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .steps import Steps


def first_wrong_operator(chain: Steps, sample: int) -> str:
    """Names the first operator whose output differs in a sample, or says how to find it."""
    from .bisect import first_difference, with_every_output

    if not chain.toolbox.settings.bisect:
        return "--mlbench-bisect names the first layer that differs"
    try:
        other = chain.with_model(with_every_output(chain.model, sample))
        found = first_difference(
            other.model.graph,
            other.generated.operators,
            other.simulation.outputs[0],
            other.expected.outputs[0],
        )
    except (MlbenchError, ValueError) as error:
        return f"The first layer that differs cannot be found: {error}"
    return found or "Nothing differs when every layer's output is kept: check the memory plan"


def profiled(chain: Steps) -> tuple[Mapping[str, Any], ...]:
    """The operators with their cycles and instructions in the first sample.

    They come from a separate firmware that counts around each operator.
    """
    from . import derive

    firmware = chain.build(
        chain.generate(profile=True), define="MLBENCH_PROFILE", purpose="profile"
    )
    ran = chain.run(firmware, chain.model.samples[:1])
    rows, steps = chain.generated.operators, chain.generated.steps
    counts = derive.by_operator(ran.profile, steps or tuple(row["index"] for row in rows))
    return tuple({**row, **derive.operator(counts[row["index"]], ran.events)} for row in rows)


def memory_fault(chain: Steps) -> str:
    """What a checked firmware finds with the first sample; empty if it finds nothing.

    Raises SimulationFailed if the checked firmware does not finish.
    """
    generated = chain.generate(check=True)
    tensors = chain.model.graph.tensors
    outputs = tuple(tensors[index].bytes for index in chain.model.graph.outputs)
    try:
        ran = chain.run(
            chain.build(generated, purpose="check"),
            chain.model.samples[:1],
            target=chain.target.for_checks(chain.isa),
            outputs=(memory_check.FINDING_BYTES, *outputs),
        )
    except SimulationFailed as error:
        what = f"checked firmware: {error.what}"
        raise SimulationFailed(what, where=error.where, remedy=error.remedy) from error
    report, *checked = ran.outputs[0]
    found = memory_check.read(report)
    if found is not None:
        return memory_check.explain(found, generated.arena, generated.operators, generated.order)
    if tuple(checked) != tuple(chain.simulation.outputs[0]):
        return memory_check.PLAN_DIFFERS
    return ""


def left_out(aborted: Mapping[int, str], validation: Mapping[str, Any]) -> list[str]:
    """Notes on the samples that the reference cannot run."""
    return [
        f"sample {sample} is not compared, {validation.get('samples', 0)} others are: "
        f"{validation.get('reference', 'the reference')} cannot run it ({why})"
        for sample, why in sorted(aborted.items())
    ]


def unchecked(chain: Steps) -> list[str]:
    """A note if `--mlbench-check` is on but the backend does not support it."""
    if not chain.toolbox.settings.check or _checks(chain):
        return []
    return [f"not checked: backend {chain.case.backend} cannot generate checked firmware"]


def _checks(chain: Steps) -> bool:
    return chain.registry.backend(chain.case.backend).checks
