"""What campaigns share: a project with one small benchmark, runs of it, and what they leave."""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiny_models import dense

from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.twins import build as twin
from pytest_mlbench.process import family
from pytest_mlbench.provision.cache import default_root
from pytest_mlbench.settings import Settings

ORPHANS_AFTER = 2.0
"""Seconds after which nothing that a killed run started may be alive."""

TEST = "def test_run(mlbench):\n    mlbench.run()\n"


@dataclass
class Tally:
    """What a campaign tried, and what went wrong: one sentence each."""

    name: str
    tried: int = 0
    wrong: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def expect(self, good: bool, what: str) -> None:
        """Note `what` as wrong unless `good`, and say so at once."""
        if not good:
            self.wrong.append(what)
            print(f"{self.name}, {self.tried}: {what}", flush=True)

    def __str__(self) -> str:
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        lines = [f"{self.name}: {self.tried} tried, {len(self.wrong)} wrong ({facts})"]
        return "\n".join([*lines, *(f"  {row}" for row in self.wrong[:50])])


@functools.cache
def tools() -> dict[str, str]:
    """Compiler and simulator, provisioned once in the user's cache, by their paths."""
    named = os.environ.get("MLBENCH_CACHE")
    bench = Toolbox(Settings(cache=Path(named) if named else default_root()))
    found = bench.toolchain("rv32gc")
    target = bench.target(_spike_target())
    environment = {
        "MLBENCH_TOOLCHAIN": found.prefix,
        "MLBENCH_SPIKE": str(target.simulator().path),  # type: ignore[attr-defined]
        "MLBENCH_OFFLINE": "1",
    }
    if found.library_path:
        environment["LD_LIBRARY_PATH"] = found.library_path
    return environment


def _spike_target() -> Any:
    from pytest_mlbench.builtin import registry

    return registry().targets["spike"]


class Project:
    """A folder with a benchmark of two small models, a cache and a folder for temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tmp = folder / "tmp"
        self.cache = folder / "cache"
        self.tmp.mkdir(parents=True)
        (folder / "bench").mkdir()
        (folder / "bench/test_bench.py").write_text(TEST, encoding="utf-8")
        (folder / "bench/pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "bench/dense.tflite").write_bytes(dense().model([3]))
        (folder / "bench/car.tflite").write_bytes(twin("toycar"))

    def environment(self, **more: str) -> dict[str, str]:
        """The user's environment without settings of ours, and the tools."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("MLBENCH_")}
        kept.pop(family.MARK, None)
        own = {"MLBENCH_CACHE": str(self.cache), "TMPDIR": str(self.tmp)}
        return {**kept, **tools(), **own, **more}

    def command(self, *more: str, models: tuple[str, ...] = ("dense", "car")) -> list[str]:
        """The run. Its results go to r.json."""
        return [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-p", "no:benchmark", "-p", "no:hypothesis"),
            *(f"--mlbench-model={self.folder}/bench/{name}.tflite" for name in models),
            *(f"--mlbench-json={self.folder}/r.json", *more),
        ]

    def start(self, command: list[str], **more: str) -> subprocess.Popen[bytes]:
        """The run under way, in a process group of its own, as a terminal would have it."""
        return subprocess.Popen(
            command,
            cwd=self.folder / "bench",
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_as_in_a_terminal,
        )

    def run(self, *more: str, timeout: float = 600, **environment: str) -> tuple[int, str]:
        """Exit status and output of a run to its end; status -1 where it does not end."""
        process = self.start(self.command(*more), **environment)
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate()
            return -1, output.decode("utf-8", "replace")
        return process.returncode, output.decode("utf-8", "replace")

    def results(self) -> bytes:
        """The results file, empty when there is none."""
        path = self.folder / "r.json"
        return path.read_bytes() if path.is_file() else b""

    def left_behind(self) -> list[str]:
        """Temporary files of runs that are over, in cache, TMPDIR and beside the results."""
        places = [self.folder, self.folder / "bench", self.tmp]
        places += [path for path in self.cache.glob("*") if path.is_dir()]
        return sorted(
            str(path.relative_to(self.folder))
            for place in places
            for path in place.iterdir()
            if path.name.endswith(".partial") or path.name.startswith("mlbench-")
        )

    def cache_bytes(self) -> int:
        """What the cache's files hold."""
        return sum(path.lstat().st_size for path in self.cache.rglob("*") if path.is_file())


def _as_in_a_terminal() -> None:
    """A shell's background jobs ignore what a terminal sends, and their children inherit that."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def orphans(pid: int) -> list[int]:
    """What process `pid` or its workers had started and is alive after `ORPHANS_AFTER` s."""
    until = time.monotonic() + ORPHANS_AFTER
    while (alive := marked()) and time.monotonic() < until:
        time.sleep(0.02)
    del pid
    return alive


def marked() -> list[int]:
    """All processes that were started by any run of ours here and whose starter is gone."""
    found = []
    for number in family.members(""):
        with_mark = Path(f"/proc/{number}/environ")
        try:
            rows = with_mark.read_bytes().split(b"\0")
        except OSError:
            continue
        mark = next((row for row in rows if row.startswith(family.MARK.encode())), b"")
        starter = mark.decode().partition("=")[2].split("-")[1:2]
        if starter and not Path(f"/proc/{starter[0]}").exists():
            found.append(number)
    return found


def workplace(seed: int) -> tuple[random.Random, Path]:
    """The campaign's own chance, and an empty folder for it."""
    return random.Random(seed), Path(tempfile.mkdtemp(prefix="campaign-"))


def remove(folder: Path) -> None:
    """Remove a workplace."""
    shutil.rmtree(folder, ignore_errors=True)
