"""Fetches pinned files from the cache, a mirror or upstream, and verifies them before storing."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench.errors import EnvironmentMistake, FetchRefused, NotFetched, Unavailable

from .hosts import Hosts
from .pins import pins as project_pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cache import Cache
    from .pinned import Artifact, Pins

REMEDY = (
    "Name a mirror that has it (--mlbench-mirror DIR|URL), or run "
    "`mlbench provision` where the network can be reached"
)


class Fetcher:
    """Fetches pinned artifacts into the cache.

    `mirror` is a folder or an http(s):// or file:// URL with the layout
    `files/<sha256>/<file name>`. `offline` allows only the cache and a mirror in a folder.
    `session` is shared by all workers of one run (see `hosts.Hosts`).
    """

    def __init__(
        self,
        cache: Cache,
        *,
        mirror: str | None = None,
        offline: bool = False,
        pins: Pins | None = None,
        session: str = "",
    ) -> None:
        self.cache = cache
        self.mirror = normalise_mirror(mirror)
        self.offline = offline
        self.pins = pins or project_pins()
        self.hosts = Hosts(cache, session)

    def artifact(self, name: str) -> Path:
        """The file of the pinned artifact `name`.

        Raises Unavailable if it cannot be fetched, FetchRefused if the content does not match its
        pin, UsageError for a name that is not pinned.
        """
        return self.file(self.pins.artifact(name))

    def file(self, pin: Artifact, *, remedy: str = REMEDY) -> Path:
        """The file of `pin`, from cache, mirror or upstream."""
        folder = self.cache.entry(
            "files",
            pin.sha256,
            lambda folder: self.bring(pin, folder / pin.file_name, remedy),
            verify=lambda folder: (
                (folder / pin.file_name).stat().st_size == pin.size
                and _sha256(folder / pin.file_name) == pin.sha256
            ),
        )
        return folder / pin.file_name

    def keep(self, pin: Artifact, file: Path) -> None:
        """Stores `file`, which was fetched by other means, in the cache. Raises FetchRefused if it
        does not match its pin."""
        check(pin, file, str(file))
        self.cache.entry("files", pin.sha256, lambda folder: _copied(file, folder / pin.file_name))

    def bring(self, pin: Artifact, target: Path, remedy: str = REMEDY) -> None:
        """Fetches the file of `pin` to `target` without the cache. Raises as `artifact` does."""
        reasons = ["not in the cache"]
        if self.mirror is None:
            reasons.append("no mirror is named")
        elif isinstance(self.mirror, Path):
            found = self.mirror / "files" / pin.sha256 / pin.file_name
            if found.is_file():
                self._copy(pin, found, target)
                return
            reasons.append(f"not in the mirror {self.mirror}")
        elif self.offline:
            reasons.append("the mirror is not used offline")
        else:
            name = urllib.parse.quote(pin.file_name)
            reason = self._download(pin, f"{self.mirror}/files/{pin.sha256}/{name}", target)
            if not reason:
                return
            reasons.append(f"mirror: {reason}")
        if pin.url and self.offline:
            reasons.append("upstream is not used offline")
        elif pin.url:
            reason = self._download(pin, pin.url, target)
            if not reason:
                return
            reasons.append(f"upstream: {reason}")
        raise NotFetched(
            f"{pin.name} is not available: {', '.join(reasons)}",
            remedy=remedy,
            thing=f"file {pin.name}",
            why=reasons[-1].removeprefix("upstream: "),
        )

    def _copy(self, pin: Artifact, found: Path, target: Path) -> None:
        with _mirror_errors_explained(found):
            size = found.stat().st_size
            if size > pin.size:  # surely wrong, and perhaps endless
                raise _refused(pin, f"found {size} bytes", str(found))
            source = found.open("rb")
        with source, target.open("wb") as copy:
            left = pin.size
            while left > 0:
                with _mirror_errors_explained(found):
                    block = source.read(min(left, 1 << 20))
                if not block:
                    break
                copy.write(block)
                left -= len(block)
        check(pin, target, str(found))

    def _download(self, pin: Artifact, url: str, target: Path) -> str:
        """Downloads to `target` and checks it. Returns the reason of a failure, or ''."""
        from .download import download

        known = self.hosts.reason(url)
        if known:
            return known
        reason, host = download(pin, url, target)
        if not reason:
            check(pin, target, url)
        elif host:
            self.hosts.mark(url, reason)
        return reason


def _copied(file: Path, target: Path) -> None:
    shutil.copyfile(file, target)


@contextlib.contextmanager
def _mirror_errors_explained(found: Path) -> Iterator[None]:
    """Reports a file in the mirror that cannot be read."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            f"cannot read {found}: {error.strerror}", remedy="Repair the mirror's file"
        ) from error


def check(pin: Artifact, path: Path, origin: str) -> None:
    """Raises FetchRefused unless the file at `path`, fetched from `origin`, matches its pin."""
    actual = _sha256(path)
    if actual != pin.sha256:
        raise _refused(pin, f"found {actual} ({path.stat().st_size} bytes)", origin)


def _refused(pin: Artifact, found: str, origin: str) -> FetchRefused:
    return FetchRefused(
        f"{pin.name} has the wrong content: expected sha256 {pin.sha256} ({pin.size} bytes), "
        f"{found}. It was not kept",
        where=origin,
        remedy="Repair or change the place it came from (--mlbench-mirror)",
    )


def normalise_mirror(mirror: str | None) -> Path | str | None:
    """A mirror as a folder or an http(s) URL without a final slash.

    Raises EnvironmentMistake for anything else.
    """
    if not mirror:
        return None
    try:
        parts = urllib.parse.urlsplit(mirror)
        parts.port  # noqa: B018 (raises ValueError for an invalid port)
    except ValueError as error:
        raise EnvironmentMistake(
            f"{mirror!r} is not a URL: {error}",
            where="mirror",
            remedy="Correct --mlbench-mirror or MLBENCH_MIRROR",
        ) from error
    if parts.scheme in {"http", "https"} and parts.netloc:
        return mirror.rstrip("/")
    if parts.scheme == "file":
        from urllib.request import url2pathname  # brings an HTTP client and TLS along

        mirror = url2pathname(parts.path)
    elif "://" in mirror:
        raise EnvironmentMistake(
            f"{mirror!r} is neither a folder nor an http, https or file URL", where="mirror"
        )
    folder = Path(mirror).expanduser().absolute()
    if not folder.is_dir():
        raise EnvironmentMistake(
            f"{folder} is not a folder",
            where="mirror",
            remedy="Correct --mlbench-mirror or MLBENCH_MIRROR",
        )
    return folder


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
