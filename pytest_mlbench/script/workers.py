"""Cases of a study in several processes.

Each case gets a new Python process, so that a script needs no `if __name__ == "__main__"` and a
crash loses one case only.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import MlbenchError, UsageError
from pytest_mlbench.measure.record_of import params
from pytest_mlbench.records.record import Record

if TYPE_CHECKING:
    from pytest_mlbench.case import Case

    from .study_plan import StudyPlan

_MARGIN = 3600.0
"""Seconds for provisioning beyond the steps of a case, each of which has its own time limit."""


def run_all(plan: StudyPlan, workers: int) -> list[Record]:
    """The records of all cases, in their order.

    Raises UsageError for a plugin that another process cannot import.
    """
    plugins = _importable(plan)
    title = f"{len(plan.cases)} cases in {workers} processes"
    with progress.step(title) as step, ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(_run_one, plan, case, plugins) for case in plan.cases]
        try:
            for count, _ in enumerate(as_completed(futures), 1):
                step.update(f"{count} of {len(futures)} done")
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            process.end_all()  # or the threads would wait for them
            raise


def _run_one(plan: StudyPlan, case: Case, plugins: list[str]) -> Record:
    job = {
        "options": plan.options,
        "plugins": plugins,
        "session": plan.session,
        "case": case.name,
    }
    done = process.run(
        [sys.executable, "-m", "pytest_mlbench.script.workers"],
        stdin=json.dumps(job).encode(),
        timeout=6 * plan.settings.timeout + _MARGIN,
        env={"PYTHONPATH": os.pathsep.join(entry or os.curdir for entry in sys.path)},
    )
    try:
        return Record.from_dict(json.loads(done.text))
    except (ValueError, MlbenchError):
        why = "ran into its time limit" if done.timed_out else f"ended with {done.returncode}"
        last = done.error_text.strip().rpartition("\n")[2]
        return Record(
            case=case.name,
            params=params(case, plan.registry),
            outcome="failed",
            reason=f"the worker process {why}{': ' + last if last else ''}",
        )


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


def main() -> int:
    """Run the one case that standard input describes; its record goes to standard output."""
    job = json.load(sys.stdin)
    # What a library prints must not get into the record.
    out, sys.stdout = sys.stdout, sys.stderr
    from .study_plan import StudyPlan

    plan = StudyPlan(job["options"], tuple(job["plugins"]), job["session"])
    case = next(case for case in plan.cases if case.name == job["case"])
    json.dump(plan.run_one(case).to_dict(), out)
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
