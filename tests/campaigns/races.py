"""Runs at once: on one empty cache, then saving one baseline, each with a TMPDIR of its own.

Eight of them; MLBENCH_TEST_AT_ONCE changes the number.

Wrong is: a run that fails, results that differ, an entry that was made twice, a case that the
baseline lost.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pytest_mlbench.records.gate import baseline

from .leftovers import files
from .project import MODELS, Project
from .tally import chance, remove, workplace

if TYPE_CHECKING:
    from .tally import Tally

LEVELS = ("0", "1", "2", "3", "s")
ENDS_WITHIN = 600.0


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Run `count` races of both kinds."""
    at_once = int(os.environ.get("MLBENCH_TEST_AT_ONCE", "8"))
    with workplace() as folder:
        for number in tally.trials(first, count):
            random = chance("races", seed, number)
            project = Project(folder / str(number), empty=True)
            log = project.folder / "compiled"
            noting = project.wrapped(
                "noting", "MLBENCH_TOOLCHAIN", "gcc",
                f'case "$*" in *model.c*) echo "$PPID" >> {log};; esac',
            )  # fmt: skip
            found = _at_once(tally, project, [()] * at_once, **noting)
            tally.expect(len(set(found)) == 1, f"race {number}: {len(set(found))} results")
            made = len(log.read_text().splitlines()) if log.is_file() else 0
            tally.expect(made == 2, f"race {number}: two models were compiled {made} times")
            tally.expect(not files(project), f"race {number}: left {files(project)[:3]}")
            levels = [random.choice(LEVELS) for _ in range(at_once)]
            path = project.folder / "b.yaml"
            common = (f"--mlbench-baseline={path}", "--mlbench-save")
            saving = [(f"--mlbench-optimize={row}", *common) for row in levels]
            _at_once(tally, project, saving, models=("dense",))
            kept = baseline.loads(baseline.read(path), where=str(path))
            wanted = {f"dense {row}" for row in levels}
            saved = {f"{row.params['model']} {row.params['optimize']}" for row in kept.values()}
            tally.expect(saved == wanted, f"race {number}: saved {wanted}, in the file {saved}")
            remove(project.folder)


def _at_once(
    tally: Tally,
    project: Project,
    runs: list[tuple[str, ...]],
    models: tuple[str, ...] = MODELS,
    **surroundings: str,
) -> list[bytes]:
    started = []
    for number, more in enumerate(runs):
        own = project.folder / f"tmp{number}"
        own.mkdir(exist_ok=True)
        json = project.folder / f"r{number}.json"
        more = (*more, f"--mlbench-json={json}")
        around = {"TMPDIR": str(own), **surroundings}
        run = project.start(*more, models=models, told=f"told{number}", **around)
        started.append((run, json))
    found = []
    for run, json in started:
        status = run.wait(ENDS_WITHIN)
        run.kill()
        tally.expect(status == 0, f"a run ends with {status}: {run.output[-300:]}")
        tally.outcomes["runs"] += 1
        found.append(json.read_bytes() if json.is_file() else b"")
    return found
