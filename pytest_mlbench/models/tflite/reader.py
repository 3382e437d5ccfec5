"""Reads a `.tflite` file into a graph, or refuses it with a message; it never crashes or hangs.

The format is a FlatBuffer with the schema tensorflow/lite/schema/schema.fbs, version 3, file
identifier TFL3. Only what bare-metal inference needs is read: signatures, metadata and debugging
tables are ignored.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .builtin_options import SUBGRAPHS
from .check import check
from .flat import BUILTIN_CODE, CUSTOM_CODE, DESCRIPTION, MAX_COUNT, SUBGRAPH_NAME, Source, name_of
from .graph import UNUSED, Graph, Tensor
from .operators import read_operator
from .tensors import read_tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    T = TypeVar("T")

IDENTIFIER = b"TFL3"
LFS_POINTER = b"version https://git-lfs.github.com/"
MAX_FILE = 256 << 20
"""The largest file that is read, in bytes: more than any microcontroller's flash."""


def read(data: bytes, *, where: str = "") -> Graph:
    """The graph of a `.tflite` file's bytes; `where` names the file in errors.

    Raises UsageError if `data` is not such a file, is truncated or damaged, or uses something that
    `Graph` cannot express: weights outside the file, dynamic shapes, sparse tensors, types other
    than those in `graph.ITEM_SIZE`. Tensors that nothing reads or writes and subgraphs that nothing
    calls are ignored.
    """
    source = Source(data, where)
    if len(data) > MAX_FILE:
        raise source.refuse(
            f"{len(data):,} bytes, expected at most {MAX_FILE:,}", "Use a smaller model"
        )
    if data.startswith(LFS_POINTER):
        raise source.refuse(
            f"this is a Git LFS pointer ({len(data)} bytes), not the model",
            "Run `git lfs pull` in its repository",
        )
    if data[4:8] != IDENTIFIER:
        found = f"bytes 4 to 7 are {data[4:8]!r}" if len(data) >= 8 else f"{len(data)} bytes"
        raise source.refuse(
            f"not a .tflite file: {found}, expected {IDENTIFIER!r} in bytes 4 to 7",
            "Give a model that the TensorFlow Lite converter wrote",
        )
    with source.guarded():
        graph = _model(source)
    check(graph, source)
    return graph


def _model(source: Source) -> Graph:
    import tflite

    root = struct.unpack_from("<I", source.data, 0)[0]
    if not 8 <= root <= len(source.data) - 4:
        raise source.refuse("damaged or truncated .tflite: the model is outside the file")
    model = source.table(tflite.Model.GetRootAs(source.data, 0), "model")
    if model.Version() != 3:
        raise source.refuse(
            f"schema version {model.Version()}, expected 3", "Convert it with TensorFlow Lite"
        )
    source.text(model, DESCRIPTION, "description")
    count = source.count(model.SubgraphsLength(), "subgraphs")
    if not count:
        raise source.refuse("damaged .tflite: 0 subgraphs, expected at least 1")
    buffers = _each(source, model.BuffersLength(), "buffers", lambda i: _buffer(source, model, i))
    codes = _each(
        source, model.OperatorCodesLength(), "operator codes", lambda i: _kind(source, model, i)
    )
    graphs: dict[int, Graph] = {}
    wanted = [0]
    while wanted:
        index = wanted.pop()
        if index in graphs:
            continue
        graphs[index] = _subgraph(source, model.Subgraphs(index), buffers, codes)
        for called in _called(graphs[index]):
            if not 0 < called < count:
                raise source.refuse(
                    f"damaged .tflite: an operator calls subgraph {called} of {count}"
                )
            wanted.append(called)
    main = graphs.pop(0)
    return replace(main, subgraphs=dict(sorted(graphs.items()))) if graphs else main


def _called(graph: Graph) -> Iterator[int]:
    """The numbers of the subgraphs that operators of `graph` call."""
    for operator in graph.operators:
        for name, value in operator.options.items():
            if name in SUBGRAPHS:
                yield value


def _subgraph(source: Source, accessor: Any, buffers: list[Any], codes: list[str]) -> Graph:
    graph = source.table(accessor, "subgraph")
    operators = _each(
        source,
        graph.OperatorsLength(),
        "operators",
        lambda i: read_operator(source, graph.Operators(i), i, codes),
    )
    inputs = source.integers(graph, "Inputs", most=MAX_COUNT)
    outputs = source.integers(graph, "Outputs", most=MAX_COUNT)
    computed = frozenset(inputs).union(*(operator.outputs for operator in operators))
    used = computed.union(outputs, *(operator.inputs for operator in operators))
    tensors = _each(
        source,
        graph.TensorsLength(),
        "tensors",
        lambda i: (
            read_tensor(
                source,
                graph.Tensors(i),
                i,
                buffers,
                computed=i in computed,
            )
            if i in used
            else (Tensor(i, "", (), UNUSED), [])
        ),
    )
    problems = [problem for _, found in tensors for problem in found]
    if problems:
        more = f" (and {len(problems) - 3} more like it)" if len(problems) > 3 else ""
        raise source.refuse(
            "; ".join(problems[:3]) + more,
            "Convert the model with fixed shapes and full integer quantisation",
        )
    return Graph(
        name=source.text(graph, SUBGRAPH_NAME, "subgraph's name"),
        tensors=tuple(tensor for tensor, _ in tensors if tensor is not None),
        operators=tuple(operators),
        inputs=inputs,
        outputs=outputs,
    )


def _each(source: Source, length: int, what: str, one: Callable[[int], T]) -> list[T]:
    return [one(index) for index in range(source.count(length, what))]


def _buffer(source: Source, model: Any, index: int) -> Any:
    buffer = source.table(model.Buffers(index), "buffer")
    if buffer.Offset() > 1 or buffer.Size() > 1:
        raise source.refuse(
            f"buffer {index} is outside the FlatBuffer (at byte {buffer.Offset()})",
            "Convert the model so that the file contains its weights",
        )
    return buffer.DataAsNumpy() if buffer.DataLength() else None


def _kind(source: Source, model: Any, index: int) -> str:
    """The operator's name.

    Its code is in an 8-bit field in files written before 2020, and in a 32-bit field since then; as
    in TensorFlow Lite (schema_utils.cc) the larger code counts.
    """
    entry = source.table(model.OperatorCodes(index), "operator code")
    # The accessor BuiltinCode() prefers the old field, even if only the new one is written.
    code = max(entry.DeprecatedBuiltinCode(), source.int32(entry, BUILTIN_CODE))
    kind = name_of("BuiltinOperator", code) or f"BUILTIN_{code}"
    if kind == "CUSTOM":
        return source.text(entry, CUSTOM_CODE, "custom operator's name") or kind
    return kind
