"""How many layers are drawn: few in a normal run, 2,000 per operator in a thorough one."""

from __future__ import annotations

import contextlib
import os
import secrets
from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st

from .provider import BACKEND

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import LayerCase

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
BATCH = int(os.environ.get("MLBENCH_TEST_BATCH", "100"))
"""Layers per model, and thus per compilation, in a thorough run."""


class _Enough(BaseException):
    """Ends drawing. hypothesis passes on what is no Exception, without a second try."""


@lru_cache(maxsize=1 if THOROUGH else 512)  # more than there are strategies
def draw_layers(
    layers: st.SearchStrategy[LayerCase], count: int, seed: int | None = None
) -> tuple[LayerCase, ...]:
    """`count` different layers, or fewer if there are not as many. They are always the same for one
    seed, and without a seed unless the run is thorough.

    The last results are cached, because layers are drawn for every ISA and library in turn, and
    drawing them takes longer than running them.
    """
    found: dict[bytes, LayerCase] = {}

    @settings(
        max_examples=2 * count + 10,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=seed is None and not THOROUGH,
        database=None,
        phases=[Phase.generate],
        backend=BACKEND,
    )
    @given(case=layers)
    def collect(case: LayerCase) -> None:
        found.setdefault(case.digest, case)
        if len(found) == count:
            raise _Enough

    if seed is not None or THOROUGH:
        # hypothesis advises to repeat a seed that it has drawn when it is stopped.
        collect = with_seed(secrets.randbits(64) if seed is None else seed)(collect)
    with contextlib.suppress(_Enough):
        collect()
    return tuple(found.values())


def given_layers(
    *layers: st.SearchStrategy[LayerCase], few: int = 12, thorough: int = 2000
) -> Callable[[Callable[[list[LayerCase]], None]], Callable[[], None]]:
    """Calls the test with lists of layers: once with `few` layers of each strategy or, in a
    thorough run, with `thorough` layers of each in batches of `BATCH`.

    One model of many kinds of layers takes less time than many models of one kind. A failure names
    its layer, so nothing is shrunk.
    """

    def decorate(test: Callable[[list[LayerCase]], None]) -> Callable[[], None]:
        @wraps(test)
        def run() -> None:
            wanted = thorough if THOROUGH else few
            cases: list[LayerCase] = []
            for strategy in layers:
                drawn = draw_layers(strategy, wanted)
                assert len(drawn) == wanted, f"{strategy!r}: too few layers were drawn"
                cases += drawn
            most = BATCH if THOROUGH else len(cases)
            for start in range(0, len(cases), most):
                test(cases[start : start + most])

        return run

    return decorate
