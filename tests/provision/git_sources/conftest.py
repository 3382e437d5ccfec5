from __future__ import annotations

import os
import signal
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest
from loopback import GitSite, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

from git_upstream import ENVIRONMENT, Upstream, unused_port


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine's user, no proxy."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        return Upstream(tmp_path_factory.mktemp("made"))


@pytest.fixture
def upstream(tmp_path: Path, made: Upstream) -> Upstream:
    return Upstream(tmp_path / "up", made)


@pytest.fixture
def web(upstream: Upstream) -> Iterator[GitSite]:
    site = GitSite(upstream.folder)
    yield site
    site.close()


@pytest.fixture
def daemon(upstream: Upstream) -> Iterator[str]:
    """The URL of the repository at git's own daemon."""
    port = unused_port()
    child = subprocess.Popen(
        ["git", "daemon", "--export-all", "--reuseaddr", f"--base-path={upstream.folder}/git",
         "--listen=127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip

    def listening() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listening)
    yield f"git://127.0.0.1:{port}/owner/lib.git"
    os.killpg(child.pid, signal.SIGTERM)
    child.wait()
