"""SIGKILL at a random moment of a cold run, again and again on one cache; then a good run.

Wrong is: a process that outlives the kill, a results file that is neither absent nor whole, a good
run that hangs, fails, differs from a clean one or leaves the cache bigger by more than 1 %.
"""

from __future__ import annotations

import subprocess
import time

from .bench import Project, Tally, orphans, remove, workplace

LEVELS = ("0", "1", "2", "3", "s")


def campaign(seed: int, count: int) -> Tally:
    """`count` kills."""
    chance, folder = workplace(seed)
    tally = Tally("kill")
    clean = Project(folder / "clean")
    began = time.monotonic()
    status, output = clean.run()
    length = time.monotonic() - began
    tally.expect(status == 0, f"the clean run fails: {output[-300:]}")
    expected = clean.results()
    project = Project(folder / "killed")
    alive = 0
    for number in range(count):
        tally.tried += 1
        workers = ("-n2",) if chance.random() < 0.3 else ()
        # Levels other than the good run's: what is left of them is never made again.
        level = chance.choice(LEVELS)
        command = project.command(*workers, f"--mlbench-optimize={level}")
        process = project.start(command)
        try:
            process.wait(chance.uniform(0.2, 1.1) * length)
        except subprocess.TimeoutExpired:
            alive += 1
        process.kill()  # does nothing where it has ended
        process.communicate()
        found = orphans(process.pid)
        tally.expect(not found, f"kill {number} -O{level} {workers}: processes {found} live on")
        found_json = project.results()
        tally.expect(
            not found_json or found_json.endswith(b"}\n"), f"kill {number}: half a results file"
        )
        (project.folder / "r.json").unlink(missing_ok=True)
        _forget(project)
    status, output = project.run(timeout=300)
    tally.expect(status == 0, f"the good run after the kills ends with {status}: {output[-300:]}")
    tally.expect(project.results() == expected, "its results differ from a clean run's")
    tally.expect(not project.left_behind(), f"it leaves {project.left_behind()[:5]}")
    sizes = project.cache_bytes(), clean.cache_bytes()
    tally.expect(sizes[0] <= 1.01 * sizes[1], f"cache of {sizes[0]} bytes, clean {sizes[1]}")
    tally.facts |= {"alive at the kill": alive, "cache": f"{sizes[0]:,} of {sizes[1]:,} bytes"}
    remove(folder)
    return tally


def _forget(project: Project) -> None:
    """Make the cache cold again: whole entries go, what kills left stays."""
    for kind in ("firmware", "libraries", "golden"):
        for path in project.cache.glob(f"{kind}/*"):
            if not path.name.startswith("."):
                remove(path)
