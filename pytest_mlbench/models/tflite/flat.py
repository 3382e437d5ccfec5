"""Guards around the schema's generated accessors, which trust every offset and length they read.

A FlatBuffer consists of offsets, which the accessors follow unchecked. With damaged offsets they
raise arbitrary errors, read from the wrong end of the file, or report four billion elements. The
reader accesses a file only through `Source`, which turns all of this into one error. `Source` also
limits the total number of elements, because a small file can refer to the same long vector a
million times.
"""

from __future__ import annotations

import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_mlbench.errors import UsageError

from .builtin_options import names

if TYPE_CHECKING:
    from collections.abc import Iterator

REMEDY = "Get or convert the file again"

SUBGRAPH_NAME, TENSOR_NAME, CUSTOM_CODE, DESCRIPTION, BUILTIN_CODE = 12, 10, 6, 10, 10
"""Offsets of the fields that we read ourselves: 4 + 2 * the field's number in the schema."""

MAX_COUNT = 1 << 16
"""Tensors, operators or buffers of one model. The zoo's biggest has 91."""


def name_of(enumeration: str, code: int) -> str:
    """The name of `code` in one of the schema's enumerations; empty if it has none."""
    return names(enumeration).get(code, "")


class Source:
    """One file's bytes, with a limit on elements that no valid file exceeds."""

    def __init__(self, data: bytes, where: str) -> None:
        self.data = data
        self.where = where
        self._budget = 2 * len(data)

    def refuse(self, what: str, remedy: str = REMEDY) -> UsageError:
        """The error for an invalid file."""
        return UsageError(what, where=self.where, remedy=remedy)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Turns any error that an accessor raises on damaged bytes into one UsageError."""
        try:
            yield
        except (struct.error, ValueError, TypeError, IndexError, OverflowError) as error:
            raise self.refuse("damaged or truncated .tflite: an offset leads out of it") from error

    def table(self, accessor: Any, what: str) -> Any:
        """`accessor`, after checking that its table and field list (vtable) are in the file."""
        if accessor is None:
            raise self.refuse(f"damaged .tflite: it has no {what}")
        position: int = accessor._tab.Pos  # noqa: SLF001
        if not 0 < position <= len(self.data) - 4:
            raise self.refuse(f"damaged or truncated .tflite: its {what} is outside the file")
        fields = position - struct.unpack_from("<i", self.data, position)[0]
        if not 0 < fields <= len(self.data) - 4:
            raise self.refuse(
                f"damaged or truncated .tflite: the field list of its {what} is outside the file"
            )
        size = struct.unpack_from("<H", self.data, fields)[0]
        if size < 4 or size % 2 or fields + size > len(self.data):
            raise self.refuse(f"damaged .tflite: the field list of its {what} has {size} bytes")
        return accessor

    def count(self, length: int, what: str, *, most: int = MAX_COUNT) -> int:
        """A vector's `length`, counted against the limit. Refuses lengths above `most`."""
        self._budget -= length
        if length > most or self._budget < 0:
            raise self.refuse(f"damaged .tflite: {length} {what}, expected at most {most}")
        return length

    def integers(self, accessor: Any, name: str, *, most: int) -> tuple[int, ...]:
        """The integer vector `name` of a table; empty if it is absent."""
        if not self.count(getattr(accessor, f"{name}Length")(), f"elements of {name}", most=most):
            return ()
        return tuple(getattr(accessor, f"{name}AsNumpy")().tolist())

    def int32(self, accessor: Any, slot: int) -> int:
        """The int32 in field `slot`; 0 if it is absent."""
        table = accessor._tab  # noqa: SLF001
        field = table.Offset(slot)
        return int(struct.unpack_from("<i", self.data, table.Pos + field)[0]) if field else 0

    def text(self, accessor: Any, slot: int, what: str) -> str:
        """The string in field `slot` (its offset in the vtable); undecodable bytes are replaced.

        Read here because the accessor silently truncates a string at the end of the file.
        """
        table = accessor._tab  # noqa: SLF001
        field = table.Offset(slot)
        if not field:
            return ""
        start = table.Pos + field
        start += struct.unpack_from("<I", self.data, start)[0] + 4
        length = struct.unpack_from("<I", self.data, start - 4)[0]
        if start + length >= len(self.data):
            raise self.refuse(f"damaged or truncated .tflite: its {what} leads out of it")
        self.count(length // 64, f"characters of a {what}", most=len(self.data))
        return self.data[start : start + length].decode("utf-8", "replace")
