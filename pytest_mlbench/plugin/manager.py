"""One object per process that knows the settings and takes cases from collection to report."""

from __future__ import annotations

import functools
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import MlbenchError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from pytest_mlbench.case import Case
    from pytest_mlbench.measure.mark import Mark
    from pytest_mlbench.measure.registry import Registry
    from pytest_mlbench.measure.workbench import Workbench
    from pytest_mlbench.records.extension import Judge
    from pytest_mlbench.records.record import Record
    from pytest_mlbench.settings import Settings

    from .live_progress import Live

NAME = "mlbench-manager"
CASE: pytest.StashKey[Case] = pytest.StashKey()
REGISTRY: pytest.StashKey[Registry] = pytest.StashKey()
RECORD: pytest.StashKey[Record] = pytest.StashKey()
MARK: pytest.StashKey[Mark] = pytest.StashKey()
MISTAKE: pytest.StashKey[str] = pytest.StashKey()
PARAMETER = "mlbench_case"


class Manager:
    """Registered as a plugin under `NAME`: its hooks parametrize tests and amend their reports."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self.config = config
        self.settings = settings
        self._registries: dict[Path, Registry] = {}
        self._resolving: Registry | None = None
        self._live: Live | None = None
        self.stand_ins: dict[str, str] = {}

    @functools.cached_property
    def bench(self) -> Workbench:
        """What cases are run with, made when the first test needs it."""
        from pytest_mlbench.measure.workbench import Workbench

        from .live_progress import Live

        self._live = Live(self.config)
        worker = getattr(self.config, "workerinput", {})
        return Workbench(self.settings, session=worker.get("testrunuid", uuid.uuid4().hex))

    @functools.cached_property
    def judges(self) -> Mapping[str, Judge]:
        """The judges, made from the controller's state in a worker."""
        worker = getattr(self.config, "workerinput", {})
        answers = self.config.hook.pytest_mlbench_judges(
            settings=self.settings, state=worker.get("mlbench")
        )
        return dict(pair for answer in answers for pair in answer)

    def registry(self, node: pytest.Item | pytest.Collector) -> Registry:
        """Everything registered, as seen from the folder of `node`, and its models by path."""
        from pytest_mlbench.measure.registry import collect

        folder = node.path.parent
        if folder not in self._registries:
            self._registries[folder] = collect(node.ihook)
        return self._registries[folder]

    def keep(self, node: pytest.Item | pytest.Collector, registry: Registry) -> None:
        """Remember `registry`, extended by models that tests of this folder name by path."""
        self._registries[node.path.parent] = registry

    def resolve(self, registry: Registry, name: str) -> str:
        """The name of the model that is really used for `name`: itself or its twin."""
        found, reason = self.bench.stand_in(registry.model(name))
        if reason:
            self.stand_ins[found] = reason
        return found

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> Generator[None]:
        """Run a test that uses `mlbench_case`, directly or not, once for each of its cases."""
        if PARAMETER not in metafunc.fixturenames:
            return (yield)
        from . import parametrize

        try:
            registry = parametrize.apply(metafunc, self)
            self._resolving = registry
            return (yield)
        except MlbenchError as error:
            pytest.fail(str(error), pytrace=False)
        finally:
            self._resolving = None

    def pytest_make_parametrize_id(self, val: object, argname: str) -> str | None:
        """Write a test's own `model`, `features`, ... parameters as a case's name has them."""
        if self._resolving is None:
            return None
        from . import parametrize

        return parametrize.own_id(argname, val, self._resolving, self)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note each item's case, so that also one that never runs has a record."""
        callspec = getattr(item, "callspec", None)
        if callspec is None or PARAMETER not in callspec.params:
            return
        from . import parametrize

        try:
            parametrize.note(item, self)
        except MlbenchError as error:
            item.stash[MISTAKE] = str(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """In a worker of `--dist worksteal`, deal the cases out; other tests keep their places."""
        worker = getattr(self.config, "workerinput", {})
        if not worker.get("mlbench_deal"):
            return
        from .distribution import dealt

        places = [number for number, item in enumerate(items) if CASE in item.stash]
        cases = [items[number] for number in places]
        for place, number in zip(places, dealt(len(cases), worker["workercount"]), strict=True):
            items[place] = cases[number]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hang the case's record on its report, as plain data, and let the judges speak."""
        report = yield
        case = item.stash.get(CASE, None)
        if case is None:
            return report
        from pytest_mlbench.measure.mark import Mark

        from . import outcome

        known = outcome.plain(case, item.stash[REGISTRY])
        # Attributes of a report travel from worker to controller, as plain data only.
        report.__dict__["mlbench_case"] = known
        record = outcome.of_report(report, known, item.stash.get(RECORD, None))
        if record is None:
            return report
        data: dict[str, Any] = {"record": record.to_dict(), "stand_ins": dict(self.stand_ins)}
        mark = item.stash.get(MARK, Mark())
        if record.outcome == "passed" and report.when == "call":
            data["verdicts"] = [
                outcome.apply(report, verdict)
                for judge in self.judges.values()
                if (verdict := judge.judge(record, mark.tolerance)) is not None
            ]
        report.__dict__["mlbench"] = data
        if report.when == "call":
            item.user_properties.append(("mlbench_case", record.case))
            item.user_properties += [
                (f"mlbench_{key}", value) for key, value in sorted(record.metrics.items())
            ]
        return report

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Give a judge's verdict its own letter and word; one that does not fail, its own count."""
        shown = getattr(report, "mlbench_status", None)
        if shown is None or report.when != "call":
            return None
        letter, word, key = shown
        if report.failed:
            return "failed", letter, (word, {"red": True})
        return key, letter, (word, {"yellow": True})

    def pytest_runtest_logreport(self) -> None:
        """The terminal's line has grown by a letter."""
        if self._live is not None:
            self._live.dot()

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say which models are stand-ins, and why."""
        return [f"mlbench: {name}: {why}" for name, why in sorted(self.stand_ins.items())]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Send the judges' state to an xdist worker, and whether its tests are to be dealt out."""
        node.workerinput["mlbench"] = {
            name: dict(judge.state()) for name, judge in self.judges.items()
        }
        node.workerinput["mlbench_deal"] = self.config.getoption("dist") == "worksteal"


def manager(config: pytest.Config) -> Manager:
    """The manager of this process."""
    found = config.pluginmanager.get_plugin(NAME)
    assert isinstance(found, Manager)
    return found


def mark_of(node: pytest.Item | Any) -> Mark:
    """A test's mlbench marks, nearest first, as one. Raises UserMistake for what is wrong."""
    from pytest_mlbench.measure.mark import read

    marks = [(mark.args, mark.kwargs) for mark in node.iter_markers("mlbench")]
    return read(marks, where=node.nodeid)
