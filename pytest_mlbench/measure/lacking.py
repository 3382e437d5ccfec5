"""Checks what a machine lacks to run its cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlbench.errors import Unavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pytest_mlbench.case import Case

    from .chain import Chain
    from .registry import Registry
    from .toolbox import Toolbox


def lacking(
    cases: Iterable[tuple[Case, Registry]], toolbox: Toolbox, *, reference: str = ""
) -> str:
    """Why this machine cannot run all `cases`; empty if it can.

    Each model, compiler and simulator is looked for once. `reference` is the identity of the
    interpreter that computes the golden outputs on other machines; another one here would change
    the records. Anything wrong, rather than missing, is reported by the case itself.
    """
    from .chain import Chain
    from .validation import golden

    if reference and toolbox.settings.until == "run" and golden.identity() != reference:
        return f"golden outputs must come from {reference}, but here is {golden.identity()}"
    seen: set[tuple[str, ...]] = set()
    for case, registry in cases:
        chain = Chain(case, toolbox, registry)
        for thing, look in _looks(chain):
            if thing not in seen:
                seen.add(thing)
                try:
                    look()
                except (Unavailable, UsageError) as error:
                    # A program that an option names, and that is not on this machine, is one, too.
                    return str(error)
                except Exception:  # noqa: BLE001, S112 (what is wrong, the case itself tells)
                    continue
    return ""


def _looks(chain: Chain) -> Iterable[tuple[tuple[str, ...], Callable[[], object]]]:
    """A key and a check for everything that a case needs from outside."""
    case = chain.case
    yield ("model", case.model), lambda: chain.model
    yield ("toolchain", chain.isa, case.choices.get("toolchain", "")), lambda: chain.toolchain
    if chain.until == "run":
        yield ("target", case.target), lambda: getattr(chain.target, "simulator", lambda: None)()
