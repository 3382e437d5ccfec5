"""Describes a model before anything is built: operators, sizes, unsupported parts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import MlbenchError, Unavailable, UsageError
from pytest_mlbench.models.operators.coverage import folded, refusal
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.models.operators.uncovered import uncovered
from pytest_mlbench.models.operators.view import dims
from pytest_mlbench.models.tflite.reader import read

from . import tflmi_obstacles
from .inspected_kernels import add_kernels, generated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlbench.backends.interface import Generated
    from pytest_mlbench.kernels.interface import KernelLibrary, LowerContext
    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph, Operator

_GIVEN = ("bytes", "sha256", "features", "isa", "optimize", "config")


def inspect(
    data: bytes,
    name: str,
    libraries: Sequence[KernelLibrary],
    context: LowerContext,
    *,
    backend: str = "aot",
) -> dict[str, Any]:
    """Everything about one model, as plain data.

    model, bytes, sha256   the file
    backend, features, isa, optimize, config   what it is inspected for
    operators              a row each: index, name, inputs, outputs, macs, parameters, runs (the
                           library), problem; with `libraries` also kernel and predicted (its
                           instructions by the kernel's formula, or None)
    libraries              library -> the indices of the operators that it covers, or an error
                           message
    predicted              sum of the operators' predictions; `unpredicted`: the indices of those
                           that run and have none. Without `libraries` 0 and none
    macs, parameters, weights   sums; weights in bytes
    arena                  peak and bound in bytes, `step` of the peak, `at_peak` (the buffers that
                           are live then), `steps`, `rows`, `order` (as in a record), and whose
                           `kernels` they are for: the libraries' names, or `reference`
    problems, remedy       a sentence each, and what to do about them
    covered, verdict       whether `backend` supports the model, and a sentence that says so
    """
    found = _nothing(name, backend)
    found |= {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "features": list(context.features),
        "isa": context.isa,
        "optimize": context.optimize,
        "config": dict(context.config),
    }
    try:
        graph = read(data)
    except UsageError as error:
        return found | unread(name, backend, error) | {key: found[key] for key in _GIVEN}
    folded_graph = fold(graph)
    layers, problems = lower_all(folded_graph)
    # As in a run, libraries are asked before a refusal.
    offered = [
        uncovered(folded_graph, operator, problems[operator.index])
        if operator.index in problems
        else layer
        for operator, layer in zip(folded_graph.operators, layers, strict=True)
    ]
    covered = [_covered(library, offered, context) for library in libraries]
    found["libraries"] = {one.name: taken for one, taken in zip(libraries, covered, strict=True)}
    brought = [set() if isinstance(taken, str) else problems.keys() & taken for taken in covered]
    bringing = tuple(one for one, places in zip(libraries, brought, strict=True) if places)
    problems = {place: problems[place] for place in problems.keys() - set().union(*brought)}
    if backend == "tflmi":
        problems = tflmi_obstacles.without_method(graph)
    found["operators"] = list(_rows(graph, folded_graph, offered, problems, found["libraries"]))
    if backend == "tflmi":
        for row in found["operators"]:
            row["runs"] = "" if row["problem"] else "tflm"
    constants = [tensor for tensor in graph.tensors if tensor.data is not None]
    found["macs"] = sum(layer.macs for layer in layers if layer is not None)
    found["parameters"] = sum(tensor.elements for tensor in constants)
    found["weights"] = sum(tensor.bytes for tensor in constants)
    if backend == "aot" and not problems:
        made = generated(graph, libraries, context) if libraries else None
        if made is not None:
            add_kernels(found, made)
        if made is None or made.probe:
            libraries, made = bringing, generated(graph, bringing, context)
        if made is not None and not made.probe:
            found["arena"] = _arena(made)
            found["arena"]["kernels"] = [one.name for one in libraries] or ["reference"]
    sentences = [
        f"operator {place} {graph.operators[place].kind}: {problems[place]}"
        for place in sorted(problems)
    ]
    count = len(graph.operators)
    if backend == "tflmi":
        sentences += tflmi_obstacles.more(graph, data)
        count = tflmi_obstacles.operators(graph)
    elif problems:
        found["remedy"] = refusal(folded_graph, problems).remedy
    return found | _verdict(found, sentences, count=count)


def unread(name: str, backend: str, error: MlbenchError) -> dict[str, Any]:
    """The result of `inspect` for a model that cannot be read."""
    remedy = f". {error.remedy}" if error.remedy else ""
    found = _nothing(name, backend)
    return found | _verdict(found, [f"{error.what}{remedy}"], readable=False)


def _nothing(name: str, backend: str) -> dict[str, Any]:
    return {
        "model": name,
        "bytes": 0,
        "sha256": "",
        "backend": backend,
        "features": [],
        "isa": "",
        "optimize": "",
        "config": {},
        "operators": [],
        "libraries": {},
        "macs": 0,
        "parameters": 0,
        "weights": 0,
        "predicted": 0,
        "unpredicted": [],
        "arena": None,
        "remedy": "",
    }


def _verdict(
    found: Mapping[str, Any], problems: Sequence[str], *, readable: bool = True, count: int = 0
) -> dict[str, Any]:
    """`count`: the model's operators."""
    backend = found["backend"]
    if not readable:
        verdict = problems[0]
    elif problems:
        several = f"{len(problems)} of {count} operators"
        verdict = f"{backend} does not cover {several if count > 1 else 'its operator'}"
    else:
        verdict = f"{backend} covers {f'all {count} operators' if count > 1 else 'its operator'}"
        if found["arena"]:
            verdict += (
                f": {found['macs']:,} MACs, {found['weights']:,} bytes of constants, "
                f"{found['arena']['peak']:,} bytes of activations"
            )
    return {"problems": list(problems), "covered": not problems, "verdict": verdict}


def _covered(
    library: KernelLibrary, layers: Iterable[Layer | None], context: LowerContext
) -> list[int] | str:
    """The indices of the operators that the library covers, or an error message."""
    try:
        return [
            layer.index
            for layer in layers
            if layer is not None and library.lower(layer, context) is not None
        ]
    except (Unavailable, MlbenchError) as error:
        return error.what


def _rows(
    graph: Graph,
    folded_graph: Graph,
    layers: Sequence[Layer | None],
    problems: Mapping[int, str],
    libraries: Mapping[str, list[int] | str],
) -> Iterable[dict[str, Any]]:
    for operator, after, layer in zip(graph.operators, folded_graph.operators, layers, strict=True):
        place = operator.index
        takers = [
            name
            for name, taken in libraries.items()
            if not isinstance(taken, str) and place in taken
        ]
        how = takers[0] if takers else "reference"
        if place in problems:
            how = ""
        elif layer is None:
            how = "built in advance" if folded(folded_graph, after) else "no code"
        yield {
            "index": place,
            "name": operator.kind,
            "inputs": [_tensor(graph, index) for index in operator.inputs if index >= 0],
            "outputs": [_tensor(graph, index) for index in operator.outputs],
            "macs": layer.macs if layer else 0,
            "parameters": _parameters(graph, operator),
            "runs": how,
            "problem": problems.get(place, ""),
        }


def _tensor(graph: Graph, index: int) -> str:
    tensor = graph.tensors[index]
    return f"{tensor.dtype} {dims(tensor.shape)}"


def _parameters(graph: Graph, operator: Operator) -> int:
    used = {index for index in operator.inputs if index >= 0}
    return sum(graph.tensors[i].elements for i in used if graph.tensors[i].data is not None)


def _arena(made: Generated) -> dict[str, Any]:
    """The memory plan."""
    rows = [dict(row) for row in made.arena]
    steps = range(len(made.steps) + 2)
    live = [sum(row["size"] for row in rows if row["first"] <= t <= row["last"]) for t in steps]
    step = live.index(max(live, default=0)) if live else 0
    return {
        "peak": made.arena_peak,
        "bound": made.arena_bound,
        "step": step,
        "at_peak": [row["name"] for row in rows if row["first"] <= step <= row["last"]],
        "steps": len(steps),
        "order": list(made.order),
        "rows": rows,
    }
