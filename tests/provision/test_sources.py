"""Pinned git sources over real transports: folders, git's daemon, smart and dumb HTTP."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from loopback import GitSite, program, wait_for

from pytest_mlbench.errors import FetchRefused, Unavailable, UsageError
from pytest_mlbench.provision import git as transport
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import Artifact, GitPin, Pins
from pytest_mlbench.provision.sources import SourceTrees, checkout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlbench.provision.cache import Cache

ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "n",
    "GIT_AUTHOR_EMAIL": "n@example",
    "GIT_COMMITTER_NAME": "n",
    "GIT_COMMITTER_EMAIL": "n@example",
}


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine's user, no proxy."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


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


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


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


def test_a_server_that_wants_a_password_is_not_waited_for(
    cache: Cache, tmp_path: Path, upstream: Upstream, web: GitSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogue = program(tmp_path / "dialogue", f"touch {tmp_path}/asked; echo secret\n")
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.setenv(name, str(dialogue))

    def want(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(401)
        handler.send_header("WWW-Authenticate", "Basic realm=x")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    web.answers["/git/owner/lib.git/info/refs?service=git-upload-pack"] = want
    with pytest.raises(
        Unavailable, match=r"mirror: fatal: .*(Authentication failed|could not read)"
    ):
        sources(cache, upstream.pin(), mirror=web.url).get("lib")
    assert not (tmp_path / "asked").exists()


def test_no_hook_runs_and_no_setting_of_the_user_changes_the_files(
    cache: Cache, tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        hook = tmp_path / "template/hooks" / name
        hook.parent.mkdir(parents=True, exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\n")
        hook.chmod(0o755)
    for name in ("template/info/attributes", "attributes"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("* text eol=crlf\n")
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[init]\n templateDir = {tmp_path}/template\n[core]\n"
        f" hooksPath = {tmp_path}/template/hooks\n autocrlf = true\n"
        f" attributesFile = {tmp_path}/attributes\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    check(sources(cache, upstream.pin(), mirror=str(upstream.folder)), upstream)
    assert not (tmp_path / "hooked").exists()


def test_files_are_as_committed_whatever_the_attributes_in_the_repository_say(
    cache: Cache, upstream: Upstream
) -> None:
    """Two kinds of line ends in the commit: with eol=crlf git would call one of them modified."""
    (upstream.work / "one.h").write_bytes(b"// committed with CRLF\r\n")
    commit(upstream.work, {"two.h": "// with LF\n", "three.h": "// $Id$\n"})
    (upstream.work / ".gitattributes").write_text("*.h text eol=crlf ident\n")
    git(upstream.work, "add", ".gitattributes")
    git(upstream.work, "commit", "-q", "-m", "attributes")
    pinned = git(upstream.work, "rev-parse", "HEAD")
    upstream.push()
    pin = replace(upstream.pin(), commit=pinned)
    folder = sources(cache, pin, mirror=str(upstream.folder)).folder("lib")
    assert (folder / "one.h").read_bytes() == b"// committed with CRLF\r\n"
    assert (folder / "two.h").read_bytes() == b"// with LF\n"
    assert (folder / "three.h").read_bytes() == b"// $Id$\n"


def test_a_run_from_inside_a_git_hook_is_not_led_astray(
    cache: Cache, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(upstream.work / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(upstream.work / ".git/index"))
    check(sources(cache, upstream.pin(), mirror=str(upstream.folder)), upstream)


def test_submodules_are_not_fetched(cache: Cache, upstream: Upstream) -> None:
    text = '[submodule "x"]\n path = x\n url = http://127.0.0.1:1/x\n'
    (upstream.work / ".gitmodules").write_text(text)
    git(upstream.work, "update-index", "--add", "--cacheinfo", f"160000,{upstream.pinned},x")
    git(upstream.work, "add", ".gitmodules")
    git(upstream.work, "commit", "-q", "-m", "s")
    pinned = git(upstream.work, "rev-parse", "HEAD")
    upstream.push()
    pin = replace(upstream.pin(), commit=pinned)
    folder = sources(cache, pin, mirror=str(upstream.folder)).folder("lib")
    assert list((folder / "x").iterdir()) == []


def archived(upstream: Upstream, name: str = "lib-1.0.tar.gz") -> Artifact:
    """The pinned files as an archive in the mirror's folder of files."""
    file = upstream.folder / name
    with tarfile.open(file, "w:gz") as tar:
        for member, text in PINNED.items():
            path = upstream.folder / "member"
            path.write_text(text)
            tar.add(path, f"lib-1.0/{member}")
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    place = upstream.folder / "files" / sha256
    place.mkdir(parents=True)
    file.rename(place / name)
    return Artifact(name, sha256, (place / name).stat().st_size)


def test_a_mirror_may_hold_an_archive_instead(cache: Cache, upstream: Upstream) -> None:
    pin = replace(upstream.pin(), archive=archived(upstream))
    upstream.bare.rename(upstream.folder / "elsewhere")
    check(sources(cache, pin, mirror=str(upstream.folder), offline=True), upstream)


def test_an_archive_with_another_checksum_is_refused(cache: Cache, upstream: Upstream) -> None:
    artifact = archived(upstream)
    (upstream.folder / "files" / artifact.sha256 / artifact.name).write_bytes(b"other")
    pin = replace(upstream.pin(), archive=artifact)
    upstream.bare.rename(upstream.folder / "elsewhere")
    with pytest.raises(FetchRefused, match="expected sha256"):
        sources(cache, pin, mirror=str(upstream.folder), offline=True).get("lib")


def test_offline_with_an_empty_cache_says_so(cache: Cache, upstream: Upstream) -> None:
    with pytest.raises(Unavailable, match=r"not in the cache; no mirror is named; .*offline"):
        sources(cache, upstream.pin(), offline=True).get("lib")


def test_no_git_is_told(
    cache: Cache, tmp_path: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="Install git"):
        sources(cache, upstream.pin(), mirror=str(upstream.folder)).get("lib")


def test_unknown_names_are_refused(cache: Cache, upstream: Upstream) -> None:
    with pytest.raises(UsageError, match="Did you mean 'lib'"):
        sources(cache, upstream.pin()).get("lob")
    with pytest.raises(UsageError, match="--mlbench-source: unknown source 'libb'"):
        sources(cache, upstream.pin(), local={"libb": upstream.work}).check()


def test_a_library_of_the_users_brings_its_own_pin(cache: Cache, upstream: Upstream) -> None:
    fetcher = Fetcher(cache, mirror=str(upstream.folder), pins=Pins())
    found = SourceTrees(fetcher, extra=[upstream.pin()])
    check(found, upstream)
    found.add([upstream.pin()])
    with pytest.raises(UsageError, match="two sources are pinned as 'lib'"):
        found.add([replace(upstream.pin(), commit="1" * 40)])


def test_a_local_checkout_comes_first(cache: Cache, upstream: Upstream) -> None:
    found = sources(cache, upstream.pin(), mirror="/", local={"lib": upstream.work})
    assert found.where("lib") == "local"
    source = found.get("lib")
    assert source.path == upstream.work
    assert source.commit == git(upstream.work, "rev-parse", "HEAD")
    assert source.describe.startswith("v1.0-1-g")
    assert not source.dirty


def test_a_local_checkouts_key_follows_its_files(tmp_path: Path, upstream: Upstream) -> None:
    work = upstream.work
    commit(work, {".gitignore": "*.o\n"})
    clean = checkout("lib", work)
    assert not clean.dirty
    git(tmp_path, "clone", "-q", str(work), "clone")
    assert checkout("lib", tmp_path / "clone").content_key == clean.content_key

    (work / "lib.h").write_text("// edited\n")
    edited = checkout("lib", work)
    assert edited.dirty
    assert edited.describe == clean.describe + "-dirty"
    assert edited.commit == clean.commit

    git(work, "add", "--all")
    assert checkout("lib", work).content_key == edited.content_key, "staging changes no file"
    git(work, "reset", "-q", "--hard")
    assert checkout("lib", work) == clean

    (work / "new.c").write_text("int b;\n")
    added = checkout("lib", work)
    assert added.dirty
    (work / "new.c").rename(work / "other.c")
    renamed = checkout("lib", work)
    (work / "other.c").unlink()

    (work / "lib.h").unlink()
    removed = checkout("lib", work)
    git(work, "checkout", "-q", "lib.h")

    (work / "a.o").write_text("ignored")
    assert checkout("lib", work) == clean
    (work / "src/a.c").chmod(0o755)
    executable = checkout("lib", work)
    keys = [s.content_key for s in (clean, edited, added, renamed, removed, executable)]
    assert len(set(keys)) == len(keys)


def test_a_folder_that_is_no_checkout_works_too(tmp_path: Path) -> None:
    (tmp_path / "lib/src").mkdir(parents=True)
    (tmp_path / "lib/src/a.c").write_text("int a;\n")
    first = checkout("lib", tmp_path / "lib")
    assert (first.commit, first.describe, first.dirty) == ("", "no git checkout", False)
    (tmp_path / "lib/src/b.c").write_text("int b;\n")
    second = checkout("lib", tmp_path / "lib")
    assert second.content_key != first.content_key
    git(tmp_path / "lib", "init", "-q")
    third = checkout("lib", tmp_path / "lib")
    assert (third.commit, third.describe, third.dirty) == ("", "no commit yet-dirty", True)
    assert third.content_key == second.content_key


def test_a_part_of_a_bigger_repository_is_judged_by_itself(upstream: Upstream) -> None:
    first = checkout("lib", upstream.work / "src")
    (upstream.work / "lib.h").write_text("// elsewhere\n")
    assert checkout("lib", upstream.work / "src") == first
    (upstream.work / "src/a.c").write_text("int c;\n")
    second = checkout("lib", upstream.work / "src")
    assert second.dirty
    assert second.content_key != first.content_key


def test_a_local_path_that_is_no_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--mlbench-source lib=.*: is not a folder"):
        checkout("lib", tmp_path / "missing")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="is an empty folder"):
        checkout("lib", tmp_path / "empty")


def test_a_tag_is_compared_with_the_pin(upstream: Upstream, web: GitSite) -> None:
    url = f"{web.url}/git/owner/lib.git"
    assert transport.advertised(url, "refs/tags/v1.0") == upstream.pinned
    git(upstream.work, "tag", "-a", "-m", "annotated", "v2.0", upstream.pinned)
    upstream.push()
    assert transport.advertised(url, "refs/tags/v2.0") == upstream.pinned
    assert transport.advertised(url, "refs/tags/v3.0") == ""
    with pytest.raises(Unavailable, match="cannot be reached"):
        transport.advertised(f"http://127.0.0.1:{unused_port()}/x", "HEAD")


def test_another_set_of_pins_takes_the_place_of_the_usual_one(
    cache: Cache, upstream: Upstream
) -> None:
    usual = upstream.pin()
    tip = git(upstream.work, "rev-parse", "HEAD")
    fetcher = Fetcher(
        cache, mirror=str(upstream.folder), pins=Pins(sources=MappingProxyType({"lib": usual}))
    )
    other = replace(usual, commit=tip, tag="")
    found = SourceTrees(fetcher, instead={"lib": other})
    found.add([usual])  # as what registers the sources does
    assert found.get("lib").commit == tip
    assert (found.folder("lib") / "lib.h").read_text() == "// newer\n"
