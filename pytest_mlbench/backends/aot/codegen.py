"""Generates the C: constants, one arena, one flat sequence of kernel calls."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pytest_mlbench.kernels.interface import Array, KernelCall
from pytest_mlbench.models.operators.coverage import folded
from pytest_mlbench.models.operators.state import first_value, reset_value
from pytest_mlbench.models.operators.view import dims
from pytest_mlbench.models.tflite.graph import ITEM_SIZE

from .constants import Constants, Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jinja2 import Environment
    from numpy.typing import NDArray

    from pytest_mlbench.models.tflite.graph import Graph, Operator, Tensor

    from .memory_plan.arrange import Memory

CTYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "bool": "uint8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "float32": "float",
}


@dataclass(frozen=True)
class Probe:
    """A size that only the firmware can compute: the size of `what` for operator `operator`."""

    call: KernelCall
    expression: str
    what: str
    operator: int


def model_source(
    graph: Graph,
    calls: Sequence[KernelCall | None],
    memory: Memory,
    *,
    profile: bool = False,
    inside: Mapping[int, int] = MappingProxyType({}),
    reset: bool = False,
) -> str:
    """The model as one C file.

    `calls[i]` executes operator i; None means that the operator needs no code. All sizes in `calls`
    are numbers. `profile` puts counters around every operator. `inside` maps an operator's index to
    that of the one that does its work too. `reset` adds a function that resets the state.
    """
    constants = Constants(lambda index: address(graph, memory, constants, index))
    steps, setups = [], list(first_values(graph, constants))
    resets = list(reset_values(graph, constants)) if reset else None
    copies = bool(setups or resets)
    for number, call in enumerate(calls):
        text = ""
        if call is not None:
            buffers = places(graph, memory, number, call)
            text = call_text(constants, call, buffers)
            if call.setup is not None:
                setups.append(call_text(constants, call.setup, buffers))
        operator = graph.operators[number]
        shown = comment(graph, operator, call, inside.get(operator.index))
        steps.append({"comment": shown, "call": text})
    return render(
        "model.c.j2",
        graph,
        calls,
        memory,
        constants,
        profile=profile,
        copies=copies,
        setups=setups,
        resets=resets,
        steps=steps,
    )


def render(
    template: str,
    graph: Graph,
    calls: Sequence[KernelCall | None],
    memory: Memory,
    constants: Constants,
    **more: Any,
) -> str:
    """A template with what every model has: headers, tensors, constants, inputs and outputs."""
    inputs = [_buffer(graph, memory, constants, index) for index in graph.inputs]
    outputs = [_buffer(graph, memory, constants, index) for index in graph.outputs]
    return (
        _templates()
        .get_template(template)
        .render(
            title=_plain(graph.name),
            arena=memory.peak,
            headers=_headers(calls),
            tensors=[
                {"index": index, "offset": offset, "comment": _tensor_comment(graph.tensors[index])}
                for index, offset in memory.tensors.items()
            ],
            inputs=inputs,
            outputs=outputs,
            definitions=constants.definitions,
            **more,
        )
    )


def first_values(graph: Graph, constants: Constants) -> Iterator[str]:
    """Statements that set the initial values of variables; the arena starts as zeros."""
    for tensor in graph.tensors:
        value = first_value(tensor) if tensor.variable else None
        if value is not None and value.any():
            yield _filled(tensor, value, constants)


def reset_values(graph: Graph, constants: Constants) -> Iterator[str]:
    """What gives variables the value that they have after a reset."""
    for tensor in graph.tensors:
        if tensor.variable:
            yield _filled(tensor, reset_value(tensor), constants)


def _filled(tensor: Tensor, value: NDArray[Any], constants: Constants) -> str:
    if not value.any():
        return f"memset(TENSOR_{tensor.index}, 0, {tensor.bytes})"
    array = Array(CTYPES[tensor.dtype], value, name="initial")
    name = constants.array(array, f"variable_{tensor.index}")
    return f"memcpy(TENSOR_{tensor.index}, {name}, {tensor.bytes})"


def probe_source(graph: Graph, calls: Sequence[KernelCall | None], probes: Sequence[Probe]) -> str:
    """A C file that evaluates `probes` in mlbench_setup() and reports their values."""
    rows = [
        {
            "expression": probe.expression,
            "comment": f"operator {probe.operator}: {probe.what}",
        }
        for probe in probes
    ]
    return (
        _templates()
        .get_template("probe.c.j2")
        .render(
            title=_plain(graph.name),
            headers=_headers(calls),
            probes=rows,
        )
    )


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _plain(text: str) -> str:
    """`text` made safe for a C comment: printable ASCII without comment delimiters, shortened."""
    safe = "".join(c if " " <= c <= "~" and c not in "*\\" else "_" for c in text)
    safe = safe.replace("/", "_")
    return safe if len(safe) <= 40 else safe[:37] + "..."


def _tensor_comment(tensor: Tensor) -> str:
    return f"{dims(tensor.shape)} {tensor.dtype} {_plain(tensor.name)}".rstrip()


def comment(
    graph: Graph, operator: Operator, call: KernelCall | None, inside: int | None = None
) -> str:
    """What an operator is and what executes it, for the line above its call. `inside`: another
    operator does its work."""
    number = operator.index
    if inside is not None:
        return f"{number} {operator.kind}: in operator {inside}"
    before = " ".join(dims(graph.tensors[i].shape) for i in operator.inputs if i >= 0)
    after = " ".join(dims(graph.tensors[i].shape) for i in operator.outputs)
    how = f"{call.library} {call.kernel}" if call else "the same buffer"
    if folded(graph, operator):
        return f"{number} {operator.kind}: {after}: computed at build time"
    return f"{number} {operator.kind}: {before} -> {after}: {how}"


def _headers(calls: Sequence[KernelCall | None]) -> list[str]:
    found = {call.header for call in calls if call is not None}
    found |= {call.setup.header for call in calls if call is not None and call.setup is not None}
    return sorted(found)


def places(graph: Graph, memory: Memory, number: int, call: KernelCall) -> Places:
    """Where the buffers of the operator at place `number` are, as C expressions."""

    def place(offsets: Mapping[int, int]) -> str:
        return f"(arena + {offsets[number]})" if number in offsets else "NULL"

    assert isinstance(call.scratch, int), "sizes are numbers once the probing firmware has run"
    return Places(
        prefix=f"{call.kernel}_{graph.operators[number].index}",
        scratch=place(memory.scratch),
        scratch_size=call.scratch,
        persistent=place(memory.persistent),
    )


def call_text(constants: Constants, call: KernelCall, places: Places) -> str:
    """The C text of a call."""
    arguments = [constants.text(argument, places) for argument in call.arguments]
    return f"{call.function}({', '.join(arguments)})"


def address(graph: Graph, memory: Memory, constants: Constants, index: int) -> str:
    """The C expression for the address of tensor `index`."""
    if index in memory.tensors:
        return f"TENSOR_{index}"
    tensor = graph.tensors[memory.constants[index]]
    assert tensor.data is not None
    # At least as aligned as words, because any kernel may read it.
    align = max(4, ITEM_SIZE[tensor.dtype])
    array = Array(CTYPES[tensor.dtype], tensor.data, align=align, name=f"tensor_{tensor.index}")
    return constants.array(array, "constant")


def _buffer(graph: Graph, memory: Memory, constants: Constants, index: int) -> dict[str, Any]:
    tensor = graph.tensors[index]
    return {
        "address": address(graph, memory, constants, index),
        "bytes": tensor.bytes,
        "comment": _tensor_comment(tensor),
    }
