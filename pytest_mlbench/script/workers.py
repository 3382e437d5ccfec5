"""Cases of a study in several processes.

Each process starts Python anew, so that a script needs no `if __name__ == "__main__"`. It takes one
case after another; what it has imported and loaded serves them all. A crash loses one case only: a
new process goes on with the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process, progress
from pytest_mlbench.errors import UsageError
from pytest_mlbench.measure.record_of import params
from pytest_mlbench.process import scratch
from pytest_mlbench.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_mlbench.case import Case

    from .study_plan import StudyPlan

_MARGIN = 3600.0
"""Seconds for provisioning beyond the steps of a case, each of which has its own time limit."""

_START = (
    "import sys; sys.path[:] = filter(None, sys.path); "
    "from pytest_mlbench.script.workers import main; sys.exit(main())"
)
"""What a process runs. It must import what the script imports: Python would look into the current
folder first, where other modules may have the plugins' names, or this package's."""

_BEGIN = "\0"
"""Written to standard error before each case: what a dying process said last is about its case."""


def run_all(plan: StudyPlan, workers: int) -> list[Record]:
    """The records of all cases, in their order.

    Raises UsageError for a plugin that another process cannot import.
    """
    plugins = _importable(plan)
    workers = min(workers, len(plan.cases))
    title = f"{len(plan.cases)} cases in {workers} processes"
    with (
        progress.step(title) as step,
        scratch.folder("study") as folder,
        ThreadPoolExecutor(workers) as pool,
    ):
        run = _Run(plan, plugins, folder, step.update)
        futures = [pool.submit(run.work) for _ in range(workers)]
        try:
            for future in futures:
                future.result()
        except BaseException:
            run.stopped = True
            process.end_all()  # or the threads would wait for them
            while wait(futures, timeout=0.2).not_done:  # one was about to start
                process.end_all()
            raise
    for case in plan.cases:
        if case.name not in run.records:
            run.failed(case.name, "a worker process ended before it began this case")
    return [run.records[case.name] for case in plan.cases]


class _Run:
    """The state that the threads of a run share: each thread minds one process."""

    def __init__(
        self, plan: StudyPlan, plugins: list[str], folder: Path, told: Callable[[str], None]
    ) -> None:
        self.records: dict[str, Record] = {}
        self.stopped = False
        self._plan = plan
        self._told = told
        self._folder = folder
        self._lock = threading.Lock()
        self._limit = 6 * plan.settings.timeout + _MARGIN
        self._job = json.dumps(
            {
                "options": plan.options,
                "plugins": plugins,
                "session": plan.session,
                "folder": str(folder),
                "limit": self._limit,
            }
        ).encode()

    def work(self) -> None:
        """Starts a process, and another one after a crash, until no case is left."""
        while not self.stopped and self._left():
            lines = _Lines(self._take)
            done = process.run(
                [sys.executable, "-c", _START],
                stdin=self._job,
                timeout=self._limit * (1 + len(self._plan.cases)),  # one for its start
                env={"PYTHONPATH": os.pathsep.join(entry or os.curdir for entry in sys.path)},
                output_limit=process.OUTPUT_LIMIT * len(self._plan.cases),
                error_limit=process.OUTPUT_LIMIT,
                watch=lines.add,
            )
            if done.returncode == 0 and lines.begun is None:
                return
            # A process that does not even begin costs a case, too: the loop has an end.
            name = lines.begun or next(
                (case.name for case in _claimed(self._plan.cases, self._folder)), None
            )
            if name is None:
                return
            late = done.timed_out or done.returncode == -signal.SIGALRM
            why = "ran into its time limit" if late else f"ended with {done.returncode}"
            last = done.error_text.rpartition(_BEGIN)[2].strip().rpartition("\n")[2]
            self.failed(name, f"the worker process {why}{': ' + last if last else ''}")

    def _take(self, record: Record) -> None:
        with self._lock:
            self.records[record.case] = record
            self._told(f"{len(self.records)} of {len(self._plan.cases)} done")

    def failed(self, name: str, reason: str) -> None:
        """Notes that a case has failed for a reason that no process can tell."""
        for case in self._plan.cases:
            if case.name == name:
                given = params(case, self._plan.registry)
                self._take(Record(case=name, params=given, outcome="failed", reason=reason))

    def _left(self) -> bool:
        return any(not (self._folder / str(at)).exists() for at in range(len(self._plan.cases)))


class _Lines:
    """What a process prints: a case's name when it begins, its record when it is done."""

    def __init__(self, take: Callable[[Record], None]) -> None:
        self.begun: str | None = None
        self._take = take
        self._rest = b""

    def add(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            found = json.loads(line)
            if "begin" in found:
                self.begun = found["begin"]
            else:
                self._take(Record.from_dict(found))
                self.begun = None


def _importable(plan: StudyPlan) -> list[str]:
    """The plugins by name. One that is defined in the script itself cannot be imported
    elsewhere."""
    names = []
    for plugin in plan.plugins:
        name = plugin if isinstance(plugin, str) else getattr(plugin, "__name__", "")
        if name == "__main__" or name not in sys.modules:
            raise UsageError(
                f"plugin {plugin!r} is not a module that another process can import",
                remedy="Put it into a file of its own, or run with workers=1",
            )
        names.append(name)
    return names


def _claimed(cases: tuple[Case, ...], folder: Path) -> Iterator[Case]:
    """The cases that no process has taken yet. Each is taken when it is asked for."""
    for number, case in enumerate(cases):
        with contextlib.suppress(FileExistsError):
            (folder / str(number)).touch(exist_ok=False)
            yield case


def main() -> int:
    """Run cases of the study that standard input describes; their records go to standard output."""
    job = json.load(sys.stdin)
    # What a library prints, C code too, must not get among the records.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from .study_plan import StudyPlan

    def say(line: dict[str, Any]) -> None:
        out.write(json.dumps(line) + "\n")
        out.flush()

    plan = StudyPlan(job["options"], tuple(job["plugins"]), job["session"])
    for case in _claimed(plan.cases, Path(job["folder"])):
        print(_BEGIN, end="", file=sys.stderr, flush=True)
        say({"begin": case.name})
        signal.setitimer(signal.ITIMER_REAL, job["limit"])  # ends the process
        record = plan.run_one(case)
        signal.setitimer(signal.ITIMER_REAL, 0)
        say(record.to_dict())
    return 0
