"""Runs a Python function in a process of its own, which is forked from one that has imported what
the function needs.

Where the same small script would be started hundreds of times, this saves the imports. As with a
script, a crash of the function ends its own process only.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import Finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import ForkServerContext


def run(
    function: Callable[[list[str]], int],
    arguments: list[str],
    *,
    imports: tuple[str, ...],
    timeout: float,
) -> Finished:
    """Calls `function`, a module's own, with `arguments`; its result is the exit status.

    `imports` are the modules to import once, before the first call. What the function prints is
    captured; at the time limit, the process is killed.
    """
    with tempfile.TemporaryDirectory(prefix="mlbench-forked-") as folder:
        process = _context(imports).Process(  # `call` is pickled by its name
            target=_call, args=(function, arguments, folder), daemon=True
        )
        process.start()
        process.join(timeout)
        timed_out = process.is_alive()
        if timed_out:
            process.kill()
            process.join()
        status = process.exitcode or 0
        process.close()
        out, error = (_read(Path(folder, name)) for name in ("out", "error"))
    return Finished((function.__module__, *arguments), status, out, error, timed_out)


@functools.cache
def _context(imports: tuple[str, ...]) -> ForkServerContext:
    # One thread only: a fork copies no other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(imports))
    return context


def _call(function: Callable[[list[str]], int], arguments: list[str], folder: str) -> Any:
    """In the forked process: sends all output, also that of C code, to files."""
    for number, name in ((1, "out"), (2, "error")):
        handle = os.open(Path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    status = function(arguments)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
