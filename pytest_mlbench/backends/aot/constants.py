"""Constants as C text: arrays, structs, tables of addresses. Equal constants are written once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlbench.kernels.interface import (
    Argument,
    Array,
    Persistent,
    Pointers,
    Scratch,
    ScratchSize,
    Struct,
    TensorRef,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_COLUMNS = 99


@dataclass(frozen=True)
class Places:
    """C expressions for the addresses of a call's buffers; NULL for a buffer it does not have."""

    prefix: str
    scratch: str = "NULL"
    scratch_size: int = 0
    persistent: str = "NULL"


class Constants:
    """Collects definitions in the order in which they are first needed.

    `tensor` maps a tensor's index to the C expression of its address.
    """

    def __init__(self, tensor: Callable[[int], str]) -> None:
        self.definitions: list[str] = []
        self._tensor = tensor
        self._names: dict[object, str] = {}
        self._taken: set[str] = set()

    def text(self, argument: Argument, places: Places) -> str:
        """The argument as a C expression. Adds the definitions that it needs; their names begin
        with `places.prefix`."""
        if isinstance(argument, (int, np.integer)):
            return str(int(argument))
        if isinstance(argument, float):
            return _float(argument)
        if isinstance(argument, str):
            return argument
        if isinstance(argument, TensorRef):
            return self._tensor(argument.index)
        if isinstance(argument, Array):
            return self.array(argument, places.prefix)
        if isinstance(argument, Struct):
            return "&" + self._struct(argument, places)
        if isinstance(argument, Pointers):
            items = [self.text(item, places) for item in argument.items]
            return self._pointers(items, argument, places.prefix)
        if isinstance(argument, Scratch):
            return f"{places.scratch} + {argument.offset}" if argument.offset else places.scratch
        if isinstance(argument, ScratchSize):
            return str(places.scratch_size)
        return places.persistent if isinstance(argument, Persistent) else "NULL"

    def array(self, array: Array, prefix: str) -> str:
        """The array's name. Defines the array unless an equal one is already defined."""
        values = np.ascontiguousarray(array.values)
        key = (array.ctype, array.align, values.dtype.str, values.shape, values.tobytes())
        if key not in self._names:
            name = self._name(prefix, array.name or "array")
            self._names[key] = name
            align = f"_Alignas({array.align}) " if array.align else ""
            self.definitions.append(
                f"static {align}const {array.ctype} {name}[{max(1, values.size)}] = "
                f"{{\n{_lines(values)}}};"
            )
        return self._names[key]

    def _struct(self, struct: Struct, places: Places) -> str:
        fields = [
            f"  .{name} = {self.text(value, places)},\n" for name, value in struct.fields.items()
        ]
        key = (struct.ctype, *fields)
        if key not in self._names:
            name = self._name(places.prefix, struct.name or "params")
            self._names[key] = name
            self.definitions.append(
                f"static const {struct.ctype} {name} = {{\n{''.join(fields)}}};"
            )
        return self._names[key]

    def _pointers(self, items: list[str], pointers: Pointers, prefix: str) -> str:
        key = ("pointers", *items)
        if key not in self._names:
            name = self._name(prefix, pointers.name or "pointers")
            self._names[key] = name
            self.definitions.append(
                f"static const void *const {name}[{max(1, len(items))}] = {{{', '.join(items)}}};"
            )
        return self._names[key]

    def _name(self, prefix: str, name: str) -> str:
        wanted = f"{prefix}_{name}"
        number = 2
        while wanted in self._taken:
            wanted = f"{prefix}_{name}_{number}"
            number += 1
        self._taken.add(wanted)
        return wanted


def _float(value: float) -> str:
    """An exact C literal in hexadecimal, of type float if that can hold the value."""
    if math.isnan(value):
        return '__builtin_nanf("")'
    if math.isinf(value):
        return "__builtin_inff()" if value > 0 else "-__builtin_inff()"
    with np.errstate(over="ignore"):
        single = float(np.float32(value)) == value
    return value.hex() + ("f" if single else "")


def _lines(values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
    """The values, separated by commas, with the same number on each line."""
    if not values.size:
        return "  0,\n"
    flat = values.reshape(-1)
    if values.dtype.kind == "f":
        texts = [_float(value) for value in flat.tolist()]
        each = _per_line(max(map(len, texts)))
        lines = (", ".join(texts[start : start + each]) for start in range(0, len(texts), each))
    else:
        each = _per_line(max(len(str(int(end))) for end in (flat.min(), flat.max())))
        if values.dtype.itemsize == 1:
            return _lines_of_bytes(flat.astype(np.intp), each)
        items = flat.tolist()
        lines = (str(items[start : start + each])[1:-1] for start in range(0, len(items), each))
    return "".join(f"  {line},\n" for line in lines)


def _per_line(width: int) -> int:
    """How many values of at most `width` characters fit on a line, each with comma and blank."""
    return max(1, (_COLUMNS - 1) // (width + 2))


_LEAST, _MOST = -128, 255
_ENDS = ", ", ",\n  "
_TEXTS = np.array(
    [f"{value}{end}" for end in _ENDS for value in range(_LEAST, _MOST + 1)], dtype="S"
)
"""Each value of a byte, within a line and at its end; NULs follow the shorter texts."""


def _lines_of_bytes(flat: np.ndarray[Any, np.dtype[np.intp]], each: int) -> str:
    """As `_lines`, for values of one byte: a model may have a million such weights."""
    at_end = np.arange(len(flat)) % each == each - 1
    texts = _TEXTS[flat - _LEAST + at_end * (_MOST + 1 - _LEAST)].view(np.uint8)
    text = texts[texts != 0].tobytes().decode("ascii")
    return f"  {text.rstrip(''.join(_ENDS))},\n"
