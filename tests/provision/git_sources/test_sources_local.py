"""Sources by name: unknown ones, pins of users, local checkouts and folders."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.provision import git as transport
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import Pins
from pytest_mlbench.provision.sources import SourceTrees, checkout

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import GitSite

    from pytest_mlbench.provision.cache import Cache
from git_upstream import Upstream, check, commit, git, sources, unused_port


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
