"""The controller's hooks of a run with xdist's workers; registered in no other run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlbench import process
from pytest_mlbench.errors import MlbenchError

from .machines import Lack, check_packages, is_far, leave_out
from .session import PROGRESS

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from .session import Session

NAME = "mlbench-workers"


class Workers:
    """A plugin registered as `NAME`: what workers are given, and which of them get no cases."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._lacking: dict[str, Lack] = {}
        """The workers that cannot run all cases, by name."""
        self._far = False
        """Whether any of the workers is on another machine."""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note what workers tell about missing tools."""
        if told := getattr(report, "mlbench_lacking", None):
            self._lacking[told["worker"]] = Lack(**told)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config, specs: list[Any]) -> None:
        """Let workers end with this process, however it ends. Refuse paths on the command line of
        a run on other machines: xdist fails on them."""
        process.supervise_workers()
        self._far = any(map(is_far, specs))
        far = any(not spec.popen or spec.chdir for spec in specs)
        roots = config.getoption("rsyncdir", None) or config.getini("rsyncdirs")
        if not far or roots:
            return
        for word in map(str, config.invocation_params.args):
            if Path(word.split("::")[0]).exists():
                raise pytest.UsageError(
                    f"xdist cannot give the path {word} to another machine. Say where the tests "
                    "are with `-o testpaths=FOLDER`, and write options as --option=VALUE"
                )

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_newgateway(self, gateway: Any) -> None:
        """Refuse another machine whose Python has no pytest or no plugin: xdist would start its
        worker again and again."""
        if not gateway.spec.popen:
            check_packages(gateway)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Send the judges' state to an xdist worker, and whether its tests are to be spread out."""
        node.workerinput["mlbench"] = {
            name: dict(judge.state()) for name, judge in self.session.judges.items()
        }
        if self._far:
            # What another machine could fetch must not change the cases.
            from pytest_mlbench.measure.validation import golden

            node.workerinput["mlbench_stand_ins"] = dict(self._decisions())
            node.workerinput["mlbench_reference"] = golden.identity()
        if not is_far(node.gateway.spec) and (address := self.session.live.workers_address()):
            node.workerinput[PROGRESS] = address
        node.workerinput["mlbench_spread"] = self.session.config.getoption("dist") == "worksteal"

    @pytest.hookimpl(optionalhook=True, wrapper=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config) -> Generator[None, Any, Any]:
        """Give the cases of a worker that lacks something to the others."""
        scheduler = yield
        if scheduler is not None and config.getoption("dist") != "each":
            leave_out(scheduler, self._lacking)
        return scheduler

    def _decisions(self) -> Mapping[str, str]:
        try:
            return self.session.decisions
        except MlbenchError as error:
            raise pytest.UsageError(str(error)) from error
