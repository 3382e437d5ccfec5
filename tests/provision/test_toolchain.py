from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from loopback import program

from pytest_mlbench import process
from pytest_mlbench.errors import Unavailable, UsageError
from pytest_mlbench.provision import probe, toolchain
from pytest_mlbench.provision.cache import Cache
from pytest_mlbench.provision.fetch import Fetcher

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.mark.parametrize("in_process", [True, False])
def test_another_length_of_vectors_tries_no_compiler(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_process: bool
) -> None:
    """C is compiled without vectors."""
    fake(tmp_path / "bin")
    first = find(cache, str(tmp_path / "bin"))
    assert find(cache, str(tmp_path / "bin"), name="rv32imafd_zba") is not first
    if not in_process:
        monkeypatch.setattr(toolchain, "_found", {})
    monkeypatch.setattr(process, "run", lambda *_, **__: pytest.fail("a program was run"))
    for name in ("rv32gcv", "rv32gcv_zvl512b_zicntr"):
        assert find(cache, str(tmp_path / "bin"), name=name) == first


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
    known = probe.Probed(**{**row["found"], "specs": tuple(row["found"]["specs"])})
    looks: list[str] = []

    def look() -> probe.Answer:
        looks.append(text)
        return known, row["states"]

    wrong = json.dumps({**row, "found": {**row["found"], "version": 14}})
    deep = "[" * 100_000
    texts = ("", "[]", "{}", '{"found": {}, "states": []}', deep, '{"states": 3}', wrong)
    for text in texts:
        note.write_text(text)
        assert probe.remembered(note, look) == known
        assert json.loads(note.read_text()) == row, text[:80]
        assert probe.remembered(note, look) == known
    assert looks == list(texts), "once each: then the note is used"
    note.write_text(wrong)
    monkeypatch.setattr(toolchain, "_found", {})
    assert find(cache, str(tmp_path / "bin")) == first


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


@pytest.mark.parametrize("text", ["", "rv128gc", "x86_64", "rv32", "rv32gc; rm -rf", "rv32GC"])
def test_what_is_no_isa_string_is_refused(cache: Cache, text: str) -> None:
    with pytest.raises(UsageError, match="not an ISA string"):
        find(cache, "/nowhere", name=text)


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
