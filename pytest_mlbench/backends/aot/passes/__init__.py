"""Optimisation passes over a lowered model, which remove layers or merge them into others.

Each module is one pass: a pure function from `Program` to `Program` that keeps every output of the
model bit for bit. `optimise` runs them in the order of `PASSES`, and then those that make layers
which only some libraries support.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import chains, clamps, pads, tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_mlbench.models.operators.layers import Layer

    from .program import Program

PASSES: tuple[Callable[[Program], Program], ...] = (pads.run, clamps.run, tables.run)


def optimise(program: Program, supported: Callable[[Layer], bool] = lambda _: False) -> Program:
    """`program` after all passes. `supported`: has a selected library a kernel for a layer?"""
    for step in PASSES:
        program = step(program)
    return chains.run(program, supported)
