"""What a terminal, a CI runner or an operator sends, while compilers and simulators run.

Every combination of phase, workers and signal in turn. Wrong is: a process that is alive 2 s later,
a run that does not end, a next run that differs from a clean one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from pytest_mlbench.process import family

from .bench import Project, Tally, orphans, remove, workplace

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, signal.SIGQUIT)
PHASES = ("building", "simulating")

_SLOW = {
    "building": ("MLBENCH_TOOLCHAIN", "gcc", 'case "$*" in *model.c*) while :; do :; done;; esac'),
    "simulating": ("MLBENCH_SPIKE", "", 'case "$*" in *--help*) ;; *) while :; do :; done;; esac'),
}
"""The program that is put in the place of the real one: it never ends where it matters."""


def campaign(seed: int, count: int) -> Tally:
    """`count` signals."""
    chance, folder = workplace(seed)
    tally = Tally("signals")
    ways = [(p, w, s) for p in PHASES for w in ((), ("-n2",)) for s in SIGNALS]
    chance.shuffle(ways)
    for number in range(count):
        phase, workers, what = ways[number % len(ways)]
        project = Project(folder / str(number))
        tally.tried += 1
        label = f"{what.name} while {phase} {' '.join(workers)}".strip()
        process = project.start(project.command(*workers), **_wrapped(project, phase))
        if not _reached(process, phase):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            tally.expect(False, f"{label}: the phase was never reached: {output[-300:]!r}")
            continue
        time.sleep(chance.uniform(0, 0.5))
        if what == signal.SIGKILL:
            os.kill(process.pid, what)
        else:  # a terminal and a runner signal the whole group
            os.killpg(process.pid, what)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            tally.expect(False, f"{label}: the run does not end")
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        found = orphans(process.pid)
        tally.expect(not found, f"{label}: processes {[_name(pid) for pid in found]} live on")
        remove(project.folder)
    remove(folder)
    return tally


def _wrapped(project: Project, phase: str) -> dict[str, str]:
    """The environment with a program in front of the compiler or the simulator."""
    variable, program, script = _SLOW[phase]
    real = project.environment()[variable]
    folder = project.folder / "wrapped" / "bin"
    folder.mkdir(parents=True)
    # The C library is looked for beside the compiler.
    (folder.parent / "lib").symlink_to(Path(real).parent.parent / "lib")
    names = [Path(real).name] if not program else []
    if program:
        prefix = Path(real).name
        for path in Path(real).parent.glob(f"{prefix}*"):
            (folder / path.name).symlink_to(path)
        names = [prefix + program]
    for name in names:
        place = folder / name
        place.unlink(missing_ok=True)
        target = Path(real).parent / name
        place.write_text(f'#!/bin/sh\n{script}\nexec {target} "$@"\n', encoding="utf-8")
        place.chmod(0o755)
    return {variable: str(folder / Path(real).name)}


def _reached(process: subprocess.Popen[bytes], phase: str) -> bool:
    """Wait until a program of the run is in the endless loop of its phase."""
    word = b"model.c" if phase == "building" else b"--dtb="
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        for pid in family.members(""):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if word in line and b"/wrapped/" in line and str(process.args[0]).encode() not in line:
                return True
        time.sleep(0.02)
    return False


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:80]
    except OSError:
        return str(pid)
