"""The first process of a machine made of namespaces (`machines.py`), run as a script inside them.

Arguments: host name, address, port, the machine's own folder in the folder that is hidden, and more
folders to hide, as on a machine where they are not installed. Standard input is a tar archive with
the machine's files. In the end it is execnet's socket server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from execnet.script import socketserver


def main() -> None:
    """Set the machine up, then serve."""
    name, address, port, own, *lacking = sys.argv[1:]
    os.chdir("/")
    _do("hostname", name)
    print("up", flush=True)
    _do("mount", "--make-rprivate", "/")
    for place in (str(Path(own).parent), "/dev/shm", *lacking):
        _do("mount", "-t", "tmpfs", "none", place)
    for folder in ("home", "tmp", "cache"):
        Path(own, folder).mkdir(parents=True)
    with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
        archive.extractall(own)
    _do("ip", "link", "set", "lo", "up")
    look = ["ip", "link", "show", "eth0"]
    while subprocess.run(look, capture_output=True, check=False).returncode:
        time.sleep(0.02)
    _do("ip", "address", "add", f"{address}/24", "dev", "eth0")
    _do("ip", "link", "set", "eth0", "up")
    os.chdir(Path(own, "checkout"))
    server = [sys.executable, "-u", socketserver.__file__, f"{address}:{port}"]
    os.execv(server[0], server)


def _do(*words: str) -> None:
    subprocess.run(words, check=True)


if __name__ == "__main__":
    main()
