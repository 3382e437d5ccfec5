"""Downloads Debian and Ubuntu packages and unpacks them into the cache: no installation, no root.

A package of the pinned version must have the pinned sha256, wherever it comes from. Any other
version (Ubuntu's, a later Debian's) has no pin; it is accepted only from the machine's own package
sources, where apt verifies the signature chain: Release file, index, checksum.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlbench import process, progress
from pytest_mlbench.errors import Unavailable

from . import apt
from .fetch import check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .cache import Cache
    from .fetch import Fetcher
    from .pinned import Artifact, Package

MANIFEST = "packages.json"
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

_SOON = {"toolchain": ("cxx",)}
"""Role -> roles of small packages that are often needed next: they are downloaded with it."""

_OF_LLVM = {"clang", "clang++", "lld", "ld.lld", "llvm-ar", "llvm-ranlib"}
"""What is kept of its eighty programs."""


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
            _bring(pin, debs / pin.file_name, fetcher)
        except Unavailable as error:
            reason = error.what
            missing.append(package)
    if missing:
        if fetcher.offline:
            raise Unavailable(reason)
        _from_apt(missing, _SOON.get(role, ()), debs, fetcher)
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


def _bring(pin: Artifact, target: Path, fetcher: Fetcher) -> None:
    """The file of `pin`, which an earlier download may have left in the cache."""
    if fetcher.cache.has("files", pin.sha256):
        shutil.copyfile(fetcher.file(pin), target)
    else:
        fetcher.bring(pin, target)


def _from_apt(
    packages: Sequence[Package], soon: Sequence[str], debs: Path, fetcher: Fetcher
) -> None:
    """Downloads packages into the folder `debs`, and those of the roles `soon` into the cache.

    A failure is remembered, so that only one worker of a run waits for it.
    """
    known = fetcher.hosts.reason(apt.APT)
    if known:
        raise Unavailable(known)
    pins = {
        pin: package
        for package in fetcher.pins.packages.values()
        if package.role in soon and (pin := package.file(architecture()))
    }
    pins = {pin: row for pin, row in pins.items() if not fetcher.cache.has("files", pin.sha256)}
    try:
        apt.download(
            packages,
            debs,
            work=debs.with_name(".apt"),
            architecture=architecture(),
            welcome=tuple(pins.values()),
        )
    except Unavailable as error:
        fetcher.hosts.mark(apt.APT, error.what)
        raise
    for pin in pins:
        deb = debs / pin.file_name
        if deb.is_file():
            fetcher.keep(pin, deb)
            deb.unlink()


def _unpack(deb: Path, packages: Sequence[Package], folder: Path) -> dict[str, object]:
    """Unpacks one package, whose file goes. Its row in the manifest."""
    row = _row(deb, packages)
    done = process.run(["dpkg-deb", "-x", deb, folder], timeout=UNPACK_TIMEOUT)
    apt.require_success(done, f"{deb.name} cannot be unpacked")
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
