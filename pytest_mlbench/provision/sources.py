"""Pinned git sources of frameworks and kernel libraries, or local checkouts that replace them."""

from __future__ import annotations

import copy
import hashlib
import os
import urllib.parse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import NotFetched, Unavailable, UsageError, unknown

from . import archive
from .git import fetch, git

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlbench import process

    from .fetch import Fetcher
    from .pinned import GitPin

_HEAD = "# branch.oid "
"""What git's status says before the commit; `(initial)` if there is none yet."""

REMEDY = (
    "Name a checkout (--mlbench-source {name}=PATH) or a mirror that has it (--mlbench-mirror), or "
    "run `mlbench provision --sources` where the network can be reached"
)


@dataclass(frozen=True)
class Source:
    """The files of one source.

    commit       the full commit; empty for a folder that is not a git checkout
    describe     the text in records: 'v6.0.0-12-gabc', '...-dirty', 'no git checkout'
    dirty        whether a local checkout differs from its commit (changed or untracked files)
    content_key  equal for equal files; builds from this source are keyed by it
    """

    name: str
    path: Path
    commit: str
    describe: str
    dirty: bool
    content_key: str


class SourceTrees:
    """Finds sources by name: a local checkout, or else from the cache, a mirror or upstream.

    `local` maps names to local folders (`--mlbench-source NAME=PATH`). `extra` are additional pins
    of users' kernel libraries; `instead` are pins that replace the project's own. A mirror has
    `git/<owner>/<repository>.git`, or the pinned archive as `files/<sha256>/<file name>`.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        local: Mapping[str, Path] | None = None,
        extra: Iterable[GitPin] = (),
        instead: Mapping[str, GitPin] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._instead = dict(instead or {})
        self.pins: dict[str, GitPin] = {**fetcher.pins.sources, **self._instead}
        self.add(extra)
        self.local = dict(local or {})
        self._found: dict[str, Source | Unavailable] = {}

    def add(self, pins: Iterable[GitPin]) -> None:
        """Adds pins. Raises UsageError if another pin has the same name."""
        for pin in pins:
            if pin.name in self._instead:
                continue
            if self.pins.setdefault(pin.name, pin) != pin:
                raise UsageError(f"two sources are pinned as {pin.name!r}")

    def check(self) -> None:
        """Raises UsageError if a local folder has an unknown name or does not exist."""
        for name, path in self.local.items():
            self.pin(name)
            if not path.expanduser().is_dir():
                raise UsageError("is not a folder", where=f"--mlbench-source {name}={path}")

    def pin(self, name: str) -> GitPin:
        """The pin called `name`. Raises UsageError with the nearest match."""
        if name not in self.pins:
            raise unknown("source", name, self.pins, where="--mlbench-source")
        return self.pins[name]

    def get(self, name: str) -> Source:
        """The source called `name`.

        Raises Unavailable, with reason and remedy, if it cannot be fetched, UsageError if its local
        folder does not exist.
        """
        if name not in self._found:
            pin = self.pin(name)
            try:
                local = self.local.get(name)
                self._found[name] = self._pinned(pin) if local is None else checkout(name, local)
            except Unavailable as error:  # remember it, so that the next case does not try again
                self._found[name] = error
        found = self._found[name]
        if isinstance(found, Unavailable):
            raise copy.copy(found)
        return found

    def folder(self, name: str) -> Path:
        """The folder of the source called `name`. Raises as `get` does."""
        return self.get(name).path

    def revision(self, name: str, revision: str) -> Path:
        """A folder with the committed files of one revision of the local checkout of `name`.

        The checkout itself is not changed. Raises UsageError if the source has no local checkout or
        the checkout does not have the revision.
        """
        pin = self.pin(name)
        where = f"revision {name}@{revision}"
        local = self.local.get(name)
        if local is None:
            remedy = f"Name one: --mlbench-source {name}=PATH"
            raise UsageError("the source has no local checkout", where=where, remedy=remedy)
        root = local.expanduser().absolute()
        asked = git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", cwd=root)
        commit = asked.text.strip()
        if asked.returncode or not commit:
            raise UsageError(f"{root} has no such revision", where=where)
        top = git("rev-parse", "--show-toplevel", cwd=root).text.strip()

        def bring(folder: Path) -> None:
            (folder / "tree").mkdir()
            url = Path(top).as_uri()
            reason = fetch(url, commit, folder / "tree", name=name, hosts=self._fetcher.hosts)
            if reason:
                raise Unavailable(reason, where=where)

        key = _key(replace(pin, commit=commit))
        return self._fetcher.cache.entry("sources", key, bring) / "tree"

    def where(self, name: str) -> str:
        """Where `get` would find it without upstream: 'local', 'cache', 'mirror' or ''."""
        pin = self.pin(name)
        if name in self.local:
            return "local"
        if self._fetcher.cache.has("sources", _key(pin)):
            return "cache"
        mirror = self._fetcher.mirror
        if isinstance(mirror, Path) and (mirror / "git" / _path(pin)).is_dir():
            return "mirror"
        return ""

    def _pinned(self, pin: GitPin) -> Source:
        folder = self._fetcher.cache.entry(
            "sources", _key(pin), lambda folder: self._bring(pin, folder)
        )
        return Source(pin.name, folder / "tree", pin.commit, pin.version, False, pin.commit)

    def _bring(self, pin: GitPin, folder: Path) -> None:
        tree = folder / "tree"
        tree.mkdir()
        reasons = ["not in the cache"]
        hosts, mirror, offline = (self._fetcher.hosts, self._fetcher.mirror, self._fetcher.offline)
        for label, url in self._places(pin):
            reason = fetch(url, pin.commit, tree, name=pin.name, hosts=hosts)
            if not reason:
                return
            reasons.append(f"{label}: {reason}")
        if pin.archive is not None:
            try:
                file = self._fetcher.file(pin.archive)
            except Unavailable as error:
                reasons.append(f"archive: {error.what}")
            else:
                archive.unpack(file, tree)
                return
        if mirror is None:
            reasons.insert(1, "no mirror is named")
        if offline:
            reasons.append("upstream is not used offline")
        raise NotFetched(
            f"source {pin.name} ({pin.repository} at {pin.commit[:12]}) is not available: "
            f"{'; '.join(reasons)}",
            remedy=REMEDY.format(name=pin.name),
            thing=f"source {pin.name}",
            why=reasons[-1].removeprefix("upstream: "),
        )

    def _places(self, pin: GitPin) -> list[tuple[str, str]]:
        """Labels and URLs of the repositories to try, in order."""
        places: list[tuple[str, str]] = []
        mirror, offline = self._fetcher.mirror, self._fetcher.offline
        if isinstance(mirror, Path):
            found = mirror / "git" / _path(pin)
            if found.is_dir():
                places.append(("mirror", found.as_uri()))
        elif mirror is not None and not offline:
            places.append(("mirror", f"{mirror}/git/{_path(pin)}"))
        if not offline:
            places.append(("upstream", pin.repository))
        return places


def _key(pin: GitPin) -> str:
    return f"{pin.name}-{pin.commit}"


def _path(pin: GitPin) -> str:
    """'<owner>/<repository>.git' of a pin."""
    return urllib.parse.urlsplit(pin.repository).path.strip("/").removesuffix(".git") + ".git"


def checkout(name: str, path: Path) -> Source:
    """A user's folder as source `name`: a git checkout, a part of one, or plain files.

    The content key covers the files' current contents, including untracked but not ignored files.
    """
    folder = path.expanduser().absolute()
    where = f"--mlbench-source {name}={path}"
    if not folder.is_dir():
        raise UsageError("is not a folder", where=where)
    try:
        listed = git(
            "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate",
            cwd=folder,
        )  # fmt: skip
        names = [os.fsdecode(row) for row in listed.stdout.split(b"\0") if row]
    except Unavailable:  # no git on this machine: plain files
        names = []
    if not names or listed.returncode:
        files = _walk(folder)
        if not files:
            raise UsageError("is an empty folder", where=where)
        return Source(name, folder, "", "no git checkout", False, _content(folder, files))
    status = git(
        "status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--", ".", cwd=folder
    )
    rows = _require_success(status).text.split("\0")
    heads = [row.removeprefix(_HEAD) for row in rows if row.startswith(_HEAD)]
    commit = next((head for head in heads if head != "(initial)"), "")
    describe = git("describe", "--always", "--tags", "--abbrev=12", cwd=folder).text.strip()
    dirty = any(row and not row.startswith("# ") for row in rows)
    label = (describe or "no commit yet") + ("-dirty" if dirty else "")
    return Source(name, folder, commit, label, dirty, _content(folder, names))


def _require_success(done: process.Finished) -> process.Finished:
    if done.returncode or done.timed_out:
        raise Unavailable(f"git failed: {done.error_text.strip()[:200]}", where=done.command_line)
    return done


def _walk(folder: Path) -> list[str]:
    found = []
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        found += [os.path.relpath(os.path.join(base, name), folder) for name in files]  # noqa: PTH118
    return found


def _content(folder: Path, names: Iterable[str]) -> str:
    """A digest of names, kinds and contents. A tracked file that was deleted is left out."""
    digest = hashlib.sha256()
    for name in sorted(set(names)):
        path = folder / name
        if path.is_symlink():
            kind, content = "link", os.fsencode(os.readlink(path))  # noqa: PTH115
        elif path.is_file():
            kind = "program" if os.access(path, os.X_OK) else "file"
            content = path.read_bytes()
        elif path.is_dir():  # a submodule or a nested repository: its files count
            kind, content = "folder", _content(path, _walk(path)).encode()
        else:
            continue
        row = f"{kind} {len(content)} {hashlib.sha256(content).hexdigest()} "
        digest.update(row.encode() + os.fsencode(name) + b"\0")
    return digest.hexdigest()
