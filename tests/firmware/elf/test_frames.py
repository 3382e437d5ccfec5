from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable
from pytest_mlbench.firmware.elf import frames

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.measure.toolbox import Toolbox


def code(*words: tuple[int, int]) -> bytes:
    """Instructions as (encoding, bytes)."""
    return b"".join(word.to_bytes(size, "little") for word, size in words)


def test_the_prologue_is_the_frame_and_the_epilogue_ends_it() -> None:
    # addi sp, sp, -48; addi sp, sp, 48; c.jr ra; c.addi sp, -16
    assert frames.frame(code((0xFD010113, 4), (0x03010113, 4), (0x8082, 2), (0x1141, 2))) == 48


def test_several_epilogues_do_not_hide_a_later_frame() -> None:
    # c.addi16sp sp, -16; c.addi16sp sp, 16 (twice, of two paths); addi sp, sp, -48
    assert frames.frame(code((0x717D, 2), (0x6141, 2), (0x6141, 2), (0xFD010113, 4))) == 48


def test_frames_beyond_an_immediate() -> None:
    # lui t0, 0xfffff; addi t0, t0, -512; c.add sp, t0
    assert frames.frame(code((0xFFFFF2B7, 4), (0xE0028293, 4), (0x9116, 2))) == 4608


def test_frames_beyond_an_immediate_in_compressed_code() -> None:
    # c.lui t0, 0xfffff; addi t0, t0, -512; c.add sp, t0
    assert frames.frame(code((0x72FD, 2), (0xE0028293, 4), (0x9116, 2))) == 4608
    # c.lui t0, 0xffffe (-8192); c.add sp, t0
    assert frames.frame(code((0x72F9, 2), (0x9116, 2))) == 8192


def test_another_stack_is_no_frame() -> None:
    # auipc sp, 1; addi sp, sp, -500; c.addi16sp sp, -32
    assert frames.frame(code((0x00001117, 4), (0xE0C10113, 4), (0x1101, 2))) == 32


def test_a_function_without_stack() -> None:
    assert frames.frame(code((0x8082, 2))) == 0


@given(st.binary(max_size=200))
def test_any_bytes_have_some_frame(data: bytes) -> None:
    assert frames.frame(data) >= 0


SOURCE = """
void use(volatile char *);
#define FUNCTION(n) void f##n(void) { volatile char a[n]; use(a); }
FUNCTION(1) FUNCTION(20) FUNCTION(200) FUNCTION(480) FUNCTION(700) FUNCTION(2032) FUNCTION(2100)
FUNCTION(5000) FUNCTION(70000)
int leaf(int x) { return x + 1; }
void use(volatile char *a) { a[0] = 1; }
int main(void) { f1(); f20(); f200(); f480(); f700(); f2032(); f2100(); f5000(); f70000();
  return leaf(1); }
"""


@pytest.mark.spike
@pytest.mark.parametrize("level", ["-O0", "-Os", "-O3"])
def test_frames_agree_with_the_compilers_own(toolbox: Toolbox, tmp_path: Path, level: str) -> None:
    try:
        toolchain = toolbox.toolchain("rv32gc")
    except Unavailable as error:
        pytest.skip(str(error))
    (tmp_path / "a.c").write_text(SOURCE)
    command = [
        toolchain.gcc,
        "-march=rv32gc",
        "-mabi=ilp32d",
        level,
        "-fno-inline",
        "-fstack-usage",
    ]
    done = process.run(
        [*command, "-nostdlib", "-Wl,-e,main", "a.c", "-o", "a.elf"], timeout=60, cwd=tmp_path
    )
    assert done.returncode == 0, done.error_text
    (usage,) = tmp_path.glob("*.su")
    rows = [line.split("\t") for line in usage.read_text().splitlines()]
    told = {row[0].rpartition(":")[2]: int(row[1]) for row in rows if int(row[1])}
    found = frames.read(tmp_path / "a.elf")
    assert {name: size for (_, name), size in found.items()} == told
