"""What a checked firmware found, as a person reads it. Pure."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from pytest_mlbench.measure.memory_check import FINDING_BYTES, Finding, Kind, explain, read

OPERATORS = (
    {"index": 0, "name": "CONV_2D", "kernel": "conv2d", "library": "reference"},
    {"index": 1, "name": "FULLY_CONNECTED", "kernel": "fc", "library": "mine"},
)


def row(name: str, kind: str, offset: int, size: int, first: int, last: int) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "offset": offset,
        "size": size,
        "first": first,
        "last": last,
    }


ARENA = (
    row("input 0", "tensor", 272, 100, 0, 1),
    row("1 FULLY_CONNECTED", "tensor", 656, 10, 2, 3),
    row("scratch of 1 FULLY_CONNECTED", "scratch", 944, 64, 2, 2),
    row("0 CONV_2D", "tensor", 1296, 200, 1, 2),
    row("persistent of 0 CONV_2D", "persistent", 1776, 32, 0, 3),
)


def told(kind: Kind, operator: int, offset: int, *, result: int = 0, count: int = 0) -> str:
    return explain(Finding(kind, False, operator, offset, result, count), ARENA, OPERATORS)


@pytest.mark.parametrize(
    ("offset", "count", "words"),
    [
        (655, 1, "writes the byte 1 byte before its output (10 bytes)"),
        (640, 16, "writes the byte 16 bytes before its output (10 bytes) and 15 more"),
        (666, 1, "writes the byte 1 byte after the end of its output (10 bytes)"),
        (1008, 1, "writes the byte 1 byte after the end of its scratch (64 bytes)"),
        (1296, 1, "writes byte 0 of the output of operator 0 CONV_2D (200 bytes)"),
        (280, 1, "writes byte 8 of input 0 (100 bytes)"),
    ],
)
def test_a_wrong_write_is_told_by_the_buffer_it_is_near(offset, count, words):
    message = told(Kind.WRITE, 1, offset, count=count)

    assert message == f"operator 1 FULLY_CONNECTED (fc of mine) {words}, which it must not write"


def test_a_read_names_the_byte_and_what_depends_on_it():
    assert told(Kind.READ, 1, 948, result=659) == (
        "operator 1 FULLY_CONNECTED (fc of mine) reads byte 4 of its scratch (64 bytes), which "
        "nothing has written: byte 3 of its output (10 bytes) depends on it"
    )


def test_a_byte_that_is_left_out():
    message = told(Kind.UNWRITTEN, 0, 1300)

    assert message == (
        "operator 0 CONV_2D (conv2d of reference) does not write byte 4 of its output (200 bytes)"
    )


def test_the_set_up_of_an_operator_is_told_as_such():
    found = Finding(Kind.WRITE, True, 0, 1808, 0, 1)

    assert explain(found, ARENA, OPERATORS) == (
        "the set-up of operator 0 CONV_2D (conv2d of reference) writes the byte 1 byte "
        "after the end of its persistent buffer (32 bytes), which it must not write"
    )


def test_a_finding_is_read_from_the_firmwares_words():
    assert read(struct.pack("<6I", 1, 1, 7, 655, 0, 3)) == Finding(Kind.WRITE, False, 7, 655, 0, 3)
    assert read(struct.pack("<6I", 2, 0, 7, 655, 9, 0)) == Finding(Kind.READ, True, 7, 655, 9, 0)
    assert read(bytes(FINDING_BYTES)) is None


@pytest.mark.parametrize("data", [b"", bytes(20), struct.pack("<6I", 9, 1, 0, 0, 0, 0)])
def test_what_is_no_finding_is_refused(data):
    with pytest.raises(ValueError, match=r"finding|Kind"):
        read(data)
