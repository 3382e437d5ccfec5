"""Pinned wheels: the installed package of the pinned version, else the wheel in the cache.

A wheel that is not installed comes from a mirror, else by pip, which takes it from the index that
this machine is set up for; either way it must have the pinned sha256.
"""

from __future__ import annotations

import importlib.metadata
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import CannotRun

from .archive import unpack
from .fetch import check

if TYPE_CHECKING:
    from .cache import Cache
    from .fetch import Fetcher
    from .pins import Artifact, Wheel

PIP = "pip://wheels"
"""Under this name it is remembered, for all workers of a run, that pip could not serve."""
TIMEOUT = 1800.0


@dataclass(frozen=True)
class Found:
    """The folder that holds the wheel's packages, and where it is: 'installed' or 'cache'."""

    folder: Path
    version: str
    origin: str


def find(name: str, *, cache: Cache, fetcher: Fetcher) -> Found:
    """The pinned wheel `name`.

    Raises CannotRun when it is not to be had, FetchRefused when what came is not what is pinned.
    """
    pin = fetcher.pins.wheel(name)
    installed = _installed(pin)
    if installed is not None:
        return installed
    file = pin.file(_platform())
    if file is None:
        raise CannotRun(
            f"there is no wheel of {name} {pin.version} for {_platform()}", where="pins.toml"
        )
    folder = cache.entry("wheels", file.sha256, lambda folder: _make(pin, file, folder, fetcher))
    return Found(folder, pin.version, "cache")


def where(name: str, *, cache: Cache, fetcher: Fetcher) -> str:
    """Where the wheel `name` is, for people: 'installed', 'cache', empty when it is not here."""
    pin = fetcher.pins.wheel(name)
    if _installed(pin) is not None:
        return "installed"
    file = pin.file(_platform())
    return "cache" if file is not None and cache.has("wheels", file.sha256) else ""


def _installed(pin: Wheel) -> Found | None:
    try:
        distribution = importlib.metadata.distribution(pin.name)
    except importlib.metadata.PackageNotFoundError:
        return None
    if distribution.version != pin.version:
        return None
    return Found(Path(str(distribution.locate_file(""))), pin.version, "installed")


def _platform() -> str:
    """This machine as pins.toml names it: 'linux-x86_64', 'macos-arm64'."""
    system = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    return f"{system}-{platform.machine()}"


def _make(pin: Wheel, file: Artifact, folder: Path, fetcher: Fetcher) -> None:
    archive = folder / ".wheel"
    archive.mkdir()
    target = archive / file.file_name
    try:
        fetcher.bring(file, target)
    except CannotRun:
        if fetcher.offline:
            raise
        _by_pip(pin, file, archive, fetcher)
    with progress.step(f"unpacking {pin.name}"):
        unpack(target, folder)
        for program in folder.glob("*/bin/*"):
            program.chmod(0o755)
    target.unlink()
    archive.rmdir()


def _by_pip(pin: Wheel, file: Artifact, folder: Path, fetcher: Fetcher) -> None:
    remedy = "Install it: pip install 'pytest-mlbench[cores]'"
    known = fetcher.hosts.reason(PIP)
    if known:
        raise CannotRun(known, remedy=remedy)
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{pin.name}=={pin.version} --hash=sha256:{file.sha256}\n", encoding="utf-8")
    with progress.step(f"downloading {pin.name} {pin.version}"):
        done = process.run(
            [
                sys.executable,
                *("-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
                *("--only-binary", ":all:", "--dest", folder, "-r", wanted),
            ],
            timeout=TIMEOUT,
        )
    wanted.unlink()
    if done.returncode or not (folder / file.file_name).is_file():
        lines = [line for line in done.error_text.splitlines() if line.strip()]
        said = (lines or ["nothing"])[-1]
        reason = f"{pin.name} {pin.version} is not to be had: pip says: {said}"
        fetcher.hosts.mark(PIP, reason)
        raise CannotRun(reason, remedy=remedy)
    check(file, folder / file.file_name, "pip")
