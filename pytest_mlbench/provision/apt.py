"""Downloads packages from the machine's own package sources, with apt, and without installing them.

apt verifies the signature chain: Release file, index, checksum. It gets lists and state of its own.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from pytest_mlbench import process, progress
from pytest_mlbench.errors import DiskFull, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pinned import Package

APT = "apt://packages"
"""The name under which all workers of a run remember that apt failed."""
UPDATE_TIMEOUT = 300.0
DOWNLOAD_TIMEOUT = 1800.0
"""Seconds."""

# Containers often switch the binary cache of the lists off: each command would read them again.
_CONFIGURATION = """\
Dir::State "{work}/state";
Dir::State::lists "{work}/state/lists";
Dir::State::status "{status}";
Dir::Cache "{work}/cache";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
Acquire::https::Timeout "20";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


def download(
    packages: Sequence[Package],
    into: Path,
    *,
    work: Path,
    architecture: str,
    welcome: Sequence[Package] = (),
) -> None:
    """Downloads `packages` into the folder `into`, and those of `welcome` whose pinned version is
    offered: reading the lists takes longer than a small package.

    `work` is a new folder for apt's lists, which is removed; `architecture` is Debian's name for
    this machine's. Raises Unavailable if a package of `packages` cannot be downloaded.
    """
    if not architecture or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("this machine has no apt-get and dpkg-deb to download packages with")
    for name in ("state/lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    status = Path("/var/lib/dpkg/status")
    if not status.is_file():
        status = work / "status"
        status.touch()
    conf = work / "apt.conf"
    conf.write_text(_CONFIGURATION.format(work=work, status=status), encoding="utf-8")
    env = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    with progress.step("reading the machine's package lists"):
        # An unreachable package source is only a warning: others may have what we need.
        update = process.run(
            ["apt-get", "-q", "-c", conf, "update"], timeout=UPDATE_TIMEOUT, env=env
        )
    _with_room(update)
    names = [p.name for p in (*packages, *welcome)]
    found = process.run(
        ["apt-cache", "-c", conf, "madison", *names], timeout=UPDATE_TIMEOUT, env=env
    )
    require_success(found, "apt-cache cannot look the packages up")
    versions = choose(packages, found.text)
    lacking = sorted({p.name for p in packages} - set(versions))
    if lacking:
        raise Unavailable(
            f"this machine's package sources have no {', '.join(lacking)}{_last_error(update)}"
        )
    extra = choose(welcome, found.text)
    asked = [*packages, *(p for p in welcome if extra.get(p.name) == p.version)]
    size = sum(pin.size for p in asked if (pin := p.file(architecture)))
    with progress.step(
        f"downloading {', '.join(p.name for p in asked)} (about {size / 1e6:.0f} MB)"
    ):
        for rows in (asked, packages):
            words = [f"{p.name}={versions.get(p.name, p.version)}" for p in rows]
            done = process.run(
                ["apt-get", "-q", "-c", conf, "download", *words],
                timeout=DOWNLOAD_TIMEOUT,
                cwd=into,
                env=env,
            )
            if not done.returncode or len(asked) == len(packages):
                break
    require_success(done, "apt-get cannot download the packages")
    shutil.rmtree(work)


def choose(packages: Sequence[Package], madison: str) -> dict[str, str]:
    """Name -> version to download, from the output of `apt-cache madison`.

    It is the pinned version if offered, else the first one listed, which is apt's newest.
    """
    offered: dict[str, list[str]] = {}
    for line in madison.splitlines():
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 3:
            offered.setdefault(fields[0], []).append(fields[1])
    return {
        p.name: p.version if p.version in offered[p.name] else offered[p.name][0]
        for p in packages
        if p.name in offered
    }


def require_success(done: process.Finished, what: str) -> None:
    """Raises DiskFull or Unavailable, with the reason, if a program failed or took too long."""
    _with_room(done)
    if done.timed_out:
        raise Unavailable(f"{what}: it took too long")
    if done.returncode:
        raise Unavailable(f"{what}{_last_error(done)}")


def _with_room(done: process.Finished) -> None:
    """Raises DiskFull if a program failed because the disk is full."""
    if re.search(r"No space left on device|Disk quota exceeded|enough free space", done.error_text):
        raise DiskFull(
            f"no space left for the packages, according to {PurePath(done.command[0]).name}",
            where=str(done.command[-1]),
            remedy="Free some space, or name another folder with --mlbench-cache",
        )


def _last_error(done: process.Finished) -> str:
    lines = [line for line in done.error_text.splitlines() if re.match(r"E:|W:|dpkg|tar", line)]
    return f" ({lines[-1].strip()[:200]})" if lines else ""
