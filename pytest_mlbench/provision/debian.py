"""Downloads Debian and Ubuntu packages and unpacks them into the cache: no installation, no root.

A package of the pinned version must have the pinned sha256, wherever it comes from. Any other
version (Ubuntu's, a later Debian's) has no pin; it is accepted only from the machine's own package
sources, where apt verifies the signature chain: Release file, index, checksum.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process, progress
from pytest_mlbench.errors import DiskFull, Unavailable

from .fetch import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .cache import Cache
    from .fetch import Fetcher
    from .pinned import Package

MANIFEST = "packages.json"
APT = "apt://packages"
"""The name under which all workers of a run remember that apt failed."""
UPDATE_TIMEOUT = 300.0
DOWNLOAD_TIMEOUT = 1800.0
UNPACK_TIMEOUT = 1800.0
"""Seconds. An idle machine takes 15; one with much else to do took over 300."""

_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "armhf",
    "i686": "i386",
    "ppc64le": "ppc64el",
    "riscv64": "riscv64",
    "s390x": "s390x",
}

_UNNEEDED = (
    # Over half of the C library's gigabyte: a second build, and copies under another name.
    "usr/lib/picolibc/*/lib/release",
    "usr/lib/picolibc/**/libg.a",
    "usr/lib/picolibc/**/libdummyhost.a",
    "usr/lib/gcc/*/*/plugin",
    "usr/lib/gcc/*/*/install-tools",
    "usr/include/newlib/c++/*/arm-none-eabi/arm",
    "usr/include/newlib/c++/*/arm-none-eabi/thumb",
    "usr/share",
)

_OF_LLVM = {"clang", "clang++", "lld", "ld.lld", "llvm-ar", "llvm-ranlib"}
"""What is kept of its eighty programs."""

_CONFIGURATION = """\
Dir::State "{work}/state";
Dir::State::lists "{work}/state/lists";
Dir::State::status "{status}";
Dir::Cache "{work}/cache";
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


@dataclass(frozen=True)
class Unpacked:
    """Packages under `root` (with `usr/` in it).

    pinned    each has its pinned sha256
    identity  names, versions and checksums
    """

    root: Path
    pinned: bool
    identity: str


def architecture() -> str:
    """Debian's name for this machine's architecture; empty if there is none."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, "") if platform.system() == "Linux" else ""


def key(role: str, packages: Sequence[Package]) -> str:
    """The cache key of the packages of one role, which depends on their pins."""
    pins = [
        (p.name, p.version, sorted((a, f.sha256) for a, f in p.files.items())) for p in packages
    ]
    digest = hashlib.sha256(json.dumps(pins).encode()).hexdigest()[:12]
    return f"{role}-{architecture()}-{digest}"


def mirrored(role: str, fetcher: Fetcher) -> bool:
    """Does the mirror's folder have all packages of `role` for this machine? Checks names only."""
    packages = [p for p in fetcher.pins.packages.values() if p.role == role]
    pins = [package.file(architecture()) for package in packages]
    folder = Path(fetcher.mirror or "") / "files"
    return all(pin and (folder / pin.sha256 / pin.file_name).is_file() for pin in pins)


def unpacked(role: str, *, cache: Cache, fetcher: Fetcher) -> Unpacked:
    """The packages of `role` (see `pins.ROLES`), from the cache, or downloaded and unpacked now.

    Raises Unavailable if they cannot be downloaded.
    """
    packages = [p for p in fetcher.pins.packages.values() if p.role == role]
    root = cache.entry(
        "debian",
        key(role, packages),
        lambda folder: _make(role, packages, folder, fetcher),
        verify=lambda folder: bool(_manifest(folder)),
    )
    rows = _manifest(root)
    names = [f"{row['name']} {row['version']} sha256 {row['sha256'][:16]}" for row in rows]
    return Unpacked(root, all(row["pinned"] for row in rows), ", ".join(names))


def _manifest(folder: Path) -> list[dict[str, Any]]:
    """The rows of the manifest. Raises ValueError, TypeError or KeyError if it is damaged."""
    rows = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return [{name: row[name] for name in ("name", "version", "sha256", "pinned")} for row in rows]


def _make(role: str, packages: Sequence[Package], folder: Path, fetcher: Fetcher) -> None:
    name = f"apt://{role}.unpacked"
    failed = fetcher.hosts.reason(name)
    if failed:
        raise Unavailable(failed)
    debs = folder / ".debs"
    debs.mkdir()
    missing: list[Package] = []
    reason = ""
    for package in packages:
        pin = package.file(architecture())
        try:
            if pin is None:
                raise Unavailable(f"{package.name} is not pinned for {platform.machine()}")
            fetcher.bring(pin, debs / pin.file_name)
        except Unavailable as error:
            reason = error.what
            missing.append(package)
    if missing:
        if fetcher.offline:
            raise Unavailable(reason)
        known = fetcher.hosts.reason(APT)
        if known:
            raise Unavailable(known)
        try:
            _from_apt(missing, debs, folder / ".apt")
        except Unavailable as error:
            fetcher.hosts.mark(APT, error.what)
            raise
    with progress.step(f"unpacking the {role} packages"):
        try:
            rows = [_unpack(deb, packages, folder) for deb in sorted(debs.iterdir())]
        except Unavailable as error:
            # No other worker tries again: with more luck, one run would measure two compilers.
            fetcher.hosts.mark(name, error.what)
            raise
    shutil.rmtree(debs)
    text = json.dumps(rows, indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _unpack(deb: Path, packages: Sequence[Package], folder: Path) -> dict[str, object]:
    """Unpacks one package, whose file goes. Its row in the manifest."""
    row = _row(deb, packages)
    done = process.run(["dpkg-deb", "-x", deb, folder], timeout=UNPACK_TIMEOUT)
    _require_success(done, f"{deb.name} cannot be unpacked")
    deb.unlink()
    _slim(folder)
    return row


def _row(deb: Path, packages: Sequence[Package]) -> dict[str, object]:
    """The manifest's row for one file. Raises FetchRefused if the file does not match its pin."""
    name, version, _ = deb.name.replace("%3a", ":").removesuffix(".deb").split("_")
    pins = {p.name: p for p in packages}[name]
    pin = pins.file(architecture()) if version == pins.version else None
    if pin is not None:
        check(pin, deb, f"package {deb.name}")
    sha256 = hashlib.sha256(deb.read_bytes()).hexdigest()
    return {"name": name, "version": version, "sha256": sha256, "pinned": pin is not None}


def _slim(folder: Path) -> None:
    for pattern in _UNNEEDED:
        for path in list(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    for program in list(folder.glob("usr/lib/llvm-*/bin/*")):
        if program.name not in _OF_LLVM:
            program.unlink()
    for link in list(folder.glob("usr/bin/*")):
        if not link.exists():  # it named one of those
            link.unlink()


def _from_apt(packages: Sequence[Package], into: Path, work: Path) -> None:
    """Downloads packages through apt, with our own lists and state."""
    if not architecture() or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
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
    names = [p.name for p in packages]
    found = process.run(
        ["apt-cache", "-c", conf, "madison", *names], timeout=UPDATE_TIMEOUT, env=env
    )
    _require_success(found, "apt-cache cannot look the packages up")
    versions = choose(packages, found.text)
    lacking = sorted(set(names) - set(versions))
    if lacking:
        raise Unavailable(
            f"this machine's package sources have no {', '.join(lacking)}{_last_error(update)}"
        )
    size = sum(pin.size for p in packages if (pin := p.file(architecture())))
    with progress.step(f"downloading {', '.join(versions)} (about {size / 1e6:.0f} MB)"):
        done = process.run(
            ["apt-get", "-q", "-c", conf, "download", *(f"{n}={v}" for n, v in versions.items())],
            timeout=DOWNLOAD_TIMEOUT,
            cwd=into,
            env=env,
        )
    _require_success(done, "apt-get cannot download the packages")
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


def _require_success(done: process.Finished, what: str) -> None:
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
