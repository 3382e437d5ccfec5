"""The frame parser: round trips, and every way in which a stream can be wrong."""

from __future__ import annotations

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware.bare_metal import wire
from pytest_mlbench.firmware.bare_metal.wire import Tag, Trap
from pytest_mlbench.firmware.target import Counters, Simulation

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
COUNTERS = st.builds(Counters, U64, U64)


def frame(tag: int, payload: bytes = b"") -> bytes:
    return struct.pack("<II", tag, len(payload)) + payload


def counted(tag: Tag, row: Counters) -> bytes:
    return frame(tag, struct.pack("<QQ", row.cycles, row.instructions))


def stream(report: Simulation) -> bytes:
    """What a firmware with this report sends (no profile)."""
    components = [counted(Tag.SETUP, report.setup)]
    for run, outputs in zip(report.runs, report.outputs, strict=True):
        components.append(counted(Tag.RUN, run))
        components += [frame(Tag.OUTPUT, data) for data in outputs]
    return b"".join([*components, frame(Tag.STACK, struct.pack("<I", report.stack_peak))])


@st.composite
def reports(draw) -> tuple[Simulation, tuple[int, ...]]:
    sizes = tuple(draw(st.lists(st.integers(0, 40), max_size=3)))
    count = draw(st.integers(0, 4))
    outputs = tuple(
        tuple(draw(st.binary(min_size=size, max_size=size)) for size in sizes) for _ in range(count)
    )
    runs = tuple(draw(COUNTERS) for _ in range(count))
    return Simulation(draw(COUNTERS), runs, outputs, draw(U32)), sizes


@given(reports())
def test_a_good_stream_is_read_back(drawn):
    report, sizes = drawn
    assert wire.parse(stream(report), samples=len(report.runs), outputs=sizes) == report


@given(reports(), st.data())
def test_a_cut_stream_is_refused_and_its_progress_known(drawn, data):
    report, sizes = drawn
    whole = stream(report)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]

    with pytest.raises(SimulationFailed, match=r"expected .*|ends early"):
        wire.parse(cut, samples=len(report.runs), outputs=sizes)
    assert wire.progress(cut).runs <= len(report.runs)


@given(reports(), st.binary(min_size=1, max_size=30))
def test_extra_bytes_are_refused(drawn, extra):
    report, sizes = drawn
    with pytest.raises(SimulationFailed):
        wire.parse(stream(report) + extra, samples=len(report.runs), outputs=sizes)


@given(reports(), st.integers(1, 3))
def test_a_wrong_number_of_runs_is_refused(drawn, more):
    report, sizes = drawn
    with pytest.raises(SimulationFailed, match="expected frame"):
        wire.parse(stream(report), samples=len(report.runs) + more, outputs=sizes)


@given(st.binary(max_size=200), st.integers(0, 3), st.lists(st.integers(0, 20), max_size=2))
def test_garbage_is_a_message_never_a_traceback(data, samples, sizes):
    with contextlib.suppress(SimulationFailed):
        wire.parse(data, samples=samples, outputs=tuple(sizes))
    assert wire.progress(data).runs <= len(data) // 8


@given(
    st.lists(
        st.tuples(st.sampled_from([*Tag, 0, 10]), st.sampled_from([0, 4, 8, 12, 16, 20, 24])),
        max_size=8,
    ),
    st.integers(0, 2),
)
def test_frames_in_any_order_are_a_report_or_a_message(rows, samples):
    data = b"".join(frame(tag, bytes(size)) for tag, size in rows)
    try:
        found = wire.parse(data, samples=samples, outputs=(4,))
    except SimulationFailed:
        return
    assert isinstance(found, Trap) or found.probe or len(found.runs) in {0, samples}


@pytest.mark.parametrize("form", ["<3I", "<3Q"])
def test_a_trap_is_found_wherever_it_comes(form):
    trap = frame(Tag.TRAP, struct.pack(form, 2, 0x80000010, 0x1234))
    setup, run = (counted(tag, Counters(1, 1)) for tag in (Tag.SETUP, Tag.RUN))
    output = frame(Tag.OUTPUT, b"1234")

    for before, during in (
        (b"", "setup"),
        (setup, "run 1"),
        (setup + run + output, "run 2"),
    ):
        found = wire.parse(before + trap, samples=2, outputs=(4,))
        assert found == Trap(2, 0x80000010, 0x1234, during)


def test_a_profile_is_summed_into_its_run():
    rows = [
        frame(Tag.OPERATOR, struct.pack("<QQI", cycles, cycles - 1, index))
        for index, cycles in enumerate((10, 20))
    ]
    run = b"".join([*rows, counted(Tag.RUN, Counters(3, 2)), frame(Tag.OUTPUT, b"12")])
    whole = counted(Tag.SETUP, Counters(1, 1)) + run + run + frame(Tag.STACK, bytes(4))

    report = wire.parse(whole, samples=2, outputs=(2,))

    assert report.profile == (Counters(10, 9), Counters(20, 19))
    assert report.runs == (Counters(33, 30), Counters(33, 30))


def test_operators_out_of_order_are_refused():
    data = counted(Tag.SETUP, Counters(1, 1)) + frame(Tag.OPERATOR, struct.pack("<QQI", 1, 1, 1))
    with pytest.raises(SimulationFailed, match="expected operator 0, found operator 1"):
        wire.parse(data, samples=1, outputs=())


def test_text_is_shown_as_text():
    with pytest.raises(SimulationFailed, match=r"at byte 0: expected a frame, found 'bbl loader'"):
        wire.parse(b"bbl loader\0\1", samples=1, outputs=())


def test_lengths_are_told():
    data = counted(Tag.SETUP, Counters(1, 1)) + frame(Tag.RUN, bytes(15))
    with pytest.raises(SimulationFailed, match=r"at byte 24: .* of 16 bytes, found 15 bytes"):
        wire.parse(data, samples=1, outputs=())
