"""The cache after kills of distinct cases and one good run of all of them, beside a clean one.

Every kill meets a case of its own, so that no later run repairs what it left by chance. Nothing is
removed between the kills. Then one run of all cases has to leave the cache that the same run leaves
where nothing was killed: as many bytes within 1 %, no temporary file, the same results.

With `--folder` it can be ended at any moment, and goes on there when it is started again.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from typing import TYPE_CHECKING

import warm

from .kills import GOLDEN_RATIO
from .leftovers import files, orphans
from .project import Project, network
from .tally import remove, workplace

if TYPE_CHECKING:
    from pathlib import Path

    from .tally import Tally

TIMED_EVERY = 20
"""Trials between two looks at how long a run takes: the machine's load changes."""

SECONDS_A_CASE = 30


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Kill `count` runs in an empty folder that is removed afterwards."""
    with workplace() as folder:
        campaign_in(folder, tally, seed, first, count)


def campaign_in(folder: Path, tally: Tally, seed: int, first: int, count: int) -> None:
    """Kill `count` runs, those already noted in `folder` included, then compare the caches."""
    # Names of one length: the folder's name is in the cached build files.
    killed, clean, timed = (
        Project(folder / name, empty=True) for name in ("kills", "clean", "timed")
    )
    note = folder / "progress.json"
    what = {"seed": seed, "first": first}
    known = json.loads(note.read_text()) if note.is_file() else {**what, "done": 0, "outcomes": {}}
    if {name: known[name] for name in what} != what:
        raise SystemExit(f"{note} is of another campaign: {known}. Give another --folder")
    tally.tried = known["done"]
    tally.outcomes = Counter(known["outcomes"])
    length = 0.0
    for number in tally.trials(first + known["done"], max(count - known["done"], 0)):
        if not length or number % TIMED_EVERY == 0:
            length = _length(tally, timed)
        _kill(tally, killed, number, length)
        progress = {**what, "done": number - first + 1, "outcomes": dict(tally.outcomes)}
        note.write_text(json.dumps(progress), encoding="utf-8")
    _compare(tally, killed, clean, range(first, first + count))


def _length(tally: Tally, timed: Project) -> float:
    """Seconds that a cold run takes now."""
    warm.start()
    remove(timed.cache)
    began = time.monotonic()
    status, output = timed.run(models=("dense",))
    took = time.monotonic() - began
    tally.expect(status == 0, f"a run that nobody kills fails: {output[-300:]}")
    return took


def _kill(tally: Tally, project: Project, number: int, length: float) -> None:
    name = _name(number)
    project.add(name, network(number))
    workers = ("-n2",) if number % 20 == 7 else ()
    run = project.start(*workers, models=(name,), fresh=number % 20 == 3)
    moment = number * GOLDEN_RATIO % 1
    status = run.wait(moment * length * (2.5 if workers else 1.0))
    run.kill()
    tally.outcomes["killed" if status is None else "ended before"] += 1
    alive = orphans(project)
    tally.expect(not alive, f"kill {number}: processes live on: {alive}")


def _compare(tally: Tally, killed: Project, clean: Project, numbers: range) -> None:
    names = tuple(_name(number) for number in numbers)
    remove(clean.cache)  # an earlier campaign may have ended here
    sizes, kept = [], []
    for project in (killed, clean):
        for number, name in zip(numbers, names, strict=True):
            project.add(name, network(number))
        status, output = project.run(models=names, timeout=SECONDS_A_CASE * (len(names) + 10))
        tally.expect(status == 0, f"the good run ends with {status}: {output[-300:]}")
        tally.expect(not files(project), f"the good run leaves {files(project)[:5]}")
        sizes.append(project.cache_bytes())
        kept.append({str(path.relative_to(project.cache)) for path in project.cache.rglob("*")})
    tally.expect(killed.results() == clean.results(), "the good run's results differ")
    more = abs(sizes[0] - sizes[1]) / sizes[1]
    tally.expect(more <= 0.01, f"cache of {sizes[0]} bytes, clean {sizes[1]}")
    tally.facts["cache"] = f"{sizes[0]:,} bytes, clean {sizes[1]:,} ({more:.2%})"
    tally.facts["only there"] = sorted(kept[0] - kept[1])[:5]
    tally.facts["missing there"] = sorted(kept[1] - kept[0])[:5]


def _name(number: int) -> str:
    return f"network{number}"
