"""What a machine lacks for the cases that it may be given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_mlbench.case import Case

    from .chain import Chain
    from .registry import Registry
    from .toolbox import Toolbox


def lacking(
    cases: Iterable[tuple[Case, Registry]], toolbox: Toolbox, *, reference: str = ""
) -> str:
    """Why this machine cannot run all `cases`; empty when it can.

    Each model, compiler and simulator is looked for once. `reference` is the identity of the
    interpreter that gives the golden outputs elsewhere: another one here would be seen in the
    records. What is wrong rather than missing is left to the case to tell.
    """
    from .chain import Chain
    from .validation import golden

    if reference and toolbox.settings.until == "run" and golden.identity() != reference:
        return f"the golden outputs are to come from {reference}, here is {golden.identity()}"
    seen: set[tuple[str, ...]] = set()
    for case, registry in cases:
        chain = Chain(case, toolbox, registry)
        for thing, look in _looks(chain):
            if thing not in seen:
                seen.add(thing)
                try:
                    look()
                except Unavailable as error:
                    return str(error)
                except Exception:  # noqa: BLE001, S112 (what is wrong, the case itself tells)
                    continue
    return ""


def _looks(chain: Chain) -> Iterable[tuple[tuple[str, ...], Callable[[], object]]]:
    """What a case needs from outside, each with a key and how it is looked for."""
    case = chain.case
    yield ("model", case.model), lambda: chain.model
    yield ("toolchain", chain.isa, case.choices.get("toolchain", "")), lambda: chain.toolchain
    if chain.until == "run":
        yield ("target", case.target), lambda: getattr(chain.target, "simulator", lambda: None)()
