"""The server of `forked`: a script that imports modules once, then forks for each request.

Each line of its input is JSON. The first one says what to import, each other one what to call; each
call is answered by a line with the exit status of its process.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn


def main() -> None:
    """Serves until the input ends."""
    first = json.loads(sys.stdin.readline())
    sys.path[:] = first["path"]
    for name in first["imports"]:
        # Imported for speed only: who needs the module will say that it is missing.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _call(request)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(status, flush=True)


def _call(request: dict[str, Any]) -> NoReturn:
    """In the forked process: sends all output, also that of C code, to files, and ends."""
    status = 1
    try:
        # Kills the process, whatever it is in.
        signal.setitimer(signal.ITIMER_REAL, request["timeout"])
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
        status = function(request["arguments"])
    except BaseException:  # noqa: BLE001 (Ctrl-C and exit() too: a process of its own ends here)
        traceback.print_exc()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
