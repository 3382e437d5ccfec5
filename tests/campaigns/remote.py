"""Workers as on other machines: checkouts, caches, homes and folders of their own; sockets.

Wrong is: results that differ from those of one process, a run that fails or warns.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import execnet
from execnet.script import socketserver

from .project import MODELS, Project
from .tally import chance, workplace

if TYPE_CHECKING:
    from pathlib import Path

    from .tally import Tally


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Distribute `count` runs, by turns to processes of their own and over sockets."""
    tally.facts["execnet"] = execnet.__version__
    with workplace() as folder:
        project = Project(folder / "one")
        status, output = project.run()
        tally.expect(status == 0, f"the run in one process fails: {output[-300:]}")
        expected = project.results()
        for number in tally.trials(first, count):
            machines = [folder / f"machine{number}-{place}" for place in (0, 1)]
            for machine in machines:
                for name in ("home", "tmp"):
                    (machine / name).mkdir(parents=True)
                shutil.copytree(project.folder / "bench", machine / "checkout")
            if number % 2:
                specs, servers = _sockets(machines, project)
            else:
                specs, servers = [_popen(machine, project) for machine in machines], []
            dist = chance("remote", seed, number).choice(["load", "worksteal"])
            more = ["-o", "filterwarnings=error", f"--dist={dist}", *specs]
            (project.folder / "r.json").unlink(missing_ok=True)
            named = [f"--mlbench-model={name}.tflite" for name in MODELS]
            status, output = project.run(*more, *named, models=(), fresh=True)
            for server in servers:
                server.kill()
                server.wait()
            tally.expect(status == 0, f"{more}: ends with {status}: {output[-500:]}")
            tally.expect(project.results() == expected, f"{more}: other results")
            tally.expect("INTERNALERROR" not in output, f"{more}: an internal error")


def _popen(machine: Path, project: Project) -> str:
    parts = [
        *("popen", f"chdir={machine}/checkout", f"env:MLBENCH_CACHE={machine}/cache"),
        *(f"env:HOME={machine}/home", f"env:TMPDIR={machine}/tmp"),
    ]
    return "--tx=" + "//".join(parts)


def _sockets(
    machines: list[Path], project: Project
) -> tuple[list[str], list[subprocess.Popen[bytes]]]:
    specs, servers = [], []
    for machine in machines:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        servers.append(
            subprocess.Popen(
                [sys.executable, socketserver.__file__, f"127.0.0.1:{port}"],
                cwd=machine / "checkout",
                env=project.environment(
                    MLBENCH_CACHE=f"{machine}/cache",
                    HOME=f"{machine}/home",
                    TMPDIR=f"{machine}/tmp",
                ),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        _listening(port)
        specs.append(f"--tx=socket=127.0.0.1:{port}//chdir={machine}/checkout")
    return specs, servers


def _listening(port: int) -> None:
    """Wait for the server without using up the one connection that it takes."""
    until = time.monotonic() + 20
    wanted = f":{port:04X} "
    while time.monotonic() < until:
        with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123
            if any(wanted in line and " 0A " in line for line in table):
                return
        time.sleep(0.05)
