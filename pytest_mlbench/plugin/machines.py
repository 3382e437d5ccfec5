"""Workers on other machines: what one of them lacks, and who runs its cases instead.

Such a worker looks for models, compiler and simulator once it knows the cases, and sends word to
the controller before any test is given out. The word is the report of a skipped collection: xdist
sends no other kind.
"""

from __future__ import annotations

import platform
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import UsageError

from .session import CASE, REGISTRY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .session import Session


_NEEDED = ("pytest", "xdist", "pytest_mlbench")
_ASK = """
from importlib.util import find_spec
channel.send([name for name in {names!r} if find_spec(name) is None])
"""
ANSWERS_WITHIN = 60.0
"""Seconds in which another machine's Python has to say what it has."""


@dataclass(frozen=True)
class Lack:
    """What a worker lacks: its name, its machine's, and a sentence with the remedy."""

    worker: str
    machine: str
    what: str

    def __str__(self) -> str:
        return f"{self.worker} on {self.machine}: {self.what}"


def is_far(spec: Any) -> bool:
    """Is a worker of xdist's `spec` on another machine, or on as good as one?"""
    return bool(not spec.popen or spec.env or spec.chdir or spec.python)


def check_packages(gateway: Any) -> None:
    """Raise pytest.UsageError when the Python behind xdist's `gateway` lacks a package."""
    channel = gateway.remote_exec(_ASK.format(names=_NEEDED))
    missing = channel.receive(ANSWERS_WITHIN)
    channel.waitclose(ANSWERS_WITHIN)
    if missing:
        raise pytest.UsageError(
            f"{gateway.spec}: the Python there has no {', no '.join(missing)}. Install the same "
            "packages as here, or name another Python with //python=PATH"
        )


def tell_what_is_lacking(session: Session, items: Sequence[pytest.Item]) -> None:
    """In a worker: send word to the controller if it cannot run the cases of `items`."""
    from pytest_mlbench.measure.lacking import lacking

    cases = [(item.stash[CASE], item.stash[REGISTRY]) for item in items]
    found = lacking(cases, session.toolbox, reference=session.worker["mlbench_reference"])
    if not found:
        return
    lack = Lack(session.worker["workerid"], platform.node(), found)
    text = f"Skipped: {lack.worker} on {lack.machine} gets no cases that others can run: {found}"
    where = (str(session.config.rootpath), 0, text)
    report = pytest.CollectReport(lack.worker, "skipped", where, [])
    report.__dict__["mlbench_lacking"] = asdict(lack)
    session.config.hook.pytest_collectreport(report=report)


def check_workers(names: Sequence[str], lacking: Mapping[str, Lack]) -> None:
    """Raise UsageError when each of the workers `names` lacks something, and not all the same.

    No one of them could run all cases, and who runs which is chance. What all of them lack, each
    case reports, as on one machine.
    """
    found = [lacking[name] for name in names if name in lacking]
    if len(found) == len(names) and len({lack.what for lack in found}) > 1:
        raise UsageError(
            "every worker lacks something else, so that none can run all cases. "
            + ". ".join(str(lack).rstrip(".") for lack in found),
            remedy="Mend one of the machines, or choose cases that one of them can run",
        )


def leave_out(scheduler: Any, lacking: Mapping[str, Lack]) -> None:
    """Let xdist's `scheduler` give nothing to the workers `lacking`, unless that is all of them.

    It is looked at when all workers have collected. A worker that is left out is told to end. An
    xdist whose schedulers keep their workers elsewhere than those of version 3 leaves none out.
    Raises pytest.UsageError as `check_workers` does.
    """
    schedule = scheduler.schedule
    # Not `remove_node`: that of `--dist worksteal` takes a worker without tests for a finished run.
    places = [getattr(scheduler, name, {}) for name in ("node2pending", "assigned_work")]

    def without() -> None:
        try:
            check_workers([node.gateway.id for node in scheduler.nodes], lacking)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from error
        for nodes in places:
            left_out = [node for node in nodes if node.gateway.id in lacking]
            for node in left_out if len(left_out) < len(nodes) else ():
                del nodes[node]
                node.shutdown()
        schedule()

    scheduler.schedule = without
