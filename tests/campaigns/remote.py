"""Workers on other machines: in folders of their own, and on machines made of namespaces.

Some machines lack the compiler or the simulator. Wrong is: results that differ from those of one
process, a run that fails or warns, a lack that is not told, a process that outlives the run.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import execnet
from execnet.script import socketserver

from pytest_mlbench.__main__ import main

from . import machines
from .leftovers import strangers
from .project import MODELS, QUIET, Project, clean, tools
from .tally import chance, workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .machines import Machine
    from .tally import Tally

SHARDS = "shards on machines"
LACKS = {
    SHARDS: ((), ()),
    "one machine has no simulator": (("MLBENCH_SPIKE",), ()),
    "each machine lacks something else": (("MLBENCH_SPIKE",), ("MLBENCH_TOOLCHAIN",)),
    "machines by ssh": ((), ()),
    "machines by sockets": ((), ()),
    "one machine has no compiler": ((), ("MLBENCH_TOOLCHAIN",)),
}
"""What the first and the second machine do not have: the tools that these variables name."""

WAYS = ("pipes", *LACKS, "sockets")


def campaign(tally: Tally, seed: int, first: int, count: int) -> None:
    """Distribute `count` runs, in each of `WAYS` by turns."""
    tally.facts["execnet"] = execnet.__version__
    with workplace() as folder:
        project = Project(folder / "one", like=clean())
        status, output = project.run()
        tally.expect(status == 0, f"the run in one process fails: {output[-300:]}")
        expected = project.results()
        for number in tally.trials(first, count):
            dist = chance("remote", seed, number).choice(["load", "worksteal"])
            way = WAYS[number % len(WAYS)]
            place = folder / f"trial{number}"
            place.mkdir()
            (project.folder / "r.json").unlink(missing_ok=True)
            if way not in LACKS:
                specs = _pipes if way == "pipes" else _sockets
                with specs(place, project) as (more, around):
                    _distribute(tally, project, way, [f"--dist={dist}", *more], around)
            elif why := machines.missing():
                tally.facts["no machines of namespaces"] = why
                continue
            elif not (status := _on_machines(tally, project, way, dist, place)):
                tally.expect(project.results() == expected, f"{way}: other results")
            tally.outcomes[way] += 1
            if way not in LACKS:
                tally.expect(project.results() == expected, f"{way}: other results")


def _distribute(
    tally: Tally,
    project: Project,
    way: str,
    more: list[str],
    around: dict[str, str],
    beside: int = 0,
    wanted: int = 0,
) -> str:
    """One distributed run; its output."""
    named = [f"--mlbench-model={name}.tflite" for name in MODELS]
    options = ["-rs", "-o", "filterwarnings=error", *more, *named]
    status, output = project.run(*options, models=(), beside=beside, **around)
    tally.expect(status == wanted, f"{way}, {more}: ends with {status}: {output[-500:]}")
    for word in ("INTERNALERROR", "Traceback", "Warning"):
        tally.expect(word not in output, f"{way}, {more}: {word}: {output[-500:]}")
    return output


def _on_machines(tally: Tally, project: Project, way: str, dist: str, place: Path) -> int:
    """One run on two machines; returns the status that it is to end with."""
    lacks = LACKS[way]
    wanted = 4 if all(lacks) else 0
    inside = {name: text for name, text in project.environment().items() if name != "TMPDIR"}
    with machines.network(place) as network:
        built = None if way == SHARDS else project.cache  # there each machine builds all by itself
        made = [
            network.add(project.folder / "bench", built, inside, [_home(name) for name in lacking])
            for lacking in lacks
        ]
        if way == SHARDS:
            _shards(tally, project, made)
            return wanted
        around = {"PATH": f"{machines.ssh(project.folder / place.name, made)}:{os.environ['PATH']}"}
        spec = _by_ssh if "ssh" in way or way.endswith("simulator") else _by_socket
        more = [f"--dist={dist}", *map(spec, made)]
        beside = network.holder.pid
        output = _distribute(tally, project, way, more, around, beside, wanted)
        for machine, lacking in zip(made, lacks, strict=True):
            said = f" on {machine.name}" in output
            tally.expect(said == bool(lacking), f"{way}: of {machine.name} is said: {output}")
            seen = machine.run("ls", str(place)).split()
            tally.expect(seen == [machine.name], f"{way}: {machine.name} sees {seen}")
            shared = machine.folder.exists()
            tally.expect(not shared, f"{way}: {machine.name} shares its folder")
            known = [machine.process.pid, *machine.inside]
            alive = strangers(Path(machine.environment["TMPDIR"]).parent, known)
            tally.expect(not alive, f"{way}: on {machine.name} live on: {alive}")
        words = "every worker lacks something else" if wanted else "gets no cases"
        tally.expect((words in output) == any(lacks), f"{way}: {words!r} is wrong: {output[-500:]}")
        tally.expect(not wanted or not project.results(), f"{way}: results are written")
    return wanted


def _shards(tally: Tally, project: Project, made: list[Machine]) -> None:
    """One run on each machine, without a controller; the results are merged here."""
    named = [f"--mlbench-model={name}.tflite" for name in MODELS]
    shards = []
    for number, machine in enumerate(made, 1):
        share = f"--mlbench-shard={number}/{len(made)}"
        words = [sys.executable, "-m", "pytest", *QUIET, *named, share, "--mlbench-json=shard.json"]
        place = shlex.quote(f"{machine.folder}/checkout")
        told = machine.shell(f"cd {place} && {shlex.join(words)}")
        tally.expect("1 passed" in told, f"{SHARDS}: on {machine.name}: {told[-500:]}")
        shards.append(project.folder / f"shard{number}.json")
        shards[-1].write_text(machine.shell(f"cat {place}/shard.json"), encoding="utf-8")
    status = main(["merge", *map(str, shards), "--output", str(project.folder / "r.json")])
    tally.expect(status == 0, f"{SHARDS}: merge ends with {status}")


def _home(variable: str) -> Path:
    """The folder of the tool that a variable names."""
    return Path(tools()[variable]).resolve().parent


def _by_socket(machine: Machine) -> str:
    return f"--tx=socket={machine.address}:{machines.PORT}//chdir={machine.folder}/checkout"


def _by_ssh(machine: Machine) -> str:
    folder = machine.folder
    where = f"python={sys.executable}//chdir={folder}/checkout//env:MLBENCH_CACHE={folder}/cache"
    return f"--tx=ssh={machine.name}//{where}"


def _folders(place: Path, project: Project) -> list[Path]:
    """The folders of two workers: checkout, home, tmp."""
    folders = [place / name for name in ("first", "second")]
    for folder in folders:
        for name in ("home", "tmp"):
            (folder / name).mkdir(parents=True)
        shutil.copytree(project.folder / "bench", folder / "checkout")
    return folders


@contextlib.contextmanager
def _pipes(place: Path, project: Project) -> Iterator[tuple[list[str], dict[str, str]]]:
    specs = []
    for folder in _folders(place, project):
        parts = [
            *("popen", f"chdir={folder}/checkout", f"env:MLBENCH_CACHE={folder}/cache"),
            *(f"env:HOME={folder}/home", f"env:TMPDIR={folder}/tmp"),
        ]
        specs.append("--tx=" + "//".join(parts))
    yield specs, {}


@contextlib.contextmanager
def _sockets(place: Path, project: Project) -> Iterator[tuple[list[str], dict[str, str]]]:
    specs, servers = [], []
    for folder in _folders(place, project):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        servers.append(
            subprocess.Popen(
                [sys.executable, socketserver.__file__, f"127.0.0.1:{port}"],
                cwd=folder / "checkout",
                env=project.environment(
                    MLBENCH_CACHE=f"{folder}/cache", HOME=f"{folder}/home", TMPDIR=f"{folder}/tmp"
                ),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        _listening(port)
        specs.append(f"--tx=socket=127.0.0.1:{port}//chdir={folder}/checkout")
    try:
        yield specs, {}
    finally:
        for server in servers:
            server.kill()
            server.wait()


def _listening(port: int) -> None:
    """Wait for the server without using up the one connection that it takes."""
    until = time.monotonic() + 20
    wanted = f":{port:04X} "
    while time.monotonic() < until:
        with open("/proc/net/tcp", encoding="ascii") as table:  # noqa: PTH123
            if any(wanted in line and " 0A " in line for line in table):
                return
        time.sleep(0.05)
