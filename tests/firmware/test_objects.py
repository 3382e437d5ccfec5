"""Object files of the package's own sources: shared between firmware, and only where equal."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from bare_metal import HELLO, hello_output, model, simulate
from bare_metal import firmware as build

from pytest_mlbench.firmware import objects
from pytest_mlbench.firmware.components import Component

if TYPE_CHECKING:
    from pathlib import Path

firmware = partial(build, alone=True)
SOURCE = objects.PACKAGE / "kernels" / "reference" / "softmax.c"
INCLUDE = objects.PACKAGE / "kernels" / "include"


def row(folder: Path, source: Path, *words: str, output: str = "a.o") -> dict[str, str]:
    command = f"gcc {' '.join(words)} -o {output} -c {source}"
    return {"directory": str(folder / "build"), "file": str(source), "command": command}


def key(folder: Path, *words: str, facts: str = "gcc") -> str:
    rows = [row(folder, SOURCE, f"-I{INCLUDE}", *words)]
    made = objects.Objects(None, {"toolchain": facts}, folder, rows)  # type: ignore[arg-type]
    return made._keys["a.o"]


def test_only_sources_of_the_package_are_stored(tmp_path: Path) -> None:
    own = tmp_path / "own.c"
    rows = [
        row(tmp_path, SOURCE, f"-I{INCLUDE}"),
        row(tmp_path, own),
        row(tmp_path, SOURCE, "-I/-"),
    ]
    found = objects.compiles(rows, tmp_path)
    assert [(each.source, each.output, each.searched) for each in found] == [
        (SOURCE, "a.o", (INCLUDE,))
    ]


def test_every_option_compiler_and_searched_file_is_in_the_key(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "src" / "model").mkdir(parents=True)
    user = tmp_path / "user"
    user.mkdir()
    plain = key(first)
    assert plain == key(second), "the folder of the build is in the key"
    assert key(first, f"-ffile-prefix-map={first}/src/model=model") == plain
    assert key(first, f"-ffile-prefix-map={objects.PACKAGE / 'kernels/tuned'}=tuned") == plain
    changed = [
        key(first, facts="clang"),
        key(first, "-O3"),
        key(first, "-DX=1"),
        key(first, f"-ffile-prefix-map={SOURCE.parent}=other"),
        key(first, f"-ffile-prefix-map={user}=other"),
        key(first, f"-I{user}"),
        key(first, f"-isystem {user}"),
        key(first, f"-I{first}/src/model"),
    ]
    (user / "math.h").write_text("1")
    (first / "src" / "model" / "math.h").write_text("")
    changed += [key(first, f"-I{user}"), key(first, f"-I{first}/src/model")]
    (user / "math.h").write_text("2")
    changed.append(key(first, f"-I{user}"))
    assert len({plain, *changed}) == 1 + len(changed)


@pytest.mark.spike
def test_firmware_from_stored_object_files_is_the_same(tmp_path: Path) -> None:
    sample = bytes(range(16))
    alone = firmware(HELLO, tmp_path / "alone")
    firmware(model(), tmp_path / "shared")
    stored = sorted(path.name for path in (tmp_path / "shared/objects").iterdir())
    shared = firmware(HELLO, tmp_path / "shared")

    assert stored, "nothing was stored"
    assert sorted(path.name for path in (tmp_path / "shared/objects").iterdir()) == stored
    assert shared.elf.read_bytes() == alone.elf.read_bytes()
    assert shared.compile_flags == alone.compile_flags
    assert simulate(shared, (sample,)).outputs == ((hello_output(sample),),)


@pytest.mark.spike
def test_a_stored_object_file_is_what_gets_linked_until_it_is_damaged(tmp_path: Path) -> None:
    home, text = tmp_path / "cache", HELLO.replace("1000", "1001")
    expected = firmware(text, tmp_path / "other").sha256
    firmware(HELLO, home)
    for path in (home / "objects").glob("*/object.o"):
        path.write_bytes(b"no object file")

    assert firmware(text, home).sha256 == expected
    assert not [
        p for p in (home / "objects").glob("*/object.o") if p.read_bytes()[:4] != b"\x7fELF"
    ]


@pytest.mark.spike
def test_a_header_that_hides_one_of_the_compilers_is_seen(tmp_path: Path) -> None:
    """A public folder of a user comes before the compiler's headers for every component."""
    home, folder = tmp_path / "cache", tmp_path / "public"
    folder.mkdir()
    (folder / "unused.h").write_text("")
    public = Component("public", sources=(folder / "unused.h",), headers=(folder,), public=True)
    components = (Component("model", texts={"model.c": HELLO}), public)
    before = firmware(components, home)
    stored = len(list((home / "objects").iterdir()))
    (folder / "stdint.h").write_text("#include_next <stdint.h>\n#define static\n")
    after = firmware(components, home)
    alone = firmware(tuple(replace(each) for each in components), tmp_path / "alone")

    assert len(list((home / "objects").iterdir())) > stored
    assert after.sha256 == alone.sha256
    assert after.sha256 != before.sha256
