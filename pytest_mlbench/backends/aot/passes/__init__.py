"""Optimisation passes over a lowered model, which remove layers or merge them into others.

Each module is one pass: a pure function from `Program` to `Program` that keeps every output of the
model bit for bit. `optimise` runs them in the order of `PASSES`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import clamps, pads, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from .program import Program

PASSES: tuple[Callable[[Program], Program], ...] = (pads.run, clamps.run, tables.run)


def optimise(program: Program) -> Program:
    """`program` after all passes."""
    for step in PASSES:
        program = step(program)
    return program
