"""The state of one process: settings, registry, and the tools that cases are run with.

Hooks and fixtures get it by `session_of(config)`. It is not a plugin and has no hooks.
"""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.mark import Mark
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.toolbox import Toolbox
    from pytest_mlbench.records.extension import Judge
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.settings import Settings

    from .live_progress import Live
    from .worker_progress import Sender

PARAMETER = "mlbench_case"
"""The fixture that a test is parametrized by."""

CASE: pytest.StashKey[Case] = pytest.StashKey()
REGISTRY: pytest.StashKey[Registry] = pytest.StashKey()
RECORD: pytest.StashKey[Record] = pytest.StashKey()
MARK: pytest.StashKey[Mark] = pytest.StashKey()
USAGE_ERROR: pytest.StashKey[str] = pytest.StashKey()
LOOK: pytest.StashKey[str] = pytest.StashKey()
"""What an item's stash holds: its case, what is registered for it, its record, its mark, what is
wrong with it, and how a person looks into its firmware."""

PROGRESS = "mlbench_progress"
"""The key under which the controller tells a worker where to send its progress."""

_SESSION: pytest.StashKey[Session] = pytest.StashKey()


class Session:
    """One per process. Expensive parts are made when the first test needs them."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self.stand_ins: dict[str, str] = {}
        self.places: dict[str, int] = {}
        """Selected case -> its place among them."""
        self.unused: tuple[str, ...] = ()
        """What the command line asked for and no selected case uses."""
        self._registries: dict[Path, Registry] = {}
        config.stash[_SESSION] = self

    @property
    def worker(self) -> Mapping[str, Any]:
        """What the controller sent to this xdist worker; empty on the controller."""
        given: Mapping[str, Any] = getattr(self.config, "workerinput", {})
        return given

    @functools.cached_property
    def toolbox(self) -> Toolbox:
        """What cases are run with."""
        from pytest_mlbench.measure.toolbox import Toolbox

        self.live  # noqa: B018
        return Toolbox(
            self.settings,
            session=self.worker.get("testrunuid", uuid.uuid4().hex),
            decided=self.worker.get("mlbench_stand_ins"),
            root=self.config.rootpath,
        )

    @functools.cached_property
    def live(self) -> Live | Sender:
        """What shows progress: a worker's is shown by its controller, where that has a terminal."""
        from .live_progress import Live
        from .worker_progress import Sender

        address = str(self.worker.get(PROGRESS, ""))
        return Sender(self.config, address) if address else Live(self.config)

    @property
    def has_live(self) -> bool:
        """Has `live` been made?"""
        return "live" in self.__dict__

    @functools.cached_property
    def decisions(self) -> Mapping[str, str]:
        """Which models are replaced by their twins, and why: for workers on other machines."""
        from pytest_mlbench.measure.registry import collect

        return self.toolbox.decide(collect(self.config.hook).models.values())

    @functools.cached_property
    def judges(self) -> Mapping[str, Judge]:
        """The judges, made from the controller's state in a worker."""
        answers = self.config.hook.pytest_mlbench_judges(
            settings=self.settings, state=self.worker.get("mlbench")
        )
        return dict(pair for answer in answers for pair in answer)

    def registry(self, node: pytest.Item | pytest.Collector) -> Registry:
        """Everything registered, as seen from the folder of `node`, and its models by path."""
        from pytest_mlbench.measure.registry import collect

        folder = node.path.parent
        if folder not in self._registries:
            self._registries[folder] = collect(node.ihook)
        return self._registries[folder]

    def remember_registry(self, node: pytest.Item | pytest.Collector, registry: Registry) -> None:
        """Remember `registry`, extended by models that tests of this folder name by path."""
        self._registries[node.path.parent] = registry

    def resolve(self, registry: Registry, name: str) -> str:
        """The name of the model that is really used for `name`: itself or its twin."""
        found, reason = self.toolbox.stand_in(registry.model(name))
        if reason:
            self.stand_ins[found] = reason
        return found


def session_of(config: pytest.Config) -> Session:
    """The session of this process."""
    return config.stash[_SESSION]


def mark_of(node: pytest.Item | Any) -> Mark:
    """A test's mlbench marks, nearest first, as one. Raises UsageError for what is wrong."""
    from pytest_mlbench.measure.mark import read

    marks = [(mark.args, mark.kwargs) for mark in node.iter_markers("mlbench")]
    return read(marks, where=node.nodeid)
