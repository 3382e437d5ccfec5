"""The kernels of an inspected model: predicted instructions, and measured ones beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlbench.backends.aot.backend import AotBackend
from pytest_mlbench.backends.interface import GenerateRequest
from pytest_mlbench.errors import MlbenchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.kernels.interface import KernelLibrary, LowerContext
    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.records.record import Record


def generated(
    graph: Graph, libraries: Sequence[KernelLibrary], context: LowerContext
) -> Generated | None:
    """What the backend generates for `graph`; None if a library cannot be used here."""
    request = GenerateRequest(
        graph=graph,
        model_data=b"",
        libraries=tuple(libraries),
        features=context.features if libraries else (),
        isa=context.isa,
        optimize=context.optimize,
        config=context.config,
        sources=context.sources,
    )
    try:
        return AotBackend().generate(request)
    except MlbenchError:
        return None


def add_kernels(found: dict[str, Any], made: Generated) -> None:
    """Add to each operator the kernel that runs and its predicted instructions, and the sums."""
    running = [row for row in made.operators if row["library"]]
    for row, one in zip(found["operators"], made.operators, strict=True):
        row["kernel"] = one["kernel"] if one["library"] else ""
        row["predicted"] = one.get("predicted")
    found["predicted"] = sum(row.get("predicted", 0) for row in running)
    found["unpredicted"] = [row["index"] for row in running if "predicted" not in row]


def add_measured(
    found: dict[str, Any], records: Iterable[Record], context: LowerContext, *, where: str
) -> None:
    """Add to the operators of an inspected model `measured`, their instructions in a profile.

    Raises UsageError if none of `records`, of the file `where`, is a profile of this model with
    the features, the ISA, the optimisation level and the configuration of `context`.
    """
    wanted = {
        "backend": "aot",
        "features": list(context.features),
        "isa": context.isa,
        "optimize": context.optimize,
        "config": dict(context.config),
    }
    for record in records:
        same = record.provenance.get("model_sha256") == found["sha256"] and all(
            record.params.get(name) == value for name, value in wanted.items()
        )
        rows = {row["index"]: row for row in record.operators if "instructions" in row}
        if same and rows:
            for row in found["operators"]:
                row["measured"] = rows.get(row["index"], {}).get("instructions")
            return
    config = "".join(f", {key}={value}" for key, value in sorted(context.config.items()))
    raise UsageError(
        f"no profile of {found['model']} with features {','.join(context.features)} on "
        f"{context.isa} at -O{context.optimize}{config}",
        where=where,
        remedy="Run it with --mlbench-profile and --mlbench-json, or name the options of that run",
    )
