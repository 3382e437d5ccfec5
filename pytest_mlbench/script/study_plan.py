"""What a study was asked for: settings, registry and cases, equal in every process."""

from __future__ import annotations

import functools
import importlib
import os
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench.builtin import measuring_options
from pytest_mlbench.builtin import registry as registry_of
from pytest_mlbench.measure import axes, matrix, toolbox
from pytest_mlbench.measure.mark import Mark
from pytest_mlbench.measure.rules import check_names
from pytest_mlbench.options import check_energy
from pytest_mlbench.resolution import Given, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.settings import Settings


@dataclass(frozen=True)
class StudyPlan:
    """`options` are plain data by option name, as the command line would give them; `plugins`
    are modules or names of modules; `session` is one text for all processes of a study."""

    options: Mapping[str, Any]
    plugins: tuple[Any, ...] = ()
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    stand_ins: dict[str, str] = field(default_factory=dict)
    """Stand-in -> why the original model cannot be had; filled by `cases`."""

    def check(self) -> None:
        """Raise UsageError for an unknown name or a wrong value."""
        check_energy(self.settings.energy, self.settings.clock)
        wanted, registry = self._axes
        check_names(wanted, registry)
        self.toolbox.fetcher  # noqa: B018
        self.toolbox.sources_of(registry)
        self.toolbox.sources.check()

    @functools.cached_property
    def settings(self) -> Settings:
        """The options, then the environment, then the defaults."""
        given = Given(
            command={f"mlbench_{name}": value for name, value in self.options.items()},
            environment=os.environ,
            folder=Path.cwd(),
        )
        return resolve(measuring_options(), given)

    @functools.cached_property
    def toolbox(self) -> toolbox.Toolbox:
        """What cases are run with."""
        return toolbox.Toolbox(self.settings, session=self.session)

    @functools.cached_property
    def _axes(self) -> tuple[axes.Axes, Registry]:
        loaded = [
            importlib.import_module(plugin) if isinstance(plugin, str) else plugin
            for plugin in self.plugins
        ]
        known = registry_of(loaded)
        wanted = axes.axes(self.settings, Mark(), known, folder=Path.cwd())
        registry, names = matrix.with_paths(known, wanted["model"])
        return wanted.with_values(model=names), registry

    @functools.cached_property
    def cases(self) -> tuple[Case, ...]:
        """All cases, with stand-ins for models that cannot be had."""
        wanted, registry = self._axes
        return matrix.cases(wanted, registry, resolve=self._stand_in)

    def _stand_in(self, name: str) -> str:
        found, reason = self.toolbox.stand_in(self._axes[1].model(name))
        if reason:
            self.stand_ins[found] = reason
        return found

    @property
    def registry(self) -> Registry:
        """Everything registered, models given by path among it."""
        return self._axes[1]

    def run_one(self, case: Case) -> Record:
        """The record of one case; a case that fails gives a record that says so."""
        from pytest_mlbench.measure.chain import run_case

        return run_case(case, self.toolbox, self.registry)
