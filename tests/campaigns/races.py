"""Eight runs at once: on one empty cache, then saving one baseline, each with a TMPDIR of its own.

Wrong is: a run that fails, results that differ, an entry that was made twice, a case that the
baseline lost.
"""

from __future__ import annotations

import subprocess

from pytest_mlbench.records.gate import baseline

from .bench import Project, Tally, remove, workplace

AT_ONCE = 8
LEVELS = ("0", "1", "2", "3", "s")


def campaign(seed: int, count: int) -> Tally:
    """`count` races of both kinds."""
    chance, folder = workplace(seed)
    tally = Tally("race")
    entries = 0
    for number in range(count):
        tally.tried += 1
        project = Project(folder / str(number))
        found = _at_once(tally, project, [()] * AT_ONCE)
        tally.expect(len(set(found)) == 1, f"race {number}: {len(set(found))} different results")
        entries = sum(1 for path in project.cache.glob("firmware/*"))
        tally.expect(not project.left_behind(), f"race {number}: left {project.left_behind()[:3]}")
        saves = [(f"--mlbench-optimize={chance.choice(LEVELS)}",) for _ in range(AT_ONCE)]
        wanted = {row[0].partition("=")[2] for row in saves}
        path = project.folder / "b.yaml"
        common = (f"--mlbench-baseline={path}", "--mlbench-save")
        _at_once(tally, project, [(*row, *common) for row in saves])
        kept = baseline.loads(baseline.read(path), where=str(path))
        levels = {record.params["optimize"] for record in kept.values()}
        tally.expect(levels == wanted, f"race {number}: saved {wanted}, in the file {levels}")
        tally.expect(len(kept) == 2 * len(wanted), f"race {number}: {len(kept)} cases are kept")
        remove(project.folder)
    tally.facts["firmware of the last cache"] = entries
    remove(folder)
    return tally


def _at_once(tally: Tally, project: Project, runs: list[tuple[str, ...]]) -> list[bytes]:
    started = []
    for number, more in enumerate(runs):
        own = project.folder / f"tmp{number}"
        own.mkdir(exist_ok=True)
        json = project.folder / f"r{number}.json"
        command = [*project.command(*more), f"--mlbench-json={json}"]
        started.append((project.start(command, TMPDIR=str(own)), json))
    found = []
    for process, json in started:
        try:
            output, _ = process.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        text = output.decode("utf-8", "replace")
        tally.expect(
            process.returncode == 0, f"a run ends with {process.returncode}: {text[-300:]}"
        )
        found.append(json.read_bytes() if json.is_file() else b"")
    return found
