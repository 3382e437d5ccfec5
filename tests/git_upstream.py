"""A repository to fetch from, and what sources are expected of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import GitPin, Pins
from pytest_mlbench.provision.sources import SourceTrees

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example",
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], capture_output=True, check=True, text=True)
    return done.stdout.strip()


def commit(work: Path, files: dict[str, str], message: str = "m") -> str:
    for name, text in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
    git(work, "add", "--all")
    git(work, "commit", "-q", "-m", message)
    return git(work, "rev-parse", "HEAD")


class Upstream:
    """A repository `owner/lib.git` under `folder`, with a clone to work in.

    The pinned commit is not the tip: one more follows it. `made` is one to copy.
    """

    def __init__(self, folder: Path, made: Upstream | None = None) -> None:
        self.folder = folder
        self.bare = folder / "git/owner/lib.git"
        self.work = folder / "work"
        if made is not None:
            shutil.copytree(made.folder, folder)
            self.pinned = made.pinned
            return
        self.bare.mkdir(parents=True)
        self.work.mkdir()
        git(self.bare, "init", "-q", "--bare", "-b", "main")
        git(self.work, "init", "-q", "-b", "main")
        commit(self.work, {"lib.h": "// old\n"})
        self.pinned = commit(self.work, {"lib.h": "// pinned\n", "src/a.c": "int a;\n"})
        git(self.work, "tag", "v1.0")
        commit(self.work, {"lib.h": "// newer\n"})
        self.push()

    def push(self, *options: str) -> None:
        git(self.work, "push", "-q", *options, str(self.bare), "main")
        git(self.work, "push", "-q", *options, str(self.bare), "--tags")

    def pin(self, repository: str = "http://127.0.0.1:1/owner/lib") -> GitPin:
        return GitPin("lib", repository, self.pinned, "MIT", "test", tag="v1.0")


def sources(
    cache: Cache,
    pin: GitPin,
    *,
    mirror: str | None = None,
    offline: bool = False,
    local: dict[str, Path] | None = None,
) -> SourceTrees:
    pins = Pins(sources=MappingProxyType({pin.name: pin}))
    fetcher = Fetcher(cache, mirror=mirror, offline=offline, pins=pins)
    return SourceTrees(fetcher, local=local)


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


PINNED = {"lib.h": "// pinned\n", "src/a.c": "int a;\n"}


def check(found: SourceTrees, upstream: Upstream) -> None:
    source = found.get("lib")
    assert files(source.path) == PINNED
    assert source.commit == source.content_key == upstream.pinned
    assert not source.dirty
    assert source.describe == f"v1.0 ({upstream.pinned[:12]})"
    assert found.folder("lib") == source.path


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
