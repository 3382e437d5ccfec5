"""The stack frame of each function, read from its instructions.

A function moves the stack pointer by constants: any form of `addi sp, sp, n`, or `add sp, sp, t`
after loading a constant into register t (RISC-V Instruction Set Manual, volume I, chapters RV32I
and C). The lowest value of sp along its code gives the frame. A move by an unknown value, as for
variable-length arrays, counts as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .reader import FUNC, RESERVED, UNDEFINED, open_elf, symbol_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SP = 2


def read(elf: Path) -> dict[tuple[str, str], int]:
    """(section, function) -> bytes of its frame; functions without a frame are left out.

    Of several static functions with one name, the largest frame counts. Raises UsageError if `elf`
    is not a well-formed ELF file.
    """
    found: dict[tuple[str, str], int] = {}
    sections: dict[int, tuple[str, int, bytes]] = {}
    with open_elf(elf) as file:
        for symbol in symbol_rows(file):
            if symbol.kind != FUNC or not symbol.size:
                continue
            if symbol.section == UNDEFINED or symbol.section >= RESERVED:
                continue
            if symbol.section not in sections:
                section = file.get_section(symbol.section)
                sections[symbol.section] = section.name, section["sh_addr"], section.data()
            where, address, code = sections[symbol.section]
            offset = symbol.value - address
            depth = frame(code[offset : offset + symbol.size])
            key = (where, symbol.name)
            if depth:
                found[key] = max(found.get(key, 0), depth)
    return found


def named(
    rows: Iterable[Mapping[str, Any]], frames: Mapping[tuple[str, str], int]
) -> tuple[dict[str, Any], ...]:
    """A record's symbols; those with a frame get `stack`, its size in bytes."""
    return tuple(
        {**row, "stack": frames[row["section"], row["name"]]}
        if (row["section"], row["name"]) in frames
        else dict(row)
        for row in rows
    )


def frame(code: bytes) -> int:
    """The largest distance of the stack pointer below its value at function entry, in bytes."""
    depth = deepest = position = 0
    constants: dict[int, int] = {}
    while position + 2 <= len(code):
        word = int.from_bytes(code[position : position + 4], "little")
        short = word & 3 != 3
        position += 2 if short else 4
        moved = _compressed(word & 0xFFFF, constants) if short else _full(word, constants)
        # Code after an epilogue runs with the frame in place again.
        depth = min(0, depth + moved)
        deepest = min(deepest, depth)
    return -deepest


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def _full(word: int, constants: dict[int, int]) -> int:
    opcode, target, left = word & 0x7F, word >> 7 & 31, word >> 15 & 31
    immediate = _signed(word >> 20, 12)
    if opcode == 0x37:  # lui
        constants[target] = _signed(word & 0xFFFFF000, 32)
        return 0
    if opcode == 0x17 and target == SP:  # auipc: another stack's address, in two steps
        constants[SP] = 0
        return 0
    if opcode == 0x13 and word >> 12 & 7 == 0:  # addi
        if target == left == SP:
            return immediate if constants.pop(SP, None) is None else 0
        base = 0 if left == 0 else constants.get(left)
        _set(constants, target, None if base is None else base + immediate)
        return 0
    if opcode == 0x33 and target == left == SP and word >> 12 & 7 == 0:  # add, sub
        amount = constants.get(word >> 20 & 31, 0)
        return -amount if word >> 30 & 1 else amount
    if opcode not in {0x23, 0x27, 0x63}:  # stores and branches write no register
        constants.pop(target, None)
    return 0


def _compressed(word: int, constants: dict[int, int]) -> int:
    quadrant, funct3, target = word & 3, word >> 13, word >> 7 & 31
    small = _signed((word >> 12 & 1) << 5 | word >> 2 & 31, 6)
    if quadrant == 1 and funct3 == 3 and target == SP:  # c.addi16sp
        bits = (
            (word >> 12 & 1) << 9
            | (word >> 3 & 3) << 7
            | (word >> 5 & 1) << 6
            | (word >> 2 & 1) << 5
            | (word >> 6 & 1) << 4
        )
        return _signed(bits, 10)
    if quadrant == 1 and funct3 == 0:  # c.addi
        if target == SP:
            return small
        previous = constants.get(target)
        _set(constants, target, None if previous is None else previous + small)
    elif quadrant == 1 and funct3 == 2:  # c.li
        constants[target] = small
    elif quadrant == 1 and funct3 == 3:  # c.lui
        constants[target] = small << 12
    elif quadrant == 2 and funct3 == 4 and word >> 12 & 1 and word >> 2 & 31:  # c.add
        if target == SP:
            return constants.get(word >> 2 & 31, 0)
        constants.pop(target, None)
    elif quadrant == 2 and funct3 in {0, 2, 4}:  # c.slli, c.lwsp, c.mv
        constants.pop(target, None)
    return 0


def _set(constants: dict[int, int], target: int, value: int | None) -> None:
    if value is None:
        constants.pop(target, None)
    else:
        constants[target] = value
