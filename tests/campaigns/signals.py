"""What a terminal, a CI runner or an operator sends, while a program of the run never ends.

Every combination of phase, workers and signal in turn. Wrong is: a process that is alive 2 s later,
a run that does not end, a traceback, a next run that differs from a clean one.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from .leftovers import files, orphans, processes
from .project import Project, clean
from .tally import chance, remove, workplace

if TYPE_CHECKING:
    from .launch import Run
    from .tally import Tally

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT)
REFERENCE = "in the reference"
PHASES = ("building", "simulating", REFERENCE)
WAYS = [
    (phase, workers, what) for what in SIGNALS for workers in ((), ("-n2",), ()) for phase in PHASES
]
GOOD_RUN_EVERY = 10
REACHED_WITHIN = 90.0
ENDS_WITHIN = 40.0
"""Seconds; xdist waits 10 s for its workers after Ctrl-C."""

_FOR_EVER = "while :; do sleep 100; done"
_SLOW = {
    "building": ("MLBENCH_TOOLCHAIN", "gcc", f'case "$*" in *model.c*) {_FOR_EVER};; esac'),
    "simulating": ("MLBENCH_SPIKE", "", f'case "$*" in *--help*) ;; *) {_FOR_EVER};; esac'),
}
"""The program that is put in the place of the real one: it never ends where it matters."""

_SLOW_REFERENCE = """\
import subprocess, sys
while True:
    subprocess.run([sys.executable, "-c", "import time; time.sleep(100)", "/wrapped/reference"])
"""


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Send `count` signals."""
    with workplace() as folder:
        project = Project(folder / "signalled", like=clean())
        expected = clean().results()
        surroundings = {phase: _wrapped(project, phase) for phase in PHASES}
        for number in tally.trials(first, count):
            phase, workers, what = WAYS[number % len(WAYS)]
            label = f"{number}: {what.name} while {phase} {' '.join(workers)}".strip()
            _forget(project)
            run = project.start(
                *workers, models=("dense",), fresh=phase == REFERENCE, **surroundings[phase]
            )
            if _reached(project, run, phase):
                time.sleep(chance("signals", seed, number).uniform(0, 0.5))
                _send(tally, label, project, run, what)
                tally.outcomes[what.name] += 1
            else:
                run.kill()
                tally.expect(False, f"{label}: the phase was never reached: {run.output[-300:]}")
            if (number + 1) % GOOD_RUN_EVERY == 0 or number + 1 == first + count:
                status, output = project.run(models=("dense",), timeout=120)
                tally.expect(status == 0, f"{label}: the next run ends with {status}: {output}")
                tally.expect(project.results() == expected, f"{label}: its results differ")
                tally.expect(not files(project), f"{label}: it leaves {files(project)[:5]}")


def _send(tally: Tally, label: str, project: Project, run: Run, what: signal.Signals) -> None:
    if what == signal.SIGKILL:
        os.kill(run.pid, what)
    else:  # a terminal and a runner signal the whole group
        run.signal(what)
    sent = time.monotonic()
    status = run.wait(ENDS_WITHIN)
    took = time.monotonic() - sent
    tally.facts["slowest end"] = f"{max(took, _seconds(tally)):.1f} s"
    if status is None:
        tally.expect(False, f"{label}: the run does not end: {run.output[-300:]}")
        run.kill()
    elif what == signal.SIGINT:
        tally.expect(status == 2, f"{label}: ends with {status}: {run.output[-300:]}")
    tally.expect("INTERNALERROR" not in run.output, f"{label}: {run.output[-500:]}")
    found = orphans(project)
    tally.expect(not found, f"{label}: processes live on: {found}")


def _seconds(tally: Tally) -> float:
    return float(str(tally.facts.get("slowest end", "0 s")).split()[0])


def _wrapped(project: Project, phase: str) -> dict[str, str]:
    """The environment with a program in front of the compiler, the simulator or the reference."""
    if phase != REFERENCE:
        return project.wrapped(phase, *_SLOW[phase])
    folder = project.folder / "wrapped" / "reference"
    folder.mkdir(parents=True)
    (folder / "tflite_micro.py").write_text(_SLOW_REFERENCE, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def _reached(project: Project, run: Run, phase: str) -> bool:
    """Wait until a program of the run is in the endless loop of its phase."""
    words = {"building": "model.c", "simulating": "--dtb=", REFERENCE: "reference"}
    until = time.monotonic() + REACHED_WITHIN
    while time.monotonic() < until and run.wait(0.1) is None:
        found = processes(project)
        if any("/wrapped/" in line and words[phase] in line for line in found):
            return True
    return False


def _forget(project: Project) -> None:
    for kind in ("firmware", "golden"):
        for path in project.cache.glob(f"{kind}/[!.]*"):
            remove(path)
