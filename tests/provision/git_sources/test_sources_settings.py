"""No setting, hook or password of this machine changes what is fetched; archives instead."""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from loopback import GitSite, program

from pytest_mlbench.errors import FetchRefused, Unavailable
from pytest_mlbench.provision.pinned import Artifact

if TYPE_CHECKING:
    import http.server
    from pathlib import Path

    from pytest_mlbench.provision.cache import Cache
from git_upstream import PINNED, Upstream, check, commit, git, sources


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
