"""Generates a checked firmware: the same calls, each executed and checked by mlbench_check.c."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.firmware.components import Component

from . import codegen
from .constants import Constants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mlbench.kernels.interface import KernelCall
    from pytest_mlbench.models.tflite.graph import Graph, Operator

    from .memory_plan.arrange import Memory

HERE = Path(__file__).with_name("check")

COMPONENT = Component("check", sources=(HERE / "mlbench_check.c",), headers=(HERE,), public=True)
"""The C code that checks the operators on the target."""

Region = dict[str, int]


def checked_source(
    graph: Graph, calls: Sequence[KernelCall | None], memory: Memory, *, reset: bool = False
) -> str:
    """The C file. In `memory` no two buffers share a byte; all sizes in `calls` are numbers.

    `reset` adds the function that the target calls to reset the state. Only one sample is run.
    """
    constants = Constants(lambda index: codegen.address(graph, memory, constants, index))
    firsts = list(codegen.first_values(graph, constants))
    setups, steps = [], []
    for number, (operator, call) in enumerate(zip(graph.operators, calls, strict=True)):
        if call is None:
            continue
        places = codegen.places(graph, memory, number, call)
        shown = codegen.comment(graph, operator, call)
        step: dict[str, Any] = {"operator": operator.index, "comment": shown}
        if call.setup is not None:
            text = codegen.call_text(constants, call.setup, places)
            kept = list(_buffers(memory, number, "persistent"))
            setups.append(
                {**step, "call": text, "during": 0, "writable": kept, "results": 0, "dead": []}
            )
        results = list(_results(graph, operator, memory))
        own = [r for kind in ("scratch", "persistent") for r in _buffers(memory, number, kind)]
        steps.append(
            {
                **step,
                "call": codegen.call_text(constants, call, places),
                "during": 1,
                "writable": [*results, *own],
                "results": len(results),
                "dead": list(_dead(memory, number)),
            }
        )
    return codegen.render(
        "checked.c.j2",
        graph,
        calls,
        memory,
        constants,
        firsts=firsts,
        reset=reset,
        steps=[*setups, *steps],
        fed=[
            {"number": number, **_region(memory, index, graph.tensors[index].bytes)}
            for number, index in enumerate(graph.inputs)
            if index in memory.tensors
        ],
        zeroed=[_region(memory, t.index, t.bytes) for t in graph.tensors if t.variable],
    )


def _region(memory: Memory, tensor: int, size: int) -> Region:
    return {"offset": memory.tensors[tensor], "bytes": size}


def _results(graph: Graph, operator: Operator, memory: Memory) -> Iterator[Region]:
    """The operator's outputs, and the variables that it may update."""
    inputs = [index for index in operator.inputs if index >= 0 and graph.tensors[index].variable]
    for index in dict.fromkeys((*operator.outputs, *inputs)):
        size = graph.tensors[index].bytes
        if index in memory.tensors and size:
            yield _region(memory, index, size)


def _buffers(memory: Memory, place: int, kind: str) -> Iterator[Region]:
    for block in memory.blocks:
        if block.kind == kind and block.operator == place:
            yield {"offset": block.offset, "bytes": block.size}


def _dead(memory: Memory, place: int) -> Iterator[Region]:
    """The buffers that nothing reads after the operator at `place`; its step is `place` + 1."""
    for block in memory.blocks:
        if block.last == place + 1 and block.size:
            yield {"offset": block.offset, "bytes": block.size}
