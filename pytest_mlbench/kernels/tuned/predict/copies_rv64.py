"""Instructions of a row of copy_rows.c at -O3 for RV64, where GCC copies double words if both ends
begin at one. Places are remainders by 8."""

from __future__ import annotations

WORD, DOUBLE_WORD = 4, 8
SHORT = 16


def words(to: int, start: int, count: int) -> float:
    """copy_words: sixteen bytes at once, then one word."""
    whole, rest = divmod(count, 16)
    if whole == 0:
        blocks = 5
    elif whole == 1:
        blocks = 7 + 11
    else:
        blocks = 12 + 8 * whole if to == start == 0 else 10 + 11 * whole
    return 5 + blocks + (1, 5, 9, 13)[rest // WORD]


def any_bytes(to: int, start: int, count: int) -> float:
    """copy_any: up to the first word of the output, words, what is left over."""
    if count < SHORT:
        return 13 + _bytes(to, start, count)
    head = -to % WORD
    to, start, left = (to + head) % DOUBLE_WORD, (start + head) % DOUBLE_WORD, count - head
    past = start % WORD
    total = 15.0 + (5, 10, 14, 16)[head]
    if past == 0:
        copied = left // WORD
        total += 2 * (head > 0) + 3 + _blocks(to, start, copied)
    else:
        copied = (left - WORD + past) // WORD
        total += (0, 23, 17, 10)[past] + 6 + 11 * copied + 4
    done = WORD * copied
    return total + 2 + _bytes(to + done, start + done, left - done)


def _blocks(to: int, start: int, count: int) -> float:
    """`count` words, sixteen bytes at once."""
    whole, rest = divmod(count, 4)
    if whole == 0:
        return 14
    if whole == 1:
        loop = 5 + 5 + 11
    elif to == start == 0:
        loop = 8 + 4 + 8 * whole
    else:
        loop = 8 + 5 + 11 * whole
    return loop + 7 + (0, 4, 10, 14)[rest]


def _bytes(to: int, start: int, count: int) -> float:
    """copy_bytes: four at once, as double words where both ends allow, then one."""
    fours, rest = divmod(count, WORD)
    total = 0.0
    if fours >= 3 and (to % DOUBLE_WORD == start % DOUBLE_WORD == 0):
        total = 33 + 5 * (fours // 2) + 8 * (fours % 2)
    elif fours:
        total = 17 + (9 if fours >= 3 else 0) + 11 * fours
    return total + (2, 6, 10, 12)[rest]
