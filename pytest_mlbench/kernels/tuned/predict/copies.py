"""Instructions of copy_rows.c, and of vector_move.S in builds for V.

The integer kernels are counted in GCC's code: which of its loops runs depends on where in a word
both ends of a row lie.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from . import copies_rv64, copies_small, vector_move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .facts import Machine

    Row = Callable[[int, int, int], float]

WORD = 4

DOUBLE_WORD = 8
"""What places are told by: the copies for RV64 distinguish them."""

SHORT = 16
"""Rows of fewer bytes are copied without regard to words."""

Places = Counter[tuple[int, int]]
"""Where in a double word a copy's output and input begin -> how many copies begin there."""


def places(to: int, start: int, dims: Iterable[tuple[int, int, int]]) -> Places:
    """The places of all copies of a loop nest whose first one goes from `start` to `to`.

    dims  the loops: size, bytes per step in the output and in the input
    """
    found: Places = Counter({(to % DOUBLE_WORD, start % DOUBLE_WORD): 1})
    for size, to_step, from_step in dims:
        if size == 1:
            continue
        spread: Places = Counter()
        for turn in range(min(size, DOUBLE_WORD)):
            repeated = -(-(size - turn) // DOUBLE_WORD)
            for (a, b), count in found.items():
                place = (a + turn * to_step) % DOUBLE_WORD, (b + turn * from_step) % DOUBLE_WORD
                spread[place] += count * repeated
        found = spread
    return found


def copy_rows(
    machine: Machine, at: Places, rows: int, to_pitch: int, from_pitch: int, count: int
) -> float:
    """All calls of MLBENCH_COPY_ROWS that begin `at` these places."""
    calls = sum(at.values())
    if machine.vlen:
        side_by_side = to_pitch == count
        return calls * vector_move.copy_rows(rows, count, machine.vlen, side_by_side=side_by_side)
    by_words: Row = _words
    others: Row = _any
    if machine.small:
        by_words, others = copies_small.words, copies_small.any_bytes
    elif machine.xlen == 64:
        by_words, others = copies_rv64.words, copies_rv64.any_bytes
    total = calls * (31.0 if machine.small else 50.0)
    whole = (to_pitch | from_pitch | count) % WORD == 0
    for (to, start), number in at.items():
        way = by_words if whole and to % WORD == start % WORD == 0 else others
        each = places(to, start, [(rows, to_pitch, from_pitch)])
        total += number * sum(n * way(a, b, count) for (a, b), n in each.items())
    return total


def _words(_to: int, _start: int, count: int) -> float:
    """A row by copy_words: sixteen bytes at once, then one word."""
    whole, rest = divmod(count, 16)
    blocks = 6 + 11 * whole if whole else 5
    return 5 + blocks + (1, 4, 7, 11)[rest // WORD]


def _any(to: int, start: int, count: int) -> float:
    """A row by copy_any: up to the first word of the output, words, what is left over."""
    both = to % WORD == start % WORD == 0
    if count < SHORT:
        return 13 + _bytes(count, aligned=both)
    head = -to % WORD
    past = (start + head) % WORD
    left = count - head
    total = 14.0 + (3, 9, 13, 15)[head]
    if past == 0:
        words = left // WORD
        whole, rest = divmod(words, 4)
        if whole:
            total += 2 * (head > 0) + 11 + 11 * whole + (0, 4, 10, 14)[rest]
        else:
            total += 2 + 14
        total += 3
    else:
        words = (left - WORD + past) // WORD
        total += (0, 18, 13, 7)[past] + 5 + 12 * words + 4
    return total + 2 + _bytes(left - WORD * words, aligned=past == 0)


def _bytes(count: int, *, aligned: bool) -> float:
    """copy_bytes: four at once, as a word where both ends allow, then one."""
    fours, rest = divmod(count, WORD)
    total = 0.0
    if fours:
        total = 15 + 6 * fours if aligned else 17 + 11 * fours
    return total + (2, 6, 10, 12)[rest]


def fill(machine: Machine, count: int) -> float:
    """MLBENCH_FILL: sixteen bytes at once, then one."""
    if machine.vlen:
        return vector_move.fill(count, machine.vlen)
    if machine.small:
        return 4 + 5 * count
    whole, rest = divmod(count, 16)
    left = 2 + 3 * rest if rest else 0
    if machine.xlen == 64:
        blocks = 19 + 5 * whole if count >= 3 * 16 else 14 + 6 * whole
        return 10 + (blocks if whole else 0) + left
    return 9 + (7 + 6 * whole if whole else 2) + left


def move_bytes(machine: Machine, count: int) -> float:
    """MLBENCH_MOVE_BYTES: four at once, then one."""
    if machine.vlen:
        return vector_move.move_bytes(count, machine.vlen)
    if machine.small:
        return 2 + 7 * count
    fours, rest = divmod(count, WORD)
    left = (0, 8, 12, 17)[rest]
    return 29 + 18 * fours + left if fours else 6 + left
