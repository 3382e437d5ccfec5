"""The kernels of an inspected model: predicted instructions, and measured ones beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import MlbenchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.kernels.interface import KernelLibrary, LowerContext
    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.records.record import Record


def add_kernels(
    rows: Sequence[dict[str, Any]],
    graph: Graph,
    libraries: Sequence[KernelLibrary],
    context: LowerContext,
) -> None:
    """Add to each row the kernel that would run and its predicted instructions.

    Nothing is added if a library cannot be used here; `libraries` in the result says why.
    """
    try:
        generated = AotBackend().generate(
            GenerateRequest(
                graph=graph,
                model_data=b"",
                libraries=tuple(libraries),
                features=context.features,
                isa=context.isa,
                optimize=context.optimize,
                config=context.config,
                sources=context.sources,
            )
        )
    except MlbenchError:
        return
    for row, made in zip(rows, generated.operators, strict=True):
        row["kernel"] = made["kernel"] if made["library"] else ""
        row["predicted"] = made.get("predicted")


def add_measured(
    found: dict[str, Any],
    records: Iterable[Record],
    features: tuple[str, ...],
    isa: str,
    *,
    where: str,
) -> None:
    """Add to the operators of an inspected model `measured`, their instructions in a profile.

    Raises UsageError if none of `records`, of the file `where`, is a profile of this model with
    these features on this ISA.
    """
    wanted = (found["sha256"], list(features), isa)
    for record in records:
        params = record.params
        known = record.provenance.get("model_sha256"), params.get("features"), params.get("isa")
        rows = {row["index"]: row for row in record.operators if "instructions" in row}
        if known == wanted and rows:
            for row in found["operators"]:
                row["measured"] = rows.get(row["index"], {}).get("instructions")
            return
    raise UsageError(
        f"no profile of {found['model']} with features {','.join(features)} on {isa}",
        where=where,
        remedy="Run it with --mlbench-profile and --mlbench-json; --isa names another ISA",
    )
