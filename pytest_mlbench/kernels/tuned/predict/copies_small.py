"""Instructions of a row of copy_rows.c at -Os: one word or byte in a turn of each loop."""

from __future__ import annotations

WORD = 4
SHORT = 16


def words(_to: int, _start: int, count: int) -> float:
    """copy_words."""
    return 10 + 7 * (count / WORD)


def any_bytes(to: int, start: int, count: int) -> float:
    """copy_any: up to the first word of the output, words, what is left over."""
    total, left = 17.0, count
    if count >= SHORT:
        head = -to % WORD
        past = (start + head) % WORD
        left -= head
        copied = left // WORD if past == 0 else (left - WORD + past) // WORD
        total += 13 + 7 * head
        if past == 0:
            total += 1 + 7 * copied
        else:
            total += 12 + 6 * (WORD - past) + 13 * copied
        left -= WORD * copied
    return total + 8 * left
