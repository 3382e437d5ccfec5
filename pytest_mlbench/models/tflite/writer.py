"""Writes a graph as a `.tflite` file: the same graph gives the same bytes everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .builtin_options import CUSTOM_OPTIONS, VERSIONS, Field, complete, layout, names
from .graph import UNUSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .graph import Graph, Operator, Quantisation, Tensor

ALIGNMENT = 16
"""Alignment of constants in bytes, relative to the start of the file."""

TYPES = {
    "float32": "FLOAT32",
    "int32": "INT32",
    "uint8": "UINT8",
    "int64": "INT64",
    "bool": "BOOL",
    "int16": "INT16",
    "int8": "INT8",
    "resource": "RESOURCE",
}
"""numpy's names of types -> the schema's."""

DESCRIPTION = "pytest-mlbench"
_PLACEHOLDER = 127
"""The largest code that fits the old 8-bit field; larger codes are in the new field."""


def write(graph: Graph) -> bytes:
    """The `.tflite` file of `graph`.

    Tensor i gets number i; its `index` field is ignored. By convention, buffer 0 is empty and
    activations share it. Raises ValueError for an operator, type or option that the format does not
    have.
    """
    import flatbuffers
    import tflite

    builder = flatbuffers.Builder(1024)
    graphs = [graph]
    for number, called in sorted(graph.subgraphs.items()):
        if number != len(graphs):
            raise ValueError(f"subgraph {number} is given, expected {len(graphs)}")
        graphs.append(called)
    codes = list(dict.fromkeys(op.kind for each in graphs for op in each.operators))
    buffers = [_buffer(builder, None)]
    subgraphs = _offsets(builder, [_subgraph(builder, each, codes, buffers) for each in graphs])
    operator_codes = _offsets(builder, [_code(builder, kind) for kind in codes])
    all_buffers = _offsets(builder, buffers)
    description = builder.CreateString(DESCRIPTION)
    _start(builder, "Model")
    tflite.ModelAddVersion(builder, 3)
    tflite.ModelAddOperatorCodes(builder, operator_codes)
    tflite.ModelAddSubgraphs(builder, subgraphs)
    tflite.ModelAddDescription(builder, description)
    tflite.ModelAddBuffers(builder, all_buffers)
    builder.Finish(tflite.ModelEnd(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _subgraph(builder: Any, graph: Graph, codes: list[str], buffers: list[int]) -> int:
    """The subgraph's offset; its constants are appended to `buffers`."""
    import tflite

    tensors = []
    for tensor in graph.tensors:
        number = 0
        if tensor.data is not None:
            number = len(buffers)
            buffers.append(_buffer(builder, _little_endian(tensor)))
        tensors.append(_tensor(builder, tensor, number))
    operators = [
        _operator(builder, operator, codes.index(operator.kind)) for operator in graph.operators
    ]
    vectors = [
        _offsets(builder, tensors),
        _integers(builder, graph.inputs),
        _integers(builder, graph.outputs),
        _offsets(builder, operators),
    ]
    name = builder.CreateString(graph.name)
    _start(builder, "SubGraph")
    tflite.SubGraphAddTensors(builder, vectors[0])
    tflite.SubGraphAddInputs(builder, vectors[1])
    tflite.SubGraphAddOutputs(builder, vectors[2])
    tflite.SubGraphAddOperators(builder, vectors[3])
    tflite.SubGraphAddName(builder, name)
    return int(tflite.SubGraphEnd(builder))


def _little_endian(tensor: Tensor) -> bytes:
    import numpy as np

    values = np.asarray(tensor.data)
    if values.shape != tensor.shape or values.dtype.name != tensor.dtype:
        raise ValueError(
            f"tensor {tensor.name!r} is {tensor.dtype} {tensor.shape}, "
            f"its values are {values.dtype.name} {values.shape}"
        )
    return values.astype(values.dtype.newbyteorder("<")).tobytes()


def _buffer(builder: Any, data: bytes | None) -> int:
    import tflite

    vector = None
    if data is not None:
        # CreateByteVector would align only to 4 bytes, but host kernels read whole SIMD words.
        builder.StartVector(1, len(data), ALIGNMENT)
        builder.head = builder.Head() - len(data)
        builder.Bytes[builder.Head() : builder.Head() + len(data)] = data
        vector = builder.EndVector()
    _start(builder, "Buffer")
    if vector is not None:
        tflite.BufferAddData(builder, vector)
    return int(tflite.BufferEnd(builder))


def _tensor(builder: Any, tensor: Tensor, buffer: int) -> int:
    import tflite

    if tensor.dtype not in TYPES and tensor.dtype != UNUSED:
        raise ValueError(f"tensor {tensor.name!r}: the format has no type {tensor.dtype!r}")
    name = builder.CreateString(tensor.name)
    shape = _integers(builder, tensor.shape)
    quantisation = _quantisation(builder, tensor.quantisation)
    _start(builder, "Tensor")
    tflite.TensorAddShape(builder, shape)
    tflite.TensorAddType(builder, getattr(tflite.TensorType, TYPES.get(tensor.dtype, "UINT8")))
    tflite.TensorAddBuffer(builder, buffer)
    tflite.TensorAddName(builder, name)
    tflite.TensorAddQuantization(builder, quantisation)
    if tensor.variable:
        tflite.TensorAddIsVariable(builder, True)
    return int(tflite.TensorEnd(builder))


def _quantisation(builder: Any, quantisation: Quantisation) -> int:
    import tflite

    scales = zeros = None
    if quantisation.scales:
        scales = _vector(builder, quantisation.scales, 4, builder.PrependFloat32)
        zeros = _vector(builder, quantisation.zero_points, 8, builder.PrependInt64)
    _start(builder, "QuantizationParameters")
    if scales is not None:
        tflite.QuantizationParametersAddScale(builder, scales)
        tflite.QuantizationParametersAddZeroPoint(builder, zeros)
    tflite.QuantizationParametersAddQuantizedDimension(builder, quantisation.axis)
    return int(tflite.QuantizationParametersEnd(builder))


def _code(builder: Any, kind: str) -> int:
    import tflite

    code = getattr(tflite.BuiltinOperator, kind, None)
    custom = None
    if not isinstance(code, int):
        code = tflite.BuiltinOperator.CUSTOM
        custom = builder.CreateString(kind)
    _start(builder, "OperatorCode")
    tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(code, _PLACEHOLDER))
    if custom is not None:
        tflite.OperatorCodeAddCustomCode(builder, custom)
    tflite.OperatorCodeAddVersion(builder, VERSIONS.get(kind, 2))
    tflite.OperatorCodeAddBuiltinCode(builder, code)
    return int(tflite.OperatorCodeEnd(builder))


def _operator(builder: Any, operator: Operator, code: int) -> int:
    import tflite

    known = layout(operator.kind)
    options = None
    custom = operator.options.get(CUSTOM_OPTIONS)
    if custom is not None:
        custom = builder.CreateByteVector(custom)
    if known.table:
        options = _options(builder, known.table, known.fields, operator)
    inputs = _integers(builder, operator.inputs)
    outputs = _integers(builder, operator.outputs)
    _start(builder, "Operator")
    tflite.OperatorAddOpcodeIndex(builder, code)
    tflite.OperatorAddInputs(builder, inputs)
    tflite.OperatorAddOutputs(builder, outputs)
    if options is not None:
        kind = getattr(tflite.BuiltinOptions, known.table)
        tflite.OperatorAddBuiltinOptionsType(builder, kind)
        tflite.OperatorAddBuiltinOptions(builder, options)
    if custom is not None:
        tflite.OperatorAddCustomOptions(builder, custom)
    return int(tflite.OperatorEnd(builder))


def _options(builder: Any, table: str, fields: tuple[Field, ...], operator: Operator) -> int:
    import tflite

    values = complete(operator.kind, operator.options)
    stored = {}
    for field in fields:
        value = values[field.name]
        if field.type == "ints":
            stored[field.name] = _integers(builder, value)
        elif field.type == "text":
            stored[field.name] = builder.CreateString(value)
        elif field.type[0].isupper():
            codes = {name: code for code, name in names(field.type).items()}
            stored[field.name] = codes[value]
        else:
            stored[field.name] = value
    _start(builder, table)
    for field in fields:
        getattr(tflite, f"{table}Add{field.accessor}")(builder, stored[field.name])
    return int(getattr(tflite, f"{table}End")(builder))


def _start(builder: Any, table: str) -> None:
    """Begins a table at an aligned offset.

    Then its field list depends only on its fields, and all versions of the library share the same
    field lists between tables.
    """
    import tflite

    builder.Prep(4, 0)
    getattr(tflite, f"{table}Start")(builder)


def _integers(builder: Any, values: Sequence[int]) -> int:
    return _vector(builder, values, 4, builder.PrependInt32)


def _offsets(builder: Any, values: Sequence[int]) -> int:
    return _vector(builder, values, 4, builder.PrependUOffsetTRelative)


def _vector(builder: Any, values: Sequence[Any], size: int, prepend: Any) -> int:
    builder.StartVector(size, len(values), size)
    for value in reversed(values):
        prepend(value)
    return int(builder.EndVector())
