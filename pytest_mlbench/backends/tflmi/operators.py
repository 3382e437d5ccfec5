"""Maps a model's operators to the methods and kernel files of TFLM. Pure functions."""

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
    "ASSIGN_VARIABLE": "AddAssignVariable",
    "AVERAGE_POOL_2D": "AddAveragePool2D",
    "BATCH_MATMUL": "AddBatchMatMul",
    "BATCH_TO_SPACE_ND": "AddBatchToSpaceNd",
    "BROADCAST_ARGS": "AddBroadcastArgs",
    "BROADCAST_TO": "AddBroadcastTo",
    "CALL_ONCE": "AddCallOnce",
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
    "IF": "AddIf",
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
    "READ_VARIABLE": "AddReadVariable",
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
    "VAR_HANDLE": "AddVarHandle",
    "WHILE": "AddWhile",
    "ZEROS_LIKE": "AddZerosLike",
}
"""Builtin operator -> method of MicroMutableOpResolver that can be called without arguments."""

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

TFLM has more variants for CMSIS-NN. Only those that muRISCV-NN's own TFLM build uses are listed,
for both libraries, so that results differ by the library alone.
"""


def methods(graph: Graph, known: Collection[str], *, where: str = "") -> tuple[str, ...]:
    """The resolver methods for `graph`, each once, sorted. `known` are the checkout's methods.

    Raises UsageError that names every operator without a method.
    """
    kinds = sorted({operator.kind for operator in _all_operators(graph)})
    unregistered = [kind for kind in kinds if kind not in METHODS]
    missing = [kind for kind in kinds if kind in METHODS and METHODS[kind] not in known]
    problems = []
    if unregistered:
        problems.append(f"mlbench registers no kernel for {', '.join(unregistered)}")
    if missing:
        problems.append(f"this TensorFlow Lite Micro has no kernel for {', '.join(missing)}")
    if problems:
        raise UsageError("; ".join(problems), where=where or graph.name)
    return tuple(sorted(METHODS[kind] for kind in kinds))


def variables(graph: Graph) -> int:
    """How many resource variables the model has: containers and names of VAR_HANDLE."""
    handles = [operator for operator in _all_operators(graph) if operator.kind == "VAR_HANDLE"]
    return len(
        {(operator.options["container"], operator.options["shared_name"]) for operator in handles}
    )


def _all_operators(graph: Graph) -> tuple[Operator, ...]:
    """The operators of the model and of the subgraphs that it calls."""
    return sum((called.operators for called in graph.subgraphs.values()), graph.operators)


def rows(graph: Graph, library: str) -> tuple[Mapping[str, Any], ...]:
    """`Record.operators`: which kernel file of which library executes each operator.

    A library's variant of a kernel also contains TFLM's own code for what the library does not
    cover. Which of the two runs is decided at run time, so the row names the file.
    """
    table = []
    for operator in graph.operators:
        file = OVERRIDES.get(operator.kind, "")
        from_library = bool(library and file)
        shape = graph.tensors[operator.outputs[0]].shape if operator.outputs else (0,)
        table.append(
            {
                "index": operator.index,
                "name": operator.kind,
                "shape": "x".join(str(size) for size in shape) or "scalar",
                "kernel": f"cmsis_nn/{file}" if from_library else (file or operator.kind.lower()),
                "library": library if from_library else "tflm",
                "macs": macs(graph, operator),
            }
        )
    return tuple(table)


def macs(graph: Graph, operator: Operator) -> int:
    """Multiply-accumulates computed from the shapes; taps on padding count too."""
    if operator.kind not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        return 0
    weights = graph.tensors[operator.inputs[1]].shape
    per_output = {
        "CONV_2D": prod(weights[1:]),
        "DEPTHWISE_CONV_2D": prod(weights[1:3]),
        "FULLY_CONNECTED": weights[-1],
    }
    return graph.tensors[operator.outputs[0]].elements * per_output[operator.kind]
