"""Parses the firmware's output: frames of u32 tag, u32 length and payload, little endian. Pure.

A successful run sends SETUP, then for every sample RUN and one OUTPUT per output, then STACK. A
profiling firmware sends one OPERATOR per operator before each RUN; a probing one sends only SETUP
and PROBE. On a core that counts events, EVENTS follows SETUP, RUN and OPERATOR. TRAP, STATUS and
INPUT end a failed run. The sender is bare_metal/src/main.c.
"""

from __future__ import annotations

import contextlib
import enum
import itertools
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mlbench.errors import SimulationFailed
from pytest_mlbench.firmware.target import Counters, Simulation

if TYPE_CHECKING:
    from collections.abc import Iterator

_PRINTABLE = frozenset(range(32, 127)) | frozenset(b"\r\n\t")


class Tag(enum.IntEnum):
    """The kinds of frames, numbered as in bare_metal/src/main.c."""

    SETUP = 1
    RUN = 2
    OUTPUT = 3
    STACK = 4
    OPERATOR = 5
    PROBE = 6
    TRAP = 7
    STATUS = 8
    INPUT = 9
    EVENTS = 10


_COUNTED = frozenset({Tag.SETUP, Tag.RUN, Tag.OPERATOR})


@dataclass(frozen=True)
class Frame:
    """One frame and the offset at which it begins."""

    tag: Tag
    payload: bytes
    offset: int
    events: tuple[int, ...] = ()
    """For a counted region: the values of the core's event counters."""

    def words(self, *, form: str, what: str) -> tuple[int, ...]:
        """The payload as integers of struct format `form`."""
        size = struct.calcsize(form)
        if len(self.payload) != size:
            raise _garbled(f"{what} of {size} bytes", f"{len(self.payload)} bytes", self.offset)
        return struct.unpack(form, self.payload)


@dataclass(frozen=True)
class Trap:
    """The firmware trapped: mcause, mepc and mtval, and the phase of the run."""

    cause: int
    pc: int
    value: int
    during: str


@dataclass(frozen=True)
class Progress:
    """How far a run came whose stream was cut off."""

    setup: bool
    runs: int

    def __str__(self) -> str:
        if not self.setup:
            return "setup had not ended"
        return f"setup and {self.runs} run{'s' * (self.runs != 1)} had ended"


def frames(stream: bytes) -> Iterator[Frame]:
    """The frames of `stream`. Raises SimulationFailed at the first malformed frame."""
    offset = 0
    while offset < len(stream):
        if len(stream) - offset < 8:
            raise _garbled("a frame's 8-byte head", f"{len(stream) - offset} bytes", offset)
        number, length = struct.unpack_from("<II", stream, offset)
        if number not in Tag.__members__.values():
            raise _garbled("a frame", _shown(stream[offset : offset + 32]), offset)
        payload = stream[offset + 8 : offset + 8 + length]
        if len(payload) != length:
            raise _garbled(
                f"{length} bytes of frame {Tag(number).name}", f"{len(payload)}", offset + 8
            )
        yield Frame(Tag(number), payload, offset)
        offset += 8 + length


def with_events(stream: Iterator[Frame]) -> Iterator[Frame]:
    """The frames; each EVENTS frame is merged into the frame of the counted region before it."""
    held: Frame | None = None
    try:
        for frame in stream:
            if frame.tag is Tag.EVENTS and held is not None and held.tag in _COUNTED:
                form = f"<{len(frame.payload) // 4}I"
                held = replace(held, events=frame.words(form=form, what="event counters"))
                continue
            if held is not None:
                yield held
            held = frame
    except SimulationFailed:
        if held is not None:
            yield held
        raise
    if held is not None:
        yield held


def progress(stream: bytes) -> Progress:
    """How far a run came; `stream` may end anywhere, even within a frame."""
    tags: list[Tag] = []
    with contextlib.suppress(SimulationFailed):
        for frame in frames(stream):
            tags.append(frame.tag)  # noqa: PERF401 keep the frames before the cut
    return Progress(Tag.SETUP in tags, tags.count(Tag.RUN))


def parse(stream: bytes, *, samples: int, outputs: tuple[int, ...]) -> Simulation | Trap:
    """The report of a run of `samples` samples with outputs of the given byte sizes.

    Raises SimulationFailed, which says what was expected and what was found.
    """
    try:
        return _parse(_Reader(with_events(frames(stream))), samples, outputs)
    except _Trapped as error:
        return error.trap


def _parse(reader: _Reader, samples: int, outputs: tuple[int, ...]) -> Simulation:
    setup = _counters(reader.next(Tag.SETUP))
    reader.during = "run 1"
    frame = reader.next(Tag.PROBE, Tag.OPERATOR, Tag.RUN, Tag.STACK)
    if frame.tag is Tag.PROBE:
        reader.end()
        form = f"<{len(frame.payload) // 4}I"
        return Simulation(setup, (), (), 0, probe=frame.words(form=form, what="probe numbers"))
    runs: list[Counters] = []
    data: list[tuple[bytes, ...]] = []
    profile: list[Counters] = []
    for number in range(1, samples + 1):
        operators, run = _run(reader, frame)
        profile = profile or operators
        runs.append(run)
        data.append(tuple(_output(reader, index, size) for index, size in enumerate(outputs)))
        reader.during = f"run {number + 1}"
        last = number == samples
        frame = reader.next(Tag.STACK) if last else reader.next(Tag.OPERATOR, Tag.RUN)
    if frame.tag is not Tag.STACK:
        raise _garbled("frame STACK", f"frame {frame.tag.name}", frame.offset)
    (stack_peak,) = frame.words(form="<I", what="the stack's depth")
    reader.end()
    return Simulation(setup, tuple(runs), tuple(data), stack_peak, profile=tuple(profile))


def _run(reader: _Reader, frame: Frame) -> tuple[list[Counters], Counters]:
    """The counters of the operators (if profiled) and of the whole run.

    A profiling firmware restarts its counters after each operator, so the run is their sum.
    """
    operators: list[Counters] = []
    while frame.tag is Tag.OPERATOR:
        cycles, instructions, index = frame.words(form="<QQI", what="operator counters")
        if index != len(operators):
            raise _garbled(f"operator {len(operators)}", f"operator {index}", frame.offset)
        operators.append(Counters(cycles, instructions, frame.events))
        frame = reader.next(Tag.OPERATOR, Tag.RUN)
    if frame.tag is not Tag.RUN:
        raise _garbled("frame RUN", f"frame {frame.tag.name}", frame.offset)
    return operators, sum(operators, _counters(frame))


def _output(reader: _Reader, index: int, size: int) -> bytes:
    frame = reader.next(Tag.OUTPUT)
    if len(frame.payload) != size:
        found = f"{len(frame.payload)} bytes"
        raise _garbled(f"output {index} of {size} bytes", found, frame.offset)
    return frame.payload


class _Trapped(Exception):
    """A TRAP frame came."""

    def __init__(self, trap: Trap) -> None:
        super().__init__(trap)
        self.trap = trap


class _Reader:
    """Reads frames one by one; a frame that ends a failed run raises an exception."""

    def __init__(self, stream: Iterator[Frame]) -> None:
        self.stream = stream
        self.during = "setup"

    def next(self, *expected: Tag) -> Frame:
        """The next frame, which must be one of `expected`."""
        frame = next(self.stream, None)
        names = " or ".join(tag.name for tag in expected)
        if frame is None:
            raise SimulationFailed(
                f"the firmware's output ends early, in {self.during}: expected frame {names}"
            )
        if frame.tag is Tag.TRAP:
            form = "<3I" if len(frame.payload) == 12 else "<3Q"
            cause, pc, value = frame.words(form=form, what="a trap's three words")
            raise _Trapped(Trap(cause, pc, value, self.during))
        if frame.tag is Tag.STATUS:
            (status,) = frame.words(form="<i", what="a status")
            raise SimulationFailed(f"the firmware failed in {self.during} with code {status}")
        if frame.tag is Tag.INPUT:
            number, size, got = frame.words(form="<3I", what="an input's number and sizes")
            raise SimulationFailed(
                f"the samples do not fit the firmware's inputs: in {self.during} input {number} "
                f"needs {size} bytes, but {got} remained"
            )
        if frame.tag not in expected:
            raise _garbled(f"frame {names}", f"frame {frame.tag.name}", frame.offset)
        return frame

    def end(self) -> None:
        """Checks that no frame follows."""
        frame = next(self.stream, None)
        if frame is not None:
            raise _garbled("the end", f"frame {frame.tag.name}", frame.offset)


def _counters(frame: Frame) -> Counters:
    cycles, instructions = frame.words(form="<QQ", what="two counters")
    return Counters(cycles, instructions, frame.events)


def _garbled(expected: str, found: str, offset: int) -> SimulationFailed:
    return SimulationFailed(
        f"the firmware's output is garbled at byte {offset}: expected {expected}, found {found}"
    )


def _shown(data: bytes) -> str:
    """Bytes for a message: as text if they begin with text, else in hexadecimal."""
    text = bytes(itertools.takewhile(_PRINTABLE.__contains__, data))
    if len(text) >= 4:
        return repr(text.decode("ascii"))
    return data[:16].hex(" ")
