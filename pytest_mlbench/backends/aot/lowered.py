"""A program with the kernel call of each operator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pytest_mlbench.errors import UsageError

from .codegen import Probe
from .memory_plan.arrange import arrange, bound
from .needs import needs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mlbench.kernels.interface import KernelCall, KernelLibrary, LowerContext
    from pytest_mlbench.models.operators.layers import Layer

    from .memory_plan.arrange import Memory
    from .passes.program import Program

MAX_SCRATCH = 1 << 28
"""A larger number is not a buffer size but an error code that a library returned."""


@dataclass(frozen=True, eq=False)
class Lowered:
    """`calls[i]` executes operator i of `program`; None if it needs no code."""

    program: Program
    calls: tuple[KernelCall | None, ...]

    @cached_property
    def memory(self) -> Memory:
        """The memory plan. A size that only a probing firmware knows counts as 0."""
        return self.arranged()

    def arranged(self, *, apart: bool = False) -> Memory:
        """The memory plan; with `apart`, no two buffers share a byte."""
        graph, layers = self.program.graph, self.program.layers
        return arrange(graph, needs(graph, layers, self.calls), apart=apart)

    @property
    def bound(self) -> int:
        """The lower bound of the plan's peak, which takes no search."""
        graph, layers = self.program.graph, self.program.layers
        return bound(graph, needs(graph, layers, self.calls))

    def probes(self) -> Iterator[Probe]:
        """The sizes given as C expressions, in the order in which the firmware reports them."""
        for operator, call in zip(self.program.graph.operators, self.calls, strict=True):
            if call is not None:
                for what in ("scratch", "persistent"):
                    size = getattr(call, what)
                    if isinstance(size, str):
                        yield Probe(call, size, what, operator.index)

    def resolved(self, numbers: Iterator[int]) -> Lowered:
        """With each C expression replaced by the next number reported for it.

        Raises UsageError for a number that is no size.
        """
        calls = []
        for operator, call in zip(self.program.graph.operators, self.calls, strict=True):
            sized = call
            for what in ("scratch", "persistent"):
                expression = getattr(call, what, 0)
                if sized is None or not isinstance(expression, str):
                    continue
                size = next(numbers)
                if not 0 <= size <= MAX_SCRATCH:
                    raise UsageError(
                        f"operator {operator.index}: {sized.library} asks for {size:,} bytes of "
                        f"{what} buffer ({expression})"
                    )
                if what == "scratch":
                    sized = replace(sized, scratch=size)
                else:
                    sized = replace(sized, persistent=size)
            calls.append(sized)
        return replace(self, calls=tuple(calls))

    def without_views(self, free: frozenset[int]) -> tuple[KernelCall | None, ...]:
        """The calls that run if the operators in `free` need not."""
        return tuple(None if place in free else call for place, call in enumerate(self.calls))


def lowered(program: Program, libraries: Sequence[KernelLibrary], context: LowerContext) -> Lowered:
    """The first of `libraries` that covers a layer executes it. Raises UsageError if none does."""
    return Lowered(
        program,
        tuple(
            None if layer is None else _call(layer, libraries, context) for layer in program.layers
        ),
    )


def _call(layer: Layer, libraries: Sequence[KernelLibrary], context: LowerContext) -> KernelCall:
    for library in libraries:
        call = library.lower(layer, context)
        if call is not None:
            return call
    raise UsageError(f"operator {layer.index} {layer.kind}: no kernel library covers it")
