"""Processes that begin with everything imported: nearly all of a small run's time is imports.

multiprocessing's fork server imports once. What is forked from it is a process of its own, with
its own environment, folder and streams; it shares nothing with the test that starts it.
"""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
import signal
import sys
from multiprocessing import reduction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from execnet import gateway_base, gateway_io

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from multiprocessing.context import ForkServerContext

    import pytest

_PYTEST = (
    *(
        "_argcomplete",
        "faulthandler",
        "helpconfig",
        "junitxml",
        "pastebin",
        "setuponly",
        "setupplan",
        "skipping",
        "stepwise",
    ),
    *("threadexception", "tracemalloc", "unittest", "unraisableexception", "warnings"),
)
_OURS = (
    *("builtin", "plugin", "plugin.benchmark", "plugin.distribution", "plugin.manager"),
    *("plugin.parametrize", "plugin.reporter", "plugin.startup", "plugin.live_progress"),
    *("plugin.outcome", "plugin.worker_progress", "plugin.workers"),
    *("measure.chain", "measure.matrix", "measure.derive", "measure.unused", "measure.mark"),
    *("measure.validation.golden", "measure.validation.outputs"),
    *("firmware.build", "firmware.make", "firmware.elf.sections", "firmware.elf.symbols"),
    *("firmware.elf.frames", "firmware.targets.spike.options", "firmware.targets.spike.program"),
    *("backends.aot.generation", "kernels.reference.families", "provision.toolchain"),
    *("records.collect", "records.report.table", "records.report.write", "records.gate.judge"),
    # What the registry imports.
    *("hookspec", "measure.registry", "measure.toolbox", "models.zoo", "backends.aot.backend"),
    *(
        "backends.tflmi.backend",
        "firmware.targets.cores.catalogue",
        "firmware.targets.spike.target",
    ),
    *("kernels.cmsisnn.library", "kernels.muriscvnn.library", "kernels.tuned.library"),
    # What a case of one model imports.
    *("firmware.bare_metal.traps", "firmware.bare_metal.wire", "firmware.bare_metal.report"),
    *("firmware.elf.lines", "firmware.elf.locate", "firmware.targets.cores.target"),
    *("measure.traffic", "models.index_bounds", "models.load", "models.samples", "models.stream"),
    *("models.tflite.check", "models.tflite.reader", "provision.clang", "provision.sources"),
    *("records.gate.options", "records.report.options", "records.report.exports.bencher"),
    *("records.report.exports.github_action", "records.report.exports.pytest_benchmark"),
)
IMPORTED = (
    *("pytest", "numpy", "tflite", "flatbuffers", "jinja2", "yaml", "elftools.elf.elffile"),
    *("filelock", "tabulate", "xdist.plugin", "xdist.looponfail", "execnet", "pooch", "requests"),
    *("execnet.gateway_base", "execnet.gateway_io", "xdist.newhooks", "xdist.remote"),
    *("xml.etree.ElementTree", "platformdirs.pytest_plugin", "readline"),
    *(f"_pytest.{name}" for name in _PYTEST),
    *(f"pytest_mlbench.{name}" for name in _OURS),
)


@functools.cache
def context() -> ForkServerContext:
    """The fork server's context."""
    # One thread only: a fork copies no other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(list(IMPORTED))
    return found


def start() -> None:
    """Start the server, where a test is about to take the time of what is forked from it."""
    first = context().Process(target=int)
    first.start()
    first.join()


class _Handle:
    """A file descriptor for the process that is being started."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return _Handle.received, (reduction.DupFd(self.number),)

    @classmethod
    def received(cls, sent: Any) -> _Handle:
        return cls(sent.detach())


def keep_what_is_loaded() -> None:
    """From now on garbage is looked for less often, and not in what is loaded, which stays: that
    took a tenth of the tests' processor time."""
    gc.set_threshold(50_000, 20, 50)
    gc.freeze()


def take_over(streams: Sequence[int], cwd: str, env: Mapping[str, str]) -> None:
    """Make this forked process look like one that was started so. `streams` are descriptors for
    input, output and errors; they are closed."""
    for name in ("pytest_mlbench", "xdist"):  # pytest warns of what it cannot rewrite any more
        sys.modules[name].__doc__ = f"{sys.modules[name].__doc__} PYTEST_DONT_REWRITE"
    keep_what_is_loaded()  # pytest collects garbage several times
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, handle in enumerate(streams):
        os.dup2(handle, number)
    for handle in streams:
        os.close(handle)
    for name, place, mode in (("stdin", 0, "r"), ("stdout", 1, "w"), ("stderr", 2, "w")):
        setattr(sys, name, os.fdopen(place, mode, closefd=False))
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)


def _execute(code: str, streams: tuple[_Handle, ...], cwd: str, env: dict[str, str]) -> None:
    """`python -c code`, in the forked process."""
    take_over([handle.number for handle in streams], cwd, env)
    sys.argv = ["-c"]
    exec(code, {"__name__": "__main__"})


class Worker(gateway_base.Popen2IO):
    """What execnet talks through to a worker, which runs `code` in a forked process."""

    def __init__(self, code: str, execmodel: Any) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        streams = tuple(map(_Handle, (theirs_in, theirs_out, 2)))
        self._process = context().Process(
            target=_execute, args=(code, streams, str(Path.cwd()), dict(os.environ)), daemon=True
        )
        self._process.start()
        os.close(theirs_in)
        os.close(theirs_out)
        super().__init__(os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb"), execmodel)

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


def workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs of pytest inside this process have forked workers, where they are to be local ones
    of this Python."""
    start = gateway_io.Popen2IOMaster

    def io(args: list[str], execmodel: Any) -> Any:
        if args[:3] == [sys.executable, "-u", "-c"]:
            return Worker(args[3], execmodel)
        return start(args, execmodel)

    monkeypatch.setattr(gateway_io, "Popen2IOMaster", io)
