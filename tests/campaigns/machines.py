"""Machines made of Linux namespaces: own network, file systems, processes, host name.

    controller  10.77.N.1   in a user and a network namespace of its own
    machine N   10.77.N.2   behind a veth pair; its folder is a file system of its own, in memory

No folder is shared: a machine's files come through a pipe, and the folders of the controller and of
the other machines are hidden from it. What is installed (Python, compiler, simulator) is the same
on all, unless a machine is to lack it. No root is needed where users may make namespaces.
"""

from __future__ import annotations

import contextlib
import functools
import io
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

INIT = Path(__file__).with_name("machine_init.py")
PORT = 8888
_UNSHARE = ("unshare", "--user", "--map-root-user", "--net", "--mount")
_OWN = ("unshare", "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc")
_INTO = ("--net", "--mount", "--preserve-credentials")


@functools.cache
def missing() -> str:
    """Why no machines can be made here, and what helps; empty if they can."""
    for program in ("unshare", "nsenter", "ip", "mount", "hostname"):
        if shutil.which(program) is None:
            return f"there is no {program} here: install util-linux, iproute2 and hostname"
    cable = ("ip", "link", "add", "cable0", "type", "veth", "peer", "name", "cable1")
    for command in ((*_UNSHARE, *_OWN, "true"), (*_UNSHARE, *cable)):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (
                f"`{' '.join(command)}` fails ({done.stderr.strip()}): allow user namespaces "
                "(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or start the "
                "container with --privileged"
            )
    return ""


class Network:
    """The controller's namespaces, and the machines that are connected to it.

    `folder` is seen by the controller only. Each machine has a file system of its own there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.machines: list[Machine] = []
        self.holder = subprocess.Popen(
            [*_UNSHARE, "sh", "-c", "ip link set lo up && echo ready && exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.holder.stdout is not None
        if self.holder.stdout.readline() != b"ready\n":
            raise RuntimeError("the namespaces cannot be made")

    @property
    def enter(self) -> list[str]:
        """The words before a command that is to run on the controller."""
        return ["nsenter", f"--target={self.holder.pid}", "--user", *_INTO]

    def add(
        self,
        files: Path,
        cache: Path | None,
        environment: Mapping[str, str],
        lacking: Sequence[Path] = (),
    ) -> Machine:
        """One more machine, whose checkout is a copy of the folder `files`, and whose cache is one
        of `cache`, or empty.

        It does not have the folders `lacking`.
        """
        packed = _packed({"checkout": files, **({"cache": cache} if cache else {})})
        machine = Machine(self, len(self.machines), packed, environment, lacking)
        self.machines.append(machine)
        machine.connect()
        return machine

    def end(self) -> None:
        """End all machines."""
        for machine in self.machines:
            machine.process.kill()
            machine.process.communicate()
        self.holder.kill()
        self.holder.communicate()


@contextlib.contextmanager
def network(folder: Path) -> Iterator[Network]:
    """A network that is ended afterwards."""
    made = Network(folder)
    try:
        yield made
    finally:
        made.end()


class Machine:
    """One machine. execnet's socket server listens on it, and it can be entered as by ssh."""

    def __init__(
        self,
        network: Network,
        number: int,
        files: bytes,
        environment: Mapping[str, str],
        lacking: Sequence[Path],
    ) -> None:
        self.name = f"machine{number}"
        self.address = f"10.77.{number}.2"
        self.folder = network.folder / self.name
        self._network, self._number, self._files = network, number, files
        own = {"HOME": "home", "TMPDIR": "tmp", "MLBENCH_CACHE": "cache"}
        inside = {name: f"{self.folder}/{folder}" for name, folder in own.items()}
        self.environment = {**environment, **inside}
        words = [self.name, self.address, str(PORT), str(self.folder), *map(str, lacking)]
        self.process = subprocess.Popen(
            [*network.enter, *_OWN, sys.executable, "-u", str(INIT), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
        )

    def connect(self) -> None:
        """Lay a cable between controller and machine, fill its file system, wait for the server."""
        self._until("up")
        cable, peer = f"to{self._number}", ("name", "eth0", "netns", str(self.process.pid))
        for words in (
            ("link", "add", cable, "type", "veth", "peer", *peer),
            ("address", "add", f"10.77.{self._number}.1/24", "dev", cable),
            ("link", "set", cable, "up"),
        ):
            subprocess.run([*self._network.enter, "ip", *words], check=True)
        assert self.process.stdin is not None
        self.process.stdin.write(self._files)
        self.process.stdin.close()
        self.process.stdin = None
        self._until("Entering Accept loop")

    def _until(self, wanted: str) -> None:
        assert self.process.stdout is not None
        told = []
        while line := self.process.stdout.readline().decode("utf-8", "replace"):
            if wanted in line:
                return
            told.append(line)
        raise RuntimeError(f"{self.name} does not start: {''.join(told)}")

    @property
    def enter(self) -> list[str]:
        """The words before a command of the controller that is to run on this machine."""
        return ["nsenter", f"--target={self.inside[0]}", *_INTO, "--uts", "--pid"]

    @property
    def inside(self) -> list[int]:
        """Its first process, which is the server, as the controller sees it."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii")
        return list(map(int, children.split()))

    def run(self, *command: str) -> str:
        """Standard output of a command that runs on this machine."""
        words = [*self._network.enter, *self.enter, *command]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    def shell(self, line: str) -> str:
        """Output of a line for this machine's shell, whatever its status."""
        words = [*self._network.enter, *self.ssh(), line]
        return subprocess.run(words, check=False, capture_output=True, text=True).stdout

    def ssh(self) -> list[str]:
        """The words before a command line for this machine's shell, as ssh starts it."""
        variables = [f"{name}={value}" for name, value in sorted(self.environment.items())]
        return [*self.enter, "env", "-i", *variables, "sh", "-c"]


def ssh(folder: Path, machines: Sequence[Machine]) -> Path:
    """A new folder with a program `ssh`, which gives its last argument to a machine's shell.

    What a server of ssh would do besides, encryption and log-in, is not what is tried.
    """
    folder.mkdir()
    lines = ["#!/bin/sh", 'for word; do command=$word; done\ncase " $* " in']
    lines += [
        f'*" {row.name} "*) exec {shlex.join(row.ssh())} "cd; $command";;' for row in machines
    ]
    lines += ['esac\necho "ssh: Could not resolve hostname" >&2; exit 255']
    program = folder / "ssh"
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def _packed(folders: Mapping[str, Path]) -> bytes:
    """A tar archive of folders by their names in it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, folder in folders.items():
            archive.add(folder, arcname=name)
    return stream.getvalue()
