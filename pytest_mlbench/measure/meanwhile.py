"""What a process can do for its cases while another one provisions the compiler."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .chain import Chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pytest_mlbench.case import Case

    from .registry import Registry
    from .toolbox import Toolbox


def jobs(
    cases: Iterable[tuple[Case, Registry]], toolbox: Toolbox
) -> Iterator[Callable[[], object]]:
    """Fetches the simulators of `cases`, and computes the reference's outputs, each once.

    No job needs a compiler. Their results are in the cache, for all processes.
    """
    seen: set[tuple[str, ...]] = set()
    for case, registry in cases:
        chain = Chain(case, toolbox, registry)
        if chain.until != "run":
            return
        for thing, job in (
            (("target", case.target), partial(_simulator, chain)),
            (("model", case.model, case.config.get("reset", "")), chain.expect),
        ):
            if thing not in seen:
                seen.add(thing)
                yield job


def _simulator(chain: Chain) -> object:
    return chain.target.simulator()
