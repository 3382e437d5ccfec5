"""SIGKILL, spread over all moments of cold runs on one cache; then a good run.

Four of five kills meet a model of their own, which no later run needs. The fifth meets one of a few
known cases, saves a baseline as well, and is followed by a good run of the same case. Wrong is: a
process that outlives the kill by 2 s, a results file or a baseline that is neither the old nor the
new one, a good run that hangs, fails or differs from one on a clean cache. In the end one good run
has to leave a cache within 1 % of a clean one, and no temporary file.
"""

from __future__ import annotations

import functools
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import warm

from pytest_mlbench.records.gate import baseline
from pytest_mlbench.records.record import Record

from .leftovers import files, orphans
from .project import Project, network
from .tally import chance, remove, workplace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from .launch import Run
    from .tally import Tally

LEVELS = ("0", "1", "2", "3", "s")
KEPT = "s"
"""The level of the first clean run."""

NOTES = ("locks", "probes")
"""What in the cache is no entry: it stays where the cache is made cold."""

GOLDEN_RATIO = 0.6180339887
"""Moments that are multiples of it, without their whole part, are spread evenly at any count."""


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Kill `count` runs."""
    with workplace() as folder:
        clean = Project(folder / "clean")
        known = functools.cache(lambda level: _clean(tally, clean, level))
        killed = _Killed(tally, Project(folder / "kills"), known)
        try:
            for number in tally.trials(first, count):
                killed.trial(number, chance("kills", seed, number))
        finally:  # also when the campaign is ended early
            killed.last_run(clean)


def _clean(tally: Tally, project: Project, level: str) -> bytes:
    status, output = project.run(f"--mlbench-optimize={level}", models=("dense",))
    tally.expect(status == 0, f"the clean run fails: {output[-300:]}")
    return project.results()


class _Killed:
    """The project whose runs are killed."""

    def __init__(self, tally: Tally, project: Project, known: Callable[[str], bytes]) -> None:
        self.tally = tally
        self.project = project
        self.known = known
        self.compared: set[str] = set()
        """Levels at which a run after a kill was compared with a clean one."""
        self.length = 0.0
        """Seconds that a run takes, as was seen until now: it changes with the machine's load."""
        warm.start()
        began = time.monotonic()
        rows = json.loads(known(KEPT))["records"]
        self.length = time.monotonic() - began
        path = project.folder / "baseline.yaml"
        self.saving = (f"--mlbench-baseline={path}", "--mlbench-save")
        # A case that no run has: it has to stay in the baseline.
        (record,) = map(Record.from_dict, rows)
        kept = replace(record, case="kept", params={**record.params, "model": "kept"})
        path.write_text(baseline.dumps([kept]), encoding="utf-8")
        self.baseline = path
        self.forget()

    def trial(self, number: int, random: Random) -> None:
        """One kill."""
        project = self.project
        workers = ("-n2",) if number % 20 == 7 else ()
        level = random.choice(LEVELS)
        again = number % 5 == 0
        name = "dense" if again else f"network{number}"
        more = [f"--mlbench-optimize={level}", *(self.saving if again else ())]
        project.add(name, network(number) if not again else _dense(project))
        before = project.results()
        label = f"kill {number} -O{level} {' '.join(workers)}"
        run = project.start(*more, *workers, models=(name,), fresh=number % 20 == 3)
        self._kill(run, number * GOLDEN_RATIO % 1, bool(workers))
        self.tally.outcomes[self.stage(name, before)] += 1
        found = orphans(project)
        self.tally.expect(not found, f"{label}: processes live on: {found}")
        self._whole(label, before)
        if again:
            began = time.monotonic()
            status, output = project.run(*more, models=(name,), timeout=120)
            self.length = 0.7 * self.length + 0.3 * (time.monotonic() - began)
            self.tally.expect(status == 0, f"{label}: the next run ends with {status}: {output}")
            self.compared.add(level)
            good = project.results() == self.known(level)
            self.tally.expect(good, f"{label}: the next run's results differ")
        else:
            (project.folder / f"bench/{name}.tflite").unlink()
        self.forget()

    def _kill(self, run: Run, moment: float, workers: bool) -> None:
        run.wait(moment * 1.05 * self.length * (2.5 if workers else 1.0))
        run.kill()

    def stage(self, name: str, before: bytes) -> str:
        """How far the run had come, by what is in the cache."""
        cache = self.project.cache
        rows = (
            ("after its results", self.project.results() != before),
            ("reporting", any(cache.glob("golden/[!.]*"))),
            ("in the reference", any(cache.glob("golden/.*.partial"))),
            ("simulating", any(cache.glob("firmware/[!.]*"))),
            ("building", any(self._new("firmware"))),
        )
        return next((stage for stage, reached in rows if reached), "starting")

    def _new(self, kind: str) -> set[Path]:
        return set(self.project.cache.glob(f"{kind}/.*.partial")) - self.old

    def _whole(self, label: str, before: bytes) -> None:
        found = self.project.results()
        if found != before:
            try:
                good = [row["outcome"] for row in json.loads(found)["records"]] == ["passed"]
            except (ValueError, KeyError):
                good = False
            self.tally.expect(good, f"{label}: the results file is {found[:200]!r}")
        kept = baseline.loads(baseline.read(self.baseline), where="the baseline")
        self.tally.expect("kept" in kept, f"{label}: the baseline has {sorted(kept)} only")

    def last_run(self, clean: Project) -> None:
        """One good run, and the cache beside one that never saw a kill."""
        tally, project = self.tally, self.project
        self.forget()  # where the campaign is ended amid a trial, its entries are whole
        levels = sorted(self.compared) or [KEPT]
        for level in levels:
            self.known(level)
        # The clean project has made just these cases, and has them in its cache.
        sizes = []
        for one in (clean, project):
            chosen = [f"--mlbench-optimize={level}" for level in levels]
            status, output = one.run(*chosen, models=("dense",), timeout=300)
            tally.expect(status == 0, f"the last run ends with {status}: {output[-300:]}")
            sizes.append(one.cache_bytes())
        tally.expect(clean.results() == project.results(), "the last run's results differ")
        tally.expect(not files(project), f"the last run leaves {files(project)[:5]}")
        tally.expect(sizes[1] <= 1.01 * sizes[0], f"cache of {sizes[1]} bytes, clean {sizes[0]}")
        tally.facts["cache"] = f"{sizes[1]:,} bytes, clean {sizes[0]:,}"

    def forget(self) -> None:
        """Make the cache cold again: whole entries go, what kills left stays."""
        for path in self.project.cache.glob("*/*"):
            if path.parent.name not in NOTES and not path.name.startswith("."):
                remove(path)
        self.old = set(self.project.cache.glob("*/.*.partial"))


def _dense(project: Project) -> bytes:
    return (project.folder / "bench/dense.tflite").read_bytes()
