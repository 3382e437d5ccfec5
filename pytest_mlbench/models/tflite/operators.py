"""Reads one operator of the file: kind, tensors, options."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .builtin_options import CUSTOM_OPTIONS, Field, Layout, layout, names
from .flat import MAX_COUNT
from .graph import Operator

if TYPE_CHECKING:
    from .flat import Source

MAX_OPTION_VECTOR = 8
"""The most elements of a vector option: as many as a shape may have."""

MAX_CUSTOM = 1 << 20
"""Bytes of a custom operator's options."""

MAX_STEP = 1 << 16
"""The largest stride, dilation or window: with larger ones, 32-bit kernels overflow."""


def read_operator(source: Source, accessor: Any, index: int, codes: list[str]) -> Operator:
    """The operator with decoded options; a custom operator's are bytes, if it has any."""
    operator = source.table(accessor, "operator")
    code = operator.OpcodeIndex()
    if code >= len(codes):
        raise source.refuse(
            f"damaged .tflite: operator {index} has operator code {code} of {len(codes)}"
        )
    kind = codes[code]
    options = _options(source, operator, f"operator {index} ({kind})", layout(kind))
    if not layout(kind).table and operator.CustomOptionsLength():
        source.count(operator.CustomOptionsLength(), "bytes of custom options", most=MAX_CUSTOM)
        options[CUSTOM_OPTIONS] = operator.CustomOptionsAsNumpy().tobytes()
    return Operator(
        index=index,
        kind=kind,
        inputs=source.integers(operator, "Inputs", most=MAX_COUNT),
        outputs=source.integers(operator, "Outputs", most=MAX_COUNT),
        options=options,
    )


def _options(source: Source, operator: Any, who: str, layout: Layout) -> dict[str, Any]:
    import tflite

    stored = operator.BuiltinOptionsType()
    expected = getattr(tflite.BuiltinOptions, layout.table) if layout.table else 0
    # The options of another operator are none, as in the interpreter.
    union = operator.BuiltinOptions() if stored == expected and layout.fields else None
    table = None
    if union is not None:
        table = getattr(tflite, layout.table)()
        table.Init(union.Bytes, union.Pos)
        source.table(table, f"table of {layout.table}")
    return {field.name: _option(source, table, field, who) for field in layout.fields}


def _option(source: Source, table: Any, field: Field, who: str) -> Any:
    """One option's value; the schema's default if the whole table is absent."""
    value = field.default
    if table is not None and field.type == "ints":
        value = source.integers(table, field.accessor, most=MAX_OPTION_VECTOR)
    elif table is not None and field.type == "text":
        value = source.text(table, field.slot, field.name)
    elif table is not None:
        value = getattr(table, field.accessor)()
        if field.type[0].isupper():
            known = names(field.type)
            if value not in known:
                raise source.refuse(f"damaged .tflite: {who} has {field.name} {value}")
            value = known[value]
    if field.least is not None and not field.least <= value <= MAX_STEP:
        raise source.refuse(
            f"damaged .tflite: {who} has {field.name} {value}, expected {field.least} to {MAX_STEP}"
        )
    if field.type == "float" and not math.isfinite(value):
        raise source.refuse(f"damaged .tflite: {who} has {field.name} {value}")
    return value
