"""Programs that start without importing anything: pytest, mlbench, scripts of Python.

Where a test runs a dozen commands, most of the time goes into imports. Here a server has imported
them already; it is itself forked from `warm`'s. A small client, in a program's place, hands it
arguments, folder, environment and standard streams; the server forks, and the fork does what the
program would do, in a process of its own. The exit status is the program's.
"""

from __future__ import annotations

import atexit
import importlib
import marshal
import multiprocessing
import os
import runpy
import select
import shlex
import socket
import sys
import tempfile
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import warm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.process import BaseProcess

# The modules are those that Python has built in: `socket` and `json` take longer than the fork.
CLIENT = """\
import _socket, marshal, os, sys
address, module, *words = sys.argv[1:]
if not module and not (words and (words[0] == "-m" or words[0].endswith(".py"))):
    os.execv({python!r}, [{python!r}, *words])
words = ["-m", module, *words] if module else words
request = marshal.dumps((words, os.getcwd(), dict(os.environ)), 4)
server = _socket.socket(_socket.AF_UNIX)
server.connect(address)
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
length = len(request).to_bytes(4, "big")
server.sendmsg([length], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(request)
sys.exit(int(server.recv(9) or b"70"))
"""


class Server:
    """The running server, whose clients are written by `program`."""

    def __init__(self, folder: Path) -> None:
        self._address = folder / "socket"
        self._client = folder / "client.py"
        self._client.write_text(CLIENT.format(python=sys.executable))
        self._process: BaseProcess | None = None

    def program(self, path: Path, module: str = "") -> None:
        """Writes a program that is `python -m module`, or `python` itself."""
        self._start()
        command = [sys.executable, "-I", "-S", str(self._client), str(self._address), module]
        path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
        path.chmod(0o755)

    def stop(self) -> None:
        """Ends the server, if it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.join()

    def _start(self) -> None:
        """Starts the server, unless it runs, and waits until it serves."""
        if self._process is not None:
            return
        serving = warm.context().Process(target=serve, args=(self._address,), daemon=True)
        serving.start()
        self._process = serving
        while not self._address.exists():
            assert serving.is_alive(), "the server of warm programs has ended"
            time.sleep(0.02)


@contextmanager
def server() -> Iterator[Server]:
    """A server for the block; it starts with the first program."""
    # A socket's address has at most 107 bytes: pytest's folders are too deep.
    with tempfile.TemporaryDirectory(prefix="warm-") as folder:
        found = Server(Path(folder))
        try:
            yield found
        finally:
            found.stop()


def serve(address: Path) -> None:
    """Forks for each client, until it or the process that started it ends."""
    _load()
    parent = multiprocessing.parent_process()
    assert parent is not None
    unready = address.with_suffix(".unready")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(unready))
        listening.listen(16)
        unready.rename(address)
        while listening in select.select([listening, parent.sentinel], [], [])[0]:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(connection)
            connection.close()
            _reap(os.WNOHANG)
    _reap(0)


def _reap(options: int) -> None:
    """Forgets the forks that have ended; with no option, it waits for all."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _answer(connection: socket.socket) -> None:
    """Runs one program in a fork of this one, and sends its exit status."""
    length, streams, _, _ = socket.recv_fds(connection, 4, 3)
    with connection.makefile("rb") as sent:
        words, folder, environment = marshal.loads(sent.read(int.from_bytes(length, "big")))
    child = os.fork()
    if child == 0:
        connection.close()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        _become(words, streams)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    connection.sendall(b"%d\n" % (status if status >= 0 else 128 - status))
    os._exit(0)


def _become(words: list[str], streams: list[int]) -> NoReturn:
    """Does what `python WORDS` would do, with these standard streams, and ends the process.

    It ends without freeing what the server has loaded, which takes longer than most programs.
    """
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False, buffering=1)
    further = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    status = 0
    try:
        if words[0] == "-m":
            sys.path[:1] = [str(Path.cwd()), *filter(None, further)]
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[:1] = [str(Path(words[0]).resolve().parent), *filter(None, further)]
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if isinstance(ended.code, str):
            print(ended.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 (as Python itself does)
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _load() -> None:
    """Imports what programs need beyond what `warm` has imported."""
    for module in ("preloaded", "synthetic", "hypothesis.internal.observability"):
        importlib.import_module(module)
    for name in ("pytest_mlbench", "xdist", "hypothesis"):  # pytest would warn of each
        sys.modules[name].__doc__ = f"{sys.modules[name].__doc__} PYTEST_DONT_REWRITE"
    warm.keep_what_is_loaded()
