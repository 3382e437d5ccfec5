"""The builtin options of every operator, derived from the format's generated accessors.

The package `tflite` has one accessor class per table of tensorflow/lite/schema/schema.fbs. A
table's fields, their types and their defaults are derived from that class, so that options need no
description here. Names are the schema's in snake case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ENUMERATED = {
    "fused_activation_function": "ActivationFunctionType",
    "mode": "MirrorPadMode",
    "padding": "Padding",
    "weights_format": "FullyConnectedOptionsWeightsFormat",
}
"""Option -> the enumeration of its values. Values are read as the enumeration's names."""

POSITIVE = frozenset(
    {
        "dilation_h_factor",
        "dilation_w_factor",
        "filter_height",
        "filter_width",
        "stride_h",
        "stride_w",
    }
)
"""Options that would cause a division by zero or an endless loop if below 1."""

SUBGRAPHS = frozenset(
    {
        "body_subgraph_index",
        "cond_subgraph_index",
        "else_subgraph_index",
        "init_subgraph_index",
        "then_subgraph_index",
    }
)
"""Options that name a subgraph that the operator calls."""

CUSTOM_OPTIONS = "custom_options"
"""The one option of a custom operator: bytes that only its kernel can read."""

_IGNORED = frozenset({"quantized_bias_type"})
"""Ignored options: no int8 operator depends on them, and not all schema versions have them."""

_TABLES = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "L2_NORMALIZATION": "L2NormOptions",
    "L2_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "REDUCE_ALL": "ReducerOptions",
    "REDUCE_ANY": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "REDUCE_PROD": "ReducerOptions",
    "SUM": "ReducerOptions",
}
"""Operators whose options table has a different name."""

_NO_FIELDS = b"\x04\x00\x04\x00\x04\x00\x00\x00"
"""A table without a field: a field list of 4 bytes, then the table, which points 4 bytes back."""

_SLOT = 4
"""The offset of the first field in a table's field list; each entry takes two bytes."""


@dataclass(frozen=True)
class Field:
    """One option: `type` is int, float, bool, text, ints (a vector) or an enumeration's name.

    `accessor` is its name in the generated accessors (StrideW), `slot` its offset in the field
    list. An int below `least` or above `operators.MAX_STEP` is refused.
    """

    name: str
    accessor: str
    slot: int
    type: str
    default: Any
    least: int | None = None


@dataclass(frozen=True)
class Layout:
    """The table of one operator's options. `table` is empty if the operator has none."""

    table: str = ""
    fields: tuple[Field, ...] = ()


VERSIONS: dict[str, int] = {
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 4,
    "RESHAPE": 1,
    "SQUEEZE": 1,
}
"""The operator version that int8 needs; 2 for operators that are not listed."""


@cache
def layout(kind: str) -> Layout:
    """The options of the builtin operator `kind`; a custom operator has none."""
    import tflite

    tables = {name.lower(): name for name in vars(tflite.BuiltinOptions)}
    wanted = kind.replace("_", "").lower() + "options"
    table = _TABLES.get(kind) or tables.get(wanted, "")
    if not table or not isinstance(getattr(tflite.BuiltinOperator, kind, None), int):
        return Layout()
    return Layout(table, _fields(getattr(tflite, table)))


def _fields(accessor: Any) -> tuple[Field, ...]:
    empty = accessor()
    empty.Init(_NO_FIELDS, 4)
    methods = [name for name, value in vars(accessor).items() if _is_field(name, value)]
    vectors = {name.removesuffix("AsNumpy") for name in methods if name.endswith("AsNumpy")}
    names = [
        name
        for name in methods
        if not any(name == vector + end for vector in vectors for end in _VECTOR_METHODS)
    ]
    found = []
    for place, name in enumerate(names):
        option = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if name in vectors:
            kind, default = "ints", ()
        else:
            kind, default = _kind(option, getattr(empty, name)())
        least = 1 if option in POSITIVE else None
        if option not in _IGNORED:
            found.append(Field(option, name, _SLOT + 2 * place, kind, default, least))
    return tuple(found)


_VECTOR_METHODS = ("AsNumpy", "Length", "IsNone")


def _is_field(name: str, value: Any) -> bool:
    return name[0].isupper() and name != "Init" and not isinstance(value, classmethod)


def _kind(option: str, default: Any) -> tuple[str, Any]:
    if option in ENUMERATED:
        return ENUMERATED[option], names(ENUMERATED[option])[default]
    if default is None:
        return "text", ""
    return type(default).__name__, default


@cache
def names(enumeration: str) -> Mapping[int, str]:
    """Stored value -> name, for one of the schema's enumerations."""
    import tflite

    known = vars(getattr(tflite, enumeration))
    return {value: name for name, value in known.items() if isinstance(value, int)}


def complete(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` plus the schema's defaults for missing options, in the schema's order."""
    fields = layout(kind).fields
    if not layout(kind).table and set(given) <= {CUSTOM_OPTIONS}:
        return dict(given)
    strange = sorted(set(given) - {field.name for field in fields})
    if strange:
        raise ValueError(f"{kind} has no option {strange[0]!r}")
    return {field.name: given.get(field.name, field.default) for field in fields}
