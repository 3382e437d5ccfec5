from __future__ import annotations

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import many_operators

from pytest_mlbench.errors import UsageError
from pytest_mlbench.models.samples import encode, noise, quantise, seeded, sequence
from pytest_mlbench.models.stream import Stream
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.models.tflite.graph import Graph, Quantisation


def graph_of(*inputs: tuple[str, tuple[int, ...]], scale: float = 0.5, zero: int = 1) -> Graph:
    build = GraphBuilder()
    for number, (dtype, shape) in enumerate(inputs):
        build.input(f"x{number}", shape, dtype, scale=scale, zero_point=zero)
    return build.finish([])


def ints(data: bytes, dtype: str = "int8") -> list[int]:
    return np.frombuffer(data, dtype).tolist()


def test_float_files_are_quantised_half_away_from_zero_and_clamped() -> None:
    graph = graph_of(("int8", (7,)))
    values = np.array([0.0, 0.25, -0.25, 0.7499, 1e9, -1e9, -0.75], "<f4")
    (data,) = encode(values.tobytes(), graph, "float32", where="0.bin")
    assert ints(data) == [1, 2, 0, 2, 127, -128, -1]


@given(
    st.floats(-1000, 1000, width=32),
    st.floats(2**-10, 64, width=32, allow_subnormal=False),
    st.integers(-128, 127),
)
def test_quantising_rounds_the_float32_quotient(value: float, scale: float, zero: int) -> None:
    quotient = Fraction(float(np.float32(value) / np.float32(scale)))
    rounded = math.copysign(math.floor(abs(quotient) + Fraction(1, 2)), quotient)
    expected = min(max(int(rounded) + zero, -128), 127)
    found = quantise(np.array([value], np.float32), Quantisation((scale,), (zero,)), "int8")
    assert found.tolist() == [expected]


def test_byte_files_lose_128_for_int8_and_stay_for_uint8() -> None:
    data = bytes([0, 127, 128, 255])
    (signed,) = encode(data, graph_of(("int8", (4,))), "uint8", where="")
    (unsigned,) = encode(data, graph_of(("uint8", (4,))), "uint8", where="")
    assert ints(signed) == [-128, -1, 0, 127]
    assert unsigned == data


def test_several_inputs_lie_back_to_back() -> None:
    graph = graph_of(("int8", (2,)), ("int16", (3,)))
    assert encode(bytes(range(8)), graph, "raw", where="") == (b"\0\1", bytes(range(2, 8)))


def test_a_file_may_hold_a_sequence_of_samples() -> None:
    graph = graph_of(("int8", (2,)), ("int16", (1,)))
    rows = sequence(bytes(range(12)), graph, "raw", where="")
    assert rows == tuple(
        (bytes([first, first + 1]), bytes([first + 2, first + 3])) for first in (0, 4, 8)
    )
    with pytest.raises(UsageError, match="10 bytes, expected 4"):
        sequence(bytes(10), graph, "raw", where="7.bin")
    with pytest.raises(UsageError, match="0 bytes, expected 4"):
        sequence(b"", graph, "raw", where="7.bin")


def test_float_samples_go_to_a_float_model_as_they_are() -> None:
    data = np.array([1.5, -2.0], "<f4").tobytes()
    assert encode(data, graph_of(("float32", (2,))), "float32", where="") == (data,)


@pytest.mark.parametrize(
    ("size", "dtype", "encoding", "what"),
    [
        (3, "int8", "raw", "3 bytes, expected 4"),
        (4, "int8", "float32", "4 bytes, expected 16"),
        (4, "int8", "png", "unknown encoding 'png'"),
        (16, "int32", "float32", "do not fit input 'x0' of type int32"),
        (4, "float32", "uint8", "do not fit input 'x0' of type float32"),
    ],
)
def test_samples_that_do_not_fit_are_refused(size, dtype, encoding, what) -> None:
    with pytest.raises(UsageError, match=what) as caught:
        encode(bytes(size), graph_of((dtype, (4,))), encoding, where="7.bin")
    assert str(caught.value).startswith("7.bin: ")


def test_samples_that_are_not_numbers_are_refused() -> None:
    data = np.array([1, np.nan, 1, 1], "<f4").tobytes()
    with pytest.raises(UsageError, match="not numbers"):
        encode(data, graph_of(("int8", (4,))), "float32", where="")


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "int64", "bool", "float32"])
def test_seeded_samples_of_every_type_differ_and_repeat(dtype: str) -> None:
    graph = graph_of((dtype, (1, 40)), ("int8", (3,)))
    samples = seeded(graph, "seed")
    assert samples == seeded(graph, "seed")
    assert samples != seeded(graph, "other")
    assert len({sample[0] for sample in samples}) == 10
    tensors = [graph.tensors[index] for index in graph.inputs]
    for sample in samples:
        assert [len(data) for data in sample] == [tensor.bytes for tensor in tensors]


def test_seeded_samples_cover_the_range_in_the_first_and_differ_in_level() -> None:
    samples = seeded(graph_of(("int8", (64, 64))), "seed")
    first = np.frombuffer(samples[0][0], np.int8)
    assert (first.min(), first.max()) == (-128, 127)
    means = [np.frombuffer(sample[0], np.int8).mean() for sample in samples]
    assert np.std(means) > 20


@given(st.integers(0, 2**32), st.integers(-128, 127))
def test_seeded_samples_have_contrast_and_neighbours_alike(seed: int, zero: int) -> None:
    """As pictures and spectra: no sample is nearly constant, and the next value is a good guess."""
    samples = seeded(graph_of(("int8", (64, 64)), zero=zero), str(seed), count=4)
    for sample in samples[1:]:
        values = np.frombuffer(sample[0], np.int8).astype(float)
        assert 12 < values.std() < 90
        assert np.corrcoef(values[1:], values[:-1])[0, 1] > 0.5
        assert abs(values.mean() - np.clip(zero, -65, 64)) < 70


def test_noise_is_what_twins_were_always_calibrated_with() -> None:
    """Its bytes are in the twins' bytes, and in the published figures of them."""
    graph = graph_of(("int8", (3, 40)), ("uint8", (7,)))
    digest = hashlib.sha256(b"".join(map(b"".join, noise(graph, "seed")))).hexdigest()
    assert digest == "51f2fe6d2fb5f83dc8df47202c0b8c3686072fcc95d93196f3fca3ce5f3dbdfb"


def test_seeded_floats_span_what_the_model_quantises() -> None:
    graph = many_operators()
    (first, *_), *_ = seeded(graph, "seed", count=2)
    values = np.frombuffer(first, "<f4")
    assert values.dtype == np.float32
    # QUANTIZE there has scale 0.5 and zero point 1: -64.5 to 63.
    assert -65 <= values.min() < -40
    assert 40 < values.max() <= 63.5


def test_no_samples_are_made_up_for_a_monster() -> None:
    with pytest.raises(UsageError, match="has 16,777,216 elements, expected at most 4,194,304"):
        seeded(graph_of(("int8", (4096, 4096))), "seed")


def test_the_stream_is_splitmix64() -> None:
    """The first numbers for seed 0, as published with the algorithm."""
    stream = Stream("")
    stream._seed = 0
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [int(value) for value in stream.bits(2)] == expected[:2]
    assert int(stream.bits(1)[0]) == expected[2]


@given(st.integers(-(2**31), 2**31), st.integers(0, 2**32 - 2), st.integers(0, 50))
def test_integers_stay_in_their_range(low: int, span: int, count: int) -> None:
    values = Stream("range").integers(low, low + span, count)
    assert len(values) == count
    assert all(low <= value <= low + span for value in values.tolist())


def test_floats_for_a_quantise_that_writes_nothing_are_drawn_all_the_same() -> None:
    build = GraphBuilder("m")
    x = build.input("x", (1, 4), "float32")
    build.op("QUANTIZE", [x], [])
    graph = build.finish([x])
    assert len(seeded(graph, "ab")[0][0]) == 16


@pytest.mark.parametrize("dtype", ["int16", "int32", "int64"])
@pytest.mark.parametrize(
    ("kind", "indices", "result", "options", "bound"),
    [
        ("EMBEDDING_LOOKUP", (4,), (4, 3, 200), {}, 50),
        ("GATHER", (1, 4), (50, 1, 4, 200), {"axis": 1}, 3),
        ("GATHER", (400,), (50, 3, 400), {"axis": -1}, 200),
        ("GATHER_ND", (40, 2), (40, 200), {}, 3),
    ],
)
def test_indices_lie_within_their_table(kind, indices, result, options, bound, dtype) -> None:
    build = GraphBuilder()
    ids = build.input("ids", indices, dtype)
    table = build.constant("table", np.zeros((50, 3, 200), np.int8), scale=0.5)
    both = [ids, table] if kind == "EMBEDDING_LOOKUP" else [table, ids]
    graph = build.finish(
        [build.op(kind, both, [build.activation("y", result, scale=0.5)], **options)]
    )
    values = [value for (data,) in seeded(graph, "s") for value in ints(data, dtype)]
    assert min(values) >= 0
    assert bound // 2 < max(values) + 1 <= bound
