"""Pinned git sources over real transports: folders, git's daemon, smart and dumb HTTP."""

from __future__ import annotations

import functools
import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import Unavailable
from pytest_mlbench.provision import git as transport
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from loopback import GitSite

    from pytest_mlbench.provision.cache import Cache
from git_upstream import PINNED, Upstream, check, commit, files, git, sources, unused_port


def test_from_a_mirror_in_a_folder(cache: Cache, upstream: Upstream) -> None:
    found = sources(cache, upstream.pin(), mirror=str(upstream.folder), offline=True)
    assert found.where("lib") == "mirror"
    check(found, upstream)
    assert found.where("lib") == "cache"
    check(sources(cache, upstream.pin(), offline=True), upstream)


def test_an_unverified_tag_is_left_out(cache: Cache, upstream: Upstream) -> None:
    pin = replace(upstream.pin(), verified=False)
    found = sources(cache, pin, mirror=str(upstream.folder), offline=True)
    assert found.get("lib").describe == upstream.pinned[:12]


def test_over_smart_http_as_mirror_and_as_upstream(
    cache: Cache, tmp_path: Path, upstream: Upstream, web: GitSite
) -> None:
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)
    other = replace(upstream.pin(), repository=f"{web.url}/git/owner/lib.git")
    check(sources(type(cache)(tmp_path / "cache2"), other), upstream)
    assert web.packs == 2


def test_a_shallow_fetch_brings_one_commit(
    tmp_path: Path, cache: Cache, upstream: Upstream, web: GitSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []

    def count(folder: Path) -> None:
        if folder.name == ".git":
            done = subprocess.run(
                ["git", f"--git-dir={folder}", "rev-list", "--all", "HEAD"],
                capture_output=True, check=True, text=True,
            )  # fmt: skip
            kept.extend(done.stdout.split())

    monkeypatch.setattr(transport.shutil, "rmtree", count)
    (tmp_path / "x").mkdir()
    hosts = Fetcher(cache).hosts
    url = f"{web.url}/git/owner/lib.git"
    assert transport.fetch(url, upstream.pinned, tmp_path / "x", name="lib", hosts=hosts) == ""
    assert kept == [upstream.pinned]


def test_over_dumb_http(cache: Cache, upstream: Upstream) -> None:
    git(upstream.bare, "update-server-info")
    handler = functools.partial(_Quiet, directory=str(upstream.folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        mirror = f"http://127.0.0.1:{server.server_port}"
        check(sources(cache, upstream.pin(), mirror=mirror), upstream)
        with pytest.raises(Unavailable, match=f"mirror: {mirror}.* has no commit 1111"):
            sources(cache, replace(upstream.pin(), commit="1" * 40), mirror=mirror).get("lib")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("version", ["0", "2"])
def test_over_the_git_protocol(
    cache: Cache, upstream: Upstream, daemon: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 0 gives out no commit that nothing names: all branches and tags are fetched."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.version")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", version)
    git(upstream.bare, "tag", "-d", "v1.0")
    check(sources(cache, upstream.pin(daemon)), upstream)


def test_a_commit_that_is_not_there_is_told(
    cache: Cache, upstream: Upstream, web: GitSite, daemon: str
) -> None:
    pin = replace(upstream.pin(daemon), commit="1" * 40)
    with pytest.raises(Unavailable) as caught:
        sources(cache, pin, mirror=web.url).get("lib")
    text = str(caught.value)
    assert "mirror: " in text
    assert "upstream: " in text
    assert text.count("1" * 40) >= 2
    for word in ("--mlbench-source lib=PATH", "--mlbench-mirror", "provision --sources"):
        assert word in text
    assert [path.name for path in (cache.root / "sources").iterdir()] == []


def test_what_is_not_to_be_had_is_asked_for_once(
    cache: Cache, upstream: Upstream, web: GitSite
) -> None:
    found = sources(cache, replace(upstream.pin(), commit="1" * 40), mirror=web.url)
    for _ in range(2):
        with pytest.raises(Unavailable, match="is not available"):
            found.get("lib")
        asked, web.asked[:] = list(web.asked), []
    assert asked == []


def test_upstream_is_asked_for_a_commit_that_the_mirror_lacks(
    cache: Cache, tmp_path: Path, upstream: Upstream, daemon: str
) -> None:
    old = Upstream(tmp_path / "old", upstream)
    git(
        old.bare,
        "update-ref",
        "refs/heads/main",
        git(old.work, "rev-list", "--max-parents=0", "HEAD"),
    )
    git(old.bare, "update-ref", "-d", "refs/tags/v1.0")
    git(old.bare, "gc", "-q", "--prune=now")
    commit(upstream.work, {"only": "upstream"})
    pinned = git(upstream.work, "rev-parse", "HEAD")
    upstream.push()
    pin = replace(upstream.pin(daemon), commit=pinned)
    assert "only" in files(sources(cache, pin, mirror=str(old.folder)).folder("lib"))


def test_a_force_pushed_branch_does_not_change_what_is_had(
    cache: Cache, tmp_path: Path, upstream: Upstream, web: GitSite
) -> None:
    git(upstream.work, "checkout", "-q", "--orphan", "new")
    commit(upstream.work, {"lib.h": "// rewritten\n"})
    git(upstream.work, "branch", "-M", "main")
    git(upstream.work, "tag", "-f", "v1.0")
    upstream.push("--force")
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)
    git(upstream.bare, "reflog", "expire", "--expire=now", "--all")
    git(upstream.bare, "gc", "-q", "--prune=now")
    later = sources(type(cache)(tmp_path / "cache2"), upstream.pin(), mirror=web.url)
    with pytest.raises(Unavailable, match=upstream.pinned):
        later.get("lib")
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)  # what is cached stays


def test_an_interrupted_transfer_is_tried_again(
    cache: Cache, upstream: Upstream, web: GitSite
) -> None:
    web.cut = 1
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)
    assert web.packs == 2


def test_transfers_that_always_break_leave_nothing_and_the_next_run_repairs(
    cache: Cache, upstream: Upstream, web: GitSite
) -> None:
    web.cut = 99
    with pytest.raises(Unavailable, match="mirror: "):
        sources(cache, upstream.pin(), mirror=web.url).get("lib")
    assert web.packs == transport.ATTEMPTS
    assert [path.name for path in (cache.root / "sources").iterdir()] == []
    web.cut = 0
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)


WORKER = """
import pathlib, sys
from types import MappingProxyType
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import GitPin, Pins
from pytest_mlbench.provision.sources import SourceTrees
root, mirror, commit = sys.argv[1:]
pin = GitPin("lib", "http://127.0.0.1:1/owner/lib", commit, "MIT", "test")
fetcher = Fetcher(Cache(pathlib.Path(root)), mirror=mirror, pins=Pins(sources={"lib": pin}))
print(SourceTrees(fetcher).folder("lib"))
"""


def worker(cache: Cache, mirror: str, commit: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(cache.root), mirror, commit]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_two_workers_fetch_once(cache: Cache, upstream: Upstream, web: GitSite) -> None:
    workers = [worker(cache, web.url, upstream.pinned) for _ in range(2)]
    answers = {one.communicate(timeout=60)[0].strip() for one in workers}
    assert [one.returncode for one in workers] == [0, 0]
    assert len(answers) == 1
    assert files(Path(answers.pop())) == PINNED
    assert web.packs == 1


def test_a_kill_during_a_transfer_repairs_itself(
    cache: Cache, upstream: Upstream, web: GitSite
) -> None:
    hold = threading.Event()
    asked = threading.Event()

    def stall(_: object) -> None:
        asked.set()
        hold.wait(30)

    web.answers["/git/owner/lib.git/git-upload-pack"] = stall
    one = worker(cache, web.url, upstream.pinned)
    assert asked.wait(30)
    os.killpg(one.pid, signal.SIGKILL)
    one.communicate()
    hold.set()
    web.answers.clear()
    assert any((cache.root / "sources").iterdir())
    check(sources(cache, upstream.pin(), mirror=web.url), upstream)
    assert [path.name for path in (cache.root / "sources").iterdir()] == [f"lib-{upstream.pinned}"]


def test_a_server_that_never_answers_is_given_up(
    cache: Cache, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "FETCH_TIMEOUT", 0.5)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(8)
        pin = upstream.pin(f"git://127.0.0.1:{silent.getsockname()[1]}/owner/lib")
        with pytest.raises(Unavailable, match="it took too long"):
            sources(cache, pin).get("lib")


def test_a_host_out_of_reach_is_asked_once(
    cache: Cache, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    connects: list[object] = []
    real = socket.create_connection

    def count(*arguments: object) -> socket.socket:
        connects.append(arguments)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(transport.socket, "create_connection", count)
    pin = upstream.pin(f"http://127.0.0.1:{unused_port()}/owner/lib")
    for _ in range(3):
        with pytest.raises(Unavailable, match="cannot be reached"):
            sources(cache, pin).get("lib")
    assert len(connects) == 1
