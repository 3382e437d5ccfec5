"""Debian packages: which are chosen, where they come from, what is said if one cannot be had."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback import program

from pytest_mlbench import process
from pytest_mlbench.errors import DiskFull, FetchRefused, Unavailable
from pytest_mlbench.provision import apt, debian, toolchain
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import Artifact, Package, Pins

if TYPE_CHECKING:
    from collections.abc import Iterator


def package(name: str, version: str) -> Package:
    file = Artifact(f"{name}_{version}_all.deb", "0" * 64, 1)
    return Package(name, version, "toolchain", "MIT", {"all": file})


def test_the_pinned_version_is_chosen_where_it_is_offered() -> None:
    madison = """\
 gcc-riscv64-unknown-elf | 14.2.0+19 | http://deb.debian.org/debian trixie/main amd64 Packages
 gcc-riscv64-unknown-elf | 12.2.0-14 | http://deb.debian.org/debian bookworm/main amd64 Packages
   picolibc |   1.8.6-2 | http://archive.ubuntu.com/ubuntu noble/universe amd64 Packages
   picolibc |   1.8.5-1 | http://archive.ubuntu.com/ubuntu noble/universe amd64 Packages
N: Unable to locate package oddity
"""
    wanted = [
        package("gcc-riscv64-unknown-elf", "12.2.0-14"),
        package("picolibc", "1.8-1"),
        package("oddity", "1"),
    ]
    assert apt.choose(wanted, madison) == {
        "gcc-riscv64-unknown-elf": "12.2.0-14",
        "picolibc": "1.8.6-2",
    }


FAKE_APT = """
last=
for word in "$@"; do
  case "$word" in
    update) echo update >> {log}; echo "W: Failed to fetch http://x/" >&2; exit 100;;
    download) last=yes;;
  esac
done
{download}
"""


def fake_apt(folder: Path, monkeypatch: pytest.MonkeyPatch, madison: str, download: str) -> Path:
    """Put an apt on PATH that offers what `madison` says and downloads by the shell's `download`.

    Returns the log of its runs."""
    log = folder / "log"
    text = FAKE_APT.replace("{log}", str(log)).replace("{download}", download)
    program(folder / "bin/apt-get", text)
    program(folder / "bin/apt-cache", f"echo '{madison}'\n")
    program(folder / "bin/dpkg-deb", "echo 'dpkg-deb: error: not a Debian archive' >&2; exit 2\n")
    monkeypatch.setenv("PATH", f"{folder}/bin:/usr/bin:/bin")
    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    return log


PINS = Pins(packages={"headers": package("headers", "1:2")})
OFFERED = "headers | 1:2 | http://x"
SAVED = "printf junk > headers_1%3a2_all.deb"


@pytest.mark.parametrize(
    ("madison", "download", "version", "said"),
    [
        ("", "", "1:2", "sources have no headers (W: Failed to fetch http://x/)"),
        (OFFERED, "echo 'E: 404 not found' >&2; exit 100", "1:2", "download the packages (E: 404"),
        (OFFERED, SAVED, "1:3", "dpkg-deb: error: not a Debian archive"),
    ],
)
def test_packages_that_cannot_be_had_are_told_and_tried_once(
    cache: Cache,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    madison: str,
    download: str,
    version: str,
    said: str,
) -> None:
    log = fake_apt(tmp_path, monkeypatch, madison, download)
    pins = Pins(packages={"headers": package("headers", version)})
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            debian.unpacked("toolchain", cache=cache, fetcher=Fetcher(cache, pins=pins))
        assert said in str(caught.value)
        assert list((cache.root / "debian").iterdir()) == []
    assert log.read_text() == "update\n"


def test_one_run_does_not_get_two_compilers(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first worker's dpkg-deb fails, or takes too long. The second's would succeed.
    fake_apt(tmp_path, monkeypatch, OFFERED, SAVED)
    pins = Pins(packages={"headers": package("headers", "1:3")})

    def unpacked(run: str) -> debian.Unpacked:
        fetcher = Fetcher(cache, pins=pins, session=run)
        return debian.unpacked("toolchain", cache=cache, fetcher=fetcher)

    with pytest.raises(Unavailable, match="not a Debian archive"):
        unpacked("this run")
    program(tmp_path / "bin/dpkg-deb", "exit 0\n")
    with pytest.raises(Unavailable, match="not a Debian archive"):
        unpacked("this run")
    assert not unpacked("the next run").pinned


def test_a_look_up_that_fails_is_not_taken_for_a_package_that_is_lacking(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_apt(tmp_path, monkeypatch, "", SAVED)
    program(tmp_path / "bin/apt-cache", "echo 'E: The cache is locked' >&2; exit 100\n")
    with pytest.raises(Unavailable, match="cannot look the packages up"):
        debian.unpacked("toolchain", cache=cache, fetcher=Fetcher(cache, pins=PINS))


def test_a_package_with_another_checksum_than_its_pin_is_refused(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_apt(tmp_path, monkeypatch, OFFERED, SAVED)
    with pytest.raises(FetchRefused, match="expected sha256 0000"):
        debian.unpacked("toolchain", cache=cache, fetcher=Fetcher(cache, pins=PINS))
    assert list((cache.root / "debian").iterdir()) == []


def make_deb(folder: Path, name: str, version: str, file: str, text: str) -> Path:
    """A real package, made by dpkg-deb."""
    root = folder / f"{name}-root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text(
        f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: n <n@example>\n"
        f"Description: d\n"
    )
    (root / file).parent.mkdir(parents=True)
    (root / file).write_text(text)
    deb = folder / f"{name}_{version.replace(':', '%3a')}_all.deb"
    done = process.run(["dpkg-deb", "--build", root, deb], timeout=60)
    assert done.returncode == 0, done.error_text
    return deb


def test_a_small_role_comes_with_the_toolchain_and_is_not_asked_for_again(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("dpkg-deb")
    if real is None:
        pytest.skip("no dpkg-deb on this machine")
    offered, known = [], {}
    for name, role in (("gcc", "toolchain"), ("headers", "cxx"), ("other", "clang")):
        deb = make_deb(tmp_path, name, "1:2", f"usr/{name}", "// yes")
        pin = Artifact(deb.name, hashlib.sha256(deb.read_bytes()).hexdigest(), deb.stat().st_size)
        known[name] = Package(name, "1:2", role, "MIT", {"all": pin})
        offered.append(f"{name} | 1:2 | http://x")
    words = f'for word in "$@"; do cp "{tmp_path}/${{word%%=*}}_1%3a2_all.deb" . || :; done'
    log = fake_apt(tmp_path, monkeypatch, "\n".join(offered), words + " 2>/dev/null")
    (tmp_path / "bin/dpkg-deb").unlink()
    (tmp_path / "bin/dpkg-deb").symlink_to(real)
    fetcher = Fetcher(cache, pins=Pins(packages=known))
    assert (debian.unpacked("toolchain", cache=cache, fetcher=fetcher).root / "usr/gcc").is_file()
    kept = cache.root / "files" / known["headers"].files["all"].sha256
    assert [path.name for path in kept.glob("*.deb")] == ["headers_1%3a2_all.deb"]
    for damaged in (False, True):
        if damaged:
            shutil.rmtree(cache.root / "debian")
            next(kept.glob("*.deb")).write_text("junk")
        found = debian.unpacked("cxx", cache=cache, fetcher=fetcher)
        assert (found.root / "usr/headers").read_text() == "// yes"
        assert found.pinned
        assert log.read_text() == "update\n" * (2 if damaged else 1)


@pytest.fixture
def packaged(tmp_path: Path) -> tuple[Path, Pins]:
    """A mirror that holds one package, and its pin."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("no dpkg-deb on this machine")
    deb = make_deb(tmp_path, "headers", "1:2", "usr/include/algorithm", "// yes")
    sha256 = hashlib.sha256(deb.read_bytes()).hexdigest()
    pin = Artifact(deb.name, sha256, deb.stat().st_size)
    place = tmp_path / "mirror/files" / sha256
    place.mkdir(parents=True)
    shutil.copy(deb, place)
    return tmp_path / "mirror", Pins(
        packages={"headers": Package("headers", "1:2", "cxx", "MIT", {"all": pin})}
    )


def test_packages_come_from_a_mirror_too(cache: Cache, packaged: tuple[Path, Pins]) -> None:
    mirror, pins = packaged
    fetcher = Fetcher(cache, mirror=str(mirror), offline=True, pins=pins)
    found = debian.unpacked("cxx", cache=cache, fetcher=fetcher)
    assert (found.root / "usr/include/algorithm").read_text() == "// yes"
    assert found.pinned
    assert found.identity.startswith("headers 1:2 sha256 ")
    rows = json.loads((found.root / debian.MANIFEST).read_text())
    pin = pins.packages["headers"].files["all"]
    assert rows == [{"name": "headers", "version": "1:2", "sha256": pin.sha256, "pinned": True}]
    assert sorted(path.name for path in found.root.iterdir()) == [
        ".mlbench-entry.json", "packages.json", "usr",
    ]  # fmt: skip


@pytest.fixture
def emptied(cache: Cache) -> Iterator[Cache]:
    """A cache that is removed after the test: packages need not lie about."""
    yield cache
    shutil.rmtree(cache.root)


@pytest.mark.spike
def test_real_packages_are_downloaded_and_unpacked(emptied: Cache, steps: list[str]) -> None:
    """The smallest role, into an empty cache."""
    found = debian.unpacked("cxx", cache=emptied, fetcher=Fetcher(emptied))
    assert any(step.startswith("downloading") for step in steps)
    assert "unpacking the cxx packages" in steps
    assert any(path.is_file() for path in found.root.glob("usr/include/newlib/c++/*/algorithm"))
    assert found.identity.startswith("libstdc++-arm-none-eabi-")


@pytest.mark.spike
def test_the_compiler_from_packages_works() -> None:
    """The whole toolchain, as a machine without one would use it. The cache is that of all tests:
    to unpack it takes longer than all else here, and the first that needs it does so."""
    cache = Cache(Path(os.environ["MLBENCH_CACHE"]))
    fetcher = Fetcher(cache)
    path = "/nowhere"
    found = toolchain.find("rv32gc", "ilp32d", prefix=None, cache=cache, fetcher=fetcher, path=path)
    assert found.origin.startswith("Debian packages")
    assert found.libc == "picolibc"
    for name, abi in (("rv32gcv_zvl128b", "ilp32d"), ("rv32imac", "ilp32"), ("rv64gc", "lp64d")):
        other = toolchain.find(name, abi, prefix=None, cache=cache, fetcher=fetcher, path=path)
        assert other.prefix == found.prefix
    with_cxx = toolchain.with_cxx(found, cache=cache, fetcher=fetcher)
    assert with_cxx.cxx_options[0] == "-nostdinc++"
    assert with_cxx.identity.startswith(f"{found.identity}; C++ headers libstdc++-arm-none-eabi-")
    assert toolchain.with_cxx(with_cxx, cache=cache, fetcher=fetcher) is with_cxx
    named = toolchain.find(
        "rv32gc", "ilp32d", prefix=found.prefix, cache=cache, fetcher=fetcher, path=path
    )
    assert named.identity == found.identity


@pytest.mark.parametrize(
    "said",
    ["E: You don't have enough free space in /x", "dpkg-deb: error: No space left on device"],
)
def test_no_room_for_the_packages_is_no_reason_to_skip(tmp_path: Path, said: str) -> None:
    done = process.run(
        [program(tmp_path / "apt-get", f'echo "{said}" >&2; exit 100\n'), "x"], timeout=30
    )
    with pytest.raises(DiskFull, match=r"no space left for the packages, according to apt-get"):
        apt.require_success(done, "it fails")


def test_a_mirror_makes_gcc_likely_only_if_it_has_the_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(debian, "architecture", lambda: "amd64")
    cache = Cache(tmp_path / "cache")
    mirror = tmp_path / "mirror"
    (mirror / "files").mkdir(parents=True)
    fetcher = Fetcher(cache, mirror=str(mirror), offline=True)
    assert not toolchain.likely(cache, fetcher)
    assert toolchain.likely(cache, Fetcher(cache, mirror="http://127.0.0.1:1/", offline=True))
    for package in fetcher.pins.packages.values():
        pin = package.file("amd64")
        if package.role == "toolchain" and pin is not None:
            (mirror / "files" / pin.sha256).mkdir()
            (mirror / "files" / pin.sha256 / pin.file_name).touch()
    assert toolchain.likely(cache, fetcher)
