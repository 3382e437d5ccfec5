"""The operators of a model as TFLM's resolver registers them. Pure functions."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pytest_mlbench.models.tflite.graph import Graph, Operator

METHODS: Mapping[str, str] = {
    "ABS": "AddAbs",
    "ADD": "AddAdd",
    "ADD_N": "AddAddN",
    "ARG_MAX": "AddArgMax",
    "ARG_MIN": "AddArgMin",
    "AVERAGE_POOL_2D": "AddAveragePool2D",
    "BATCH_MATMUL": "AddBatchMatMul",
    "BATCH_TO_SPACE_ND": "AddBatchToSpaceNd",
    "BROADCAST_ARGS": "AddBroadcastArgs",
    "BROADCAST_TO": "AddBroadcastTo",
    "CAST": "AddCast",
    "CEIL": "AddCeil",
    "CONCATENATION": "AddConcatenation",
    "CONV_2D": "AddConv2D",
    "COS": "AddCos",
    "CUMSUM": "AddCumSum",
    "DEPTHWISE_CONV_2D": "AddDepthwiseConv2D",
    "DEPTH_TO_SPACE": "AddDepthToSpace",
    "DEQUANTIZE": "AddDequantize",
    "DIV": "AddDiv",
    "ELU": "AddElu",
    "EMBEDDING_LOOKUP": "AddEmbeddingLookup",
    "EQUAL": "AddEqual",
    "EXP": "AddExp",
    "EXPAND_DIMS": "AddExpandDims",
    "FILL": "AddFill",
    "FLOOR": "AddFloor",
    "FLOOR_DIV": "AddFloorDiv",
    "FLOOR_MOD": "AddFloorMod",
    "FULLY_CONNECTED": "AddFullyConnected",
    "GATHER": "AddGather",
    "GATHER_ND": "AddGatherNd",
    "GREATER": "AddGreater",
    "GREATER_EQUAL": "AddGreaterEqual",
    "HARD_SWISH": "AddHardSwish",
    "L2_NORMALIZATION": "AddL2Normalization",
    "L2_POOL_2D": "AddL2Pool2D",
    "LEAKY_RELU": "AddLeakyRelu",
    "LESS": "AddLess",
    "LESS_EQUAL": "AddLessEqual",
    "LOG": "AddLog",
    "LOGICAL_AND": "AddLogicalAnd",
    "LOGICAL_NOT": "AddLogicalNot",
    "LOGICAL_OR": "AddLogicalOr",
    "LOGISTIC": "AddLogistic",
    "LOG_SOFTMAX": "AddLogSoftmax",
    "MAXIMUM": "AddMaximum",
    "MAX_POOL_2D": "AddMaxPool2D",
    "MEAN": "AddMean",
    "MINIMUM": "AddMinimum",
    "MIRROR_PAD": "AddMirrorPad",
    "MUL": "AddMul",
    "NEG": "AddNeg",
    "NOT_EQUAL": "AddNotEqual",
    "PACK": "AddPack",
    "PAD": "AddPad",
    "PADV2": "AddPadV2",
    "PRELU": "AddPrelu",
    "QUANTIZE": "AddQuantize",
    "REDUCE_MAX": "AddReduceMax",
    "RELU": "AddRelu",
    "RELU6": "AddRelu6",
    "RESHAPE": "AddReshape",
    "RESIZE_BILINEAR": "AddResizeBilinear",
    "RESIZE_NEAREST_NEIGHBOR": "AddResizeNearestNeighbor",
    "ROUND": "AddRound",
    "RSQRT": "AddRsqrt",
    "SELECT_V2": "AddSelectV2",
    "SHAPE": "AddShape",
    "SIN": "AddSin",
    "SLICE": "AddSlice",
    "SOFTMAX": "AddSoftmax",
    "SPACE_TO_BATCH_ND": "AddSpaceToBatchNd",
    "SPACE_TO_DEPTH": "AddSpaceToDepth",
    "SPLIT": "AddSplit",
    "SPLIT_V": "AddSplitV",
    "SQRT": "AddSqrt",
    "SQUARE": "AddSquare",
    "SQUARED_DIFFERENCE": "AddSquaredDifference",
    "SQUEEZE": "AddSqueeze",
    "STRIDED_SLICE": "AddStridedSlice",
    "SUB": "AddSub",
    "SUM": "AddSum",
    "SVDF": "AddSvdf",
    "TANH": "AddTanh",
    "TRANSPOSE": "AddTranspose",
    "TRANSPOSE_CONV": "AddTransposeConv",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "AddUnidirectionalSequenceLSTM",
    "UNPACK": "AddUnpack",
    "ZEROS_LIKE": "AddZerosLike",
}
"""Builtin operator -> method of MicroMutableOpResolver, whose argument has a default."""

STATEFUL = ("ASSIGN_VARIABLE", "CALL_ONCE", "IF", "READ_VARIABLE", "VAR_HANDLE", "WHILE")
"""What the resolver has, too, and no method above: they need several subgraphs, or the resource
variables that the glue does not make."""

OVERRIDES: Mapping[str, str] = {
    "ADD": "add",
    "AVERAGE_POOL_2D": "pooling",
    "CONV_2D": "conv",
    "DEPTHWISE_CONV_2D": "depthwise_conv",
    "FULLY_CONNECTED": "fully_connected",
    "MAX_POOL_2D": "pooling",
    "MUL": "mul",
    "SOFTMAX": "softmax",
}
"""Operator -> the kernel file that a library's variant replaces.

TFLM has more of them for CMSIS-NN. These are those that muRISCV-NN's own TFLM build takes, and both
libraries take the same, so that their columns differ by the library alone.
"""


def methods(graph: Graph, known: Collection[str], *, where: str = "") -> tuple[str, ...]:
    """The resolver's methods for `graph`, each once, sorted. `known` are those it has.

    Raises UsageError naming every operator that has none.
    """
    wanted = sorted({operator.kind for operator in graph.operators})
    untold = [kind for kind in wanted if kind not in METHODS]
    missing = [kind for kind in wanted if kind in METHODS and METHODS[kind] not in known]
    told = []
    if untold:
        told.append(f"mlbench registers no kernel for {', '.join(untold)}")
    if missing:
        told.append(f"this TensorFlow Lite Micro has no kernel for {', '.join(missing)}")
    if told:
        state = ", ".join(kind for kind in untold if kind in STATEFUL)
        raise UsageError(
            "; ".join(told),
            where=where or graph.name,
            remedy=f"{state}: models of several subgraphs or with variables are not taken"
            if state
            else "",
        )
    return tuple(sorted(METHODS[kind] for kind in wanted))


def rows(graph: Graph, library: str) -> tuple[Mapping[str, Any], ...]:
    """`Record.operators`: which kernel file of which library executes each operator.

    A library's variant of a kernel also holds TFLM's own code for what the library does not
    cover; which of the two runs is decided at run time, so that the file is what is named.
    """
    found = []
    for operator in graph.operators:
        file = OVERRIDES.get(operator.kind, "")
        own = bool(library and file)
        output = graph.tensors[operator.outputs[0]]
        found.append(
            {
                "index": operator.index,
                "name": operator.kind,
                "shape": "x".join(str(size) for size in output.shape) or "scalar",
                "kernel": f"cmsis_nn/{file}" if own else (file or operator.kind.lower()),
                "library": library if own else "tflm",
                "macs": macs(graph, operator),
            }
        )
    return tuple(found)


def macs(graph: Graph, operator: Operator) -> int:
    """Multiply-accumulates by the shapes, padding taps included."""
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        return 0
    weights = graph.tensors[operator.inputs[1]].shape
    per_output = {
        "CONV_2D": prod(weights[1:]),
        "DEPTHWISE_CONV_2D": prod(weights[1:3]),
        "FULLY_CONNECTED": weights[-1],
    }
    return graph.tensors[operator.outputs[0]].elements * per_output[operator.kind]
