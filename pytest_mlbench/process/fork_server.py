"""The server of `forked`: a script that imports modules once, then forks for each request.

Each line of its input is JSON. The first one says what to import, each other one what to call; each
call is answered by a line with the exit status of its process. The answers go to the file
descriptor that the script's argument names, because imports and start-up files may print.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn


def main(answers: int) -> None:
    """Serves until the input ends."""
    # A parent may ignore or block signals; both are inherited.
    for name in (signal.SIGALRM, signal.SIGCHLD, signal.SIGXFSZ):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    first = json.loads(sys.stdin.readline())
    sys.path[:] = first["path"]
    for name in first["imports"]:
        # Imported for speed only: the function that needs the module will say what is wrong.
        with contextlib.suppress(Exception, SystemExit):
            importlib.import_module(name)
    gc.freeze()  # a fork that looks for garbage would copy all that is imported
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            os.close(answers)
            _call(request)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(answers, f"{status}\n".encode())


def _call(request: dict[str, Any]) -> NoReturn:
    """In the forked process: sends all output, also that of C code, to files, and ends."""
    status = 1
    try:
        # Kills the process, whatever it is in.
        signal.setitimer(signal.ITIMER_REAL, request["timeout"])
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = request["limit"] if hard == resource.RLIM_INFINITY else min(request["limit"], hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        made = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for number, name, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, Path(request["folder"], "out"), made),
            (2, Path(request["folder"], "error"), made),
        ):
            handle = os.open(name, flags)
            os.dup2(handle, number)
            os.close(handle)
        sys.stdout = os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", closefd=False)
        function = getattr(importlib.import_module(request["module"]), request["function"])
        status = min(max(int(function(request["arguments"])), 0), 255)
    except BaseException:  # noqa: BLE001 (Ctrl-C and exit() too: a process of its own ends here)
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main(int(sys.argv[1]))
