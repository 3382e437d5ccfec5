"""Damaged models: always one refusal or a graph, never another error, never a big allocation."""

from __future__ import annotations

import tracemalloc
from functools import cache

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tiny_models import dense, many_operators

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.tflite.reader import read
from pytest_mlbench.models.tflite.writer import write
from pytest_mlbench.models.twins import build

FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MAX_ALLOCATION = 4 << 20
"""Bytes: the biggest file here has 43 kB."""


@cache
def models() -> tuple[bytes, ...]:
    return (dense().model([3]), write(many_operators()), build("aww"))


def survives(data: bytes) -> bool:
    """Whether `data` is still a model; anything but a graph or a refusal fails the test."""
    told = ""
    tracemalloc.start()
    try:
        read(data, where="fuzz.tflite")
    except UsageError as mistake:
        told = str(mistake)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MAX_ALLOCATION
    assert not told or told.startswith("fuzz.tflite: ")
    assert "\n" not in told
    assert len(told) < 600
    return not told


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """The schema's modules are imported outside of the measured allocations."""
    assert all(survives(data) for data in models())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(models())))
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(data) - 8))
        how = draw(st.sampled_from(["bit", "byte", "word", "splice", "cut", "drop"]))
        if how == "bit":
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif how == "byte":
            data[place] = draw(st.integers(0, 255))
        elif how == "word":
            size = len(data)
            word = st.one_of(
                st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 4, 2**32 - 1]),
                st.integers(0, size),
                st.integers(0, 2**32 - 1),
            )
            data[place & ~3 : (place & ~3) + 4] = draw(word).to_bytes(4, "little")
        elif how == "splice":
            other = draw(st.sampled_from(models()))
            start = draw(st.integers(0, len(other) - 1))
            piece = other[start : start + draw(st.integers(1, 64))]
            data[place : place + len(piece)] = piece
        elif how == "cut":
            del data[max(place, 64) :]
        else:
            del data[place : place + draw(st.integers(1, 8))]
        if len(data) < 16:
            break
    return bytes(data)


@FUZZ
@given(damaged())
def test_damaged_models(data: bytes) -> None:
    survives(data)


@FUZZ
@given(st.integers(0, 300), st.data())
def test_damaged_headers(place: int, data: st.DataObject) -> None:
    """Near the start of a small model nearly every byte is an offset or a length."""
    model = bytearray(models()[0])
    for offset in range(place, min(place + 8, len(model))):
        model[offset] = data.draw(st.sampled_from([0, 1, 4, 8, 0x7F, 0x80, 0xFC, 0xFF]))
    survives(bytes(model))


@FUZZ
@given(st.binary(max_size=400))
@example(b"")
def test_random_bytes(data: bytes) -> None:
    assert not survives(data)
    assert not survives(b"\x10\0\0\0TFL3" + data)


def test_every_byte_of_a_small_model_once() -> None:
    """Not random: each byte of the smallest model set to two values."""
    data = models()[0]
    survived = 0
    for place in range(len(data)):
        for value in (0xFF, data[place] ^ 1):
            survived += survives(data[:place] + bytes([value]) + data[place + 1 :])
    # Weights, names and scales may change without harm, offsets may not.
    assert 0 < survived < 2 * len(data)
