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
from pytest_mlbench.errors import DiskFull, FetchRefused, Unavailable, UsageError
from pytest_mlbench.isa import Isa
from pytest_mlbench.provision import debian, probe, toolchain
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher
from pytest_mlbench.provision.pinned import Artifact, Package, Pins

if TYPE_CHECKING:
    from collections.abc import Iterator


# A program that answers as GCC does, and "links" an ELF of the class that its file says.
FAKE = """
here=${0%/*}
read -r refuses < "$here/refuses"
read -r class < "$here/class"
last=
for word in "$@"; do
  case "$word" in
    --version) echo "${0##*/} (fake) 14.1.0"; exit 0;;
    -dumpfullversion) echo 14.1.0; exit 0;;
    -print-prog-name=*) echo "$here/${word#*=}"; exit 0;;
    -print-file-name=*) echo "${word#*=}"; exit 0;;
    -v) echo "COLLECT_GCC=$0" >&2
      echo "#include <...> search starts here:" >&2
      echo " $here/include" >&2
      echo "End of search list." >&2; exit 0;;
    -###) echo " $here/cc1 $* -o /tmp/cc$(printf %06d $$).s" >&2; exit 0;;
    -E) echo 'version "4.4.0"'; exit 0;;
    -march=*) case "$word" in *"$refuses"*)
      echo "probe.c:1: warning: w" >&2; echo "error: unknown ISA in '$word'" >&2; exit 1;; esac;;
  esac
  last=$word
done
printf '\\177ELF%b' "$class" > "$last"
echo "($here/libc.a)memcpy.o"
"""


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_found", {})


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A PATH with nothing but what a shell script needs."""
    folder = tmp_path / "bare"
    folder.mkdir()
    return str(folder)


def fake(folder: Path, prefix: str = "riscv64-unknown-elf-", *, bits: int = 32) -> Path:
    gcc = program(folder / f"{prefix}gcc", FAKE)
    (folder / "class").write_text("\\001" if bits == 32 else "\\002")
    (folder / "refuses").write_text("zfh")
    for name in ("cc1", "as"):
        (folder / name).write_text(name)
    program(folder / "ld", "echo GNU ld 2.41\n")
    (folder / "include").mkdir()
    (folder / "include/string.h").write_text("header")
    (folder / "libc.a").write_text("library")
    return gcc


def find(
    cache: Cache, path: str, prefix: str | None = None, name: str = "rv32gc"
) -> toolchain.Toolchain:
    fetcher = Fetcher(cache, offline=True)
    return toolchain.find(name, "ilp32d", prefix=prefix, cache=cache, fetcher=fetcher, path=path)


def test_one_on_path_is_taken(cache: Cache, tmp_path: Path, bare: str) -> None:
    fake(tmp_path / "bin")
    found = find(cache, f"{bare}:{tmp_path}/bin")
    assert found.prefix == f"{tmp_path}/bin/riscv64-unknown-elf-"
    assert (found.version, found.libc, found.origin) == ("14.1.0", "newlib", "on PATH")
    assert found.gxx == tmp_path / "bin/riscv64-unknown-elf-g++"
    start = "riscv64-unknown-elf-gcc (fake) 14.1.0; GNU ld 2.41; newlib 4.4.0; sha256 "
    assert found.identity.startswith(start)
    assert str(tmp_path) not in found.identity
    assert found.environment == {}


def test_the_first_prefix_that_serves_is_taken(cache: Cache, tmp_path: Path) -> None:
    fake(tmp_path / "bin", "riscv32-unknown-elf-", bits=64)
    fake(tmp_path / "other", "riscv-none-elf-")
    found = find(cache, f"{tmp_path}/bin:{tmp_path}/other")
    assert found.gcc.name == "riscv-none-elf-gcc"


def test_identity_follows_content_not_place(cache: Cache, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        fake(tmp_path / name)
    (tmp_path / "three/libc.a").write_text("another library")
    one, two, three = (find(cache, str(tmp_path / n)) for n in ("one", "two", "three"))
    assert one.identity == two.identity
    assert one.identity != three.identity


def test_a_warm_start_runs_no_compiler(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcc = fake(tmp_path / "bin")
    first = find(cache, str(tmp_path / "bin"))
    monkeypatch.setattr(toolchain, "_found", {})
    with monkeypatch.context() as patch:
        patch.setattr(process, "run", lambda *_, **__: pytest.fail("a program was run"))
        assert find(cache, str(tmp_path / "bin")) == first
    gcc.write_text(gcc.read_text().replace("14.1.0", "15.10.0"))
    monkeypatch.setattr(toolchain, "_found", {})
    assert find(cache, str(tmp_path / "bin")).version == "15.10.0"


def test_a_part_that_is_replaced_beside_the_driver_makes_another_compiler(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin")

    def identity() -> str:
        monkeypatch.setattr(toolchain, "_found", {})
        return find(cache, str(tmp_path / "bin")).identity

    first = identity()
    for name in ("cc1", "as", "ld", "libc.a", "include/string.h"):
        part = tmp_path / "bin" / name
        was = part.stat()
        text = part.read_text()
        part.write_text(text[:-1] + ("#" if name == "ld" else "!"))
        os.utime(part, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert identity() != first, name
        part.write_text(text)
    assert identity() == first
    (tmp_path / "bin/include/new.h").write_text("")
    assert identity() != first


def test_a_wrapper_is_another_compiler_and_so_is_what_it_wraps(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fake(tmp_path / "bin")
    plain = find(cache, str(tmp_path / "bin"))
    wrap = f'exec {real} "$@"\n'
    program(tmp_path / "one" / real.name, wrap)
    program(tmp_path / "two" / real.name, f'exec {real} $(cat {tmp_path}/more) "$@"\n')
    (tmp_path / "more").write_text("-O1")
    one, two = (find(cache, str(tmp_path / name)).identity for name in ("one", "two"))
    assert len({plain.identity, one, two}) == 3
    # What a wrapper adds from elsewhere shows in the commands it makes of a call.
    (tmp_path / "more").write_text("-O0")
    other = Cache(tmp_path / "other")
    monkeypatch.setattr(toolchain, "_found", {})
    assert find(other, str(tmp_path / "two")).identity != two
    # The wrapped driver itself is replaced.
    real.write_text(real.read_text() + "# new\n")
    monkeypatch.setattr(toolchain, "_found", {})
    assert find(cache, str(tmp_path / "one")).identity != one


def test_the_environment_does_not_reach_the_compiler(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcc = fake(tmp_path / "bin")
    check = '[ -z "$CPATH$GCC_EXEC_PREFIX$COMPILER_PATH" ] || { echo steered >&2; exit 1; }\n'
    gcc.write_text(gcc.read_text().replace("here=", check + "here=", 1))
    for name in ("CPATH", "GCC_EXEC_PREFIX", "COMPILER_PATH"):
        monkeypatch.setenv(name, "/elsewhere")
    assert find(cache, str(tmp_path / "bin")).version == "14.1.0"


def test_a_damaged_note_is_made_again(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "bin")
    first = find(cache, str(tmp_path / "bin"))
    (note,) = (cache.root / "probes").iterdir()
    row = json.loads(note.read_text())
    wrong = json.dumps({**row, "found": {**row["found"], "version": 14}})
    deep = "[" * 100_000
    for text in ("", "[]", "{}", '{"found": {}, "states": []}', deep, '{"states": 3}', wrong):
        note.write_text(text)
        monkeypatch.setattr(toolchain, "_found", {})
        assert find(cache, str(tmp_path / "bin")) == first, text[:80]
        assert json.loads(note.read_text()) == row, text[:80]


def test_none_at_all_says_what_to_install(cache: Cache, bare: str) -> None:
    with pytest.raises(Unavailable) as caught:
        find(cache, bare)
    text = str(caught.value)
    for word in ("riscv64-unknown-elf-gcc", "rv32gc/ilp32d", "apt-get install", "--mlbench-toolch"):
        assert word in text


def test_one_that_does_not_serve_is_named_with_the_reason(cache: Cache, tmp_path: Path) -> None:
    fake(tmp_path / "bin", bits=64)
    with pytest.raises(Unavailable, match="riscv64-unknown-elf-gcc: it has no libraries for"):
        find(cache, str(tmp_path / "bin"))
    (tmp_path / "bin/class").write_text("\\001")
    with pytest.raises(Unavailable, match="error: unknown ISA in '-march=rv32gc_zfh'"):
        find(cache, str(tmp_path / "bin"), name="rv32gc_zfh")


def test_the_named_one_is_taken_in_several_spellings(cache: Cache, tmp_path: Path) -> None:
    fake(tmp_path / "deep/bin", "riscv-none-elf-")
    prefix = f"{tmp_path}/deep/bin/riscv-none-elf-"
    for spelling in (prefix, prefix + "gcc", str(tmp_path / "deep"), str(tmp_path / "deep/bin")):
        found = find(cache, "/nowhere", spelling)
        assert (found.prefix, found.origin) == (prefix, "named")
    assert find(cache, f"{tmp_path}/deep/bin", "riscv-none-elf-").prefix == prefix


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 0\n", "`--version` prints nothing"),
        ("echo 'cannot execute: broken' >&2; exit 127\n", "cannot execute: broken"),
        ("kill -9 $$\n", "exit status -9"),
    ],
)
def test_a_broken_named_one_is_the_users_mistake(
    cache: Cache, tmp_path: Path, script: str, said: str
) -> None:
    program(tmp_path / "x-gcc", script)
    with pytest.raises(UsageError) as caught:
        find(cache, "/nowhere", f"{tmp_path}/x-")
    assert said in str(caught.value)
    assert "--mlbench-toolchain" in str(caught.value)


def test_a_named_one_that_is_not_there_is_the_users_mistake(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no program"):
        find(cache, "/nowhere", f"{tmp_path}/x-")
    with pytest.raises(UsageError, match="no RISC-V GCC in the folder"):
        find(cache, "/nowhere", str(tmp_path))


def test_a_program_that_hangs_is_told(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "TIMEOUT", 0.3)
    program(tmp_path / "x-gcc", "sleep 30\n")
    with pytest.raises(UsageError, match="did not answer within"):
        find(cache, "/nowhere", f"{tmp_path}/x-")


@pytest.mark.parametrize(
    ("given", "scalar", "assembler", "base"),
    [
        ("rv32gc", "rv32gc", "rv32gc", "rv32gc"),
        ("rv32gcv", "rv32gc", "rv32gcv", "rv32gc"),
        ("rv32gcv_zicntr_zvl128b", "rv32gc", "rv32gcv", "rv32gc"),
        ("rv32imac_zba_zbb", "rv32imac_zba_zbb", "rv32imac_zba_zbb", "rv32imac"),
        ("rv32imc_zve32x", "rv32imc", "rv32imc_zve32x", "rv32imc"),
        ("rv64gc_zicsr", "rv64gc_zicsr", "rv64gc_zicsr", "rv64gc"),
    ],
)
def test_isa_strings(given: str, scalar: str, assembler: str, base: str) -> None:
    isa = Isa.parse(given)
    assert str(isa.compiler) == scalar
    assert str(isa.assembler) == assembler
    assert str(isa.linker) == base


@pytest.mark.parametrize("text", ["", "rv128gc", "x86_64", "rv32", "rv32gc; rm -rf", "rv32GC"])
def test_what_is_no_isa_string_is_refused(cache: Cache, text: str) -> None:
    with pytest.raises(UsageError, match="not an ISA string"):
        find(cache, "/nowhere", name=text)


def test_options_for_vector_code() -> None:
    one = toolchain.Toolchain("/x/riscv-", "14", "gcc 14", "newlib", specs=("--specs=nano.specs",))
    options = ("-mabi=ilp32d", "--specs=nano.specs")
    name = "rv32gcv_zba_zvl256b"
    assert one.compile_options(name, "ilp32d") == ("-march=rv32gc_zba", *options)
    assert one.assemble_options(name, "ilp32d") == ("-march=rv32gcv_zba", *options)
    assert one.link_options(name, "ilp32d") == ("-march=rv32gc", *options)


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
    assert debian.choose(wanted, madison) == {
        "gcc-riscv64-unknown-elf": "12.2.0-14",
        "picolibc": "1.8.6-2",
    }


def test_offline_downloads_no_packages(
    cache: Cache, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("a program was run"))
    with pytest.raises(Unavailable, match="not in the cache"):
        find(cache, bare)


def test_a_machine_without_apt_is_told(
    cache: Cache, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", bare)
    with pytest.raises(Unavailable, match="has no apt-get and dpkg-deb"):
        toolchain.find(
            "rv32gc", "ilp32d", prefix=None, cache=cache, fetcher=Fetcher(cache), path=bare
        )


def package(name: str, version: str) -> Package:
    file = Artifact(f"{name}_{version}_all.deb", "0" * 64, 1)
    return Package(name, version, "toolchain", "MIT", {"all": file})


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
        debian._require_success(done, "it fails")


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
