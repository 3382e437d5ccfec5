"""Which of the drawn layers run: a few for every kernel that any of them would run on."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from pytest_mlbench.backends.aot.passes import optimise
from pytest_mlbench.backends.aot.passes.program import Program
from pytest_mlbench.kernels.interface import LowerContext
from pytest_mlbench.kernels.tuned.library import TunedLibrary
from pytest_mlbench.models.operators.fold import fold
from pytest_mlbench.models.operators.lower import lower_all
from pytest_mlbench.testing import THOROUGH, given_layers
from pytest_mlbench.testing.profiles import draw_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

    from pytest_mlbench.models.operators.layers import Layer
    from pytest_mlbench.models.tflite.graph import Graph
    from pytest_mlbench.testing import LayerCase

    Sets = Mapping[str, SearchStrategy[LayerCase]]
    Cases = dict[str, list[LayerCase]]

DRAWN = 24
"""Layers of each set from which those that run are chosen."""

EACH = 3
"""Layers of a set on each kernel, if as many were drawn. Thorough runs have thousands."""

LEAST = 4
"""Layers of a set at least."""


def with_layers(
    sets: Sets,
    context: LowerContext,
    *,
    each: int = EACH,
    first: int = 0,
    drawn: int = DRAWN,
) -> Callable[[Callable[[Cases], None]], None]:
    """Calls a function with the layers of each set: once with those that are chosen of `drawn` ones
    or, in a thorough run, with all of them in batches. A thorough run takes one set at a time."""

    def call(test: Callable[[Cases], None]) -> None:
        if not THOROUGH:
            cases = {name: draw_layers(layers, drawn) for name, layers in sets.items()}
            assert all(len(own) == drawn for own in cases.values()), "too few layers were drawn"
            test({name: chosen(own, context, each, first) for name, own in cases.items()})
            return
        (name,) = sets

        @given_layers(*sets.values())
        def run(cases: list[LayerCase]) -> None:
            test({name: cases})

        run()

    return call


def chosen(
    cases: Sequence[LayerCase], context: LowerContext, each: int, first: int
) -> list[LayerCase]:
    """At most `each` of `cases` for each combination of kernels, and `LEAST` in all.

    They are taken from number `first` on, in turn: others run with other features.
    """
    first %= len(cases)
    wanted, left = [], []
    seen: Counter[tuple[str, ...]] = Counter()
    for case in (*cases[first:], *cases[:first]):
        kernels = _kernels(case, context.features, context.isa, *context.config.items())
        seen[kernels] += 1
        (wanted if seen[kernels] <= each else left).append(case)
    return wanted + left[: max(LEAST - len(wanted), 0)]


@cache
def _kernels(
    case: LayerCase, features: tuple[str, ...], isa: str, *config: tuple[str, str]
) -> tuple[str, ...]:
    """The tuned kernels that the layers of `case` run on; "" for a layer on a reference kernel."""
    if not features:
        return ()
    library, context = TunedLibrary(), LowerContext(features, isa, "3", dict(config))
    left = optimised(case.graph, lambda layer: library.lower(layer, context) is not None)
    calls = [library.lower(layer, context) for layer in left]
    return tuple("" if call is None else call.kernel for call in calls)


def optimised(graph: Graph, runs: Callable[[Layer], bool]) -> list[Layer]:
    """The layers of `graph` as the passes leave them; `runs` says which ones have a kernel."""
    whole = fold(graph)
    found, _ = lower_all(whole)
    program = optimise(Program(whole, found), runs)
    return [layer for layer in program.layers if layer is not None]


def owners(cases: Mapping[str, Sequence[LayerCase]]) -> list[str]:
    """The name of the set from which each operator comes."""
    return [name for name, own in cases.items() for case in own for _ in case.graph.operators]
