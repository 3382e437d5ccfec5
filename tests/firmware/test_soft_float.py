"""Single precision in integers, bit for bit as this machine's own arithmetic has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pytest_mlbench import process
from pytest_mlbench.firmware.freestanding import HERE
from pytest_mlbench.testing import host
from pytest_mlbench.testing.profiles import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PROGRAM = """
#include <stdio.h>
#include <string.h>
#define MLBENCH_SINGLE(name) soft_##name
#include "single.c"

int main(void) {
  uint32_t in[2], out[13];
  while (fread(in, 4, 2, stdin) == 2) {
    const float a = from_bits(in[0]), b = from_bits(in[1]);
    int n = 0;
    out[n++] = bits_of(soft_addsf3(a, b));
    out[n++] = bits_of(soft_subsf3(a, b));
    out[n++] = bits_of(soft_mulsf3(a, b));
    out[n++] = bits_of(soft_divsf3(a, b));
    out[n++] = soft_eqsf2(a, b) == 0;
    out[n++] = soft_nesf2(a, b) != 0;
    out[n++] = soft_ltsf2(a, b) < 0;
    out[n++] = soft_lesf2(a, b) <= 0;
    out[n++] = soft_gtsf2(a, b) > 0;
    out[n++] = soft_gesf2(a, b) >= 0;
    out[n++] = soft_unordsf2(a, b) != 0;
    out[n++] = bits_of(soft_floatsisf((int32_t)in[0]));
    out[n++] = bits_of(soft_floatunsisf(in[0]));
    fwrite(out, 4, 13, stdout);
    const int32_t fixed = soft_fixsfsi(a);
    fwrite(&fixed, 4, 1, stdout);
  }
  return 0;
}
"""
NAN = 0x7FC00000


def words(count: int) -> NDArray[np.uint32]:
    """Pairs of any bits, of numbers near each other, and of all that is special."""
    rng = np.random.default_rng(7)
    any_bits = rng.integers(0, 2**32, (count, 2), dtype=np.uint32)
    near = rng.integers(0x3F000000, 0x42000000, (count, 2), dtype=np.uint32)
    near[:, 1] ^= rng.integers(0, 2, count, dtype=np.uint32) << np.uint32(31)
    close = near.copy()
    close[:, 1] = close[:, 0] ^ np.uint32(0x80000000) ^ rng.integers(0, 64, count, dtype=np.uint32)
    small = rng.integers(0, 0x01000000, (count, 2), dtype=np.uint32)
    mixed = np.stack([small[:, 0], near[:, 1]], axis=1)
    tiny = np.stack([small[:, 0], rng.integers(0x20000000, 0x21000000, count, np.uint32)], axis=1)
    odd = [0, 1, 0x007FFFFF, 0x00800000, 0x3F800000, 0x4EFFFFFF, 0x4F000000, 0x7F7FFFFF]
    odd += [0x7F800000, 0x7F800001, NAN, 0x33800000, 0x33800001, 0x4B7FFFFF, 0x4B800000]
    both = np.array([*odd, *(each | 0x80000000 for each in odd)], np.uint32)
    pairs = np.stack([each.ravel() for each in np.meshgrid(both, both)], axis=1)
    return np.concatenate([any_bits, near, close, small, mixed, tiny, pairs])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[NDArray[np.uint32], NDArray[Any]]:
    """The pairs, and one row of 14 results for each."""
    folder: Path = tmp_path_factory.mktemp("single")
    (folder / "main.c").write_text(PROGRAM)
    program = folder / "main"
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-I", HERE]
    flags += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    built = process.run(
        [host.compiler(), *flags, folder / "main.c", "-o", program], timeout=120, bare=True
    )
    assert built.returncode == 0, built.error_text
    pairs = words(1_000_000 if THOROUGH else 20_000)
    done = process.run([program], timeout=600, stdin=pairs.tobytes(), bare=True, output_limit=2**30)
    assert done.returncode == 0, done.error_text
    return pairs, np.frombuffer(done.stdout, np.uint32).reshape(-1, 14)


def same(got: NDArray[Any], expected: NDArray[np.float32]) -> None:
    """Equal bits; a NaN is the one NaN."""
    wanted = np.where(np.isnan(expected), np.uint32(NAN), expected.view(np.uint32))
    wrong = np.flatnonzero(got != wanted)
    assert not wrong.size, f"{wrong.size} differ, the first is number {wrong[0]}"


@np.errstate(all="ignore")
def test_arithmetic(found: tuple[NDArray[np.uint32], NDArray[Any]]) -> None:
    pairs, got = found
    a, b = (pairs[:, side].copy().view(np.float32) for side in (0, 1))
    for column, expected in enumerate((a + b, a - b, a * b, a / b)):
        same(got[:, column], expected)


@np.errstate(all="ignore")
def test_comparisons(found: tuple[NDArray[np.uint32], NDArray[Any]]) -> None:
    pairs, got = found
    a, b = (pairs[:, side].copy().view(np.float32) for side in (0, 1))
    unordered = np.isnan(a) | np.isnan(b)
    for column, expected in enumerate((a == b, a != b, a < b, a <= b, a > b, a >= b, unordered)):
        assert np.array_equal(got[:, 4 + column].astype(bool), expected), column


@np.errstate(all="ignore")
def test_conversions(found: tuple[NDArray[np.uint32], NDArray[Any]]) -> None:
    pairs, got = found
    a = pairs[:, 0].copy()
    same(got[:, 11], a.view(np.int32).astype(np.float32))
    same(got[:, 12], a.astype(np.float32))
    value = a.view(np.float32).astype(np.float64)
    whole = np.clip(np.trunc(np.nan_to_num(value, nan=0.0)), -(2**31), 2**31 - 1)
    assert np.array_equal(got[:, 13].copy().view(np.int32), whole.astype(np.int64))
