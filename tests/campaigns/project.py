"""A project with small benchmarks, a cache and a folder for temporary files of its own."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from tiny_models import dense

from pytest_mlbench.measure.toolbox import Toolbox
from pytest_mlbench.models.tflite.builder import GraphBuilder
from pytest_mlbench.process import family
from pytest_mlbench.provision.cache import default_root
from pytest_mlbench.settings import Settings

from .launch import Run
from .tally import remove

TEST = "def test_run(mlbench):\n    mlbench.run()\n"
MODELS = ("dense", "wide")
QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:benchmark", "-p", "no:hypothesispytest")
"""pytest's options of every run: no plugin that it does not need."""


def user_cache() -> Path:
    """The cache that the tools are in."""
    named = os.environ.get("MLBENCH_CACHE")
    return Path(named) if named else default_root()


@functools.cache
def tools() -> dict[str, str]:
    """Compiler and simulator, provisioned once in the user's cache, by their paths."""
    bench = Toolbox(Settings(cache=user_cache()))
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


def network(number: int) -> bytes:
    """A small model of its own for each number: other weights, other results."""
    random = np.random.default_rng(number)
    build = GraphBuilder(f"network {number}")
    x = build.input("x", (1, 8), scale=0.5, zero_point=3)
    filters = random.integers(-127, 128, (4, 8), np.int8)
    weights = build.constant("w", filters, scale=0.01)
    bias = build.constant("b", random.integers(-400, 400, 4, np.int32), scale=0.005)
    y = build.activation("y", (1, 4), scale=0.25, zero_point=-5)
    build.op("FULLY_CONNECTED", [x, weights, bias], [y], fused_activation_function="RELU")
    return build.model([y])


class Project:
    """The folder of one project. `models` in it are the names of files without their ending.

    Its cache begins with what the user's knows of compilers, which are not read again, unless
    `empty`; or with what is in the cache of the project `like`.
    """

    def __init__(self, folder: Path, *, empty: bool = False, like: Project | None = None) -> None:
        self.folder = folder
        self.tmp = folder / "tmp"
        self.cache = folder / "cache"
        self.tmp.mkdir(parents=True, exist_ok=True)
        self._empty = empty
        if like is not None:
            shutil.copytree(like.cache, self.cache, symlinks=True)
        if not self.cache.exists():
            self.clear_cache()
        (folder / "bench").mkdir(exist_ok=True)
        (folder / "bench/test_bench.py").write_text(TEST, encoding="utf-8")
        (folder / "bench/pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        self.add("dense", dense().model([3]))
        self.add("wide", network(0))

    def clear_cache(self) -> None:
        """Let the cache be as it was in the beginning."""
        remove(self.cache)
        if not self._empty:
            tools()
            shutil.copytree(user_cache() / "probes", self.cache / "probes")

    def add(self, name: str, data: bytes) -> None:
        """Put a model into the project."""
        (self.folder / f"bench/{name}.tflite").write_bytes(data)

    def environment(self, **more: str) -> dict[str, str]:
        """The user's environment without settings of ours, and the tools."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("MLBENCH_")}
        kept.pop(family.MARK, None)
        own = {"MLBENCH_CACHE": str(self.cache), "TMPDIR": str(self.tmp)}
        return {**kept, **tools(), **own, **more}

    def arguments(self, *more: str, models: tuple[str, ...] = MODELS) -> list[str]:
        """pytest's arguments. The results go to r.json unless `more` says another file."""
        return [
            *QUIET,
            *(f"--mlbench-model={self.folder}/bench/{name}.tflite" for name in models),
            *(f"--mlbench-json={self.folder}/r.json", *more),
        ]

    def start(
        self,
        *more: str,
        models: tuple[str, ...] = MODELS,
        fresh: bool = False,
        told: str = "told",
        beside: int = 0,
        **environment: str,
    ) -> Run:
        """A run under way, in a session of its own. `fresh`: in a new interpreter; `beside`: in the
        namespaces of another process."""
        return Run(
            self.arguments(*more, models=models),
            cwd=self.folder / "bench",
            env=self.environment(**environment),
            told=self.folder / f"{told}.txt",
            fresh=fresh,
            beside=beside,
        )

    def run(
        self,
        *more: str,
        timeout: float = 600,
        models: tuple[str, ...] = MODELS,
        fresh: bool = False,
        beside: int = 0,
        **environment: str,
    ) -> tuple[int, str]:
        """Exit status and output of a run to its end; status -1 where it does not end."""
        run = self.start(*more, models=models, fresh=fresh, beside=beside, **environment)
        status = run.wait(timeout)
        if status is None:
            run.kill()
        return -1 if status is None else status, run.output

    def wrapped(self, name: str, variable: str, program: str, script: str) -> dict[str, str]:
        """The environment with a shell script before one program: `program` of the compiler's that
        `variable` names by their prefix, or the program itself where `program` is empty."""
        real = Path(self.environment()[variable])
        folder = self.folder / "wrapped" / name / "bin"
        folder.mkdir(parents=True)
        # The C library is looked for beside the compiler.
        (folder.parent / "lib").symlink_to(real.parent.parent / "lib")
        if program:
            for path in real.parent.glob(f"{real.name}*"):
                (folder / path.name).symlink_to(path)
        place = folder / f"{real.name}{program}"
        place.unlink(missing_ok=True)
        target = real.parent / place.name
        place.write_text(f'#!/bin/sh\n{script}\nexec {target} "$@"\n', encoding="utf-8")
        place.chmod(0o755)
        return {variable: str(folder / real.name)}

    def results(self) -> bytes:
        """The results file, empty when there is none."""
        path = self.folder / "r.json"
        return path.read_bytes() if path.is_file() else b""

    def cache_bytes(self) -> int:
        """What the cache's files hold."""
        return sum(path.lstat().st_size for path in self.cache.rglob("*") if path.is_file())


@functools.cache
def clean() -> Project:
    """A project that has run `dense`, once for all campaigns. It is there until this process ends.

    Raises RuntimeError if the run fails.
    """
    folder = Path(tempfile.mkdtemp(prefix="campaign-"))
    atexit.register(remove, folder)
    project = Project(folder / "clean")
    status, output = project.run(models=("dense",))
    if status:
        raise RuntimeError(f"the clean run fails: {output[-300:]}")
    return project
