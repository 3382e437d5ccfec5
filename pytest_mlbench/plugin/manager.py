"""The hooks that take cases from collection to report; one object per process."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench.errors import EnvironmentMistake, MlbenchError

from .session import CASE, LOOK, MARK, PARAMETER, RECORD, REGISTRY, USAGE_ERROR

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_mlbench.measure.registry import Registry

    from .session import Session

NAME = "mlbench-manager"


class Manager:
    """A plugin registered as `NAME`. Its hooks parametrize tests and add records to reports."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._resolving: Registry | None = None
        self._environment = False
        """Whether the cache or the mirror of this machine cannot be used."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> Generator[None]:
        """Run a test that uses `mlbench_case`, directly or not, once for each of its cases."""
        if PARAMETER not in metafunc.fixturenames:
            return (yield)
        from . import parametrize

        try:
            self._ready  # noqa: B018
            registry = parametrize.apply(metafunc, self.session)
            self._resolving = registry
            return (yield)
        except MlbenchError as error:
            self._environment |= isinstance(error, EnvironmentMistake)
            failure = str(error)
        finally:
            self._resolving = None
        pytest.fail(failure, pytrace=False)  # out here, where no other error is being handled

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self,
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Tell the controller about a cache or mirror that cannot be used."""
        report = yield
        if self._environment:
            report.__dict__["mlbench_environment"] = True
        return report

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what workers tell about their cache or mirror."""
        self._environment |= getattr(report, "mlbench_environment", False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the live line. A cache or mirror that cannot be used is a usage error."""
        if self.session.has_live:
            self.session.live.stop()
        if self._environment and session.exitstatus != pytest.ExitCode.INTERNAL_ERROR:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @functools.cached_property
    def _ready(self) -> None:
        """Check what only benchmarks need, when the first one is collected. Raises UsageError."""
        from . import startup

        startup.check_needed(self.session.config, self.session.settings)

    def pytest_make_parametrize_id(self, val: object, argname: str) -> str | None:
        """Write a test's own `model`, `features`, ... parameters as in the name of a case."""
        if self._resolving is None:
            return None
        from . import parametrize

        return parametrize.parameter_id(argname, val, self._resolving, self.session)

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note the case of each item, so that one that never runs has a record, too."""
        callspec = getattr(item, "callspec", None)
        if callspec is None or PARAMETER not in callspec.params:
            return
        from . import parametrize

        try:
            parametrize.attach_case(item, self.session)
        except MlbenchError as error:
            item.stash[USAGE_ERROR] = str(error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Keep this run's shard. In a worker of `--dist worksteal`, mix the cases; other tests keep
        their places."""
        if self.session.settings.shard is not None:
            kept = self._shard(items, *self.session.settings.shard)
            config.hook.pytest_deselected(items=[item for item in items if item not in kept])
            items[:] = [item for item in items if item in kept]
        worker = self.session.worker
        if not worker.get("mlbench_spread"):
            return
        from .distribution import spread

        places = [number for number, item in enumerate(items) if CASE in item.stash]
        cases = [items[number] for number in places]
        for place, number in zip(places, spread(len(cases), worker["workercount"]), strict=True):
            items[place] = cases[number]

    def _shard(self, items: list[pytest.Item], number: int, count: int) -> set[pytest.Item]:
        """The tests of shard `number`: all tests of a case in one, those without in the first."""
        from .distribution import costs, shards

        cases = {item: item.stash[CASE].name for item in items if CASE in item.stash}
        try:
            judges = self.session.judges
        except MlbenchError as error:
            raise pytest.UsageError(str(error)) from error
        known = [
            record for judge in judges.values() for record in getattr(judge, "records", {}).values()
        ]
        shard_of = shards(costs(cases.values(), known), count)
        return {item for item in items if (shard_of[cases[item]] if item in cases else 1) == number}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Number the selected cases. Refuse options that none of them uses.

        A worker cannot end the run, so it reports them and the run fails at its end.
        """
        found = [item for item in session.items if CASE in item.stash]
        names = dict.fromkeys(item.stash[CASE].name for item in found)
        self.session.places = {name: place for place, name in enumerate(names)}
        if not found:
            return
        from pytest_mlbench.measure.unused import unused

        registry = found[0].stash[REGISTRY]
        cases = [item.stash[CASE] for item in found]
        if self.session.settings.shard is None:  # what this shard does not use, another one may
            self.session.unused = tuple(unused(self.session.settings, cases, registry))
        try:
            self.session.judges  # noqa: B018
        except MlbenchError as error:
            raise pytest.UsageError(str(error)) from error
        if self.session.unused and not self.session.worker:
            raise pytest.UsageError("\n".join(self.session.unused))
        if self.session.worker:
            from pytest_mlbench.measure import meanwhile

            # The last ones first: other workers begin with the first ones.
            rows = [(item.stash[CASE], item.stash[REGISTRY]) for item in reversed(found)]
            toolbox = self.session.toolbox
            toolbox.cache.meanwhile = meanwhile.jobs(rows, toolbox)
        if "mlbench_reference" in self.session.worker:
            from .machines import tell_what_is_lacking

            tell_what_is_lacking(self.session, found)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the record to the report, as plain data, and let the judges judge it."""
        report = yield
        case = item.stash.get(CASE, None)
        if case is None:
            return report
        from pytest_mlbench.measure.mark import Mark

        from . import outcome

        known = outcome.case_facts(case, item.stash[REGISTRY])
        # Attributes of a report travel from worker to controller, as plain data only.
        report.__dict__["mlbench_case"] = known
        record = outcome.of_report(report, known, item.stash.get(RECORD, None))
        if record is None:
            return report
        data: dict[str, Any] = {
            "record": record.to_dict(),
            "stand_ins": dict(self.session.stand_ins),
            "place": self.session.places.get(record.case, 0),
            "selected": len(self.session.places),
            "unused": list(self.session.unused),
            "unavailable": dict(self.session.toolbox.unavailable),
        }
        if report.failed and (look := item.stash.get(LOOK, "")):
            report.sections.append(("mlbench: the firmware", look))
        mark = item.stash.get(MARK, Mark())
        if record.outcome == "passed" and report.when == "call":
            data["verdicts"] = [
                outcome.apply(report, verdict)
                for judge in self.session.judges.values()
                if (verdict := judge.judge(record, mark.tolerance)) is not None
            ]
        report.__dict__["mlbench"] = data
        if report.when == "call" and self.session.has_live:
            self.session.live.done(record.case, record.outcome, report.duration)
        if report.when == "call":
            item.user_properties.append(("mlbench_case", record.case))
            item.user_properties += [
                (f"mlbench_{key}", value) for key, value in sorted(record.metrics.items())
            ]
        return report

    def pytest_report_teststatus(
        self, report: pytest.CollectReport | pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Show a verdict with its own letter and word; one that passes is counted separately."""
        shown = getattr(report, "mlbench_status", None)
        if shown is None or report.when != "call":
            return None
        letter, word, key = shown
        if report.failed:
            return "failed", letter, (word, {"red": True})
        return key, letter, (word, {"yellow": True})

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Let the progress line say which case of how many is being run."""
        case = item.stash.get(CASE, None)
        if case is not None:
            place = self.session.places.get(case.name, 0) + 1
            self.session.live.place = f"{place} of {len(self.session.places)}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """Clear the progress line before pytest writes a letter."""
        if self.session.has_live:
            self.session.live.clear()

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Name stand-in models and a compiler that replaces GCC; the end of the run says why."""
        names = sorted(self.session.stand_ins)
        lines = [f"mlbench: stand-ins: {', '.join(names)}"] if names else []
        if any(CASE in item.stash for item in items) and not self.session.toolbox.expects_gcc:
            lines.append("mlbench: compiler: LLVM, as there is no RISC-V GCC and no apt to get one")
        return lines
